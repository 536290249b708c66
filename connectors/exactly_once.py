"""Exactly once: output and consumed offsets become visible together, in one Kafka transaction per commit interval.

Transactions belong to the producer; the consumer's offsets are sent into them with the group's metadata, so that a member that was
replaced cannot commit. After a failed transaction everything since the last committed offsets is read again. What must be waited for
is called again turn by turn: these calls of librdkafka go on where they left off.
"""

import logging
import time
from collections.abc import Callable, Iterable
from time import monotonic

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.batch import TopicPartitionKey
from connectors.brokers import Brokers
from connectors.errors import ClientError, ConnectorError, FencedError, Interrupted, NotAllowedError, ProducerError
from connectors.guarantee import CALL, Guarantee
from connectors.output import Output
from runtime.lifecycle import Lifecycle

log = logging.getLogger(__name__)

REVOKE_ATTEMPTS = 3  # calls made to end a transaction at a revoke before it is aborted instead
DOUBT = (
    2.0  # seconds to find out whether it was an outage that cost us the transaction: callbacks come after the calls they explain
)
# Seconds a call for a transaction may be repeated while brokers are there. A producer that has missed where the group's coordinator
# went was seen to ask for ever (librdkafka 2.16); a new one finds it. Longer than a coordinator takes to come back on another node.
STALL = 30.0
# Neither retriable nor abortable to librdkafka when it says so while no broker is there; the same call goes on later.
_WAIT = {
    KafkaError._TIMED_OUT,
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._WAIT_COORD,
    KafkaError.UNSTABLE_OFFSET_COMMIT,
}


class ExactlyOnce(Guarantee):
    """One transaction at a time, begun with the first record produced and ended by the next commit."""

    cheap = False  # a transaction each takes some 10 ms

    def __init__(
        self,
        consumer: Consumer,
        output: Output,
        brokers: Brokers,
        lifecycle: Lifecycle,
        *,
        interval: float,
        transaction_timeout: float,
    ) -> None:
        """`transaction_timeout`: seconds after which the broker aborts a transaction and fences its producer."""
        super().__init__(consumer, interval)
        self._output = output
        self._brokers = brokers
        self._lifecycle = lifecycle
        self._transaction_timeout = transaction_timeout
        self._doubt_until = 0.0
        self._waits_since = 0.0  # when the call for the transaction began that has not been answered yet
        self._rebuilt_at = -1  # how many commits there had been when the producer was replaced
        self._open = False
        self._began = 0.0  # when the open transaction did, epoch seconds
        self._offsets_sent = False
        self._repairs = [self._init]
        self._reached: dict[TopicPartitionKey, int] = {}  # what this process has committed, whoever has the partition now
        self.aborts = 0

    # ---- the guarantee's words

    def ready(self) -> bool:
        return self._go_on(self._repair)

    def begin(self) -> None:
        if self._repairs or self._offsets_sent or not self._go_on(self._begin):
            raise Interrupted
        super().begin()

    @property
    def pending(self) -> bool:
        return self._open or super().pending

    def commit(self) -> bool:
        return self._go_on(self._commit)

    def before_revoke(self) -> None:
        if self.ended:
            return
        try:
            for _ in range(REVOKE_ATTEMPTS):
                if self._half_way:
                    break
                if self._repairs or not self.pending or self.commit():
                    return
        except ConnectorError as error:
            log.warning("no commit at the revoke: %s", error)  # the producer is of no use any more: the lane's next turn fails too
        self._give_up()

    def assigned(self, partitions: Iterable[TopicPartitionKey]) -> None:
        if self._hold_ground not in self._repairs and any(key in self._reached for key in partitions):
            self._repairs.append(self._hold_ground)

    def lost(self, partitions: Iterable[TopicPartitionKey]) -> None:
        self.forget(partitions)
        self._give_up()

    def abandon(self) -> None:
        if self._half_way:  # a transaction with half a batch in it can be aborted, not committed
            super().abandon()
            self._give_up()

    def _give_up(self) -> None:
        self._half_way = False
        if self._open and not self._offsets_sent and not self._repairs:
            self._repairs = [self._abort, self._rewind]

    def start_over(self) -> None:
        self._repairs = [self._abort, self._rewind] if self._open else [self._rewind]

    def survives(self, error: ProducerError) -> bool:
        if self._rebuild not in self._repairs:
            self._sort(error.error)
        return True

    def end(self) -> None:
        """Abort, so that readers do not have to wait for the transaction's timeout; if that fails they do, or for the next start."""
        super().end()
        if self._open:
            try:
                self._call("abort_transaction", self._output.producer.abort_transaction)
            except KafkaException as error:
                log.debug("no abort at the end: %s", error.args[0].str())

    # ---- steps, each of which raises KafkaException when it has to be gone on with later

    def _begin(self) -> None:
        if not self._open:
            self._output.producer.begin_transaction()
            self._open, self._began = True, time.time()

    def _commit(self) -> None:
        self._repair()
        if super().pending and not self._offsets_sent:
            self._begin()  # also for offsets alone, when the steps dropped every record
            offsets = [TopicPartition(*key, offset) for key, offset in self._safe.items()]
            group = self._consumer.consumer_group_metadata()
            self._call("send_offsets_to_transaction", self._output.producer.send_offsets_to_transaction, offsets, group)
            self._offsets_sent = True
        if self._open:
            self._call("commit_transaction", self._output.producer.commit_transaction)
            self._open = self._offsets_sent = False
            self._confirmed = dict(self._safe)
            self._reached |= self._safe
            self._committed()
        self._due_at = monotonic() + self._interval

    def _init(self) -> None:
        """Fences and aborts whatever an earlier process with this transactional.id left open."""
        self._call("init_transactions", self._output.producer.init_transactions)

    def _abort(self) -> None:
        self._call("abort_transaction", self._output.producer.abort_transaction)
        self._open = self._offsets_sent = False
        self.aborts += 1

    def _rewind(self) -> None:
        with self._lifecycle.client_call("committed"):
            super()._rewind()

    def _hold_ground(self) -> None:
        """Not behind what we have committed ourselves: Kafka 4.4, killed in the middle of a commit, was seen to come back without the
        offsets of a transaction whose records were visible already.
        """
        ours = self._consumer.assignment()
        known = [partition for partition in ours if (partition.topic, partition.partition) in self._reached]
        for partition in self._consumer.committed(known, CALL):
            if partition.error:
                raise KafkaException(partition.error)
            reached = self._reached[partition.topic, partition.partition]
            if partition.offset < reached:
                log.warning("%s-%d: the broker has gone back from %d", partition.topic, partition.partition, reached)
                try:
                    self._consumer.seek(TopicPartition(partition.topic, partition.partition, reached))
                except KafkaException as error:  # assigned just now: soon
                    raise KafkaException(KafkaError(KafkaError._TIMED_OUT)) from error

    def _rebuild(self) -> None:
        self._output.rebuild()
        self._open = self._offsets_sent = False

    def _touch(self) -> None:
        """Write to every output partition, to be aborted: the markers of that abort end what the lost transaction left there.

        Kafka 4.4 was seen to give up a transaction right at its own start without writing its markers (the partitions were not online
        yet), and the next transaction of the same producer then committed those records: they were doubled. Only for a transaction
        that was given up: the one before it was then complete. Otherwise an abort could hit records that are committed already.
        """
        self._begin()
        for topic, partition in self._output.partitions(CALL):
            self._output.producer.produce(topic, partition=partition)

    def _delivered(self) -> None:
        if not self._output.delivered(CALL):
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    def _touch_offsets(self) -> None:
        """Likewise for the group's offsets; which ones, and whether the group takes them, does not matter."""
        topic, partition = self._output.partitions(CALL)[0]
        offsets, group = [TopicPartition(topic, partition, 0)], self._consumer.consumer_group_metadata()
        try:
            self._call("send_offsets_to_transaction", self._output.producer.send_offsets_to_transaction, offsets, group)
        except KafkaException as error:
            if not error.args[0].txn_requires_abort():
                raise

    # ---- errors

    def _call(self, name: str, call: Callable[..., None], *arguments: object) -> None:
        try:
            with self._lifecycle.client_call(name):
                call(*arguments, CALL)
        except KafkaException:
            self._waits_since = self._waits_since or monotonic()
            raise
        self._waits_since = 0.0

    def _go_on(self, step: Callable[[], None]) -> bool:
        """Whether the step is done. Raises ConnectorError when it never can be."""
        try:
            step()
        except KafkaException as error:
            self._sort(error.args[0])
            return False
        return True

    def _sort(self, error: KafkaError) -> None:
        """Decide what a failed call means."""
        if error.code() in NotAllowedError.NEEDED:
            raise NotAllowedError(error)
        if error.txn_requires_abort():
            log.warning("transaction aborted, its records are read again: %s (%s)", error.str(), error.name())
            self._repairs = [self._abort, self._rewind]
            return
        if error.fatal() or not (error.retriable() or error.code() in _WAIT):
            self._sort_fatal(error)
            return
        log.debug("not yet: %s (%s)", error.str(), error.name())
        if self._stalls():
            log.warning(
                "the transaction does not get on, though brokers are there: a new producer goes on in its place: %s", error.str()
            )
            self._repairs = [self._rebuild, self._init, self._rewind]

    def _stalls(self) -> bool:
        if self._brokers.trouble or self._output.leaders.trouble:  # reason enough to wait
            self._waits_since = 0.0
        if self._waits_since == 0.0 or monotonic() - self._waits_since < STALL:
            return False
        self._waits_since = 0.0
        return True

    def _sort_fatal(self, error: KafkaError) -> None:
        """A new producer goes on from what is committed, which is always safe; but not twice without a commit in between.

        Being fenced is another process's doing, unless an outage let the transaction grow so old that the broker gave it up.
        """
        if error.code() in _FENCED and not self._was_given_up():
            if time.time() - self._began >= self._transaction_timeout and monotonic() < self._doubt_end():
                return
            raise FencedError(error)
        if self._rebuilt_at == self.commits:
            raise ClientError(error)
        log.warning("the transaction is lost, a new producer goes on in its place: %s (%s)", error.str(), error.name())
        self._rebuilt_at, self._doubt_until = self.commits, 0.0
        clearing = [self._touch, self._delivered, self._touch_offsets, self._abort] if error.code() in _FENCED else []
        self._repairs = [self._rebuild, self._init, *clearing, self._rewind]

    def _was_given_up(self) -> bool:
        """Whether the broker has given up the open transaction for its age, which an outage explains."""
        return time.time() - self._began >= self._transaction_timeout and self._brokers.away_since(self._began) > 0

    def _doubt_end(self) -> float:
        self._doubt_until = self._doubt_until or monotonic() + DOUBT
        return self._doubt_until


_FENCED = {KafkaError._FENCED, KafkaError.PRODUCER_FENCED, KafkaError.INVALID_PRODUCER_EPOCH}
