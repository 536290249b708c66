"""Which assignment and which topic an offset belongs to."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.cluster.topic_ids import TopicIdLogger, read_topic_ids
from connectors.commit.offset_tracker import CommitMetadata, OffsetTracker, parse_metadata

A, B, OTHER = ("in", 0), ("in", 1), ("other", 0)


def assigned(*keys: tuple[str, int]) -> OffsetTracker:
    tracker = OffsetTracker()
    tracker.assign(keys)
    return tracker


def test_returned_partition_is_new() -> None:
    tracker = assigned(A, B)
    read_at = tracker.epoch
    tracker.remove([A])
    assert tracker.only_current({A: 5, B: 7}, read_at) == {B: 7}
    tracker.assign([A])
    assert tracker.only_current({A: 5, B: 7}, read_at) == {B: 7}
    assert tracker.only_current({A: 5, B: 7}, tracker.epoch) == {A: 5, B: 7}


def test_new_topic_id_ends_offsets() -> None:
    tracker = assigned(A, B, OTHER)
    tracker.set_topic_id("in", "1")
    tracker.set_topic_id("other", "2")
    read_at = tracker.epoch
    assert tracker.set_topic_id("in", "1") == []
    assert tracker.set_topic_id("in", "3") == [A, B]
    assert tracker.awaiting_start == {A, B}
    assert tracker.only_current({A: 5, B: 7, OTHER: 9}, read_at) == {OTHER: 9}
    assert not tracker.is_current(A, tracker.epoch)
    tracker.restart(A)
    assert tracker.awaiting_start == {B}
    assert not tracker.is_current(A, read_at)
    assert tracker.is_current(A, tracker.epoch)


def test_former_topics_offset_is_ignored() -> None:
    """The client learns the id of the topic only after the partition is assigned."""
    tracker = assigned(A, B)
    tracker.note_committed(A, "1")
    tracker.note_committed(B, "2")
    assert tracker.set_topic_id("in", "2") == [A]
    assert not tracker.is_of_topic(A, '{"topicId":"1"}')
    assert tracker.is_of_topic(A, '{"topicId":"2"}')
    assert tracker.is_of_topic(A, "")


def test_committed_offset_of_newer_topic() -> None:
    """Another member has seen the new topic before this client has."""
    tracker = assigned(A)
    tracker.set_topic_id("in", "1")
    tracker.remove([A])
    tracker.assign([A])
    tracker.note_committed(A, "2")
    assert tracker.set_topic_id("in", "2") == []


def test_metadata_is_read_back() -> None:
    tracker = OffsetTracker()
    assert tracker.metadata(A) == ""
    tracker.set_topic_id("in", "1")
    tracker.initial_partitions["in"], tracker.began = 3, 1_700_000_000
    assert parse_metadata(tracker.metadata(A)) == CommitMetadata("1", 3, 1_700_000_000)
    assert parse_metadata(tracker.metadata(OTHER)) == CommitMetadata(began=1_700_000_000)


@given(
    st.none()
    | st.text()
    | st.text().map("{{{}".format)
    | st.dictionaries(st.sampled_from(["topicId", "partitions"]), st.none()).map(str)
)
def test_foreign_metadata_ignored(text: str | None) -> None:
    assert parse_metadata(text) == CommitMetadata()


@pytest.mark.parametrize(
    "text", ['{"topicId":5,"partitions":"x","began":[]}', "{" * 100_000, '{"a":' * 100_000, "{}"]
)
def test_odd_metadata_says_nothing(text: str) -> None:
    assert parse_metadata(text) == CommitMetadata()


def test_logger_forwards_all_but_debug_lines(caplog: pytest.LogCaptureFixture) -> None:
    """As confluent_kafka calls it: level, template, facility, client, text."""
    learnt: list[tuple[str, str, bool]] = []
    logger = TopicIdLogger(
        logging.getLogger("librdkafka"),
        lambda topic, topic_id, had_another: learnt.append((topic, topic_id, had_another)),
    )
    caplog.set_level(logging.DEBUG)
    changed = (
        "[thrd:main]: Topic in changed id from AAAAAAAAAAAAAAAAAAAAAA to mstmO1RkSf2L48UGa/Y4lg"
    )
    logger.log(logging.DEBUG, "%s [%s] %s", "METADATA", "consumer", changed)
    again = changed.replace("AAAAAAAAAAAAAAAAAAAAAA", "epDcnCYGT0qIXYXzAbrahw")
    logger.log(logging.DEBUG, "%s [%s] %s", "METADATA", "consumer", again)
    logger.log(
        logging.DEBUG,
        "%s [%s] %s",
        "METADATA",
        "consumer",
        "[thrd:main]: Topic in [0] Leader 1 Epoch 0",
    )
    logger.log(logging.WARNING, "%s [%s] %s", "FAIL", "consumer", "no broker")
    topic_id = "mstmO1RkSf2L48UGa/Y4lg"
    assert learnt == [("in", topic_id, False), ("in", topic_id, True)]
    assert [record.getMessage() for record in caplog.records] == ["FAIL [consumer] no broker"]


@pytest.mark.parametrize("asked", ["cgrp,fetch", ""])
def test_debug_lines_that_are_asked_for(caplog: pytest.LogCaptureFixture, asked: str) -> None:
    logs = logging.getLogger("librdkafka")
    properties, logger = read_topic_ids(
        {"debug": asked} if asked else {}, logs, lambda _topic, _topic_id, _had: None
    )
    assert properties["debug"] == (f"{asked},metadata" if asked else "metadata")
    caplog.set_level(logging.DEBUG)
    logger.log(logging.DEBUG, "%s [%s] %s", "FETCH", "consumer", "in [0]")
    assert len(caplog.records) == bool(asked)


def test_topic_debug_is_dropped() -> None:
    """They are written under the lock of the queue that they go to: poll() then never returns."""
    properties, _ = read_topic_ids({}, logging.getLogger(), lambda _topic, _topic_id, _had: None)
    assert "topic" not in str(properties["debug"]).split(",")
