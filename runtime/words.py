"""What a parent tells a process of its own, besides wishes. The other way go statuses."""

from typing import NamedTuple

from runtime.logger_names import set_level


class Level(NamedTuple):
    """A logger's level, in Python's numbers; `logger` None is the root."""

    logger: str | None
    level: int

    def set(self) -> None:
        set_level(self.logger, self.level)


class Stop(NamedTuple):
    """Stop in good order; `reason` is for the log."""

    reason: str
