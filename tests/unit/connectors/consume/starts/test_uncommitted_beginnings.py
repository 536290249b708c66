"""Partitions that are read from their beginning by a group that reads from the end."""

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING,
)

from connectors.commit.offset_tracker import OffsetTracker
from connectors.consume.starts.start_offsets import StartOffsets
from tests.fakes.consume.offset_answers import (
    END,
    Cluster,
    committed_with,
    decided,
)


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        # Two partitions when the group began.
        ('{"topicId":"a","partitions":2}', [END, OFFSET_BEGINNING]),
        ("", [OFFSET_BEGINNING, OFFSET_BEGINNING]),  # committed by another program
    ],
)
def test_partition_that_came_later(metadata: str, expected: list[int]) -> None:
    start, cluster = StartOffsets(OffsetTracker(), at_end=True), committed_with(metadata)
    offsets, ends = decided(start, cluster, 1, 2)
    assert offsets == expected
    later = {number for number, offset in zip((1, 2), expected, strict=True) if offset < 0}
    assert ends.keys() == {1, 2} - later
    assert start.beginnings.take(cluster) == {("in", number): 0 for number in later}
    assert start.beginnings.take(cluster) == {}


def test_beginning_of_partition_that_is_gone() -> None:
    """A group may keep partitions that the new topic lacks."""
    start = StartOffsets(OffsetTracker(), at_end=True)
    start.beginnings.add([("in", 0), ("in", 9)])
    assert start.beginnings.take(Cluster()) == {("in", 0): 0}


def test_topic_that_broker_does_not_know_yet() -> None:
    """Brokers learn of a new topic one after the other."""
    start, cluster = StartOffsets(OffsetTracker(), at_end=True), Cluster()
    start.beginnings.add([("new", 0)])
    assert start.beginnings.take(cluster) == {}
    cluster.counts["new"] = 1
    assert start.beginnings.take(cluster) == {("new", 0): 0}


def test_beginning_where_group_reads_all() -> None:
    """Another owner would read all by itself."""
    start = StartOffsets(OffsetTracker())
    start.beginnings.add_awaiting([("in", 0)])
    assert start.beginnings.take(Cluster()) == {}


@pytest.mark.parametrize("at_end", [False, True])
def test_offset_of_former_topic_is_replaced(*, at_end: bool) -> None:
    """Otherwise the lag would be counted from that offset."""
    tracker = OffsetTracker()
    tracker.set_topic_id("in", "b")
    start = StartOffsets(tracker, at_end=at_end, ask_topic_id=lambda _: "b")
    cluster = committed_with('{"topicId":"a"}')
    offsets, _ = decided(start, cluster, 0)
    assert offsets == [OFFSET_BEGINNING]
    assert start.beginnings.take(cluster) == {("in", 0): 0}
