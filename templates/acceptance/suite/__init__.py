"""The acceptance suite: judges each spike over HTTP by what `workflow.yml` says, and knows no framework."""
