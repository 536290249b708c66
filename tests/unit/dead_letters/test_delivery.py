"""Delivery: what the errors of a producer mean, and which calls are made again."""

import signal
from collections.abc import Callable
from itertools import count
from typing import Any, cast

import pytest
from confluent_kafka import KafkaError, KafkaException

from dead_letters.cluster import Cluster
from dead_letters.errors import (
    ClusterInterruptedError,
    CommandError,
    OutdatedProgressError,
    RecordRejectedError,
)
from dead_letters.replaying import delivery, records
from dead_letters.replaying.delivery import AtLeastOnce, ExactlyOnce
from dead_letters.replaying.progress import Progress
from dead_letters.replaying.routing import Router
from dead_letters.replaying.stopping import StopRequest
from tests.support.dead_letters.letters import TOPIC, letter

TOO_LARGE = KafkaError(KafkaError.MSG_SIZE_TOO_LARGE)
GAPLESS = KafkaError(KafkaError._GAPLESS_GUARANTEE, fatal=True)
FENCED = KafkaError(KafkaError._FENCED, fatal=True)
RETRIABLE = KafkaError(KafkaError.COORDINATOR_NOT_AVAILABLE, retriable=True)
ABORT = KafkaError(KafkaError._PURGE_QUEUE, txn_requires_abort=True)
NOT_ALLOWED = KafkaError(KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
ROUTES = [
    Router(TOPIC, lambda _: 3, lambda: 3).replay(letter(offset=number)) for number in range(3)
]
PROGRESS = Progress(TOPIC, {1: 0})
Kind = type[AtLeastOnce | ExactlyOnce]


class Producer:
    """A producer whose calls raise what a test says, once each. None lets a call succeed."""

    def __init__(self, on_delivery: Callable[[KafkaError | None, Any], None]) -> None:
        self.on_delivery = on_delivery
        self.raises: dict[str, list[Exception | None]] = {}
        self.reports: list[KafkaError] = []  # delivery reports, for the next poll
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Callable[..., int]:
        def call(*_: object) -> int:
            self.calls.append(name)
            if (errors := self.raises.get(name)) and (error := errors.pop(0)):
                raise error
            if name in ("poll", "flush"):
                for report in self.reports:
                    self.on_delivery(report, None)
                self.reports.clear()
            return 0

        return call


class Group:
    """The consumer: a group whose commits succeed."""

    def consumer_group_metadata(self) -> str:
        return "metadata"

    def commit(self, **_: object) -> list[Any]:
        return []


class FakeCluster:
    """A cluster without brokers."""

    topic, group, consumer = TOPIC, f"{TOPIC}.replay", Group()

    def __init__(self) -> None:
        self.producers: list[Producer] = []

    def check(self) -> None:
        """The brokers refuse nothing."""

    def fetch_committed(self, _: object) -> list[Any]:
        return []

    def make_producer(self, on_delivery: Callable[[KafkaError | None, Any], None]) -> Producer:
        self.producers.append(Producer(on_delivery))
        return self.producers[-1]


@pytest.fixture
def cluster() -> FakeCluster:
    return FakeCluster()


def opened(
    kind: Kind, cluster: FakeCluster, stop: StopRequest | None = None
) -> tuple[AtLeastOnce | ExactlyOnce, Producer]:
    made = kind(cast("Cluster", cluster), stop or StopRequest())
    made.open()
    return made, cluster.producers[-1]


def send(made: AtLeastOnce | ExactlyOnce) -> None:
    made.send(ROUTES, [], PROGRESS)


@pytest.mark.parametrize("kind", [AtLeastOnce, ExactlyOnce])
def test_rejection_is_behind_fatal_error(kind: Kind, cluster: FakeCluster) -> None:
    """The client raises the fatal error before it has given the report of the record."""
    made, producer = opened(kind, cluster)
    producer.raises["flush"] = [KafkaException(GAPLESS)]
    producer.reports = [TOO_LARGE]
    with pytest.raises(RecordRejectedError):
        send(made)


@pytest.mark.parametrize("kind", [AtLeastOnce, ExactlyOnce])
def test_client_rejects_a_record(kind: Kind, cluster: FakeCluster) -> None:
    made, producer = opened(kind, cluster)
    producer.raises["produce"] = [BufferError(), KafkaException(TOO_LARGE)]
    with pytest.raises(RecordRejectedError):
        send(made)
    made.open()
    assert producer.calls[-2:] == ["purge", "flush"]
    send(made)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock takes a second."""
    seconds = count()
    monkeypatch.setattr(records, "monotonic", lambda: float(next(seconds)))


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("kind", [AtLeastOnce, ExactlyOnce])
def test_full_queue_is_given_up(kind: Kind, cluster: FakeCluster) -> None:
    """Records never expire, so the queue stays full during an outage."""
    made, producer = opened(kind, cluster)
    producer.raises["produce"] = [BufferError() for _ in range(1000)]
    with pytest.raises(ClusterInterruptedError, match="not delivered after 45 s"):
        send(made)


@pytest.mark.usefixtures("clock")
def test_slow_queue_is_not_given_up(cluster: FakeCluster) -> None:
    """The time-out is for each record: a slow broker may take longer for the batch."""
    made, producer = opened(AtLeastOnce, cluster)
    waits: list[Any] = [*(BufferError() for _ in range(30)), None]
    producer.raises["produce"] = waits * len(ROUTES)
    send(made)
    assert not producer.raises["produce"]


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize("kind", [AtLeastOnce, ExactlyOnce])
def test_stop_ends_wait_for_full_queue(kind: Kind, cluster: FakeCluster) -> None:
    stop = StopRequest()
    made, producer = opened(kind, cluster, stop)
    stop.number = signal.SIGTERM
    producer.raises["produce"] = [BufferError() for _ in range(40)]
    with pytest.raises(ClusterInterruptedError, match="not delivered after 5 s"):
        send(made)


@pytest.mark.usefixtures("clock")
def test_stopped_batch_is_finished(cluster: FakeCluster) -> None:
    """A batch that ends early would be sent again. The queue of a live broker soon has room."""
    stop = StopRequest()
    made, producer = opened(AtLeastOnce, cluster, stop)
    stop.number = signal.SIGTERM
    producer.raises["produce"] = [BufferError() for _ in range(3)]
    send(made)
    assert producer.calls[-1] == "flush"


@pytest.mark.parametrize("call", ["flush", "produce"])
def test_fenced_without_transactions(cluster: FakeCluster, call: str) -> None:
    """No other run can fence this one, so the run goes on with a new producer."""
    made, producer = opened(AtLeastOnce, cluster)
    producer.raises[call] = [KafkaException(FENCED)]
    with pytest.raises(ClusterInterruptedError):
        send(made)


def test_fatal_error_interrupts(cluster: FakeCluster) -> None:
    made, producer = opened(AtLeastOnce, cluster)
    producer.raises["flush"] = [KafkaException(GAPLESS)]
    with pytest.raises(ClusterInterruptedError):
        send(made)


@pytest.mark.parametrize(
    "call", ["flush", "produce", "send_offsets_to_transaction", "commit_transaction"]
)
def test_younger_run_fences(cluster: FakeCluster, call: str) -> None:
    made, producer = opened(ExactlyOnce, cluster)
    producer.raises[call] = [KafkaException(FENCED)]
    with pytest.raises(OutdatedProgressError):
        send(made)


@pytest.mark.parametrize("call", ["flush", "send_offsets_to_transaction", "commit_transaction"])
def test_fenced_after_outage(
    cluster: FakeCluster, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A broker gives up a transaction older than its time-out, and reports the same error."""
    made, producer = opened(ExactlyOnce, cluster)
    producer.raises[call] = [KafkaException(FENCED)]
    monkeypatch.setattr(delivery, "OLD_TRANSACTION_S", -1.0)
    with pytest.raises(ClusterInterruptedError):
        send(made)


def test_retriable_call_is_retried(cluster: FakeCluster) -> None:
    made, producer = opened(ExactlyOnce, cluster)
    producer.raises["commit_transaction"] = [
        KafkaException(RETRIABLE),
        KafkaException(KafkaError(KafkaError._TIMED_OUT)),
    ]
    send(made)
    assert producer.calls.count("commit_transaction") == 3


@pytest.mark.parametrize(
    ("error", "kind"), [(ABORT, ClusterInterruptedError), (NOT_ALLOWED, CommandError)]
)
def test_transaction_fails(cluster: FakeCluster, error: KafkaError, kind: type[Exception]) -> None:
    made, producer = opened(ExactlyOnce, cluster)
    producer.raises["send_offsets_to_transaction"] = [KafkaException(error)]
    with pytest.raises(kind):
        send(made)
    assert "commit_transaction" not in producer.calls
    assert ("abort_transaction" in producer.calls) == (kind is CommandError), (
        "the next producer aborts it otherwise"
    )


def test_undelivered_letters_uncommitted(cluster: FakeCluster) -> None:
    made, producer = opened(ExactlyOnce, cluster)
    send(made)
    assert producer.calls == [
        "init_transactions",
        "begin_transaction",
        *["produce"] * len(ROUTES),
        "flush",
        "send_offsets_to_transaction",
        "commit_transaction",
    ]
