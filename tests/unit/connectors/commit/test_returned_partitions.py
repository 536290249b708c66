"""Partitions that come back are read from where the group is."""

import pytest

from connectors.errors.exceptions import Interrupted
from tests.fakes.committers.exactly_once import (
    ABORT,
    BEGIN,
    COMMIT,
    OFFSETS,
    PROOF,
    A,
    B,
    Behind,
    Lane,
    Returning,
    retriable,
)
from tests.fakes.messages import batch, message


def test_returned_partition_resumes_at_offset() -> None:
    """Its consumer may have been told otherwise, by a coordinator that had just moved."""
    lane = Behind(told=12)
    assert lane.guarantee.commit()
    assert lane.starts == {A: 12, B: 10}
    assert lane.calls() == []
    lane.group.sought.clear()
    lane.take(12, 14)
    lane.guarantee.discard_batch()
    assert lane.guarantee.commit()
    assert lane.starts == {A: 12, B: 10}


def test_dropped_records_of_returned_partition() -> None:
    lane = Behind(told=12)
    dropped = batch(*(message(b"", offset) for offset in range(3)))
    lane.guarantee.track(dropped)
    lane.guarantee.mark_processed(dropped.next_offsets)
    assert lane.guarantee.commit()
    assert lane.starts == {A: 12, B: 10}
    assert lane.group.offsets[A] == 12
    assert lane.calls() == []


@pytest.mark.parametrize("told", [4, None])
def test_stale_coordinator_must_take_a_write(
    told: int | None,
) -> None:
    """One that has moved may answer as of a high watermark that it does not know yet."""
    lane = Behind(told=told)
    assert not lane.guarantee.commit()
    with pytest.raises(Interrupted):
        lane.guarantee.before_produce()
    lane.fail(OFFSETS, *[retriable()] * 3)
    for _ in range(3):
        assert not lane.guarantee.commit()
    assert lane.calls() == [BEGIN] + 3 * [OFFSETS]
    assert lane.group.sought == []
    lane.group.offsets[A] = 10
    assert lane.guarantee.commit()
    assert lane.calls() == [OFFSETS, ABORT]
    assert lane.transactions.sent == {A: told or 0}
    assert lane.starts == {A: 10, B: 10}
    lane.group.offsets[A] = 4
    lane.guarantee.on_assigned([A])
    assert not lane.guarantee.commit(), "each time again"


def test_uncommitted_partitions_log_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    lane = Lane()
    lane.take(0, 4)
    lane.guarantee.discard_batch()
    assert lane.guarantee.commit()
    assert lane.group.sought == [(A, 0)]
    assert caplog.text == ""


def test_proof_counts_for_one_question() -> None:
    lane = Behind(told=4)
    assert not lane.guarantee.commit()
    lane.group.failures = [retriable()]
    assert not lane.guarantee.commit()
    assert lane.calls() == PROOF
    assert lane.transactions.sent == {A: 4}, (
        "an output's offsets may not be ours to commit, and this may yet be committed"
    )
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == PROOF


def test_proof_expires_with_its_question() -> None:
    lane = Behind(told=4)
    assert not lane.guarantee.commit()
    lane.fail(ABORT, retriable())
    assert not lane.guarantee.commit()
    lane.guarantee.drop([A, B])
    assert lane.guarantee.commit()
    lane.calls()
    lane.guarantee.on_assigned([A, B])
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == PROOF


def test_revoke_does_not_resume_partitions() -> None:
    """A batch may be in hand that is given back after it, to the place where it was read."""
    lane = Returning()
    lane.guarantee.after_produce()
    lane.guarantee.mark_processed(lane.batch.next_offsets)
    lane.guarantee.on_revoking()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.group.sought == []
    assert lane.guarantee.commit()
    assert lane.group.sought == [(B, 10)]


def test_undone_latest_commit_is_read_again(caplog: pytest.LogCaptureFixture) -> None:
    """Kafka 4 was seen to undo a transaction that it had said was committed.

    To go on behind it would be loss.
    """
    lane = Behind(told=4)
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.starts == {A: 4, B: 10}
    assert (
        "in-0: the broker is back at 4; reading from there, although this process committed 10"
        in caplog.text
    )


def told_in_the_end(lane: Lane, offset: int) -> int:
    """Where the first partition starts when it comes back with this offset, for good."""
    lane.guarantee.drop([A, B])
    lane.group.offsets[A] = offset
    lane.guarantee.on_assigned([A, B])
    while not lane.guarantee.commit():
        pass
    return dict(lane.group.sought)[A]


@pytest.mark.parametrize(("stays", "read_from"), [(10, 10), (15, 15), (9, 20), (0, 20)])
def test_only_latest_commit_can_be_undone(stays: int, read_from: int) -> None:
    """A coordinator that is further behind has lost its place in its log.

    There our own commits count.
    """
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    lane.move(10, 19)
    lane.guarantee.commit()
    lane.move(0, 4, partition=1)
    lane.guarantee.commit()
    assert told_in_the_end(lane, stays) == read_from


@pytest.mark.parametrize(("topic_id", "sought"), [("known", [(A, 20)]), (None, [])])
def test_lost_offsets_of_a_group(topic_id: str | None, sought: list[object]) -> None:
    """Without topic ids the topic may have been created again, so that there is no offset."""
    lane = Lane()
    if topic_id:
        lane.guarantee.tracker.set_topic_id("in", topic_id)
    lane.move(0, 9)
    lane.guarantee.commit()
    lane.move(10, 19)
    lane.guarantee.commit()
    lane.guarantee.drop([A])
    lane.group.offsets.clear()
    lane.group.sought.clear()
    lane.guarantee.on_assigned([A])
    while not lane.guarantee.commit():
        pass
    assert lane.group.sought == sought


def test_other_members_commit_is_replaced() -> None:
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    assert told_in_the_end(lane, 50) == 50
    lane.move(50, 59)
    lane.guarantee.commit()
    lane.group.sought.clear()
    assert told_in_the_end(lane, 50) == 50


def test_recreated_topic_is_read_from_start(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """With a topic go the group's offsets."""
    lane = Behind(told=None)
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.group.sought == [(B, 10)], "and the consumer begins where it was told to"
    assert (
        "in-0: the broker has no offset; reading from there, although this process committed 10"
        in caplog.text
    )


def test_undone_first_commit_is_read_again() -> None:
    """Also where reading goes on meanwhile, and an abort looks for the place to begin again."""
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    lane.take(10, 19)
    lane.group.offsets.clear()
    lane.guarantee.discard_batch()
    assert not lane.guarantee.commit()
    assert lane.group.sought == []
    assert lane.guarantee.commit()
    assert lane.group.sought == [(A, 0)]


def test_open_transaction_commits_before_resume() -> None:
    """It would grow old otherwise.

    And offsets that are sent already keep the group from telling any.
    """
    lane = Returning()
    lane.guarantee.after_produce()
    lane.guarantee.mark_processed(lane.batch.next_offsets)
    lane.group.failures = [retriable()]
    assert not lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.guarantee.commit()
    assert lane.calls() == []
    assert lane.group.sought == [(B, 10)]


def test_stop_does_not_wait_for_start_offsets() -> None:
    lane = Behind(told=4)
    lane.guarantee.draining = True
    assert lane.guarantee.commit()
    assert not lane.guarantee.pending


def test_operator_reset_while_stopped_counts() -> None:
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    lane.guarantee.drop([A, B])
    lane.guarantee.on_group_left()
    lane.group.offsets[A] = 4
    lane.guarantee.on_assigned([A, B])
    assert lane.guarantee.commit()
    assert lane.group.sought == []
