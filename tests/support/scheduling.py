"""Which tests run on one worker of pytest-xdist: those that share a broker of their module.

With `--dist loadfile` a file of thirty slow tests would keep one worker busy while others idle.
"""

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # it has no types

SLOW = tuple(f"tests/{name}/" for name in ("compatibility", "component", "guarantees", "kafka"))
# Fixtures of a module: a second worker would have to start the broker or the Java program again.
_SHARED = re.compile(
    r'scope="module"|\b(one_node_kafka|scenario_group|secured|spring|three_node_kafka): [A-Z]'
)


@cache
def shares_a_broker(file: str) -> bool:
    """Whether tests of the file, relative to the working directory, share what is slow to start."""
    return bool(_SHARED.search(Path(file).read_text()))


class ByBroker(LoadScopeScheduling):  # type: ignore[misc]  # of an untyped package
    """Slow tests go to the next free worker one by one, unless they share a broker."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return nodeid if file.startswith(SLOW) and not shares_a_broker(file) else file
