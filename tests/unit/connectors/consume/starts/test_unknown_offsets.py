"""Where a partition starts whose committed offset no broker reports."""

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_END,
    OFFSET_INVALID,
    KafkaError,
    KafkaException,
    TopicPartition,
)

from connectors.commit.offset_tracker import OffsetTracker
from connectors.consume.starts.start_offsets import StartOffsets
from tests.fakes.consume.offset_answers import (
    END,
    Cluster,
    LateNeighbour,
    SilentCoordinator,
    decided,
)


@pytest.mark.parametrize("code", [KafkaError._TIMED_OUT, KafkaError._TRANSPORT])
def test_unreported_offset(code: int, caplog: pytest.LogCaptureFixture) -> None:
    assert decided(StartOffsets(OffsetTracker(), at_end=True), Cluster(error=code), 0) == (
        [OFFSET_INVALID],
        {},
    )
    assert "no broker returns the committed offset of in-0" in caplog.text


def test_unknown_end_does_not_affect_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert decided(StartOffsets(OffsetTracker(), at_end=True), Cluster(silent=[1]), 0, 1) == (
        [END, OFFSET_INVALID],
        {0: END},
    )
    assert "of in-1; reading starts once one does" in caplog.text


def test_unknown_end_is_left_to_client() -> None:
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


def test_end_of_unknown_offset_is_not_taken() -> None:
    """The group may have committed an offset before the end."""
    start, cluster = StartOffsets(OffsetTracker(), at_end=True), SilentCoordinator({0: 4})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})
    assert start.unknown == {("in", 0)}
    assert start.decide_again(cluster, ("in", 0), set(), {}) == (None, {})
    cluster.answers = True
    assert start.decide_again(cluster, ("in", 0), set(), {}) == (4, {})
    assert start.unknown == set()


def test_end_once_offsets_are_told() -> None:
    start, cluster = StartOffsets(OffsetTracker(), at_end=True), SilentCoordinator({})
    assert decided(start, cluster, 0) == ([OFFSET_INVALID], {})
    cluster.answers = True
    assert start.decide_again(cluster, ("in", 0), set(), {}) == (END, {("in", 0): END})


def test_partition_that_may_have_come_later() -> None:
    """The offsets of the others show whether partition 2 existed when the group began."""
    start, cluster = StartOffsets(OffsetTracker(), at_end=True), LateNeighbour({0: 4, 1: 4})
    assert decided(start, cluster, 2) == ([OFFSET_INVALID], {})
    assert start.decide_again(cluster, ("in", 2), set(), {}) == (None, {})
    cluster.answers = True
    assert start.decide_again(cluster, ("in", 2), set(), {}) == (OFFSET_BEGINNING, {})


def test_end_stays_while_nothing_is_told() -> None:
    at_end, cluster = StartOffsets(OffsetTracker(), OFFSET_END, at_end=True), SilentCoordinator({})
    assert decided(at_end, cluster, 0) == ([END], {0: END})
    cluster.end += 5
    at_end.undo({("in", 0)})
    assert decided(at_end, cluster, 0) == ([END], {0: END})
