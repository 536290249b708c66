"""What became of the records of a stream, once the processors have read all."""

from collections.abc import Iterable

from tests.support.load.records import Record
from tests.support.stream import Stream
from tests.support.verify.delivery_count import Count


def assert_delivered(stream: Stream, sent: Iterable[Record], *, once: bool = False) -> Count:
    """Wait until the group has committed all, and count what has arrived.

    Args:
        stream: The stream.
        sent: Every record that was sent to its input.
        once: Whether no record may be doubled.

    Raises:
        AssertionError: A record is missing, changed or out of order, or doubled against `once`.
    """
    stream.drain()
    count = stream.count(sent)
    assert count.nothing_lost, count
    assert count.doubled == 0 or not once, count
    return count
