"""A record consumer around a client that hands over what it is given."""

from collections.abc import Callable

from confluent_kafka import OFFSET_INVALID, Consumer, KafkaError, Message, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.replaceable_consumer import ReplaceableConsumer
from connectors.consume.record_consumer import RecordConsumer
from connectors.consume.static_member import StaticMember
from tests.fakes.consume.group import Listening, make_membership


def failed(code: int, text: str = "why") -> Message:
    return Message(topic="in", partition=0, offset=7, error=KafkaError(code, text))


class Client(Consumer):
    """Hands over what it is given."""

    def __init__(self) -> None:
        super().__init__({"group.id": "g"})
        self.queue: list[Message | Exception] = []
        self.calls: list[str] = []
        self.on_poll: Callable[[], None] = lambda: None
        self.on_consume: Callable[[], None] = lambda: None
        self.offsets: dict[int, int] = {}  # that the group has committed

    def poll(self, timeout: float = -1) -> Message | None:  # noqa: ARG002 - the client's signature
        if not self.queue:
            self.on_poll()
            return None
        found = self.queue.pop(0)
        if isinstance(found, Exception):
            raise found
        return found

    def consume(self, num_messages: int = 1, timeout: float = -1) -> list[Message]:  # noqa: ARG002 - the client's signature
        taken = [found for found in self.queue[:num_messages] if isinstance(found, Message)]
        raised = [found for found in self.queue[:num_messages] if isinstance(found, Exception)]
        del self.queue[:num_messages]
        self.on_consume()
        if raised:  # the messages are gone
            raise raised[0]
        return taken

    def committed(self, partitions: list[TopicPartition], timeout: float) -> list[TopicPartition]:  # type: ignore[override]  # noqa: ARG002 - always given
        return [
            TopicPartition(
                each.topic, each.partition, self.offsets.get(each.partition, OFFSET_INVALID)
            )
            for each in partitions
        ]

    def seek(self, partition: TopicPartition) -> None:
        self.calls.append(f"seek {partition.partition} to {partition.offset}")

    def pause(self, partitions: list[TopicPartition]) -> None:
        self.calls.append(f"pause {[each.partition for each in partitions]}")

    def resume(self, partitions: list[TopicPartition]) -> None:
        self.calls.append(f"resume {[each.partition for each in partitions]}")


class Parts:
    """A record consumer and the parts that it uses."""

    def __init__(self, static_member: StaticMember | None = None) -> None:
        self.clients: list[Client] = []
        self.brokers = BrokerStatus([])
        consumer = ReplaceableConsumer(self._make, self.brokers)
        _ = consumer.client  # the first of `clients`
        committer = Listening(consumer, [])
        self.assignment, membership = make_membership(
            consumer, committer, static_member=static_member
        )
        self.input = RecordConsumer(
            consumer, self.assignment, membership, self.brokers, one_topic=True
        )

    def _make(self) -> Client:
        self.clients.append(Client())
        return self.clients[-1]

    def read(self, *found: Message | Exception) -> list[Message]:
        self.clients[-1].queue += found
        return self.input.poll(100, 0.01)
