"""The assignment: pauses through rebalances, and records to read again.

The consumer is a stand-in that records what it is asked.
"""

from contextlib import nullcontext

import pytest
from confluent_kafka import OFFSET_BEGINNING, OFFSET_INVALID, KafkaException, TopicPartition
from confluent_kafka.admin._metadata import ClusterMetadata, PartitionMetadata, TopicMetadata

from tests.fakes.consume.group import Joined, parts
from tests.fakes.messages import message


@pytest.mark.parametrize(("incremental", "how"), [(False, "assign"), (True, "incremental_assign")])
def test_pause_survives_assignment(incremental: bool, how: str) -> None:  # noqa: FBT001 - pytest gives it by name
    joined = Joined(incremental=incremental)
    joined.assignment.pause("target state")
    joined.group.on_assign(joined.group, parts(0, 1))
    # the client ignores a pause of partitions that it does not know, and may drop one while they
    # start
    assert joined.group.asked == [
        ("pause", []),
        ("position", [0, 1]),
        ("pause", [0, 1]),
        (how, [0, 1]),
    ]
    joined.assignment.resume("target state")
    assert joined.group.asked[-1] == ("resume", [0, 1])


def test_pause_lasts_until_its_last_reason() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.assignment.pause("target state")
    joined.assignment.pause("output")
    joined.assignment.resume("output")
    assert joined.assignment.pause_reasons
    joined.assignment.resume("target state")
    assert not joined.assignment.pause_reasons
    assert [what for what, _ in joined.group.asked] == ["assign", "pause", "resume", "resume"]


def test_revoke_commits_then_drops() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.group.on_revoke(joined.group, parts(0))
    assert joined.calls == ["commit", ("drop", [("in", 0)])]
    assert joined.assignment.assigned == {("in", 1)}


def test_lost_partitions_are_not_committed() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.group.on_lost(joined.group, parts(0))
    assert joined.calls == [("drop", [("in", 0)])]


def test_records_return_to_assigned_partitions() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.group.on_revoke(joined.group, parts(1))
    joined.assignment.seek_back(
        [message(b"", 5, 0), message(b"", 9, 1), message(b"", 6, 0)], joined.committer.tracker.epoch
    )
    assert [asked for asked in joined.group.asked if asked[0] == "seek"] == [("seek", (0, 5))]


def test_each_callback_counts_as_rebalance() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.group.on_revoke(joined.group, parts(0))
    assert joined.assignment.changes == 2


@pytest.mark.parametrize("how", ["on_revoke", "on_lost"])
def test_assignment_ends_pause(how: str) -> None:
    """The client remembers a pause, and may drop a resume while the partition starts again."""
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.assignment.pause("settling")
    getattr(joined.group, how)(joined.group, parts(0))
    joined.assignment.resume("settling")
    joined.group.on_assign(joined.group, parts(0))
    resumed = [("resume", [0])] * 2 + [("resume", [1])] * 2
    assert joined.group.asked == [("assign", [0, 1]), ("pause", [0, 1]), *resumed, ("assign", [0])]


def test_dropped_pause_is_repeated() -> None:
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.assignment.pause("target state")
    joined.assignment.seek_back([message(b"", 5, 0)], joined.committer.tracker.epoch)
    assert joined.group.asked[-2:] == [("seek", (0, 5)), ("pause", [0])]


@pytest.mark.parametrize(("dropped", "raises"), [(0, False), (2, False), (3, True)])
def test_dropped_seek_is_repeated(dropped: int, raises: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    joined = Joined()
    joined.group.on_assign(joined.group, parts(0))
    joined.group.drops_seeks = dropped
    read = [message(b"", 5, 0)]
    with pytest.raises(KafkaException) if raises else nullcontext():
        joined.assignment.seek_back(read, joined.committer.tracker.epoch)
    assert (("seek", (0, 5)) in joined.group.asked) is not raises


@pytest.mark.parametrize("incremental", [False, True])
def test_each_partition_is_reset_once(incremental: bool) -> None:  # noqa: FBT001 - pytest gives it by name
    joined = Joined(incremental=incremental, reset_to=OFFSET_BEGINNING)
    joined.group.on_assign(joined.group, parts(0))
    assert joined.group.starts == {0: OFFSET_BEGINNING}
    joined.group.on_revoke(joined.group, parts(0))
    joined.group.on_assign(joined.group, parts(0, 1))
    assert joined.group.starts == {0: OFFSET_INVALID, 1: OFFSET_BEGINNING}


def test_unknown_offset_is_asked_for_again() -> None:
    """The client itself may begin meanwhile, at an offset that belongs to a topic of before:
    nothing of that counts.
    """
    joined = Joined()
    joined.group.is_silent, joined.group.offsets = True, {0: 7}
    joined.group.on_assign(joined.group, parts(0))
    tracker = joined.committer.tracker
    joined.assignment.start_awaiting()
    assert not tracker.is_current(("in", 0), tracker.epoch)
    assert "in-0" in joined.assignment.late_starts.unknown_start
    # The client is about to start with the partition.
    joined.group.is_silent, joined.group.drops_seeks = False, 1
    joined.assignment.start_awaiting()
    assert not tracker.is_current(("in", 0), tracker.epoch)
    joined.assignment.start_awaiting()
    assert joined.group.asked[-1] == ("seek", (0, 7))
    assert tracker.is_current(("in", 0), tracker.epoch)
    assert joined.assignment.late_starts.unknown_start == ""


@pytest.mark.parametrize(
    ("assigns_topic_ids", "had_another", "reads_at_once"),
    [(False, True, True), (True, False, True), (True, True, False)],
)
def test_new_topic_waits_for_assignment(
    assigns_topic_ids: bool,  # noqa: FBT001 - pytest gives it by name
    had_another: bool,  # noqa: FBT001 - pytest gives it by name
    reads_at_once: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    """A group of KIP-848 may have given the new topic to another member: both would read it."""
    joined = Joined(incremental=True, assigns_topic_ids=assigns_topic_ids)
    assignment, tracker = joined.assignment, joined.committer.tracker
    assignment.on_topic_id("in", "first", had_another=False)
    joined.group.on_assign(joined.group, parts(0))
    tracker.note_committed(("in", 0), "first")
    assert assignment.on_topic_id("in", "second", had_another=had_another)
    assignment.start_awaiting()
    assert tracker.is_current(("in", 0), tracker.epoch) is reads_at_once
    joined.group.on_revoke(joined.group, parts(0))
    joined.group.on_assign(joined.group, parts(0))
    assignment.start_awaiting()
    assert tracker.is_current(("in", 0), tracker.epoch)


@pytest.mark.parametrize("at_end", [False, True])
@pytest.mark.parametrize("committed", [False, True])
def test_start_of_new_topic_is_committed(
    monkeypatch: pytest.MonkeyPatch, *, at_end: bool, committed: bool
) -> None:
    """The broker may have an offset of the former topic: a transaction outlived its deletion.

    `committed`: a record of the new topic was committed, and the process has rewound since.
    """
    joined = Joined(at_end=at_end)
    topic, cluster = TopicMetadata(), ClusterMetadata()
    topic.partitions, cluster.topics = {0: PartitionMetadata()}, {"in": topic}
    monkeypatch.setattr(joined.group, "list_topics", lambda timeout: cluster)  # noqa: ARG005 - given by name
    joined.group.offsets = {0: 7}
    joined.assignment.on_topic_id("in", "first", had_another=False)
    joined.group.on_assign(joined.group, parts(0))
    joined.committer.tracker.note_committed(("in", 0), "first")
    joined.assignment.on_topic_id("in", "second", had_another=True)
    joined.assignment.start_awaiting()
    if committed:
        joined.committer.ever_committed.add(("in", 0))
    joined.assignment.late_starts.commit_beginnings()
    assert joined.committer.committable_offsets() == ({} if committed else {("in", 0): 0})


@pytest.mark.parametrize(("offsets", "committed"), [({}, [("in", 0, 0)]), ({0: 7}, [])])
def test_beginning_is_committed_at_revoke(
    monkeypatch: pytest.MonkeyPatch, offsets: dict[int, int], committed: list[object]
) -> None:
    """A stop may revoke a new partition at once: the next process would start at its end."""
    joined = Joined(at_end=True)
    sent: list[object] = []

    def commit(offsets: list[TopicPartition], *, asynchronous: bool) -> None:
        assert not asynchronous
        sent.extend((each.topic, each.partition, each.offset) for each in offsets)

    monkeypatch.setattr(joined.group, "commit", commit)
    joined.assignment.late_starts.wait_for_assignment([("in", 0)])
    joined.group.offsets = offsets
    joined.group.on_revoke(joined.group, parts(0, 1))
    joined.group.on_revoke(joined.group, parts(0, 1))
    assert sent == committed


@pytest.mark.parametrize(
    ("offsets", "committed"), [({}, [("in", 0, 0), ("in", 1, 0)]), ({0: 7}, [("in", 1, 0)])]
)
def test_leaving_commits_new_topic_begin(
    monkeypatch: pytest.MonkeyPatch, offsets: dict[int, int], committed: list[object]
) -> None:
    """The process may end before the group assigns it: the next one would start at its end."""
    joined = Joined(at_end=True, incremental=True, assigns_topic_ids=True)
    sent: list[tuple[str, int, int]] = []

    def commit(offsets: list[TopicPartition], *, asynchronous: bool) -> None:
        assert not asynchronous
        sent.extend((each.topic, each.partition, each.offset) for each in offsets)

    topic, cluster = TopicMetadata(), ClusterMetadata()
    topic.partitions, cluster.topics = dict.fromkeys(range(2), PartitionMetadata()), {"in": topic}
    monkeypatch.setattr(joined.group, "list_topics", lambda timeout: cluster)  # noqa: ARG005 - given by name
    monkeypatch.setattr(joined.group, "commit", commit)
    joined.assignment.on_topic_id("in", "first", had_another=False)
    joined.group.on_assign(joined.group, parts(0, 1))
    joined.group.on_revoke(joined.group, parts(0, 1))
    sent.clear()
    joined.assignment.on_topic_id("in", "second", had_another=True)
    joined.group.offsets = offsets
    joined.assignment.late_starts.commit_beginnings()
    assert sent == []  # another member may have the new partitions, and commit its first offset
    for _ in range(2):
        joined.assignment.late_starts.commit_unassigned()
    assert sorted(sent) == committed


def test_assigned_topic_is_left_to_members() -> None:
    joined = Joined(at_end=True, incremental=True, assigns_topic_ids=True)
    joined.assignment.on_topic_id("in", "first", had_another=False)
    joined.assignment.on_topic_id("in", "second", had_another=True)
    joined.group.on_assign(joined.group, parts(1))
    joined.group.asked.clear()
    joined.assignment.late_starts.commit_unassigned()
    assert joined.group.asked == []
