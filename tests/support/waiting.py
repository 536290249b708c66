"""Waiting for something to become true: the only place in the tests that sleeps."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PAUSE_S, MAX_PAUSE_S = 0.02, 0.25  # seconds between two looks: short beside everything waited for
# time-outs are those of an idle machine: a slow and busy one has so many times as long.
TIMEOUT_FACTOR = 3
# A look is followed by a pause so many times as long: the machine is for those who are waited for.
REST_FACTOR = 4


def wait_for(look: Callable[[], T | None], timeout: float, what: str) -> T:
    """Call `look` until it returns something true, and return that.

    AssertionError naming `what` after TIMEOUT_FACTOR * `timeout` seconds.
    """
    timeout *= TIMEOUT_FACTOR
    deadline = time.monotonic() + timeout
    while True:
        began = time.monotonic()
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout:g} s: {what} (last seen: {seen!r})")
        time.sleep(min(max(PAUSE_S, REST_FACTOR * (time.monotonic() - began)), MAX_PAUSE_S))


def let_pass(seconds: float) -> None:
    """Let time itself be the condition.

    For moments chosen at random, and for an outage that has to last.
    """
    time.sleep(seconds)
