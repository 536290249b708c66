"""The consuming half of a lane: batches of records from the partitions that are ours."""

import time
from functools import partial
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, Message, TopicPartition

from connectors.batch import TopicPartitionKey, place
from connectors.brokers import Brokers
from connectors.clients import leaders
from connectors.consumer import CurrentConsumer
from connectors.error_remedies import cause, reason, remedy
from connectors.error_table import CONNECTION, Remedy
from connectors.errors import (
    ClientError,
    InstanceFencedError,
    NoOffsetError,
    NotAllowedError,
    OverlookedLeaderError,
    StoresChangedError,
    UnreadError,
)
from connectors.membership import Membership
from connectors.partition_ends import PartitionEnds
from runtime.status import Trouble

REPLACE_AFTER_S = 5.0  # between a fatal error that passes and the next consumer, which meets it again if it has not passed


class Input:
    """Reads through a consumer and its membership; callbacks of both run inside read() and idle()."""

    def __init__(
        self, consumer: CurrentConsumer, membership: Membership, brokers: Brokers, *, one_topic: bool, patience: float
    ) -> None:
        """`patience`: seconds in which the client has to begin with a partition (python-processor.client-call-timeout)."""
        self._consumer = consumer
        self._membership = membership
        self._brokers = brokers
        self._one_topic = one_topic
        self._patience = patience
        self._ends: dict[TopicPartitionKey, int] = {}  # of partitions read to their end since the latest read()
        self._partition_ends = PartitionEnds(membership, brokers)
        self._retried: dict[TopicPartitionKey, int] = {}  # where another consumer took over because nothing was fetched
        self._fatal = ""  # why the client reads no more
        self._replace_at = 0.0
        self.received = 0
        self.polled_at = 0.0  # monotonic seconds
        self.epoch = 0  # of the tracker, when the latest records were read

    @property
    def trouble(self) -> Trouble | None:
        return self._brokers.reading.trouble

    def assess(self) -> None:
        """Renew `trouble`."""
        reading, membership = self._brokers.reading, self._membership
        if self._brokers.trouble or not membership.is_wanted:
            reading.rest()
        else:
            self._partition_ends.refresh(self._consumer.client)
            reading.judge(membership.assigned, joins=not membership.is_fixed, held=membership.held)

    def check(self) -> None:
        """Raises ConsumerError or TopicGoneError when the client will never read on from one of its partitions."""
        if self._brokers.trouble:
            return
        if self._consumer.is_outdated:
            raise StoresChangedError
        if lost := self._brokers.leaders.overlooked(partial(leaders, self._consumer.client)):
            raise OverlookedLeaderError(lost)
        if lost := self._brokers.unread.overdue(self._membership.assigned, self._patience):
            raise UnreadError(lost, self._patience)
        stands = self._brokers.reading.standstill
        # once for each offset: a record that no consumer gets on with would end one membership after the other
        if stands and time.time() - stands.since > self._patience and self._retried.get(stands.key) != stands.offset:
            self._retried[stands.key] = stands.offset
            raise UnreadError(f"{stands.key[0]}-{stands.key[1]}", self._patience)

    def read(self, limit: int, seconds: float) -> list[Message]:
        """At most `limit` records, waiting at most `seconds` for the first.

        Raises ClientError when the client cannot go on, NotAllowedError when the broker does not let it, NoOffsetError when it is told
        not to choose where to begin.

        Never consume(limit, seconds): it would wait until there are as many.
        """
        self._membership.rejoin()
        until = monotonic() + seconds
        tracker = self._membership.tracker
        self._ends, before = {}, tracker.epoch
        first = self._poll(seconds)
        while first is not None and first.error():  # the end of a partition is no reason to call the input idle
            self._sort(first)
            first = self._poll(max(0.0, until - monotonic()))
        self.epoch = tracker.epoch
        if self.epoch != before:
            self._drop_ends()
        if first is None:
            self._restart_replaced()
            return []
        messages = [first, *self._consumer.client.consume(limit - 1, 0)] if limit > 1 else [first]
        if any(map(Message.error, messages)):
            messages = self._without_errors(messages)
        if tracker.replaced:
            self._restart_replaced()
            messages = [message for message in messages if tracker.is_current(place(message), self.epoch)]
        if self._membership.held or tracker.epoch != self.epoch:
            # a callback ran inside consume(), with these in hand, or they slipped past a hold
            self._membership.give_back(messages, self.epoch)
            self._drop_ends()
            return []
        self.received += len(messages)
        return messages

    def idle(self, seconds: float) -> None:
        """Keep the membership for a moment while the partitions are held."""
        straggler = self._poll(seconds)
        if straggler is not None:
            self._membership.give_back(self._without_errors([straggler]), self._membership.tracker.epoch)
            self._drop_ends()
        self._restart_replaced()

    def _restart_replaced(self) -> None:
        """Begin a topic that has taken another's place, of which no end counts."""
        if self._membership.tracker.replaced:
            self._drop_ends()
            self._membership.restart_replaced()

    def _drop_ends(self) -> None:
        """Have the client tell once more of the ends noted: a partition may be another owner's by now, or be ours again."""
        partitions = [TopicPartition(*key) for key in self._ends.keys() & self._membership.assigned]
        self._ends = {}
        if partitions and not self._membership.held:  # else a release does the same
            self._consumer.client.pause(partitions)
            self._consumer.client.resume(partitions)

    def _poll(self, seconds: float) -> Message | None:
        if why := self._consumer.lost:
            self._membership.renew(why)
        elif self._fatal and monotonic() >= self._replace_at:
            why, self._fatal = self._fatal, ""
            self._membership.renew(why)
        self.polled_at = monotonic()
        try:
            return self._consumer.client.poll(seconds)
        except KafkaException as error:  # a fatal error of the client is raised here, not given to error_cb
            self._sort_error(error.args[0], "")
            return None

    def positions(self, messages: list[Message]) -> dict[TopicPartitionKey, int]:
        """What may be committed once these are produced: for each partition the offset after its last one.

        Where a partition was read to its end, that end: control records of transactions come before it, and are no messages.
        """
        after = positions(messages, one_topic=self._one_topic)
        return after | {key: max(end, after.get(key, end)) for key, end in self._ends.items()} if self._ends else after

    def _without_errors(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.error():
                self._sort(message)
        return [message for message in messages if message.error() is None]

    def _sort(self, message: Message) -> None:
        """What comes in the place of a record: the end of a partition, or an error. Raises ConnectorError for one that no waiting helps."""
        error = message.error()
        if error is None:
            return
        if error.code() == KafkaError._PARTITION_EOF:
            if end := int(message.offset() or 0):  # an empty partition has nothing to be past
                self._ends[place(message)] = end
        elif error.code() == KafkaError._AUTO_OFFSET_RESET:  # only with auto.offset.reset=none; librdkafka tells it once
            raise NoOffsetError(str(message.topic()), int(message.partition() or 0), error)
        else:
            self._sort_error(error, str(message.topic()))

    def _sort_error(self, error: KafkaError, topic: str) -> None:
        """Librdkafka tells most of these once, and then tries again for ever, or never."""
        code = cause(error)
        if code in NotAllowedError.NEEDED:
            raise NotAllowedError(error, f"READ on the topic {topic}")
        if code == KafkaError.FENCED_INSTANCE_ID:
            raise InstanceFencedError(error)
        if remedy(code) not in (Remedy.WAIT, Remedy.NEW_CLIENT):
            raise ClientError(error)
        if error.fatal() or error.code() == KafkaError._FATAL or remedy(code) is Remedy.NEW_CLIENT:
            self._fatal, self._replace_at = f"the consumer has failed ({reason(error)})", monotonic() + REPLACE_AFTER_S
            self._brokers.reading.report_refusal(reason(error))
        elif self._brokers.reading.is_member or code in CONNECTION or code == KafkaError._ALL_BROKERS_DOWN:
            self._brokers.on_error(error)
        else:
            self._brokers.reading.report_refusal(reason(error))


def positions(messages: list[Message], *, one_topic: bool) -> dict[TopicPartitionKey, int]:
    """For each partition the offset after its last message."""
    # asked for the partition alone where that tells them apart: it is the cheapest question, and put for every record
    keys = map(Message.partition, messages) if one_topic else map(place, messages)
    last = dict(zip(keys, messages, strict=True))
    return {place(message): int(message.offset() or 0) + 1 for message in last.values()}
