"""Exactly once: output and consumed offsets become visible together, in one Kafka transaction per commit interval.

Transactions belong to the producer; the consumer's offsets are sent into them with the group's metadata, so that a member that was
replaced cannot commit. After a failed transaction everything since the last committed offsets is read again. What must be waited for
is called again turn by turn: these calls of librdkafka go on where they left off.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from functools import partial
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from connectors.answers import Answers, passes
from connectors.batch import TopicPartitionKey
from connectors.brokers import Brokers
from connectors.consumer import CurrentConsumer
from connectors.errors import ClientError, ConnectorError, FencedError, ForgottenError, Interrupted, NotAllowedError, ProducerError
from connectors.guarantee import Guarantee
from connectors.output import Output
from connectors.reached import Reached
from connectors.transaction import Transaction
from runtime.lifecycle import Lifecycle

log = logging.getLogger("processor.commit")

REVOKE_ATTEMPTS = 3  # calls made to end a transaction at a revoke before it is aborted instead
_FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}


class ExactlyOnce(Guarantee):
    """One transaction at a time, begun with the first record produced and ended by the next commit."""

    cheap = False  # a transaction each takes some 10 ms

    def __init__(
        self,
        consumer: CurrentConsumer,
        output: Output,
        brokers: Brokers,
        lifecycle: Lifecycle,
        *,
        interval: float,
        transaction_timeout: float,
    ) -> None:
        """`transaction_timeout`: seconds after which the broker aborts a transaction and fences its producer."""
        super().__init__(consumer, interval)
        self._lifecycle = lifecycle
        self._transaction = Transaction(consumer, output, lifecycle)
        self._sent_epoch = 0  # of the tracker, when the offsets of the open transaction were sent
        self._answers = Answers(self._transaction, brokers, transaction_timeout)
        self._rebuilt_at = -1  # how many commits there had been when the producer was replaced
        self._repairs = [self._transaction.init]
        self._reached = Reached()
        self._proven = False  # that the group's coordinator is up to date

    # ---- the guarantee's words

    def ready(self) -> bool:
        return self._go_on(self._repair)

    def begin(self) -> None:
        if self._repairs or self._transaction.offsets_sent or not self._go_on(self._transaction.begin):
            raise Interrupted
        super().begin()

    @property
    def pending(self) -> bool:
        return self._transaction.open or super().pending

    def commit(self) -> bool:
        return self._go_on(self._commit)

    def before_revoke(self) -> None:
        if self.ended:
            return
        try:
            for _ in range(REVOKE_ATTEMPTS):
                if self._half_way:
                    break
                if self._goes_back or not self.pending or self._go_on(self._end_open):
                    return
        except ConnectorError as error:
            log.warning("no commit at the revoke: %s", error)  # the producer is of no use any more: the lane's next turn fails too
        self._give_up()

    def assigned(self, partitions: Iterable[TopicPartitionKey]) -> None:
        if self._reached.come_back(partitions) and self._take_up not in self._repairs:
            self._repairs.append(self._take_up)

    def begun(self, ends: Mapping[TopicPartitionKey, int]) -> None:
        super().begun({key: end for key, end in ends.items() if key not in self._reached.returned})  # of those it is known better

    def keep_alive(self, offsets: Mapping[TopicPartitionKey, int]) -> None:
        super().keep_alive({key: offset for key, offset in offsets.items() if key not in self._reached.returned})

    def forget(self, partitions: Iterable[TopicPartitionKey]) -> None:
        gone = list(partitions)
        self._reached.returned.difference_update(gone)
        super().forget(gone)

    def lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        self.forget(partitions)
        self._give_up()

    def on_replaced(self, topic: str, kept: AbstractSet[TopicPartitionKey]) -> None:
        self._reached.drop(topic, kept)
        super().on_replaced(topic, kept)

    def left(self) -> None:
        self._reached.forget()

    def abandon(self) -> None:
        if self._half_way:  # a transaction with half a batch in it can be aborted, not committed
            super().abandon()
            self._give_up()

    def _give_up(self) -> None:
        self._half_way = False
        if self._transaction.open and not self._transaction.offsets_sent and not self._goes_back:
            self._repairs = [self._transaction.abort, self._rewind]

    @property
    def _goes_back(self) -> bool:
        """What is open will not be committed: whatever repairs there are end with reading it again."""
        return self._rewind in self._repairs

    def start_over(self) -> None:
        if self._transaction.init not in self._repairs:  # else that of a new producer comes first, and a rewind last
            self._repairs = [self._transaction.abort, self._rewind] if self._transaction.open else [self._rewind]

    def survives(self, error: ProducerError) -> bool:
        if self._transaction.rebuild not in self._repairs:
            (self._replace if isinstance(error, ForgottenError) else self._sort)(error.error)
        return True

    def end(self) -> None:
        """Abort, so that readers do not have to wait for the transaction's timeout; if that fails they do, or for the next start."""
        super().end()
        if self._transaction.open:
            try:
                self._transaction.abort()
            except KafkaException as error:
                log.debug("no abort at the end: %s", error.args[0].str())

    # ---- steps, each of which raises KafkaException when it has to be gone on with later

    def _commit(self) -> None:
        self._end_open()
        self._repair()

    def _end_open(self) -> None:
        if self._repairs != [self._take_up]:  # else what is open comes first: it would grow old, or hide its own offsets
            self._repair()
        transaction = self._transaction
        # Of what has come back nothing is written yet; where the steps have dropped all, it is read again.
        self._safe = {key: offset for key, offset in self._safe.items() if key not in self._reached.returned}
        if self._unconfirmed and not transaction.offsets_sent:
            transaction.begin()  # also for offsets alone, when the steps dropped every record
            self._sent_epoch = self.tracker.epoch
            transaction.send_offsets(self._to_commit(self._safe))
        if transaction.open:
            current = self.tracker.only_current(transaction.commit(), self._sent_epoch)
            committed = {key: offset for key, offset in current.items() if key in self._safe}
            self._reached.committed(committed)
            self._confirm(committed)
        self._due_at = monotonic() + self._interval

    def _rewind(self) -> dict[TopicPartitionKey, int]:
        with self._lifecycle.client_call("committed"):
            committed = super()._rewind()
            self._first |= self._reached.begin(self._consumer.client, committed)
        return committed

    def _take_up(self) -> None:
        returned = [TopicPartition(*key) for key in self._reached.returned]
        if returned and not self.drains:  # then they stay returned: nothing of them is committed
            with self._lifecycle.client_call("committed"):
                offsets = self._reached.begin(self._consumer.client, self._ask_committed(returned))
            self._first |= offsets
            if self._keeps_alive:
                self.keep_alive(offsets)
        self._proven = False

    def _ask_committed(self, partitions: list[TopicPartition]) -> dict[TopicPartitionKey, int]:
        """What is behind our own commits counts once the coordinator has taken a write: one that has just moved may lag its own log."""
        if self.drains:  # only ends still matter: they have to be committed; what is open elsewhere may keep other offsets from us
            partitions = [each for each in partitions if (each.topic, each.partition) in self._at_end - self.committed]
            return super()._ask_committed(partitions) if partitions else {}
        proven, self._proven = self._proven, False
        told = super()._ask_committed(partitions)
        if self._reached.behind(told) and not proven:
            log.debug("the coordinator has to take a write first: %s is behind what we had committed", told)
            key, offset = min(told.items())  # an input's: READ is allowed there; as told: Kafka 4 may yet commit it (see judge)
            write = partial(self._transaction.write_offset, key, max(0, offset))
            self._repairs[:0] = [write, self._transaction.abort, self._prove]
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))
        return self._reached.judge(told)

    def _prove(self) -> None:
        self._proven = True

    # ---- errors

    def _go_on(self, step: Callable[[], None]) -> bool:
        """Whether the step is done. Raises ConnectorError when it never can be."""
        self._answers.call()
        try:
            step()
        except KafkaException as error:
            self._answers.failed()
            self._sort(error.args[0])
            return False
        self._answers.answered()
        return True

    def _sort(self, error: KafkaError) -> None:
        """Decide what a failed call means."""
        if error.code() in NotAllowedError.NEEDED:
            raise NotAllowedError(error)
        if error.txn_requires_abort():
            log.warning("transaction aborted, its records are read again: %s (%s)", error.str(), error.name())
            self._repairs = [self._transaction.abort, self._rewind]
            return
        if not passes(error):
            self._sort_fatal(error)
            return
        log.debug("not yet: %s (%s)", error.str(), error.name())
        if not self._answers.put_off():
            # where committed offsets are not told, an earlier transaction may have left some pending: they are cleared away
            asked = self._repairs[:1] in ([self._rewind], [self._take_up])
            self._replace(error, clear=asked and not self._transaction.open)

    def _sort_fatal(self, error: KafkaError) -> None:
        """A new producer goes on from what is committed, which is always safe; but not twice without a commit in between.

        Being fenced is another process's doing, unless an outage or our own standstill let the transaction grow so old that the broker
        gave it up.
        """
        if error.code() in _FENCED and not self._answers.given_up:
            if self._answers.in_doubt():
                return
            raise FencedError(error)
        if self._rebuilt_at == self.commits:
            raise ClientError(error)
        self._rebuilt_at = self.commits
        self._replace(error)

    def _replace(self, error: KafkaError, *, clear: bool = False) -> None:
        log.warning("the producer is lost, a new one goes on in its place: %s (%s)", error.str(), error.name())
        self._answers.forget()
        transaction = self._transaction
        clear = clear or error.code() in _FENCED or (transaction.open and self._answers.outlived)
        left = [transaction.touch, transaction.await_touch, transaction.touch_offsets, transaction.abort] if clear else []
        self._repairs = [transaction.rebuild, transaction.init, *left, self._rewind]
