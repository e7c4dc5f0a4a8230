"""What goes wrong outside the tests."""


class UserError(Exception):
    """One or two lines to print: what was wrong and what to do."""
