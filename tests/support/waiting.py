"""Waiting for something to become true: the only place in the tests that sleeps."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE = 0.02  # seconds between two looks: short beside everything waited for, long beside the cost of a look


def wait_for(look: Callable[[], T | None], timeout: float, what: str) -> T:
    """Call `look` until it returns something true, and return that; AssertionError naming `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what} (last seen: {seen!r})")
        time.sleep(PAUSE)


def let_pass(seconds: float) -> None:
    """Let time itself be the condition: for moments chosen at random, and for an outage that has to last."""
    time.sleep(seconds)
