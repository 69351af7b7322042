"""The one way in which set-up gives up: what is wrong, and the command that mends it."""


class SetupError(Exception):
    """Set-up cannot go on."""

    def __init__(self, message: str, *, mend: str = "") -> None:
        """Keep the sentence and the command apart, so that each face can show them its own way."""
        super().__init__(message)
        self.mend = mend

    def __str__(self) -> str:
        sentence = super().__str__()
        return f"{sentence}\n  To mend it: {self.mend}" if self.mend else sentence
