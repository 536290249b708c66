"""The transactions of an output's producer: their calls and the open transaction's state.

A call raises KafkaException when it has failed, or has to be gone on with later: called again it
goes on where it left off.
"""

import time
from collections.abc import Sequence

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committer import REQUEST_TIMEOUT_S
from connectors.produce.record_producer import RecordProducer
from connectors.records.keys import TopicPartitionKey
from runtime.lifecycle import Lifecycle

# Seconds the group's coordinator is given to take the offsets: less than a stop (25 s), more than
# it takes to come back on another node, for when the time is over the transaction is lost. No limit
# on the call itself, see config.librdkafka.client_config.
OFFSETS_TIMEOUT_S = 20.0


class Transaction:
    """One at a time; the consumer's offsets go into it with the group's metadata."""

    def __init__(
        self, consumer: ReplaceableConsumer, output: RecordProducer, lifecycle: Lifecycle
    ) -> None:
        self._consumer = consumer
        self._output = output
        self._lifecycle = lifecycle
        self.open = False
        self.began = 0.0  # when the open one did, or the last, epoch seconds
        # Whose offsets have been sent into the open one.
        self.positions: dict[TopicPartitionKey, int] = {}

    @property
    def offsets_sent(self) -> bool:
        """The transaction can only be committed now. Its outcome is unknown before the answer."""
        return bool(self.positions)

    @property
    def age(self) -> float:
        """Seconds."""
        return time.time() - self.began

    def init(self) -> None:
        """Fences and aborts whatever an earlier producer with this transactional.id left open."""
        self._call("init_transactions")

    def begin(self) -> None:
        """Begin a transaction, unless one is open. Does not block."""
        if not self.open:
            self._output.producer.begin_transaction()
            self.open, self.began = True, time.time()

    def send_offsets(self, offsets: Sequence[TopicPartition]) -> None:
        """Send the offsets into the transaction. Raises KafkaException, also to be called again."""
        group = self._consumer.client.consumer_group_metadata()
        self._call("send_offsets_to_transaction", offsets, group, timeout=OFFSETS_TIMEOUT_S)
        self.positions = {(each.topic, each.partition): each.offset for each in offsets}

    def commit(self) -> dict[TopicPartitionKey, int]:
        """Returns the positions that are committed with it."""
        self._call("commit_transaction")
        self.open, committed, self.positions = False, self.positions, {}
        return committed

    def abort(self) -> None:
        """Abort the transaction. Raises KafkaException, also to be called again."""
        self._call("abort_transaction")
        self.open, self.positions = False, {}

    def rebuild(self) -> None:
        """A new producer; init() comes next."""
        self._output.recreate()
        self.open, self.positions = False, {}

    # ---- clearing away what a transaction left that the broker gave up, before an abort

    def write_markers(self) -> None:
        """Write to each output partition and abort: this ends a lost transaction's records there.

        Kafka 4.4 was seen to give up a transaction right at its own start without writing its
        markers (the partitions were not online yet), and the next transaction of the same producer
        then committed those records: they were doubled. Only for a transaction that was given up:
        the one before it was then complete. Otherwise an abort could hit records that are committed
        already.
        """
        self.begin()
        for topic, partition in self._output.partitions():
            # a compacted topic refuses a record without a key
            self._output.producer.produce(topic, key=b"touch", partition=partition)

    def wait_for_markers(self) -> None:
        """Wait REQUEST_TIMEOUT_S for the markers' deliveries. Raises KafkaException."""
        if not self._output.flush(REQUEST_TIMEOUT_S):
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    def write_offset_marker(self) -> None:
        """Write an offset of the group, to be aborted. A refusal by the group does not matter."""
        try:
            self.write_offset(self._output.partitions()[0], 0)
        except KafkaException as error:
            if not error.args[0].txn_requires_abort():
                raise

    def write_offset(self, key: TopicPartitionKey, offset: int) -> None:
        """Have the group's coordinator take an offset, whichever; to be aborted."""
        self.begin()
        self.send_offsets([TopicPartition(*key, offset)])

    def _call(self, name: str, *arguments: object, timeout: float = REQUEST_TIMEOUT_S) -> None:
        with self._lifecycle.watch_call(name):
            getattr(self._output.producer, name)(*arguments, timeout)
