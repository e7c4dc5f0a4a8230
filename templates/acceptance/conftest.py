"""The fixtures of the suite, for its own tests and for a team's (`own/`)."""

pytest_plugins = ["suite.fixtures"]
