"""An exactly-once committer between a fake consumer and a fake producer."""

from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition

from connectors.cluster.broker_status import BrokerStatus
from connectors.commit.exactly_once import ExactlyOnceCommitter
from connectors.produce.record_producer import RecordProducer
from runtime.lifecycle import Lifecycle
from tests.fakes.consume.consumers import current
from tests.fakes.messages import batch, message

A, B = ("in", 0), ("in", 1)
INIT, BEGIN, OFFSETS, COMMIT, ABORT = "init", "begin", "offsets", "commit", "abort"
REBUILD = "rebuild"


def retriable(code: int = KafkaError.COORDINATOR_LOAD_IN_PROGRESS) -> KafkaError:
    return KafkaError(code, "later", False, True)  # noqa: FBT003 - the library's signature: fatal, retriable, abortable


def abortable(code: int = KafkaError.UNKNOWN_MEMBER_ID) -> KafkaError:
    return KafkaError(code, "abort", False, False, True)  # noqa: FBT003 - see above


def fatal(code: int = KafkaError.INVALID_TXN_STATE) -> KafkaError:
    return KafkaError(code, "fatal", True)  # noqa: FBT003 - see above


FENCED = KafkaError._FENCED


class Group(Consumer):
    """A consumer of two partitions; `offsets` are what the group has committed."""

    def __init__(self) -> None:
        super().__init__({"bootstrap.servers": "", "group.id": "g"})
        self.offsets: dict[tuple[str, int], int] = {}
        self.sought: list[tuple[tuple[str, int], int]] = []
        self.failures: list[KafkaError] = []  # that asking for the committed offsets meets

    def assignment(self) -> list[TopicPartition]:
        return [TopicPartition(*A), TopicPartition(*B)]

    def committed(
        self,
        partitions: list[TopicPartition],
        timeout: float = 0,  # noqa: ARG002 - the client's signature
    ) -> list[TopicPartition]:
        if self.failures:
            raise KafkaException(self.failures.pop(0))
        return [
            TopicPartition(
                tp.topic, tp.partition, self.offsets.get((tp.topic, tp.partition), -1001)
            )
            for tp in partitions
        ]

    def seek(self, partition: TopicPartition) -> None:
        self.sought.append(((partition.topic, partition.partition), partition.offset))

    def consumer_group_metadata(self) -> object:
        return "group"


class Transactions:
    """A transactional producer: writes down what it is asked for.

    `failures` are what the calls of a name meet, in order.
    """

    def __init__(self, group: Group) -> None:
        self._group = group
        self.calls: list[str] = []
        self.failures: dict[str, list[KafkaError]] = {}
        self.sent: dict[tuple[str, int], int] = {}

    def _ask(self, call: str) -> None:
        self.calls.append(call)
        if self.failures.get(call):
            raise KafkaException(self.failures[call].pop(0))

    def init_transactions(self, _timeout: float) -> None:
        self._ask(INIT)

    def begin_transaction(self) -> None:
        self._ask(BEGIN)

    def send_offsets_to_transaction(
        self, offsets: list[TopicPartition], group: object, _timeout: float
    ) -> None:
        assert group == "group"
        self._ask(OFFSETS)
        self.sent = {(tp.topic, tp.partition): tp.offset for tp in offsets}

    def commit_transaction(self, _timeout: float) -> None:
        self._ask(COMMIT)
        self._group.offsets |= self.sent

    def abort_transaction(self, _timeout: float) -> None:
        self._ask(ABORT)

    def produce(self, topic: str, key: bytes, partition: int) -> None:
        assert key
        self._ask(f"touch {topic}-{partition}")


class Deliveries(RecordProducer):
    """An output around that producer."""

    def __init__(self, transactions: Transactions) -> None:
        self.producer: Any = transactions

    def recreate(self) -> None:
        self.producer.calls.append(REBUILD)

    def flush(self, timeout: float) -> bool:  # noqa: ARG002 - nothing to wait for
        return True

    def partitions(self) -> list[tuple[str, int]]:
        return [("out", 0)]


class ExactlyOnceTask:
    """A ready committer and its stand-ins; it treats batches as a stream task does."""

    def __init__(self, interval: float = 0, transaction_timeout: float = 60) -> None:
        self.group, self.brokers, self.lifecycle = Group(), BrokerStatus([]), Lifecycle()
        self.transactions = Transactions(self.group)
        self.committer = ExactlyOnceCommitter(
            current(self.group),
            Deliveries(self.transactions),
            self.brokers,
            self.lifecycle,
            interval=interval,
            transaction_timeout=transaction_timeout,
        )
        assert self.committer.ready()
        self.transactions.calls.clear()

    def fail(self, call: str, *errors: KafkaError) -> None:
        self.transactions.failures[call] = list(errors)

    def take(self, first: int, last: int, partition: int = 0) -> None:
        """Hand out a batch of these offsets and produce the first part of it."""
        self.batch = batch(*(message(b"", offset, partition) for offset in range(first, last + 1)))
        self.committer.track(self.batch)
        self.committer.before_produce()

    def move(self, first: int, last: int, partition: int = 0) -> None:
        """A batch is produced whole."""
        self.take(first, last, partition)
        self.committer.after_produce()
        self.committer.mark_committable(self.batch.next_offsets)

    def calls(self) -> list[str]:
        """Since the last time."""
        made, self.transactions.calls[:] = list(self.transactions.calls), []
        return made


# A write that the group's coordinator takes, and is up to date from there on.
PROOF = [BEGIN, OFFSETS, ABORT]


class Behind(ExactlyOnceTask):
    """Both partitions return, committed up to 10; the broker reports another offset for one."""

    def __init__(self, *, reported: int | None) -> None:
        super().__init__()
        self.move(0, 9)
        self.move(0, 9, partition=1)
        self.committer.commit()
        self.committer.drop([A, B])
        self.group.offsets = {B: 10} if reported is None else {A: reported, B: 10}
        self.committer.on_assigned([A, B])
        self.calls()

    @property
    def starts(self) -> dict[tuple[str, int], int]:
        return dict(self.group.sought)


class Returning(ExactlyOnceTask):
    """A transaction is open.

    And a partition comes back that was committed before, which the next commit would look into
    first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.move(0, 9, partition=1)
        self.committer.commit()
        self.committer.drop([B])
        self.calls()
        self.take(0, 4)
        self.committer.on_assigned([B])
