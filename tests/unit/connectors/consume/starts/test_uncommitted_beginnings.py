"""Partitions that are read from their beginning by a group that reads from the end."""

import logging
from collections.abc import Callable
from typing import NoReturn

import pytest
from confluent_kafka import OFFSET_BEGINNING, KafkaError, KafkaException

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.offset_tracker import OffsetTracker
from connectors.consume.starts.start_offsets import StartOffsets
from connectors.consume.starts.uncommitted_beginnings import UncommittedBeginnings
from tests.fakes.consume.group import Listening
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


def refuse(*_: object, **__: object) -> NoReturn:
    raise KafkaException(KafkaError(KafkaError._TIMED_OUT, "no answer"))


def committer_of(cluster: Cluster) -> Listening:
    return Listening(ReplaceableConsumer(lambda: cluster, BrokerStatus([])), [])


def revoke(beginnings: UncommittedBeginnings, cluster: Cluster) -> None:
    beginnings.add([("in", 2)])
    beginnings.commit_revoked(cluster, committer_of(cluster), [("in", 2)])


def leave(beginnings: UncommittedBeginnings, cluster: Cluster) -> None:
    beginnings.add_topic("in")
    beginnings.commit_unassigned(cluster, committer_of(cluster))


@pytest.mark.parametrize(
    ("end", "request_name", "shown"),
    [
        (revoke, "commit", "first offset of in-2 is not committed (no answer)"),
        (leave, "commit", "first offset of in-0, in-1, in-2, in-3 is not committed (no answer)"),
        (leave, "list_topics", "first offset of in is not committed (no broker answers)"),
        (revoke, "committed", "of in-2 is not committed (no broker returns the committed offset)"),
    ],
)
@pytest.mark.parametrize("reads_from_end", [False, True])
def test_uncommitted_beginning_is_reported(
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    end: Callable[[UncommittedBeginnings, Cluster], None],
    request_name: str,
    shown: str,
    *,
    reads_from_end: bool,
) -> None:
    """The next process of a group that reads from the end would skip records."""
    cluster = Cluster()
    monkeypatch.setattr(cluster, request_name, refuse)
    with caplog.at_level(logging.INFO):
        end(UncommittedBeginnings(reads_from_end=reads_from_end), cluster)
    assert (shown in caplog.text) is reads_from_end
    assert len(caplog.records) == reads_from_end
