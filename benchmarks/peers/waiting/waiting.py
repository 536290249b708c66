"""Functions for the processor that wait for each record, as a database or a service makes them."""

import asyncio
import time

from text import reverse

CALL_S = 0.02


async def reverse_later(value: bytes) -> bytes:
    """The calls of one batch wait side by side."""
    await asyncio.sleep(CALL_S)
    return reverse(value)


def reverse_slowly(value: bytes) -> bytes:
    """One call at a time."""
    time.sleep(CALL_S)
    return reverse(value)
