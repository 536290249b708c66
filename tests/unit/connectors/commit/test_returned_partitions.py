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
    ExactlyOnceTask,
    Returning,
    retriable,
)
from tests.fakes.messages import batch, message


def test_returned_partition_resumes_at_offset() -> None:
    """A coordinator that has just moved may have reported another offset to the consumer."""
    task = Behind(reported=12)
    assert task.committer.commit()
    assert task.starts == {A: 12, B: 10}
    assert task.calls() == []
    task.group.sought.clear()
    task.take(12, 14)
    task.committer.discard_batch()
    assert task.committer.commit()
    assert task.starts == {A: 12, B: 10}


def test_dropped_records_of_returned_partition() -> None:
    task = Behind(reported=12)
    dropped = batch(*(message(b"", offset) for offset in range(3)))
    task.committer.track(dropped)
    task.committer.mark_committable(dropped.next_offsets)
    assert task.committer.commit()
    assert task.starts == {A: 12, B: 10}
    assert task.group.offsets[A] == 12
    assert task.calls() == []


@pytest.mark.parametrize("reported", [4, None])
def test_stale_coordinator_must_take_write(
    reported: int | None,
) -> None:
    """One that has moved may answer as of a high watermark that it does not know yet."""
    task = Behind(reported=reported)
    assert not task.committer.commit()
    with pytest.raises(Interrupted):
        task.committer.before_produce()
    task.fail(OFFSETS, *[retriable()] * 3)
    for _ in range(3):
        assert not task.committer.commit()
    assert task.calls() == [BEGIN] + 3 * [OFFSETS]
    assert task.group.sought == []
    task.group.offsets[A] = 10
    assert task.committer.commit()
    assert task.calls() == [OFFSETS, ABORT]
    assert task.transactions.sent == {A: reported or 0}
    assert task.starts == {A: 10, B: 10}
    task.group.offsets[A] = 4
    task.committer.on_assigned([A])
    assert not task.committer.commit(), "each time again"


def test_uncommitted_partitions_log_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    task = ExactlyOnceTask()
    task.take(0, 4)
    task.committer.discard_batch()
    assert task.committer.commit()
    assert task.group.sought == [(A, 0)]
    assert caplog.text == ""


def test_proof_counts_for_one_question() -> None:
    task = Behind(reported=4)
    assert not task.committer.commit()
    task.group.failures = [retriable()]
    assert not task.committer.commit()
    assert task.calls() == PROOF
    assert task.transactions.sent == {A: 4}, (
        "an output's offsets may not be ours to commit, and this may yet be committed"
    )
    assert not task.committer.commit()
    assert task.committer.commit()
    assert task.calls() == PROOF


def test_proof_expires_with_its_question() -> None:
    task = Behind(reported=4)
    assert not task.committer.commit()
    task.fail(ABORT, retriable())
    assert not task.committer.commit()
    task.committer.drop([A, B])
    assert task.committer.commit()
    task.calls()
    task.committer.on_assigned([A, B])
    assert not task.committer.commit()
    assert task.committer.commit()
    assert task.calls() == PROOF


def test_revoke_does_not_resume_partitions() -> None:
    """A batch in flight may be given back after the return, at the offset where it was read."""
    task = Returning()
    task.committer.after_produce()
    task.committer.mark_committable(task.batch.next_offsets)
    task.committer.on_revoking()
    assert task.calls() == [BEGIN, OFFSETS, COMMIT]
    assert task.group.sought == []
    assert task.committer.commit()
    assert task.group.sought == [(B, 10)]


def test_undone_latest_commit_is_read_again(caplog: pytest.LogCaptureFixture) -> None:
    """Kafka 4 was seen to undo a transaction that it had said was committed.

    To go on behind it would be loss.
    """
    task = Behind(reported=4)
    assert not task.committer.commit()
    assert task.committer.commit()
    assert task.starts == {A: 4, B: 10}
    assert (
        "in-0: the broker is back at 4; reading from there, although this process committed 10"
        in caplog.text
    )


def offset_read_in_the_end(task: ExactlyOnceTask, offset: int) -> int:
    """Where the first partition starts when it comes back with this offset, for good."""
    task.committer.drop([A, B])
    task.group.offsets[A] = offset
    task.committer.on_assigned([A, B])
    while not task.committer.commit():
        pass
    return dict(task.group.sought)[A]


@pytest.mark.parametrize(("stays", "read_from"), [(10, 10), (15, 15), (9, 20), (0, 20)])
def test_only_latest_commit_can_be_undone(stays: int, read_from: int) -> None:
    """A coordinator that is further behind has lost its place in its log.

    There our own commits count.
    """
    task = ExactlyOnceTask()
    task.move(0, 9)
    task.committer.commit()
    task.move(10, 19)
    task.committer.commit()
    task.move(0, 4, partition=1)
    task.committer.commit()
    assert offset_read_in_the_end(task, stays) == read_from


@pytest.mark.parametrize("stays", [9, 0])
def test_trusted_offset_is_committed_again(stays: int) -> None:
    """The process may stop before the next record. The next one would read records twice."""
    task = ExactlyOnceTask()
    for first in (0, 10):
        task.move(first, first + 9)
        task.committer.commit()
    assert offset_read_in_the_end(task, stays) == 20
    while task.committer.pending:
        task.committer.commit()
    assert task.group.offsets[A] == 20


def test_other_members_commit_is_replaced() -> None:
    task = ExactlyOnceTask()
    task.move(0, 9)
    task.committer.commit()
    assert offset_read_in_the_end(task, 50) == 50
    task.move(50, 59)
    task.committer.commit()
    task.group.sought.clear()
    assert offset_read_in_the_end(task, 50) == 50


def test_undone_first_commit_is_read_again() -> None:
    """Also where reading goes on meanwhile, and an abort looks for the place to begin again."""
    task = ExactlyOnceTask()
    task.move(0, 9)
    task.committer.commit()
    task.take(10, 19)
    task.group.offsets.clear()
    task.committer.discard_batch()
    assert not task.committer.commit()
    assert task.group.sought == []
    assert task.committer.commit()
    assert task.group.sought == [(A, 0)]


def test_open_transaction_commits_first() -> None:
    """It would grow old otherwise.

    And offsets that are sent already keep the group from reporting any.
    """
    task = Returning()
    task.committer.after_produce()
    task.committer.mark_committable(task.batch.next_offsets)
    task.group.failures = [retriable()]
    assert not task.committer.commit()
    assert task.calls() == [BEGIN, OFFSETS, COMMIT]
    assert task.committer.commit()
    assert task.calls() == []
    assert task.group.sought == [(B, 10)]


def test_stop_does_not_wait_for_start_offsets() -> None:
    task = Behind(reported=4)
    task.committer.draining = True
    assert task.committer.commit()
    assert not task.committer.pending


def test_operator_reset_while_stopped_counts() -> None:
    task = ExactlyOnceTask()
    task.move(0, 9)
    task.committer.commit()
    task.committer.drop([A, B])
    task.committer.on_group_left()
    task.group.offsets[A] = 4
    task.committer.on_assigned([A, B])
    assert task.committer.commit()
    assert task.group.sought == []
