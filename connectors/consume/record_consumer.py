"""The consuming half of a task: batches of records from the assigned partitions."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
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
from connectors.records.messages import TopicPartitionKey, topic_partition

REPLACE_AFTER_S = 5.0  # after a fatal error: sooner, the next consumer would meet the same one


class RecordConsumer:
    """Reads records. Callbacks of the client run inside poll() and poll_paused().

    All methods run on the task's thread.
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
        """Prepare; nothing is read yet.

        Args:
            consumer: The task's consumer.
            assignment: Its partitions.
            membership: Joins again with a replaced consumer.
            brokers: Gets errors of connections.
            one_topic: Whether all records are of one topic, so that a partition's number names it.
        """
        self._consumer = consumer
        self._assignment = assignment
        self._membership = membership
        self._brokers = brokers
        self._monitor = brokers.consumer
        self._one_topic = one_topic
        # The ends of partitions that were read to their end since the latest poll().
        self._ends: dict[TopicPartitionKey, int] = {}
        self._fatal = ""  # why the client has to be replaced
        self._replace_at = 0.0
        self.received = 0
        self.polled_at = 0.0  # monotonic seconds
        self.epoch = 0  # of the tracker, when the latest records were read

    def poll(self, limit: int, seconds: float) -> list[Message]:  # noqa: C901 - each helper would be a call per turn
        """Return at most `limit` records, waiting at most `seconds` for the first.

        Never calls consume(limit, seconds): that would wait until there are as many.

        Args:
            limit: The most records to return.
            seconds: How long to wait.

        Raises:
            ClientError: The client cannot go on.
            PermissionDeniedError: The broker does not allow it.
            OffsetOutOfRangeError: No offset is committed, and auto.offset.reset chooses none.
        """
        if self._membership.rejoin_due:
            self._membership.resubscribe()
        until = monotonic() + seconds
        tracker = self._assignment.tracker
        self._ends, before = {}, tracker.epoch
        first = self._poll(seconds)
        # After the end of one partition, another one may have records.
        while first is not None and first.error():
            self._sort(first)
            first = self._poll(max(0.0, until - monotonic()))
        self.epoch = tracker.epoch
        if self.epoch != before:
            self._drop_ends()
        if first is None:
            if tracker.awaiting_start:
                self._start_awaiting()
            return []
        messages, held = [first], self._assignment.assigned
        if limit > 1:
            try:
                messages += self._consumer.client.consume(limit - 1, 0)
            # As in _poll. The client drops these records, and a new consumer reads them again.
            except KafkaException as error:
                self._sort_error(error.args[0], "")
                self._fatal = ""
                self._membership.replace(f"the consumer has failed ({reason(error.args[0])})")
                return []
        if any(map(Message.error, messages)):
            messages = self._without_errors(messages)
        if self._assignment.pause_reasons or tracker.epoch != self.epoch:
            # a callback ran inside consume(), or the records arrived in spite of a pause
            self._give_back(messages, held)
            messages = []
        if tracker.awaiting_start:
            messages = self._start_awaiting(messages)
            if tracker.epoch != self.epoch:
                self._give_back(messages, held)
                return []
        self.received += len(messages)
        return messages

    def _give_back(self, messages: list[Message], held: AbstractSet[TopicPartitionKey]) -> None:
        """Read these records again. `held`: the partitions assigned before they were read."""
        self._assignment.seek_back(messages, self.epoch, held)
        self._drop_ends()

    def poll_paused(self, seconds: float) -> None:
        """Poll while the partitions are paused, to stay in the group.

        A record that arrives all the same is read again later.

        Args:
            seconds: How long to block at most.
        """
        straggler = self._poll(seconds)
        if straggler is not None:
            # `self.epoch` stays: it belongs to the batch that may be in flight.
            records = self._without_errors([straggler])
            self._assignment.seek_back(records, self._assignment.tracker.epoch)
            self._drop_ends()
        if self._assignment.tracker.awaiting_start:
            self._start_awaiting()

    def _start_awaiting(self, messages: Iterable[Message] = ()) -> list[Message]:
        """Start partitions whose start was unknown, or whose topic was created again.

        Ends noted before do not count.

        Returns:
            The messages that are still to be processed. The client reads the others again.
        """
        self._drop_ends()
        self._assignment.start_awaiting()
        is_current = self._assignment.tracker.is_current
        return [message for message in messages if is_current(topic_partition(message), self.epoch)]

    def _drop_ends(self) -> None:
        """Forget the noted ends, and have the client report them again.

        The partitions may belong to another member by now, or may have been assigned again.
        """
        partitions = [TopicPartition(*key) for key in self._ends.keys() & self._assignment.assigned]
        self._ends = {}
        if partitions and not self._assignment.pause_reasons:  # resume() does the same later
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
        # Fatal errors of the client are raised here. error_cb does not get them.
        except KafkaException as error:
            self._sort_error(error.args[0], "")
            return None

    def next_offsets(self, messages: list[Message]) -> dict[TopicPartitionKey, int]:
        """Return the offsets to commit once these records are produced.

        A partition's offset is the one after its last record, or its end if it was read to its end.
        Control records of transactions come before the end, and are no messages.

        Args:
            messages: The latest result of `poll`.
        """
        # This runs for every record, and the partition alone is the cheapest key.
        key_of = Message.partition if self._one_topic else topic_partition
        after = {}
        for message in dict(zip(map(key_of, messages), messages, strict=True)).values():
            after[topic_partition(message)] = int(message.offset() or 0) + 1
        for key, end in self._ends.items():
            after[key] = max(end, after.get(key, end))
        return after

    def _without_errors(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.error():
                self._sort(message)
        return [message for message in messages if not message.error()]

    def _sort(self, message: Message) -> None:
        """Handle a message that is no record: the end of a partition, or an error.

        Raises ConnectorError for an error that does not pass.
        """
        error = message.error()
        if error is None:
            return
        if error.code() == KafkaError._PARTITION_EOF:
            if end := int(message.offset() or 0):  # an empty partition has no end to commit
                self._ends[topic_partition(message)] = end
        # Only with auto.offset.reset=none. Librdkafka reports it once.
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:
            raise OffsetOutOfRangeError(str(message.topic()), int(message.partition() or 0), error)
        else:
            self._sort_error(error, message.topic() or "")

    def _sort_error(self, error: KafkaError, topic: str) -> None:
        """Decide what an error means.

        librdkafka reports most of these once, and then retries for ever or never.
        """
        code = cause(error)
        if code in PermissionDeniedError.NEEDED:
            raise PermissionDeniedError(error, f"READ on the topic {topic}" if topic else "")
        if code == KafkaError.FENCED_INSTANCE_ID:
            if not self._membership.may_take_back():
                raise InstanceFencedError(error)
            self._replace_in(0.0, f"the consumer was fenced ({reason(error)})")
            return
        if remedy(code) not in (Remedy.WAIT, Remedy.NEW_CLIENT):
            raise ClientError(error)
        if error.fatal() or error.code() == KafkaError._FATAL or remedy(code) is Remedy.NEW_CLIENT:
            self._replace_in(REPLACE_AFTER_S, f"the consumer has failed ({reason(error)})")
        elif (
            self._assignment.is_fixed
            or self._monitor.reading_state.is_member
            or code in CONNECTION
            or code == KafkaError._ALL_BROKERS_DOWN
        ):
            self._brokers.on_error(error)
            return
        if not self._assignment.is_fixed:
            self._monitor.reading_state.report_refusal(reason(error))

    def _replace_in(self, seconds: float, why: str) -> None:
        self._fatal, self._replace_at = why, monotonic() + seconds
