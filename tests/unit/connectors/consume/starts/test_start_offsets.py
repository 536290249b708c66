"""Where a partition starts. The broker is a stand-in that knows offsets and ends."""

from typing import cast

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    Consumer,
)

from connectors.commit.offset_tracker import OffsetTracker
from connectors.consume.starts.start_offsets import StartOffsets
from tests.fakes.consume.offset_answers import (
    END,
    Cluster,
    committed_with,
    decided,
)


def test_no_rule_leaves_start_to_client() -> None:
    cluster = Cluster()
    assert decided(StartOffsets(OffsetTracker()), cluster, 0, 1) == (
        [OFFSET_INVALID, OFFSET_INVALID],
        {},
    )
    assert cluster.asked == ["committed"]  # for the topic that the offsets belong to


def test_reset_applies_until_it_is_undone() -> None:
    start, cluster = StartOffsets(OffsetTracker(), OFFSET_BEGINNING), Cluster()
    assert decided(start, cluster, 0) == ([OFFSET_BEGINNING], {})
    start.undo({("in", 0)})
    assert decided(start, cluster, 0, 1) == ([OFFSET_BEGINNING, OFFSET_BEGINNING], {})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})
    assert cluster.asked == ["committed"]


def test_foreign_partition_is_not_reset() -> None:
    """Others have committed of it, perhaps."""
    start, cluster = StartOffsets(OffsetTracker(), OFFSET_BEGINNING), Cluster()
    assert decided(start, cluster, 0) == ([OFFSET_BEGINNING], {})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})
    start.undo({("in", 0)})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})


def test_end_is_looked_up_without_commit() -> None:
    assert decided(StartOffsets(OffsetTracker(), at_end=True), Cluster({1: 4, 2: 0}), 0, 1, 2) == (
        [END, OFFSET_INVALID, OFFSET_INVALID],
        {0: END},
    )


def test_end_lasts_until_a_commit() -> None:
    at_end, cluster = StartOffsets(OffsetTracker(), at_end=True), Cluster()
    assert decided(at_end, cluster, 0) == ([END], {0: END})
    cluster.end += 5
    assert decided(at_end, cluster, 0) == ([END], {0: END})
    # Somebody has deleted the group's offsets.
    assert decided(at_end, cluster, 0, committed=[0]) == ([END + 5], {0: END + 5})


def test_reset_to_end_ignores_commits() -> None:
    start, cluster = StartOffsets(OffsetTracker(), OFFSET_END, at_end=True), Cluster({0: 4})
    assert decided(start, cluster, 0) == ([END], {0: END})
    assert cluster.asked == ["ends"]
    cluster.end += 5
    start.undo({("in", 0)})
    assert decided(start, cluster, 0) == ([END], {0: END})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})


def test_other_members_end_is_kept() -> None:
    committed = {0: 4}
    start, cluster = StartOffsets(OffsetTracker(), OFFSET_END, at_end=True), Cluster(committed)
    assert decided(start, cluster, 0) == ([END], {0: END})
    committed[0] = END + 3
    start.undo({("in", 0)})
    assert decided(start, cluster, 0) == ([END + 3], {0: END + 3})


def test_committed_partitions_need_no_end() -> None:
    cluster = Cluster({0: 4})
    assert decided(StartOffsets(OffsetTracker(), at_end=True), cluster, 0) == ([OFFSET_INVALID], {})
    assert cluster.asked == ["committed"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("new", OFFSET_BEGINNING), ("old", OFFSET_INVALID)],
)
def test_committed_offset_of_other_topic(asked: str, expected: int) -> None:
    """A broker decides which of two topic ids is the present one."""
    tracker = OffsetTracker()
    tracker.set_topic_id("in", "new")
    start = StartOffsets(tracker, ask_topic_id=lambda _: asked)
    assert decided(start, committed_with('{"topicId":"old"}'), 0) == ([expected], {})


def test_unanswered_topic_id_is_no_new_topic() -> None:
    """The client's own topic id may be old: to begin again would double every record."""
    tracker, answers = OffsetTracker(), iter([None, "old"])
    tracker.set_topic_id("in", "new")
    start, cluster = (
        StartOffsets(tracker, ask_topic_id=lambda _: next(answers)),
        committed_with('{"topicId":"old"}'),
    )
    assert decided(start, cluster, 0)[1] == {}
    assert start.unknown == {("in", 0)}
    consumer = cast("Consumer", cluster)
    assert start.decide_again(consumer, ("in", 0), set(), {}) == (4, {})


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("topic_id", ["known", None])
def test_lost_offset_is_own_one(at_end: bool, topic_id: str | None) -> None:  # noqa: FBT001 - pytest gives it by name
    """Without topic ids the topic may have been created again."""
    tracker = OffsetTracker()
    if topic_id:
        tracker.set_topic_id("in", topic_id)
    start = StartOffsets(tracker, at_end=at_end)
    found, to_commit = decided(start, Cluster({1: 4}), 0, 1, own={0: 7, 1: 9})
    assert found[1] == OFFSET_INVALID, "the broker has an offset"
    assert (found[0] == 7, to_commit.get(0) == 7) == (bool(topic_id),) * 2
