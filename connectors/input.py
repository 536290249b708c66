"""The consuming half of a lane: batches of records from the partitions that are ours."""

from functools import partial

from confluent_kafka import KafkaError, KafkaException, Message

from connectors.batch import TopicPartitionKey, place
from connectors.brokers import Brokers
from connectors.clients import leaders
from connectors.consumer import CurrentConsumer
from connectors.errors import ClientError, NoOffsetError, NotAllowedError, OverlookedLeaderError, UnreadError
from connectors.membership import Membership


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
        self.received = 0
        self.epoch = 0  # of the tracker, when the latest records were read

    def check(self) -> None:
        """Raises ConsumerError or TopicGoneError when the client will never read on from one of its partitions."""
        if self._brokers.trouble:
            return
        if lost := self._brokers.leaders.overlooked(partial(leaders, self._consumer.client)):
            raise OverlookedLeaderError(lost)
        if lost := self._brokers.unread.overdue(self._membership.assigned, self._patience):
            raise UnreadError(lost, self._patience)

    def read(self, limit: int, seconds: float) -> list[Message]:
        """At most `limit` records, waiting at most `seconds` for the first.

        Raises ClientError when the client cannot go on, NotAllowedError when the broker does not let it, NoOffsetError when it is told
        not to choose where to begin.

        Never consume(limit, seconds): it would wait until there are as many.
        """
        self._membership.rejoin()
        first = self._poll(seconds)
        tracker = self._membership.tracker
        epoch = tracker.epoch
        if first is None:
            self._membership.restart_replaced()
            return []
        messages = [first, *self._consumer.client.consume(limit - 1, 0)] if limit > 1 else [first]
        if any(map(Message.error, messages)):
            messages = self._without_errors(messages)
        if tracker.replaced:
            self._membership.restart_replaced()
            messages = [message for message in messages if tracker.is_current(place(message), epoch)]
        if self._membership.held or tracker.epoch != epoch:
            self._membership.give_back(
                messages, epoch
            )  # a callback ran inside consume(), with these in hand, or they slipped past a hold
            return []
        self.received += len(messages)
        self.epoch = epoch
        return messages

    def idle(self, seconds: float) -> None:
        """Keep the membership for a moment while the partitions are held."""
        straggler = self._poll(seconds)
        if straggler is not None:
            self._membership.give_back(self._without_errors([straggler]), self._membership.tracker.epoch)
        self._membership.restart_replaced()

    def _poll(self, seconds: float) -> Message | None:
        if why := self._consumer.lost:
            self._membership.renew(why)
        try:
            return self._consumer.client.poll(seconds)
        except KafkaException as error:  # a fatal error of the client is raised here, not given to error_cb
            raise ClientError(error.args[0]) from error

    def positions(self, messages: list[Message]) -> dict[TopicPartitionKey, int]:
        """What may be committed once these are produced: for each partition the offset after its last one."""
        return positions(messages, one_topic=self._one_topic)

    def _without_errors(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if error := message.error():
                if error.fatal():
                    raise ClientError(error)
                if error.code() in NotAllowedError.NEEDED:  # librdkafka would try again for ever and tell once
                    raise NotAllowedError(error, f"READ on the topic {message.topic()}")
                if error.code() == KafkaError._AUTO_OFFSET_RESET:  # only with auto.offset.reset=none; likewise
                    raise NoOffsetError(str(message.topic()), int(message.partition() or 0), error)
                self._brokers.on_error(error)
        return [message for message in messages if message.error() is None]


def positions(messages: list[Message], *, one_topic: bool) -> dict[TopicPartitionKey, int]:
    """For each partition the offset after its last message."""
    # asked for the partition alone where that tells them apart: it is the cheapest question, and put for every record
    keys = map(Message.partition, messages) if one_topic else map(place, messages)
    last = dict(zip(keys, messages, strict=True))
    return {place(message): int(message.offset() or 0) + 1 for message in last.values()}
