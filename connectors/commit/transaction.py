"""The transactions of the task's producer: the client's calls, and the transaction's state.

A call raises KafkaException if it has failed or has to be continued. Called again, it goes on where
it stopped. Each call blocks for REQUEST_TIMEOUT_S at most, unless stated otherwise.
"""

from collections.abc import Sequence
from math import inf

from confluent_kafka import KafkaError, KafkaException, TopicPartition

from connectors.cluster.broker_status import boot_time
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.commit.committer import REQUEST_TIMEOUT_S
from connectors.produce.record_producer import RecordProducer
from connectors.records.messages import TopicPartitionKey
from runtime.lifecycle import Lifecycle

# How long the group's coordinator may take to accept the offsets. After this time the transaction
# is given up. A stop may take longer (25 s), and a move of the coordinator takes less.
# config.librdkafka.client_config limits the call itself.
OFFSETS_TIMEOUT_S = 20.0


class Transaction:
    """One transaction at a time. It commits the consumer's offsets with the group's metadata.

    All methods run on the task's thread.
    """

    def __init__(
        self, consumer: ReplaceableConsumer, output: RecordProducer, lifecycle: Lifecycle
    ) -> None:
        """Start without a transaction.

        Args:
            consumer: Has the group's metadata.
            output: Owns the producer.
            lifecycle: Watches the calls, which may hang.
        """
        self._consumer = consumer
        self._output = output
        self._lifecycle = lifecycle
        self.open = False
        self.began = -inf  # start of the open transaction, or of the last one; boot time
        # The offsets that are sent into the open transaction.
        self.positions: dict[TopicPartitionKey, int] = {}

    @property
    def offsets_sent(self) -> bool:
        """Whether offsets were sent. The transaction then has to be committed, not aborted.

        Its outcome is unknown until the broker answers.
        """
        return bool(self.positions)

    @property
    def age(self) -> float:
        """Seconds since the open transaction, or the last one, began."""
        return boot_time() - self.began

    def init(self) -> None:
        """Fence an earlier producer with this transactional.id and abort its open transaction."""
        self._call("init_transactions")

    def begin(self) -> None:
        """Begin a transaction, unless one is open. Does not block."""
        if not self.open:
            self._output.producer.begin_transaction()
            self.open, self.began = True, boot_time()

    def send_offsets(self, offsets: Sequence[TopicPartition]) -> None:
        """Send the offsets into the transaction. Blocks for OFFSETS_TIMEOUT_S at most.

        Raises KafkaException.
        """
        group = self._consumer.client.consumer_group_metadata()
        self._call("send_offsets_to_transaction", offsets, group, timeout=OFFSETS_TIMEOUT_S)
        self.positions = {(each.topic, each.partition): each.offset for each in offsets}

    def commit(self) -> dict[TopicPartitionKey, int]:
        """Commit the transaction. Returns the offsets that are committed with it."""
        self._call("commit_transaction")
        self.open, committed, self.positions = False, self.positions, {}
        return committed

    def abort(self) -> None:
        """Abort the transaction. Raises KafkaException."""
        self._call("abort_transaction")
        self.open, self.positions = False, {}

    def rebuild(self) -> None:
        """Make a new producer. The next call has to be init()."""
        self._output.recreate()
        self.open, self.positions = False, {}

    # ---- clearing what a transaction has left that the broker gave up

    def write_markers(self) -> None:
        """Write a record to each output partition, in a transaction that is then aborted.

        The abort markers end what a lost transaction has left open there.

        Kafka 4.4 was seen to give up a transaction at its own start without writing the markers:
        the partitions were not online yet. The next transaction of the same producer then committed
        those records, and they were doubled.

        Call this only after the broker has given up a transaction. Then the one before it is
        complete. Otherwise the abort could hit records that are committed already.
        """
        self.begin()
        for topic, partition in self._output.partitions():
            # With a key, because a compacted topic refuses a record without one.
            self._output.producer.produce(topic, key=b"touch", partition=partition)

    def wait_for_markers(self) -> None:
        """Wait until the records of write_markers() are delivered. Raises KafkaException."""
        if not self._output.flush(REQUEST_TIMEOUT_S):
            raise KafkaException(KafkaError(KafkaError._TIMED_OUT))

    def write_offset_marker(self) -> None:
        """Write an offset of the group, in a transaction that is then aborted.

        The group may refuse the offset. Its coordinator has been asked all the same.
        """
        try:
            self.write_offset(self._output.partitions()[0], 0)
        except KafkaException as error:
            if not error.args[0].txn_requires_abort():
                raise

    def write_offset(self, key: TopicPartitionKey, offset: int) -> None:
        """Have the group's coordinator accept any offset, in a transaction that is then aborted."""
        self.begin()
        self.send_offsets([TopicPartition(*key, offset)])

    def _call(self, name: str, *arguments: object, timeout: float = REQUEST_TIMEOUT_S) -> None:
        with self._lifecycle.watch_call(name):
            getattr(self._output.producer, name)(*arguments, timeout)
