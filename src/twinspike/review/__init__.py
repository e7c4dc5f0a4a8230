"""The review: what the scorecards and the measurements say together, and the pages that show it."""
