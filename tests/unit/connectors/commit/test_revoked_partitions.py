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
    Lane,
    Returning,
    abortable,
    fatal,
    retriable,
)

# ---- rebalances


def test_revoke_commits_processed_records() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.on_revoking()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]


def test_revoke_aborts_half_a_batch() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.take(5, 9)
    lane.guarantee.on_revoking()
    lane.guarantee.drop([A])
    assert OFFSETS not in lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == [ABORT]
    assert lane.group.offsets == {}


def test_revoke_aborts_an_endless_commit() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, *[retriable()] * REVOKE_ATTEMPTS)
    lane.guarantee.on_revoking()
    assert lane.calls() == [BEGIN] + [OFFSETS] * REVOKE_ATTEMPTS
    lane.guarantee.drop([A, B])
    assert lane.guarantee.commit()
    assert lane.calls() == [ABORT]


def test_sent_offsets_are_committed_after_revoke() -> None:
    """Whether it has happened is not known.

    Aborting could be too late, and going on is right in both cases.
    """
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, *[retriable()] * REVOKE_ATTEMPTS)
    lane.guarantee.on_revoking()
    lane.guarantee.drop([A, B])
    lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == [COMMIT]
    assert lane.group.offsets == {A: 5}


def test_revoke_never_raises() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, fatal(FENCED))
    lane.guarantee.on_revoking()


def test_lost_partitions_are_aborted() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.on_lost([A])
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]


def test_half_batch_is_not_committed_on_return() -> None:
    lane = Returning()
    lane.guarantee.discard_batch()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]
    assert lane.group.sought == [(A, 0), (B, 10)]


def test_loss_after_return_aborts() -> None:
    lane = Returning()
    lane.guarantee.after_produce()
    lane.guarantee.mark_processed(lane.batch.next_offsets)
    lane.guarantee.on_lost([A, B])
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]


def test_revoke_after_return_commits_offsets() -> None:
    lane = Returning()
    lane.guarantee.after_produce()
    lane.guarantee.mark_processed(lane.batch.next_offsets)
    lane.guarantee.on_revoking()
    lane.guarantee.drop([A])
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.group.offsets == {A: 5, B: 10}


def test_stop_ignores_returned_partitions() -> None:
    """Its owner meanwhile may have left them in an open transaction.

    Nothing of it is read any more, and nothing written.
    """
    lane = Returning()
    lane.guarantee.after_produce()
    lane.guarantee.mark_processed(lane.batch.next_offsets | {B: 12})
    lane.group.failures = [retriable(KafkaError.UNSTABLE_OFFSET_COMMIT)] * 3
    assert not lane.guarantee.commit()
    lane.guarantee.draining = True
    assert lane.guarantee.commit()
    assert not lane.guarantee.pending
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.group.offsets == {A: 5, B: 10}


def test_stop_ignores_revoked_partitions() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, abortable())
    assert not lane.guarantee.commit()
    lane.group.failures = [retriable(KafkaError.UNSTABLE_OFFSET_COMMIT)] * 3
    assert not lane.guarantee.commit()
    lane.guarantee.draining = True
    assert lane.guarantee.commit()
    assert not lane.guarantee.pending
    assert lane.guarantee.redelivered == 1
    assert lane.group.sought == []


def test_start_at_the_end_is_committed_for_good() -> None:
    lane = Lane()
    lane.guarantee.start_at({A: 9})
    lane.fail(COMMIT, abortable())
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT, ABORT, BEGIN, OFFSETS, COMMIT]
    assert lane.group.sought == [(A, 9)]
    assert lane.group.offsets == {A: 9}


def test_end_found_in_doubt_joins_next_commit() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, retriable())
    assert not lane.guarantee.commit()
    lane.guarantee.start_at({B: 9})
    assert lane.guarantee.commit()
    assert lane.group.offsets == {A: 5}
    assert lane.guarantee.ever_committed == {A}
    assert lane.guarantee.pending
    assert lane.guarantee.commit()
    assert lane.group.offsets == {A: 5, B: 9}


def test_stop_commits_the_start_at_the_end() -> None:
    lane = Lane()
    lane.guarantee.start_at({A: 9})
    lane.move(9, 20)
    lane.fail(COMMIT, abortable())
    assert not lane.guarantee.commit()
    lane.guarantee.draining = True
    assert lane.guarantee.commit()
    assert not lane.guarantee.pending
    assert lane.guarantee.redelivered == 1
    assert lane.group.offsets == {A: 9}


def test_returned_partition_keeps_its_offset() -> None:
    """A coordinator that lags may say that nothing is."""
    lane = Returning()
    lane.guarantee.start_at({B: 500})
    lane.guarantee.after_produce()
    assert lane.guarantee.commit()
    assert lane.group.offsets == {B: 10}
    assert lane.group.sought == [(B, 10)]


# ---- the end


def test_error_aborts_and_commits_nothing() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.close_dirty()
    lane.guarantee.on_revoking()
    assert lane.calls() == [BEGIN, ABORT]


def test_failed_last_abort_is_left_to_broker() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(ABORT, retriable())
    lane.guarantee.close_dirty()


def test_watchdog_sees_blocking_calls() -> None:
    lane = Lane()
    lifecycle = lane.guarantee._lifecycle
    seen: list[str | None] = []

    def look(call: Callable[..., None]) -> Callable[..., None]:
        def looking(*arguments: object) -> None:
            seen.append(lifecycle.stuck_call(-1))
            call(*arguments)

        return looking

    for name in ("send_offsets_to_transaction", "commit_transaction", "abort_transaction"):
        setattr(lane.transactions, name, look(getattr(lane.transactions, name)))
    lane.move(0, 4)
    lane.guarantee.commit()
    lane.take(5, 9)
    lane.guarantee.discard_batch()
    lane.guarantee.commit()
    assert seen == ["send_offsets_to_transaction", "commit_transaction", "abort_transaction"]
    assert lifecycle.stuck_call(-1) is None
