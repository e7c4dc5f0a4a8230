"""Scorecards: reading what people wrote, the statistics over it, and the review's pages."""
