"""The one error of this package."""


class CatalogError(Exception):
    """A function cannot be used. The text is one line, with file and line if they are known."""

    def __init__(self, message: str) -> None:
        """Keep the message.

        Args:
            message: One line for the user.
        """
        super().__init__(" ".join(message.split()))
