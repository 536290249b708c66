"""An at-least-once committer between a fake consumer and a fake producer."""

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.commit.at_least_once import AtLeastOnceCommitter
from connectors.produce.record_producer import RecordProducer
from tests.fakes.consume.consumers import current

A, B = ("in", 0), ("in", 1)


class Broker(Consumer):
    """Takes commits; `answers` are what synchronous ones meet, in order."""

    def __init__(self, *answers: KafkaError | None) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self.sent: list[dict[tuple[str, int], int]] = []
        self.answers = list(answers)

    def commit(  # type: ignore[override]  # one overload of many
        self, *, offsets: list[TopicPartition], asynchronous: bool
    ) -> list[TopicPartition] | None:
        self.sent.append({(tp.topic, tp.partition): tp.offset for tp in offsets})
        error = self.answers.pop(0) if self.answers else None
        if error is not None:
            raise KafkaException(error)
        return None if asynchronous else offsets


class Deliveries(RecordProducer):
    """An output whose deliveries the test decides."""

    def __init__(self) -> None:
        self.confirmed = True
        self.rebuilt = 0

    def recreate(self) -> None:
        self.rebuilt += 1

    def flush(self, timeout: float) -> bool:  # noqa: ARG002 - nothing to wait for
        return self.confirmed


class AtLeastOnceTask:
    """A committer and its stand-ins."""

    def __init__(
        self, *answers: KafkaError | None, interval: float = 0, answer_timeout: float = 3600
    ) -> None:
        self.broker, self.deliveries, self.brokers = (
            Broker(*answers),
            Deliveries(),
            BrokerStatus([]),
        )
        self.committer = AtLeastOnceCommitter(
            current(self.broker),
            self.deliveries,
            self.brokers,
            interval=interval,
            answer_timeout=answer_timeout,
        )

    def answer(
        self, positions: dict[tuple[str, int], int], error: KafkaError | None = None
    ) -> None:
        self.committer.on_commit(
            error, [TopicPartition(*key, offset) for key, offset in positions.items()]
        )
