"""What a parent tells a process of its own, besides wishes. The other way go statuses."""

import logging
from typing import NamedTuple

from runtime.logger_names import replacements


class Level(NamedTuple):
    """A logger's level, in Python's numbers; `logger` None is the root. An old name sets the loggers that have replaced it too."""

    logger: str | None
    level: int

    def set(self) -> None:
        names = (self.logger, *replacements(self.logger)) if self.logger else (None,)
        for name in names:
            logging.getLogger(name).setLevel(self.level)


class Stop(NamedTuple):
    """Stop in good order; `reason` is for the log."""

    reason: str
