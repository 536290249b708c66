"""The one error of this package."""


class CatalogError(Exception):
    """A function cannot be used. str() is one line, with file and line where there is one."""

    def __init__(self, message: str) -> None:
        """Keep the message.

        Args:
            message: One line for the user.
        """
        super().__init__(" ".join(message.split()))
