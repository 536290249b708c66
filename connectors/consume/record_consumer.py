"""The consuming half of a lane: batches of records from the partitions that are ours."""

from time import monotonic

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.consume.assignment import PartitionAssignment
from connectors.consume.group_membership import GroupMembership
from connectors.consume.pausing import resume
from connectors.errors.client_exceptions import (
    ClientError,
    InstanceFencedError,
    OffsetOutOfRangeError,
    PermissionDeniedError,
)
from connectors.errors.lookup import cause, reason, remedy
from connectors.errors.table import CONNECTION, Remedy
from connectors.records.keys import TopicPartitionKey, topic_partition

# Between a fatal error that passes and the next consumer, which meets it again if it has not
# passed.
REPLACE_AFTER_S = 5.0


class RecordConsumer:
    """Reads through a consumer and its membership; callbacks of both run inside poll() and
    poll_paused().
    """

    def __init__(
        self,
        consumer: ReplaceableConsumer,
        assignment: PartitionAssignment,
        membership: GroupMembership,
        brokers: BrokerStatus,
        *,
        one_topic: bool,
    ) -> None:
        """`one_topic`: the number of a partition tells which it is."""
        self._consumer = consumer
        self._assignment = assignment
        self._membership = membership
        self._brokers = brokers
        self._monitor = brokers.consumer
        self._one_topic = one_topic
        # Of partitions read to their end since the latest poll().
        self._ends: dict[TopicPartitionKey, int] = {}
        self._fatal = ""  # why the client reads no more
        self._replace_at = 0.0
        self.received = 0
        self.polled_at = 0.0  # monotonic seconds
        self.epoch = 0  # of the tracker, when the latest records were read

    def poll(self, limit: int, seconds: float) -> list[Message]:
        """At most `limit` records, waiting at most `seconds` for the first.

        Raises ClientError when the client cannot go on, PermissionDeniedError when the broker does
        not let it, OffsetOutOfRangeError when it is told not to choose where to begin.

        Never consume(limit, seconds): it would wait until there are as many.
        """
        if self._membership.rejoin_due:
            self._membership.resubscribe()
        until = monotonic() + seconds
        tracker = self._assignment.tracker
        self._ends, before = {}, tracker.epoch
        first = self._poll(seconds)
        # The end of a partition is no reason to call the input idle.
        while first is not None and first.error():
            self._sort(first)
            first = self._poll(max(0.0, until - monotonic()))
        self.epoch = tracker.epoch
        if self.epoch != before:
            self._drop_ends()
        if first is None:
            if tracker.replaced:
                self._restart_replaced()
            return []
        messages = [first, *self._consumer.client.consume(limit - 1, 0)] if limit > 1 else [first]
        if any(map(Message.error, messages)):
            messages = self._without_errors(messages)
        if tracker.replaced:
            self._restart_replaced()
            messages = [
                message
                for message in messages
                if tracker.is_current(topic_partition(message), self.epoch)
            ]
        if self._assignment.pause_reasons or tracker.epoch != self.epoch:
            # a callback ran inside consume(), with these in hand, or they slipped past a hold
            self._assignment.seek_back(messages, self.epoch)
            self._drop_ends()
            return []
        self.received += len(messages)
        return messages

    def poll_paused(self, seconds: float) -> None:
        """Keep the membership for a moment while the partitions are held."""
        straggler = self._poll(seconds)
        if straggler is not None:
            self._assignment.seek_back(
                self._without_errors([straggler]), self._assignment.tracker.epoch
            )
            self._drop_ends()
        if self._assignment.tracker.replaced:
            self._restart_replaced()

    def _restart_replaced(self) -> None:
        """Begin a topic that has taken another's place, of which no end counts."""
        self._drop_ends()
        self._assignment.restart_replaced()

    def _drop_ends(self) -> None:
        """Have the client tell once more of the ends noted: a partition may be another owner's by
        now, or be ours again.
        """
        partitions = [TopicPartition(*key) for key in self._ends.keys() & self._assignment.assigned]
        self._ends = {}
        if partitions and not self._assignment.pause_reasons:  # else a release does the same
            self._consumer.client.pause(partitions)
            resume(self._consumer.client, partitions)

    def _poll(self, seconds: float) -> Message | None:
        if self._monitor.lost:
            self._membership.replace(self._monitor.lost)
        elif self._fatal and monotonic() >= self._replace_at:
            why, self._fatal = self._fatal, ""
            self._membership.replace(why)
        self.polled_at = monotonic()
        try:
            return self._consumer.client.poll(seconds)
        # A fatal error of the client is raised here, not given to error_cb.
        except KafkaException as error:
            self._sort_error(error.args[0], "")
            return None

    def next_offsets(self, messages: list[Message]) -> dict[TopicPartitionKey, int]:
        """What may be committed once these are produced: for each partition the offset after its
        last one.

        Where a partition was read to its end, that end: control records of transactions come before
        it, and are no messages.
        """
        # Asked for the partition alone where that tells them apart: the cheapest question, put for
        # every record.
        key_of = Message.partition if self._one_topic else topic_partition
        after = {}
        for message in dict(zip(map(key_of, messages), messages, strict=True)).values():
            after[topic_partition(message)] = int(message.offset() or 0) + 1
        for key, end in self._ends.items():
            after[key] = max(end, after.get(key, end))
        return after

    def _without_errors(self, messages: list[Message]) -> list[Message]:
        records = []
        for message in messages:
            if message.error():
                self._sort(message)
            else:
                records.append(message)
        return records

    def _sort(self, message: Message) -> None:
        """What comes in the place of a record: the end of a partition, or an error. Raises
        ConnectorError for one that no waiting helps.
        """
        error = message.error()
        if error is None:
            return
        if error.code() == KafkaError._PARTITION_EOF:
            if end := int(message.offset() or 0):  # an empty partition has nothing to be past
                self._ends[topic_partition(message)] = end
        # Only with auto.offset.reset=none; librdkafka tells it once.
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise OffsetOutOfRangeError(str(message.topic()), int(message.partition() or 0), error)
        else:
            self._sort_error(error, str(message.topic()))

    def _sort_error(self, error: KafkaError, topic: str) -> None:
        """Librdkafka tells most of these once, and then tries again for ever, or never."""
        code = cause(error)
        if code in PermissionDeniedError.NEEDED:
            raise PermissionDeniedError(error, f"READ on the topic {topic}")
        if code == KafkaError.FENCED_INSTANCE_ID:
            if not self._membership.may_take_back():
                raise InstanceFencedError(error)
            self._fatal, self._replace_at = (
                f"the consumer was fenced ({reason(error)})",
                monotonic(),
            )
            return
        if remedy(code) not in (Remedy.WAIT, Remedy.NEW_CLIENT):
            raise ClientError(error)
        if error.fatal() or error.code() == KafkaError._FATAL or remedy(code) is Remedy.NEW_CLIENT:
            self._fatal, self._replace_at = (
                f"the consumer has failed ({reason(error)})",
                monotonic() + REPLACE_AFTER_S,
            )
            self._monitor.reading_state.report_refusal(reason(error))
        elif (
            self._monitor.reading_state.is_member
            or code in CONNECTION
            or code == KafkaError._ALL_BROKERS_DOWN
        ):
            self._brokers.on_error(error)
        else:
            self._monitor.reading_state.report_refusal(reason(error))
