"""The parts of the processor that an error of the client can come to, each around a stand-in."""

from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from functools import partial
from math import inf
from types import SimpleNamespace
from typing import Any, NamedTuple, cast

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from confluent_kafka.admin import AdminClient

from actuator.endpoints.indicators import binder, readiness
from config import Settings
from connectors.cluster.binding_errors import AdminRequestError, BindingError
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.topic_provisioner import TopicProvisioner
from connectors.commit.at_least_once import AtLeastOnceCommitter
from connectors.errors.client_exceptions import ProducerError
from connectors.errors.exceptions import ConnectorError, DeliveryError
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.monitoring.client_monitor import ClientMonitor
from connectors.monitoring.snapshot import Snapshot
from connectors.produce.record_producer import RecordProducer
from runtime.control.status import Issue, TaskState, TaskStatus
from runtime.lifecycle import Lifecycle
from tests.fakes.committers.at_least_once import AtLeastOnceTask
from tests.fakes.committers.exactly_once import ExactlyOnceTask
from tests.fakes.consume.consumers import current
from tests.fakes.consume.record_consumer import Parts

CODES = sorted(
    value for name in dir(KafkaError) if isinstance(value := getattr(KafkaError, name), int)
)


NO_ERRORS = {KafkaError.NO_ERROR, KafkaError._PARTITION_EOF}


LATER = "uses a new producer; the second time without a commit in between it ends"


class Outcome(NamedTuple):
    """What the processor does.

    `line` and `exit_code` are those of the end, where the error, or the next one like it, ends
    the process.
    """

    what: str
    health: str = ""
    line: str = ""
    exit_code: int | None = None


def ended(error: ConnectorError, what: str = "ends") -> Outcome:
    return Outcome(what, line=str(error), exit_code=int(error.exit_code))


def _health(state: TaskState, *troubles: Issue | None) -> str:
    """Health of the binder, and the answer of the readiness probe."""
    status = TaskStatus(state, troubles=tuple(filter(None, troubles)))
    probe = "200" if readiness(status, Lifecycle()).status == "UP" else "503"
    return f"{binder(Settings(), status).status}, readiness {probe}"


def joining(code: int) -> Outcome:
    """The error comes in the place of a record, before the consumer is a member of its group."""
    return _consumed(code, is_member=False)


def member(code: int) -> Outcome:
    """The error comes in the place of a record, to a member."""
    return _consumed(code, is_member=True)


def _consumed(code: int, *, is_member: bool) -> Outcome:
    parts = Parts()
    parts.brokers.consumer.reading_state.is_member = is_member
    message = Message(topic="in", partition=0, offset=7, error=KafkaError(code))
    try:
        parts.read(message)
        parts.brokers.check()
    except ConnectorError as error:
        return ended(error)
    reading = parts.brokers.consumer.reading_state
    if not is_member or not reading.is_member:
        reading.judge(set(), joins=True, held=False)
    state = TaskState.RUNNING if reading.is_member else TaskState.JOINING
    what = "uses a new consumer after 5 s" if parts.input._fatal else "waits"
    return Outcome(what, _health(state, parts.brokers.trouble, reading.trouble))


def called_back(code: int) -> Outcome:
    """The error comes to the error callback of any client."""
    brokers = BrokerStatus(["broker:9092"])
    brokers.on_error(KafkaError(code))
    try:
        brokers.check()
    except ConnectorError as error:
        return ended(error)
    return Outcome("waits", _health(TaskState.RUNNING, brokers.trouble))


def committed(code: int) -> Outcome:
    """At least once: a commit is refused for one partition."""
    task = AtLeastOnceTask()
    task.committer.mark_committable({("in", 0): 5, ("in", 1): 7})
    task.committer.commit()
    refused = cast(
        "TopicPartition", SimpleNamespace(topic="in", partition=0, offset=5, error=KafkaError(code))
    )
    task.committer.on_commit(None, [refused, TopicPartition("in", 1, 7)])
    try:
        task.committer.commit()
    except ConnectorError as error:
        return ended(error)
    return Outcome("commits again")


class _Reporting(RecordProducer):
    """An output whose producer reports one delivery."""

    def __init__(self) -> None:
        self.producer = cast("Any", SimpleNamespace(poll=lambda _: 0))
        self.delivery_error = self._postponed = None
        self._brokers, self._transactional = BrokerStatus([]), False
        self.monitor = ClientMonitor(lambda _: Snapshot(0, {}, {}, {}, {}))
        self._stall_check_at = inf
        self.undelivered = self.failed_reports = 0

    def recreate(self) -> None:
        self.delivery_error = None


def delivery(code: int) -> Outcome:
    """At least once: the error is that of a record's delivery."""
    output = _Reporting()
    committer = AtLeastOnceCommitter(
        current(Consumer({"group.id": "g"})), output, output._brokers, interval=1, answer_timeout=1
    )
    for replaced in (False, True):
        output._on_delivery(KafkaError(code), Message(topic="out", partition=0))
        try:
            output._serve(lambda _: 0, 0)
        except DeliveryError as error:
            if error.about_the_record:
                return Outcome("makes the record a dead letter")
            return ended(error)
        except ConnectorError as error:
            if not isinstance(error, ProducerError) or not committer.recover(error):
                return ended(error, LATER if replaced else "ends")
    return Outcome("reads the records of the lost transaction again")


def transaction(code: int, *, fatal: bool = False) -> Outcome:
    """Exactly once: a call for a transaction fails."""
    task = ExactlyOnceTask()
    replaced = False
    for _ in range(3):
        with suppress(Exception):
            task.move(0, 0)
        task.fail("commit", KafkaError(code, KafkaError(code).str(), fatal))
        try:
            done = task.committer.commit()
        except ConnectorError as error:
            return ended(error, LATER if replaced else "ends")
        if done:
            continue
        if task.committer._transaction.rebuild not in task.committer._recovery_steps:
            return Outcome("calls again")
        replaced = True
        task.committer._recovery_steps.clear()
        task.transactions.failures.clear()
    raise AssertionError(code)


def creation(code: int) -> Outcome:
    """While the topics are bound: the broker answers so to the creation of a topic."""

    class Metadata:
        def list_topics(self, topic: str, **_: float) -> object:
            missing = KafkaError(KafkaError.UNKNOWN_TOPIC_OR_PART)
            return SimpleNamespace(topics={topic: SimpleNamespace(error=missing, partitions={})})

    class Admin:
        def create_topics(self, wanted: list[Any]) -> dict[str, Future[None]]:
            answer: Future[None] = Future()
            answer.set_exception(KafkaException(KafkaError(code)))
            return {wanted[0].topic: answer}

    settings = Settings(
        input_destinations=("in",), output_destination="out", auto_create_topics=True
    )
    topics = TopicProvisioner(
        settings,
        current(cast("Consumer", Metadata())),
        DeadLetterQueue(settings),
        lambda: cast("AdminClient", Admin()),
    )
    try:
        topics.bind()
    except AdminRequestError as error:
        return ended(error)
    except BindingError as error:
        return Outcome("tries again", _health(TaskState.BINDING, Issue(str(error), 1.0)))
    return Outcome("takes the topic as it is", _health(TaskState.RUNNING))


PARTIES: dict[str, tuple[str, Callable[[int], Outcome]]] = {
    "consumer, joining": (
        "in the place of a record, before the consumer is a member of its group",
        joining,
    ),
    "consumer, member": ("in the place of a record", member),
    "commit": ("as the answer to a commit, at least once", committed),
    "callback": ("to the error callback of any client", called_back),
    "delivery": ("as the report of a delivery, at least once", delivery),
    "transaction": ("as the error of a call for a transaction, exactly once", transaction),
    "transaction, fatal": ("as a fatal error of such a call", partial(transaction, fatal=True)),
    "admin client": ("as the answer to the creation of a topic", creation),
}
