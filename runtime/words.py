"""What a parent tells a process of its own, besides wishes. The other way go statuses."""

import logging
from typing import NamedTuple


class Level(NamedTuple):
    """A logger's level, in Python's numbers; `logger` None is the root."""

    logger: str | None
    level: int

    def set(self) -> None:
        logging.getLogger(self.logger).setLevel(self.level)


class Stop(NamedTuple):
    """Stop in good order; `reason` is for the log."""

    reason: str
