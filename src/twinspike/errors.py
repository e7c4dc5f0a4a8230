"""What goes wrong for reasons that the user can mend."""


class UserError(Exception):
    """One or two lines that say what was wrong and what to do; the command ends with `exit_code`."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code


class UsageError(UserError):
    """The command was called in a wrong way; it ends with 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, exit_code=2)
