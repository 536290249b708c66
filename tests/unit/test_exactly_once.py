"""Exactly once: what the calls for a transaction are, in which order, and what a failed one changes. The clients are stand-ins."""

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.brokers import Brokers
from connectors.errors import ClientError, FencedError, ForgottenError, Interrupted, ProducerError
from connectors.exactly_once import REVOKE_ATTEMPTS, ExactlyOnce
from connectors.output import Output
from runtime.lifecycle import Lifecycle
from tests.unit.consumers import current
from tests.unit.messages import batch, message

A, B = ("in", 0), ("in", 1)
INIT, BEGIN, OFFSETS, COMMIT, ABORT = "init", "begin", "offsets", "commit", "abort"
REBUILD = "rebuild"


def retriable(code: int = KafkaError.COORDINATOR_LOAD_IN_PROGRESS) -> KafkaError:
    return KafkaError(code, "later", False, True)  # noqa: FBT003 - the library's signature: fatal, retriable, abortable


def abortable(code: int = KafkaError.UNKNOWN_MEMBER_ID) -> KafkaError:
    return KafkaError(code, "abort", False, False, True)  # noqa: FBT003 - see above


def fatal(code: int = KafkaError.INVALID_TXN_STATE) -> KafkaError:
    return KafkaError(code, "fatal", True)  # noqa: FBT003 - see above


FENCED = KafkaError._FENCED


class Group(Consumer):
    """A consumer of two partitions; `offsets` are what the group has committed."""

    def __init__(self) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self.offsets: dict[tuple[str, int], int] = {}
        self.sought: list[tuple[tuple[str, int], int]] = []
        self.failures: list[KafkaError] = []  # that asking for the committed offsets meets

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition(*A), TopicPartition(*B)]

    def committed(self, partitions: list[TopicPartition], timeout: float = 0) -> list[TopicPartition]:  # noqa: ARG002 - the client's signature
        if self.failures:
            raise KafkaException(self.failures.pop(0))
        return [TopicPartition(tp.topic, tp.partition, self.offsets.get((tp.topic, tp.partition), -1001)) for tp in partitions]

    def seek(self, partition: TopicPartition) -> None:
        self.sought.append(((partition.topic, partition.partition), partition.offset))

    def consumer_group_metadata(self) -> object:
        return "group"


class Transactions:
    """A transactional producer: writes down what it is asked for; `failures` are what the calls of a name meet, in order."""

    def __init__(self, group: Group) -> None:
        self._group = group
        self.calls: list[str] = []
        self.failures: dict[str, list[KafkaError]] = {}
        self.sent: dict[tuple[str, int], int] = {}

    def _ask(self, call: str) -> None:
        self.calls.append(call)
        if self.failures.get(call):
            raise KafkaException(self.failures[call].pop(0))

    def init_transactions(self, _timeout: float) -> None:
        self._ask(INIT)

    def begin_transaction(self) -> None:
        self._ask(BEGIN)

    def send_offsets_to_transaction(self, offsets: list[TopicPartition], group: object, _timeout: float) -> None:
        assert group == "group"
        self._ask(OFFSETS)
        self.sent = {(tp.topic, tp.partition): tp.offset for tp in offsets}

    def commit_transaction(self, _timeout: float) -> None:
        self._ask(COMMIT)
        self._group.offsets |= self.sent

    def abort_transaction(self, _timeout: float) -> None:
        self._ask(ABORT)

    def produce(self, topic: str, key: bytes, partition: int) -> None:
        assert key
        self._ask(f"touch {topic}-{partition}")


class Deliveries(Output):
    """An output around that producer."""

    def __init__(self, transactions: Transactions) -> None:
        self.producer: Any = transactions

    def rebuild(self) -> None:
        self.producer.calls.append(REBUILD)

    def delivered(self, timeout: float) -> bool:  # noqa: ARG002 - nothing to wait for
        return True

    def partitions(self) -> list[tuple[str, int]]:
        return [("out", 0)]


class Lane:
    """The guarantee, ready, and what it works with; it does what a lane does with batches."""

    def __init__(self, interval: float = 0, transaction_timeout: float = 60) -> None:
        self.group, self.brokers, self.lifecycle = Group(), Brokers([]), Lifecycle()
        self.transactions = Transactions(self.group)
        self.guarantee = ExactlyOnce(
            current(self.group),
            Deliveries(self.transactions),
            self.brokers,
            self.lifecycle,
            interval=interval,
            transaction_timeout=transaction_timeout,
        )
        assert self.guarantee.ready()
        self.transactions.calls.clear()

    def fail(self, call: str, *errors: KafkaError) -> None:
        self.transactions.failures[call] = list(errors)

    def take(self, first: int, last: int, partition: int = 0) -> None:
        """Hand out a batch of these offsets and produce the first part of it."""
        self.batch = batch(*(message(b"", offset, partition) for offset in range(first, last + 1)))
        self.guarantee.handed_out(self.batch)
        self.guarantee.begin()

    def move(self, first: int, last: int, partition: int = 0) -> None:
        """A batch is produced whole."""
        self.take(first, last, partition)
        self.guarantee.written()
        self.guarantee.safe(self.batch.positions)

    def calls(self) -> list[str]:
        """Since the last time."""
        made, self.transactions.calls[:] = list(self.transactions.calls), []
        return made


# ---- the usual


def test_records_move_only_when_the_producer_is_ready() -> None:
    group = Group()
    transactions = Transactions(group)
    transactions.failures[INIT] = [retriable()]
    guarantee = ExactlyOnce(current(group), Deliveries(transactions), Brokers([]), Lifecycle(), interval=0, transaction_timeout=60)
    assert not guarantee.ready()
    assert guarantee.ready()
    assert transactions.calls == [INIT, INIT]


def test_a_transaction_begins_with_the_first_batch_and_ends_with_the_offsets_of_all() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.move(0, 9, partition=1)
    lane.move(5, 6)
    assert lane.guarantee.pending
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.group.offsets == {A: 7, B: 10}
    assert not lane.guarantee.pending
    assert lane.guarantee.commits == 1


def test_offsets_alone_are_committed_too() -> None:
    lane = Lane()
    lane.guarantee.safe({A: 5})  # all of it was dropped by the steps
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]


def test_nothing_new_means_no_transaction() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.commit()
    lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == []


def test_under_load_commits_wait_for_the_interval() -> None:
    lane = Lane(interval=3600)
    lane.move(0, 4)
    lane.guarantee.commit()
    lane.move(5, 6)
    assert lane.guarantee.pending
    assert not lane.guarantee.due


# ---- a call that has to be made again


@pytest.mark.parametrize("call", [OFFSETS, COMMIT])
@pytest.mark.parametrize("error", [retriable(), KafkaError(KafkaError._TIMED_OUT), KafkaError(KafkaError._TRANSPORT)])
def test_what_may_go_on_later_is_the_same_call_again(call: str, error: KafkaError) -> None:
    """Not those before it: the offsets are in the transaction already."""
    lane = Lane()
    lane.move(0, 4)
    lane.fail(call, error, error)
    assert not lane.guarantee.commit()
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS] + ([OFFSETS, OFFSETS, COMMIT] if call == OFFSETS else [COMMIT] * 3)
    assert lane.group.sought == []


# ---- aborts


@pytest.mark.parametrize("call", [OFFSETS, COMMIT])
def test_an_abortable_error_aborts_and_reads_again_from_what_is_committed(call: str) -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.commit()
    lane.move(5, 9)
    lane.move(20, 29, partition=1)
    lane.calls()
    lane.fail(call, abortable())
    assert not lane.guarantee.commit()
    assert lane.guarantee.due
    assert lane.guarantee.commit()
    assert lane.calls() == ([OFFSETS, ABORT] if call == OFFSETS else [OFFSETS, COMMIT, ABORT])
    assert lane.group.sought == [(A, 5), (B, 20)]  # B: from where reading began, for nothing was committed
    assert lane.guarantee.positions() == {}
    assert lane.guarantee.commits == 1


def test_an_abort_and_a_rewind_that_have_to_wait_are_gone_on_with() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    lane.fail(OFFSETS, abortable())
    lane.fail(ABORT, retriable())
    lane.group.failures = [retriable()]
    turns = [lane.guarantee.commit() for _ in range(4)]
    assert turns == [False, False, False, True]
    assert lane.calls() == [OFFSETS, ABORT, ABORT]
    assert lane.group.sought == [(A, 0)]


def test_no_batch_is_begun_before_the_rewind() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, abortable())
    lane.guarantee.commit()
    with pytest.raises(Interrupted):
        lane.guarantee.begin()


def test_a_batch_that_is_dropped_half_way_is_aborted_with_all_that_the_transaction_has() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.take(5, 9)
    lane.guarantee.abandon()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]
    assert lane.group.sought == [(A, 0)]
    assert lane.group.offsets == {}


def test_starting_over_aborts_only_an_open_transaction() -> None:
    lane = Lane()
    lane.guarantee.start_over()
    assert lane.guarantee.commit()
    assert lane.calls() == []
    lane.move(0, 4)
    lane.guarantee.start_over()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]


# ---- rebalances


def test_before_a_revoke_what_is_safe_is_committed() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.before_revoke()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]


def test_before_a_revoke_half_a_batch_is_aborted() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.take(5, 9)
    lane.guarantee.before_revoke()
    lane.guarantee.forget([A])
    assert OFFSETS not in lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == [ABORT]
    assert lane.group.offsets == {}


def test_before_a_revoke_a_commit_that_does_not_end_is_aborted() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, *[retriable()] * REVOKE_ATTEMPTS)
    lane.guarantee.before_revoke()
    assert lane.calls() == [BEGIN] + [OFFSETS] * REVOKE_ATTEMPTS
    lane.guarantee.forget([A, B])
    assert lane.guarantee.commit()
    assert lane.calls() == [ABORT]


def test_a_commit_with_its_offsets_sent_goes_on_after_the_revoke() -> None:
    """Whether it has happened is not known: aborting could be too late, and going on is right in both cases."""
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, *[retriable()] * REVOKE_ATTEMPTS)
    lane.guarantee.before_revoke()
    lane.guarantee.forget([A, B])
    lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == [COMMIT]
    assert lane.group.offsets == {A: 5}


def test_a_revoke_never_raises() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, fatal(FENCED))
    lane.guarantee.before_revoke()


def test_lost_partitions_are_aborted() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.lost([A])
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]


PROOF = [BEGIN, OFFSETS, ABORT]  # a write that the group's coordinator takes, and is up to date from there on


class Behind(Lane):
    """Both partitions are committed up to 10 and come back, and the broker says something else of the first."""

    def __init__(self, *, told: int | None) -> None:
        super().__init__()
        self.move(0, 9)
        self.move(0, 9, partition=1)
        self.guarantee.commit()
        self.guarantee.forget([A, B])
        self.group.offsets = {B: 10} if told is None else {A: told, B: 10}
        self.guarantee.assigned([A, B])
        self.calls()

    @property
    def begun(self) -> dict[tuple[str, int], int]:
        return dict(self.group.sought)


def test_a_partition_that_comes_back_is_read_from_where_the_group_is() -> None:
    """Its consumer may have been told otherwise, by a coordinator that had just moved."""
    lane = Behind(told=12)
    assert lane.guarantee.commit()
    assert lane.begun == {A: 12, B: 10}
    assert lane.calls() == []
    lane.group.sought.clear()
    lane.take(12, 14)
    lane.guarantee.abandon()
    assert lane.guarantee.commit()
    assert lane.begun == {A: 12, B: 10}


def test_what_was_dropped_of_a_partition_that_comes_back_is_not_committed_from_the_wrong_place() -> None:
    lane = Behind(told=12)
    dropped = batch(*(message(b"", offset) for offset in range(3)))
    lane.guarantee.handed_out(dropped)
    lane.guarantee.safe(dropped.positions)
    assert lane.guarantee.commit()
    assert lane.begun == {A: 12, B: 10}
    assert lane.group.offsets[A] == 12
    assert lane.calls() == []


@pytest.mark.parametrize("told", [4, None])
def test_a_coordinator_behind_what_we_have_committed_has_to_take_a_write_first(told: int | None) -> None:
    """One that has moved may answer as of a high watermark that it does not know yet."""
    lane = Behind(told=told)
    assert not lane.guarantee.commit()
    with pytest.raises(Interrupted):
        lane.guarantee.begin()
    lane.fail(OFFSETS, *[retriable()] * 3)
    for _ in range(3):
        assert not lane.guarantee.commit()
    assert lane.calls() == [BEGIN] + 3 * [OFFSETS]
    assert lane.group.sought == []
    lane.group.offsets[A] = 10
    assert lane.guarantee.commit()
    assert lane.calls() == [OFFSETS, ABORT]
    assert lane.transactions.sent == {A: told or 0}
    assert lane.begun == {A: 10, B: 10}
    lane.group.offsets[A] = 4
    lane.guarantee.assigned([A])
    assert not lane.guarantee.commit(), "each time anew"


def test_partitions_that_nothing_was_committed_of_are_no_reason_for_a_line(caplog: pytest.LogCaptureFixture) -> None:
    lane = Lane()
    lane.take(0, 4)
    lane.guarantee.abandon()
    assert lane.guarantee.commit()
    assert lane.group.sought == [(A, 0)]
    assert caplog.text == ""


def test_a_proof_counts_for_one_question() -> None:
    lane = Behind(told=4)
    assert not lane.guarantee.commit()
    lane.group.failures = [retriable()]
    assert not lane.guarantee.commit()
    assert lane.calls() == PROOF
    assert lane.transactions.sent == {A: 4}, "an output's offsets may not be ours to commit, and this may yet be committed"
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == PROOF


def test_a_proof_does_not_outlive_what_it_was_for() -> None:
    lane = Behind(told=4)
    assert not lane.guarantee.commit()
    lane.fail(ABORT, retriable())
    assert not lane.guarantee.commit()
    lane.guarantee.forget([A, B])
    assert lane.guarantee.commit()
    lane.calls()
    lane.guarantee.assigned([A, B])
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == PROOF


def test_a_revoke_does_not_take_up_what_has_come_back() -> None:
    """A batch may be in hand that is given back after it, to the place where it was read."""
    lane = Returning()
    lane.guarantee.written()
    lane.guarantee.safe(lane.batch.positions)
    lane.guarantee.before_revoke()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.group.sought == []
    assert lane.guarantee.commit()
    assert lane.group.sought == [(B, 10)]


def test_a_latest_commit_that_was_undone_is_read_again(caplog: pytest.LogCaptureFixture) -> None:
    """Kafka 4 was seen to undo a transaction that it had said was committed: to go on behind it would be loss."""
    lane = Behind(told=4)
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.begun == {A: 4, B: 10}
    assert "in-0: the broker is back at 4, which is read from: we had committed 10" in caplog.text


def told_in_the_end(lane: Lane, offset: int) -> int:
    """Where the first partition is begun when it comes back with this offset, for good."""
    lane.guarantee.forget([A, B])
    lane.group.offsets[A] = offset
    lane.guarantee.assigned([A, B])
    while not lane.guarantee.commit():
        pass
    return dict(lane.group.sought)[A]


@pytest.mark.parametrize(("stays", "read_from"), [(10, 10), (15, 15), (9, 20), (0, 20)])
def test_only_the_latest_commit_can_be_undone(stays: int, read_from: int) -> None:
    """A coordinator that is further behind has lost its place in its log: there our own commits count."""
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    lane.move(10, 19)
    lane.guarantee.commit()
    lane.move(0, 4, partition=1)
    lane.guarantee.commit()
    assert told_in_the_end(lane, stays) == read_from


def test_what_another_member_has_committed_meanwhile_is_what_our_next_commit_replaces() -> None:
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    assert told_in_the_end(lane, 50) == 50
    lane.move(50, 59)
    lane.guarantee.commit()
    lane.group.sought.clear()
    assert told_in_the_end(lane, 50) == 50


def test_a_topic_that_was_made_anew_is_read_from_its_beginning(caplog: pytest.LogCaptureFixture) -> None:
    """With a topic go the group's offsets."""
    lane = Behind(told=None)
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.group.sought == [(B, 10)], "and the consumer begins where it was told to"
    assert "in-0: the broker has no offset, which is read from: we had committed 10" in caplog.text


def test_a_first_commit_that_was_undone_is_read_again() -> None:
    """Also where reading goes on meanwhile, and an abort looks for the place to begin again."""
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    lane.take(10, 19)
    lane.group.offsets.clear()
    lane.guarantee.abandon()
    assert not lane.guarantee.commit()
    assert lane.group.sought == []
    assert lane.guarantee.commit()
    assert lane.group.sought == [(A, 0)]


def test_what_is_open_is_committed_before_a_partition_that_has_come_back_is_taken_up() -> None:
    """It would grow old otherwise; and offsets that are sent already keep the group from telling any."""
    lane = Returning()
    lane.guarantee.written()
    lane.guarantee.safe(lane.batch.positions)
    lane.group.failures = [retriable()]
    assert not lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.guarantee.commit()
    assert lane.calls() == []
    assert lane.group.sought == [(B, 10)]


def test_a_stop_does_not_wait_for_where_partitions_would_be_begun() -> None:
    lane = Behind(told=4)
    lane.guarantee.drains = True
    assert lane.guarantee.commit()
    assert not lane.guarantee.pending


def test_offsets_that_an_operator_sets_back_while_the_input_is_stopped_count() -> None:
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    lane.guarantee.forget([A, B])
    lane.guarantee.left()
    lane.group.offsets[A] = 4
    lane.guarantee.assigned([A, B])
    assert lane.guarantee.commit()
    assert lane.group.sought == []


class Returning(Lane):
    """A transaction is open; and a partition comes back that was committed before, which the next commit would look into first."""

    def __init__(self) -> None:
        super().__init__()
        self.move(0, 9, partition=1)
        self.guarantee.commit()
        self.guarantee.forget([B])
        self.calls()
        self.take(0, 4)
        self.guarantee.assigned([B])


def test_half_a_batch_is_not_committed_when_a_partition_comes_back_meanwhile() -> None:
    lane = Returning()
    lane.guarantee.abandon()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]
    assert lane.group.sought == [(A, 0), (B, 10)]


def test_what_is_lost_right_after_a_partition_came_back_is_aborted() -> None:
    lane = Returning()
    lane.guarantee.written()
    lane.guarantee.safe(lane.batch.positions)
    lane.guarantee.lost([A, B])
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, ABORT]


def test_what_is_revoked_right_after_a_partition_came_back_is_committed_with_its_offsets() -> None:
    lane = Returning()
    lane.guarantee.written()
    lane.guarantee.safe(lane.batch.positions)
    lane.guarantee.before_revoke()
    lane.guarantee.forget([A])
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.group.offsets == {A: 5, B: 10}


def test_a_stop_does_not_wait_for_the_offsets_of_what_has_come_back() -> None:
    """Whoever had it meanwhile may have left them in an open transaction: nothing of it is read any more, and nothing written."""
    lane = Returning()
    lane.guarantee.written()
    lane.guarantee.safe(lane.batch.positions | {B: 12})
    lane.group.failures = [retriable(KafkaError.UNSTABLE_OFFSET_COMMIT)] * 3
    assert not lane.guarantee.commit()
    lane.guarantee.drains = True
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
    lane.guarantee.drains = True
    assert lane.guarantee.commit()
    assert not lane.guarantee.pending
    assert lane.guarantee.repeats == 1
    assert lane.group.sought == []


def test_the_end_at_which_a_partition_is_begun_is_committed_and_not_left_again() -> None:
    lane = Lane()
    lane.guarantee.begun({A: 9})
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
    lane.guarantee.begun({B: 9})
    assert lane.guarantee.commit()
    assert lane.group.offsets == {A: 5}
    assert lane.guarantee.committed == {A}
    assert lane.guarantee.pending
    assert lane.guarantee.commit()
    assert lane.group.offsets == {A: 5, B: 9}


def test_an_end_is_committed_at_a_stop_also_when_what_was_read_after_it_is_given_up() -> None:
    lane = Lane()
    lane.guarantee.begun({A: 9})
    lane.move(9, 20)
    lane.fail(COMMIT, abortable())
    assert not lane.guarantee.commit()
    lane.guarantee.drains = True
    assert lane.guarantee.commit()
    assert not lane.guarantee.pending
    assert lane.guarantee.repeats == 1
    assert lane.group.offsets == {A: 9}


def test_the_end_of_a_partition_that_has_come_back_is_not_committed_over_what_was() -> None:
    """A coordinator that lags may say that nothing is."""
    lane = Returning()
    lane.guarantee.begun({B: 500})
    lane.guarantee.written()
    assert lane.guarantee.commit()
    assert lane.group.offsets == {B: 10}
    assert lane.group.sought == [(B, 10)]


# ---- the end of a producer


def test_another_process_with_our_id_is_the_end() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError, match="instance-index"):
        lane.guarantee.commit()


def test_any_other_fatal_error_gets_a_new_producer_but_not_twice_without_a_commit() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, fatal())
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT, REBUILD, INIT]
    assert lane.group.sought == [(A, 0)]
    lane.move(0, 4)
    lane.fail(COMMIT, fatal())
    with pytest.raises(ClientError):
        lane.guarantee.commit()


def test_after_a_commit_another_producer_may_be_had() -> None:
    lane = Lane()
    for first in (0, 5):
        lane.move(first, first + 4)
        lane.fail(COMMIT, fatal())
        assert not lane.guarantee.commit()
        assert lane.guarantee.commit()
        lane.move(first, first + 4)
        assert lane.guarantee.commit()
    assert lane.group.offsets == {A: 10}


def test_a_transaction_given_up_in_an_outage_is_cleared_away_by_a_new_producer() -> None:
    """Fenced, but by the broker: the transaction was older than it may be, and no broker was there."""
    lane = Lane(transaction_timeout=0)
    lane.move(0, 4)
    lane.brokers.away("test")
    lane.fail(COMMIT, fatal(FENCED))
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT, REBUILD, INIT, BEGIN, "touch out-0", OFFSETS, ABORT]
    assert lane.group.sought == [(A, 0)]
    assert lane.group.offsets == {}


def test_a_transaction_given_up_while_nobody_answered_is_cleared_away_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """No broker was seen to go: packets are dropped, and connections stay."""
    monkeypatch.setattr("connectors.answers.UNANSWERED", 0)
    lane = Lane(transaction_timeout=0)
    lane.move(0, 4)
    fenced_and_cleared_away(lane)


def fenced_and_cleared_away(lane: Lane) -> None:
    """The commit of its first batch is refused, and a new producer clears away what that left."""
    lane.fail(COMMIT, fatal(FENCED))
    assert not lane.guarantee.commit()
    lane.calls()
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT, BEGIN, "touch out-0", OFFSETS, ABORT]
    assert lane.group.sought == [(A, 0)]


def test_a_transaction_given_up_while_the_process_stood_still_is_cleared_away_too(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane(transaction_timeout=0)
    lane.move(0, 4)
    later = monotonic() + 60
    monkeypatch.setattr("connectors.answers.monotonic", lambda: later)
    fenced_and_cleared_away(lane)


def test_a_young_transaction_is_never_given_up_by_the_broker() -> None:
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    lane.brokers.away("test")
    lane.fail(COMMIT, fatal(FENCED))
    with pytest.raises(FencedError):
        lane.guarantee.commit()


def test_an_old_transaction_is_doubted_until_the_outage_is_heard_of(monkeypatch: pytest.MonkeyPatch) -> None:
    """Callbacks come after the calls they explain; without an outage somebody else has taken over."""
    lane = Lane(transaction_timeout=0)
    lane.move(0, 4)
    lane.fail(COMMIT, *[fatal(FENCED)] * 3)
    assert not lane.guarantee.commit()
    monkeypatch.setattr("connectors.answers.DOUBT", -1)
    lane.guarantee._answers.forget()
    with pytest.raises(FencedError):
        lane.guarantee.commit()


@pytest.mark.parametrize("error", [fatal(), KafkaError(KafkaError._STATE)])
def test_a_failed_delivery_of_the_producer_is_got_over_like_a_failed_call(error: KafkaError) -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    assert lane.guarantee.survives(ProducerError(error))
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT]


def test_one_failure_is_got_over_once() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    for _ in range(2):
        assert lane.guarantee.survives(ProducerError(fatal()))
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT]


def test_a_producer_that_has_forgotten_the_brokers_is_replaced_as_often_as_that_happens() -> None:
    lane = Lane()
    for _ in range(3):
        lane.move(0, 4)
        lane.calls()
        assert lane.guarantee.survives(ForgottenError(KafkaError(KafkaError.BROKER_NOT_AVAILABLE)))
        assert lane.guarantee.commit()
        assert lane.calls() == [REBUILD, INIT]


def silence(monkeypatch: pytest.MonkeyPatch, lane: Lane, call: str, seconds: float) -> list[str]:
    """What is done when `call` has failed and, so much later, fails again."""
    lane.fail(call, retriable(), retriable())
    assert not lane.guarantee.commit()
    lane.calls()
    later = monotonic() + seconds
    monkeypatch.setattr("connectors.answers.monotonic", lambda: later)
    assert not lane.guarantee.commit()
    lane.calls()
    assert lane.guarantee.commit()
    return lane.calls()


@pytest.mark.parametrize("away", [False, True])
def test_a_producer_that_is_not_answered_for_as_long_as_a_transaction_lives_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
    away: bool,  # noqa: FBT001 - pytest gives it by name
) -> None:
    lane = Lane(transaction_timeout=60)
    if away:
        lane.brokers.away("test")
    lane.move(0, 4)
    assert silence(monkeypatch, lane, OFFSETS, 61) == [REBUILD, INIT]
    assert lane.group.sought == [(A, 0)]


def test_offsets_that_are_never_told_are_cleared_of_what_is_pending(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a broker leaves them that has finished a transaction without its markers."""
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    lane.fail(OFFSETS, abortable())
    assert not lane.guarantee.commit()
    lane.group.failures = [KafkaError(KafkaError._TIMED_OUT), KafkaError(KafkaError._TIMED_OUT)]
    assert not lane.guarantee.commit()
    lane.calls()
    later = monotonic() + 61
    monkeypatch.setattr("connectors.answers.monotonic", lambda: later)
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT, BEGIN, "touch out-0", OFFSETS, ABORT]
    assert lane.group.sought == [(A, 0)]


def test_one_that_is_not_answered_for_less_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    assert silence(monkeypatch, lane, OFFSETS, 59) == [OFFSETS, COMMIT]


@pytest.mark.parametrize(("away", "done"), [(False, [REBUILD, INIT]), (True, [COMMIT])])
def test_a_commit_under_way_is_waited_for_while_no_broker_is_there(
    monkeypatch: pytest.MonkeyPatch,
    away: bool,  # noqa: FBT001 - pytest gives it by name
    done: list[str],
) -> None:
    lane = Lane(transaction_timeout=60)
    if away:
        lane.brokers.away("test")
    lane.move(0, 4)
    assert silence(monkeypatch, lane, COMMIT, 61) == done


def test_silence_counts_from_the_first_call_that_was_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Lane(transaction_timeout=60)
    lane.move(0, 4)
    lane.fail(OFFSETS, retriable())
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    lane.calls()
    later = monotonic() + 3600
    monkeypatch.setattr("connectors.answers.monotonic", lambda: later)
    lane.move(5, 9)
    lane.fail(OFFSETS, retriable())
    assert not lane.guarantee.commit()
    assert lane.guarantee.commit()
    assert REBUILD not in lane.calls()


# ---- the end


def test_an_error_ends_with_an_abort_and_no_commit_after_it() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.end()
    lane.guarantee.before_revoke()
    assert lane.calls() == [BEGIN, ABORT]


def test_an_abort_at_the_end_that_fails_is_left_to_the_broker() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(ABORT, retriable())
    lane.guarantee.end()


def test_the_watchdog_sees_every_call_that_may_hang() -> None:
    lane = Lane()
    lifecycle = lane.guarantee._lifecycle
    seen: list[str | None] = []

    def look(call: Callable[..., None]) -> Callable[..., None]:
        def looking(*arguments: object) -> None:
            seen.append(lifecycle.stuck_in(-1))
            call(*arguments)

        return looking

    for name in ("send_offsets_to_transaction", "commit_transaction", "abort_transaction"):
        setattr(lane.transactions, name, look(getattr(lane.transactions, name)))
    lane.move(0, 4)
    lane.guarantee.commit()
    lane.take(5, 9)
    lane.guarantee.abandon()
    lane.guarantee.commit()
    assert seen == ["send_offsets_to_transaction", "commit_transaction", "abort_transaction"]
    assert lifecycle.stuck_in(-1) is None


def test_a_batch_that_was_not_begun_costs_no_transaction() -> None:
    """A retry that a stop ends, for example: what came before it is complete."""
    lane = Lane()
    lane.move(0, 4)
    lane.guarantee.abandon()
    assert lane.guarantee.commit()
    assert lane.calls() == [BEGIN, OFFSETS, COMMIT]
    assert lane.guarantee.repeats == 0


def test_no_batch_joins_a_transaction_whose_offsets_have_been_sent() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(COMMIT, retriable())
    assert not lane.guarantee.commit()
    with pytest.raises(Interrupted):
        lane.guarantee.begin()


def test_an_abort_is_a_repeat() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.fail(OFFSETS, abortable())
    lane.guarantee.commit()
    lane.guarantee.commit()
    assert lane.guarantee.repeats == 1


def test_going_back_does_not_go_behind_what_we_have_committed_either() -> None:
    lane = Lane()
    lane.move(0, 9)
    lane.guarantee.commit()
    lane.move(10, 14)
    lane.fail(OFFSETS, abortable())
    lane.group.offsets[A] = 4
    assert not lane.guarantee.commit()
    assert not lane.guarantee.commit()
    assert lane.group.sought == []
    lane.group.offsets[A] = 10
    assert lane.guarantee.commit()
    assert lane.group.sought == [(A, 10)]


def test_a_refused_record_that_shows_while_a_new_producer_is_due_does_not_do_without_it() -> None:
    lane = Lane()
    lane.move(0, 4)
    lane.calls()
    assert lane.guarantee.survives(ProducerError(fatal()))
    lane.guarantee.start_over()
    assert lane.guarantee.commit()
    assert lane.calls() == [REBUILD, INIT]
    assert lane.group.sought == [(A, 0)]


def test_answer_of_a_former_assignment() -> None:
    """The commit is answered when its partition is lost and has come back, and has been read up to another offset."""
    lane = Lane()
    tracker = lane.guarantee.tracker
    tracker.assign([A])
    lane.move(0, 4)
    lane.fail(COMMIT, retriable())
    assert not lane.guarantee.commit()
    tracker.remove([A])
    lane.guarantee.lost([A])
    tracker.assign([A])
    lane.guarantee.assigned([A])
    lane.guarantee.safe({A: 3})
    lane.guarantee.commit()
    assert lane.guarantee.last_committed.get(A) != 5
