"""Where a partition starts. The broker is a stand-in that knows offsets and ends."""

from collections.abc import Callable, Collection, Mapping

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin._metadata import ClusterMetadata, PartitionMetadata, TopicMetadata

from config import Settings
from connectors.commit.offset_tracker import OffsetTracker
from connectors.consume.start_offsets import StartOffsets
from connectors.consume.start_settings import client_properties, start_offsets

END = 9


class Cluster(Consumer):
    """Whose partitions all end at `end`; those in `silent` are not told of."""

    def __init__(
        self,
        committed: Mapping[int, int] | None = None,
        silent: Collection[int] = (),
        error: int | None = None,
    ) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self._committed = committed or {}
        self._silent = silent
        self._error = error
        self.end = END
        self.asked: list[str] = []

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # always given
        return self._answer(
            "committed",
            partitions,
            timeout,
            lambda number: self._committed.get(number, OFFSET_INVALID),
        )

    def offsets_for_times(  # type: ignore[override]  # always given
        self, partitions: list[TopicPartition], timeout: float
    ) -> list[TopicPartition]:
        assert [tp.offset for tp in partitions] == [OFFSET_END] * len(partitions)
        return self._answer("ends", partitions, timeout, lambda _: self.end)

    def list_topics(self, topic: str | None = None, timeout: float = -1) -> ClusterMetadata:
        """Of one topic with four partitions."""
        assert topic is None
        assert 0 < timeout < 5
        found, metadata = TopicMetadata(), ClusterMetadata()
        found.partitions = dict.fromkeys(range(4), PartitionMetadata())
        metadata.topics = {"in": found}
        return metadata

    def _answer(
        self,
        what: str,
        partitions: list[TopicPartition],
        timeout: float,
        offset: Callable[[int], int],
    ) -> list[TopicPartition]:
        assert partitions
        assert 0 < timeout < 5
        self.asked.append(what)
        if self._error is not None:
            raise KafkaException(KafkaError(self._error))
        return [
            Told(tp.topic, tp.partition, offset(tp.partition), silent=tp.partition in self._silent)
            for tp in partitions
        ]


class Told(TopicPartition):
    """With an error, perhaps, as only the client makes them."""

    def __init__(self, topic: str, partition: int, offset: int, *, silent: bool) -> None:
        super().__init__(topic, partition, offset)
        self._silent = silent

    @property
    def error(self) -> KafkaError | None:  # type: ignore[override]  # an attribute there
        return KafkaError(KafkaError.LEADER_NOT_AVAILABLE) if self._silent else None


def decided(
    beginnings: StartOffsets, cluster: Cluster, *numbers: int, committed: Collection[int] = ()
) -> tuple[list[int], dict[int, int]]:
    """Where each partition starts, and those ends that are to be committed."""
    partitions = [TopicPartition("in", number) for number in numbers]
    ends = beginnings.decide(cluster, partitions, {("in", number) for number in committed})
    return [each.offset for each in partitions], {
        number: offset for (_, number), offset in ends.items()
    }


def test_no_rule_leaves_start_to_the_client() -> None:
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


def test_partition_owned_elsewhere_is_not_reset() -> None:
    """Others have committed of it, perhaps."""
    start, cluster = StartOffsets(OffsetTracker(), OFFSET_BEGINNING), Cluster()
    assert decided(start, cluster, 0) == ([OFFSET_BEGINNING], {})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})
    start.undo({("in", 0)})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})


def test_end_is_looked_up_without_a_commit() -> None:
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


@pytest.mark.parametrize("code", [KafkaError._TIMED_OUT, KafkaError._TRANSPORT])
def test_offset_that_no_broker_tells(code: int, caplog: pytest.LogCaptureFixture) -> None:
    assert decided(StartOffsets(OffsetTracker(), at_end=True), Cluster(error=code), 0) == (
        [OFFSET_INVALID],
        {},
    )
    assert "no broker says in time where the group is of in-0" in caplog.text


def test_unknown_end_does_not_affect_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert decided(StartOffsets(OffsetTracker(), at_end=True), Cluster(silent=[1]), 0, 1) == (
        [END, OFFSET_INVALID],
        {0: END},
    )
    assert "of in-1: reading begins once one does" in caplog.text


@pytest.mark.parametrize(
    ("reset", "start", "offset", "ends"),
    [
        (False, "earliest", OFFSET_INVALID, {}),
        (True, "earliest", OFFSET_BEGINNING, {}),
        (False, "latest", END, {0: END}),
        (True, "latest", END, {0: END}),
        (True, "error", OFFSET_INVALID, {}),  # what Java calls none
    ],
)
def test_settings_choose_the_start(
    reset: bool,  # noqa: FBT001 - pytest gives it by name
    start: str,
    offset: int,
    ends: dict[int, int],
) -> None:
    assert decided(
        start_offsets(
            Settings(reset_offsets=reset),
            {"auto.offset.reset": start},
            OffsetTracker(),
            lambda _: None,
        ),
        Cluster(),
        0,
    ) == ([offset], ends)


def test_unknown_end_is_left_to_the_client() -> None:
    """The group has committed nothing: the client itself would begin at the beginning."""

    class Endless(Cluster):
        def offsets_for_times(  # type: ignore[override]
            self,
            partitions: list[TopicPartition],  # noqa: ARG002 - always given
            timeout: float,  # noqa: ARG002 - always given
        ) -> list[TopicPartition]:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    assert decided(StartOffsets(OffsetTracker(), at_end=True), Endless({1: 4}), 0, 1) == (
        [OFFSET_END, OFFSET_INVALID],
        {},
    )


@pytest.mark.parametrize(
    ("reset", "client"), [("latest", "earliest"), ("earliest", "earliest"), ("error", "error")]
)
def test_client_never_jumps_to_end(reset: str, client: str) -> None:
    assert client_properties({"auto.offset.reset": reset}) == {"auto.offset.reset": client}


def committed_with(metadata: str) -> Cluster:
    """Of partition 0 offset 4 is committed, with this metadata."""

    class Noted(Cluster):
        def committed(  # type: ignore[override]  # always given
            self, partitions: list[TopicPartition], timeout: float
        ) -> list[TopicPartition]:
            told = super().committed(partitions, timeout)
            return [
                TopicPartition(each.topic, each.partition, each.offset, metadata) for each in told
            ]

    return Noted({0: 4})


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
    for number in (0, 9):
        start.beginnings.add(("in", number))
    assert start.beginnings.take(Cluster()) == {("in", 0): 0}


def test_beginning_where_group_reads_all() -> None:
    start = StartOffsets(OffsetTracker())
    start.beginnings.add(("in", 0))
    assert start.beginnings.take(Cluster()) == {}


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("new", OFFSET_BEGINNING), (None, OFFSET_BEGINNING), ("old", OFFSET_INVALID)],
)
def test_committed_offset_of_other_topic(asked: str | None, expected: int) -> None:
    """A broker decides which of two topic ids is the present one."""
    tracker = OffsetTracker()
    tracker.set_topic_id("in", "new")
    start = StartOffsets(tracker, ask_topic_id=lambda _: asked)
    assert decided(start, committed_with('{"topicId":"old"}'), 0) == ([expected], {})


class SilentCoordinator(Cluster):
    """Partitions tell their ends, and the group its offsets only once `answers`: a transaction of a
    dead instance is open.
    """

    answers = False

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # always given
        if not self.answers:
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return super().committed(partitions, timeout)


def test_end_of_unknown_offset_is_not_taken() -> None:
    """The group may have committed an offset before the end."""
    start, cluster = StartOffsets(OffsetTracker(), at_end=True), SilentCoordinator({0: 4})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})
    assert start.unknown == {("in", 0)}
    assert start.decide_again(cluster, ("in", 0), set()) == (None, {})
    cluster.answers = True
    assert start.decide_again(cluster, ("in", 0), set()) == (4, {})
    assert start.unknown == set()


def test_end_once_offsets_are_told() -> None:
    start, cluster = StartOffsets(OffsetTracker(), at_end=True), SilentCoordinator({})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})
    cluster.answers = True
    assert start.decide_again(cluster, ("in", 0), set()) == (END, {("in", 0): END})


class LateNeighbour(SilentCoordinator):
    """The offset of partition 1 alone is not told: an open transaction holds it back."""

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # always given
        if not self.answers and any(each.partition == 1 for each in partitions):
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return Cluster.committed(self, partitions, timeout)


def test_partition_that_may_have_come_later() -> None:
    """Whether partition 2 existed when the group began is told by the offsets of the others."""
    start, cluster = StartOffsets(OffsetTracker(), at_end=True), LateNeighbour({0: 4, 1: 4})
    assert decided(start, cluster, 2) == ([OFFSET_INVALID], {})
    assert start.decide_again(cluster, ("in", 2), set()) == (None, {})
    cluster.answers = True
    assert start.decide_again(cluster, ("in", 2), set()) == (OFFSET_BEGINNING, {})


def test_end_stays_while_nothing_is_told() -> None:
    at_end, cluster = StartOffsets(OffsetTracker(), OFFSET_END, at_end=True), SilentCoordinator({})
    assert decided(at_end, cluster, 0) == ([END], {0: END})
    cluster.end += 5
    at_end.undo({("in", 0)})
    assert decided(at_end, cluster, 0) == ([END], {0: END})
