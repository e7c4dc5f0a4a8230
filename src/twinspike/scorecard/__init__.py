"""Scorecards: what is scored, and reading exactly what people wrote."""
