"""Levels of one logger in several sources. The settings hold the highest source first."""

import logging
from collections.abc import Iterator

import pytest

from runtime.logs import console


@pytest.fixture(autouse=True)
def _restore_root() -> Iterator[None]:
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


@pytest.mark.parametrize("names", [("root", "ROOT"), ("ROOT", "root"), ("Root", "ROOT", "root")])
def test_highest_source_sets_the_root(names: tuple[str, ...]) -> None:
    """A set of names would have another order in each process."""
    console.configure("app", dict(zip(names, ("error", "debug", "trace"), strict=False)))
    assert logging.getLogger().level == logging.ERROR
