"""The commands of a parent to its worker processes, besides target states."""

from typing import NamedTuple

from runtime.logs.names import set_level


class SetLogLevel(NamedTuple):
    """Sets a logger's level, by Python's number. The logger None is the root."""

    logger: str | None
    level: int

    def apply(self) -> None:
        """Apply the level in this process."""
        set_level(self.logger, self.level)


class ShutDown(NamedTuple):
    """Asks for an orderly stop. The reason is for the log."""

    reason: str
