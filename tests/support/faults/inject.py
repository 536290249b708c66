"""Faults that hit: applied only while records are in flight."""

from collections.abc import Callable

from tests.support.processor import Processor
from tests.support.stream import Stream
from tests.support.waiting import wait_for


def inject_when_in_flight(
    stream: Stream, processor: Processor, fault: Callable[[], None], timeout: float = 30
) -> int:
    """Apply `fault` at a moment when the stream has records in flight; returns how many.

    The processor is frozen while they are counted, so the number is the one the fault met.
    When nothing is in flight it goes on for a moment, and the fault is tried again.
    """

    def hit() -> int:
        with processor.frozen():
            in_flight = stream.behind()
            if in_flight:
                fault()
        return in_flight

    return wait_for(hit, timeout, f"records in flight in {stream.group}")
