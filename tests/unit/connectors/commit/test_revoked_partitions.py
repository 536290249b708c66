"""What a revoke, a loss or a stop commits."""

from collections.abc import Callable

from confluent_kafka import KafkaError

from connectors.commit.exactly_once import REVOKE_ATTEMPTS
from tests.fakes.committers.exactly_once import (
    ABORT,
    BEGIN,
    COMMIT,
    FENCED,
    OFFSETS,
    A,
    B,
    ExactlyOnceTask,
    Returning,
    abortable,
    fatal,
    retriable,
)

# ---- rebalances


def test_revoke_commits_processed_records() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.committer.on_revoking()
    assert task.calls() == [BEGIN, OFFSETS, COMMIT]


def test_revoke_aborts_half_batch() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.take(5, 9)
    task.committer.on_revoking()
    task.committer.drop([A])
    assert OFFSETS not in task.calls()
    assert task.committer.commit()
    assert task.calls() == [ABORT]
    assert task.group.offsets == {}


def test_revoke_aborts_endless_commit() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(OFFSETS, *[retriable()] * REVOKE_ATTEMPTS)
    task.committer.on_revoking()
    assert task.calls() == [BEGIN] + [OFFSETS] * REVOKE_ATTEMPTS
    task.committer.drop([A, B])
    assert task.committer.commit()
    assert task.calls() == [ABORT]


def test_revoke_commits_sent_offsets() -> None:
    """Whether it has happened is not known.

    Aborting could be too late, and going on is right in both cases.
    """
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(COMMIT, *[retriable()] * REVOKE_ATTEMPTS)
    task.committer.on_revoking()
    task.committer.drop([A, B])
    task.calls()
    assert task.committer.commit()
    assert task.calls() == [COMMIT]
    assert task.group.offsets == {A: 5}


def test_revoke_never_raises() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(OFFSETS, fatal(FENCED))
    task.committer.on_revoking()


def test_lost_partitions_abort() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.committer.on_lost([A])
    assert task.committer.commit()
    assert task.calls() == [BEGIN, ABORT]


def test_half_batch_is_not_committed_on_return() -> None:
    task = Returning()
    task.committer.discard_batch()
    assert task.committer.commit()
    assert task.calls() == [BEGIN, ABORT]
    assert task.group.sought == [(A, 0), (B, 10)]


def test_loss_after_return_aborts() -> None:
    task = Returning()
    task.committer.after_produce()
    task.committer.mark_committable(task.batch.next_offsets)
    task.committer.on_lost([A, B])
    assert task.committer.commit()
    assert task.calls() == [BEGIN, ABORT]


def test_revoke_after_return_commits_offsets() -> None:
    task = Returning()
    task.committer.after_produce()
    task.committer.mark_committable(task.batch.next_offsets)
    task.committer.on_revoking()
    task.committer.drop([A])
    assert task.committer.commit()
    assert task.calls() == [BEGIN, OFFSETS, COMMIT]
    assert task.group.offsets == {A: 5, B: 10}


def test_stop_ignores_returned_partitions() -> None:
    """Its owner meanwhile may have left them in an open transaction.

    Nothing of it is read any more, and nothing written.
    """
    task = Returning()
    task.committer.after_produce()
    task.committer.mark_committable(task.batch.next_offsets | {B: 12})
    task.group.failures = [retriable(KafkaError.UNSTABLE_OFFSET_COMMIT)] * 3
    assert not task.committer.commit()
    task.committer.draining = True
    assert task.committer.commit()
    assert not task.committer.pending
    assert task.calls() == [BEGIN, OFFSETS, COMMIT]
    assert task.group.offsets == {A: 5, B: 10}


def test_stop_ignores_revoked_partitions() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(COMMIT, abortable())
    assert not task.committer.commit()
    task.group.failures = [retriable(KafkaError.UNSTABLE_OFFSET_COMMIT)] * 3
    assert not task.committer.commit()
    task.committer.draining = True
    assert task.committer.commit()
    assert not task.committer.pending
    assert task.committer.redelivered == 1
    assert task.group.sought == []


def test_start_at_end_stays_committed() -> None:
    task = ExactlyOnceTask()
    task.committer.start_at({A: 9})
    task.fail(COMMIT, abortable())
    assert not task.committer.commit()
    assert task.committer.commit()
    assert task.calls() == [BEGIN, OFFSETS, COMMIT, ABORT, BEGIN, OFFSETS, COMMIT]
    assert task.group.sought == [(A, 9)]
    assert task.group.offsets == {A: 9}


def test_end_found_in_doubt_joins_next_commit() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(COMMIT, retriable())
    assert not task.committer.commit()
    task.committer.start_at({B: 9})
    assert task.committer.commit()
    assert task.group.offsets == {A: 5}
    assert task.committer.ever_committed == {A}
    assert task.committer.pending
    assert task.committer.commit()
    assert task.group.offsets == {A: 5, B: 9}


def test_stop_commits_start_at_end() -> None:
    task = ExactlyOnceTask()
    task.committer.start_at({A: 9})
    task.move(9, 20)
    task.fail(COMMIT, abortable())
    assert not task.committer.commit()
    task.committer.draining = True
    assert task.committer.commit()
    assert not task.committer.pending
    assert task.committer.redelivered == 1
    assert task.group.offsets == {A: 9}


def test_returned_partition_keeps_its_offset() -> None:
    """A coordinator that lags may say that nothing is."""
    task = Returning()
    task.committer.start_at({B: 500})
    task.committer.after_produce()
    assert task.committer.commit()
    assert task.group.offsets == {B: 10}
    assert task.group.sought == [(B, 10)]


# ---- the end


def test_error_aborts_and_commits_nothing() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.committer.close_dirty()
    task.committer.on_revoking()
    assert task.calls() == [BEGIN, ABORT]


def test_failed_last_abort_is_left_to_broker() -> None:
    task = ExactlyOnceTask()
    task.move(0, 4)
    task.fail(ABORT, retriable())
    task.committer.close_dirty()


def test_watchdog_sees_blocking() -> None:
    task = ExactlyOnceTask()
    lifecycle = task.committer._lifecycle
    seen: list[str | None] = []

    def look(call: Callable[..., None]) -> Callable[..., None]:
        def looking(*arguments: object) -> None:
            seen.append(lifecycle.stuck_call(-1))
            call(*arguments)

        return looking

    for name in ("send_offsets_to_transaction", "commit_transaction", "abort_transaction"):
        setattr(task.transactions, name, look(getattr(task.transactions, name)))
    task.move(0, 4)
    task.committer.commit()
    task.take(5, 9)
    task.committer.discard_batch()
    task.committer.commit()
    assert seen == ["send_offsets_to_transaction", "commit_transaction", "abort_transaction"]
    assert lifecycle.stuck_call(-1) is None
