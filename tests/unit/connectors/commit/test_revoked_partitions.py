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


def test_before_a_revoke_what_is_safe_is_committed() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.on_revoking()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]


def test_before_a_revoke_half_a_batch_is_aborted() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.take(5, 9)
    lane.guarantee.on_revoking()
    lane.guarantee.drop([A])
    assert OFFSETS not in lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == [ABORT]
    assert lane.group.offsets == {}


def test_before_a_revoke_a_commit_that_does_not_end_is_aborted() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, *[retriable()] * REVOKE_ATTEMPTS)
    lane.guarantee.on_revoking()
    assert lane.calls() == [BEGIN] + [OFFSETS] * REVOKE_ATTEMPTS
    lane.guarantee.drop([A, B])
    assert lane.guarantee.commit()
    assert lane.calls() == [ABORT]


def test_a_commit_with_its_offsets_sent_goes_on_after_the_revoke() -> None:
    """Whether it has happened is not known: aborting could be too late, and going on is right in
    both cases.
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


def test_a_revoke_never_raises() -> None:
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


def test_half_a_batch_is_not_committed_when_a_partition_comes_back_meanwhile() -> None:
    lane = Returning()
    lane.guarantee.discard_batch()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]
    assert lane.group.sought == [(A, 0), (B, 10)]


def test_what_is_lost_right_after_a_partition_came_back_is_aborted() -> None:
    lane = Returning()
    lane.guarantee.after_produce()
    lane.guarantee.mark_processed(lane.batch.next_offsets)
    lane.guarantee.on_lost([A, B])
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]


def test_what_is_revoked_right_after_a_partition_came_back_is_committed_with_its_offsets() -> None:
    lane = Returning()
    lane.guarantee.after_produce()
    lane.guarantee.mark_processed(lane.batch.next_offsets)
    lane.guarantee.on_revoking()
    lane.guarantee.drop([A])
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.group.offsets == {A: 5, B: 10}


def test_a_stop_does_not_wait_for_the_offsets_of_what_has_come_back() -> None:
    """Whoever had it meanwhile may have left them in an open transaction: nothing of it is read any
    more, and nothing written.
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


def test_a_stop_does_not_wait_for_the_offsets_of_what_it_gives_up() -> None:
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


def test_the_end_at_which_a_partition_is_begun_is_committed_and_not_left_again() -> None:
    lane = Lane()
    lane.guarantee.start_at({A: 9})
    lane.fail(COMMIT, abortable())
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT, ABORT, BEGIN, OFFSETS, COMMIT]
    assert lane.group.sought == [(A, 9)]
    assert lane.group.offsets == {A: 9}


def test_an_end_that_comes_while_a_commit_is_in_doubt_is_committed_with_the_next_one() -> None:
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


def test_an_end_is_committed_at_a_stop_also_when_what_was_read_after_it_is_given_up() -> None:
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


def test_the_end_of_a_partition_that_has_come_back_is_not_committed_over_what_was() -> None:
    """A coordinator that lags may say that nothing is."""
    lane = Returning()
    lane.guarantee.start_at({B: 500})
    lane.guarantee.after_produce()
    assert lane.guarantee.commit()
    assert lane.group.offsets == {B: 10}
    assert lane.group.sought == [(B, 10)]


# ---- the end


def test_an_error_ends_with_an_abort_and_no_commit_after_it() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.close_dirty()
    lane.guarantee.on_revoking()
    assert lane.calls() == [BEGIN, ABORT]


def test_an_abort_at_the_end_that_fails_is_left_to_the_broker() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(ABORT, retriable())
    lane.guarantee.close_dirty()


def test_the_watchdog_sees_every_call_that_may_hang() -> None:
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
