"""Every meter there is: its name as Micrometer writes it, what kind it is, its unit, the tags of
its own, and its help.

What a lane knows travels as Samples in its TaskStatus; the rest is read when somebody asks.
docs/metrics.md is made from this list.
"""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Kinds of meters; the values are Prometheus' types."""

    GAUGE = "gauge"
    COUNTER = "counter"
    TIMER = "summary"  # its samples are a count, a total in seconds and a maximum


class Statistic(StrEnum):
    """What a sample says of its meter, in Micrometer's words."""

    VALUE = "VALUE"
    COUNT = "COUNT"
    TOTAL_TIME = "TOTAL_TIME"
    MAX = "MAX"


class Sample(NamedTuple):
    """One figure; `meter` is the name of a declared one, `tags` are those of its own."""

    meter: str
    value: float
    tags: tuple[tuple[str, str], ...] = ()
    statistic: Statistic = Statistic.VALUE


class Meter(NamedTuple):
    """The declaration of a meter."""

    name: str
    kind: Kind
    help: str
    unit: str = ""
    tags: tuple[str, ...] = ()

    @property
    def prometheus_name(self) -> str:
        """Micrometer's naming convention for Prometheus: snake case, then the unit, then `_total`
        for a counter.
        """
        name = self.name.replace(".", "_")
        unit = "seconds" if self.kind is Kind.TIMER else self.unit
        suffixes = [unit, *(["total"] if self.kind is Kind.COUNTER else [])]
        for suffix in filter(None, suffixes):
            name = name if name.endswith(f"_{suffix}") else f"{name}_{suffix}"
        return name


_G, _C, _T = Kind.GAUGE, Kind.COUNTER, Kind.TIMER
_CLIENT = ("client.id",)
_TOPIC = ("client.id", "topic")
_PARTITION = ("client.id", "topic", "partition")
_WINDOW = "of the last 30 s"
_FETCH = "kafka.consumer.fetch.manager"
_COORDINATOR = "kafka.consumer.coordinator"


def _rate(name: str, what: str, tags: tuple[str, ...] = _CLIENT) -> list[Meter]:
    return [
        Meter(f"{name}.total", _C, f"{what}, in all.", tags=tags),
        Meter(f"{name}.rate", _G, f"{what}, per second, {_WINDOW}.", tags=tags),
    ]


def _window(name: str, what: str, tags: tuple[str, ...] = _CLIENT) -> list[Meter]:
    return [
        Meter(f"{name}.avg", _G, f"{what}: the average {_WINDOW}.", tags=tags),
        Meter(f"{name}.max", _G, f"{what}: the largest {_WINDOW}.", tags=tags),
    ]


def _client(side: str) -> list[Meter]:
    return [
        *_rate(f"kafka.{side}.request", f"Requests of the {side} to brokers"),
        *_rate(f"kafka.{side}.response", f"Responses of brokers to the {side}"),
        *_rate(f"kafka.{side}.network.io", f"Requests and responses of the {side}"),
        *_rate(f"kafka.{side}.outgoing.byte", f"Bytes the {side} has sent to brokers"),
        *_rate(f"kafka.{side}.incoming.byte", f"Bytes the {side} has received from brokers"),
        Meter(
            f"kafka.{side}.connection.count",
            _G,
            f"Brokers the {side} is connected to.",
            tags=_CLIENT,
        ),
    ]


_STREAM = [
    Meter(
        "spring.integration.send",
        _T,
        "Records by channel: `input` counts those processed (failure: attempts of the function "
        "that raised), `output` those produced, "
        "`errorChannel` those given up (dead letters, skipped); the handler `function` counts "
        "calls of the steps. Times are taken per "
        "batch; the maximum, of the last one to two minutes, is of the batches' averages per "
        "record.",
        "seconds",
        ("type", "name", "result", "exception"),
    ),
    Meter("spring.integration.channels", _G, "Channels: input, output, errorChannel."),
    Meter("spring.integration.handlers", _G, "Handlers: the steps of the flow are one."),
    Meter("spring.integration.sources", _G, "Sources that are polled: none in a processor."),
    Meter(
        "spring.cloud.stream.binder.kafka.offset",
        _G,
        "Records of this instance's partitions that the group has not committed, as of the last "
        "fetch: it stands still in a pause.",
        tags=("group", "topic"),
    ),
    Meter("python.processor.batches", _C, "Batches that have gone through the flow."),
    Meter("python.processor.records.dropped", _C, "Records a step has dropped on purpose."),
    Meter(
        "python.processor.last.commit.age",
        _G,
        "Time since the broker last confirmed a commit.",
        "seconds",
    ),
    Meter("python.processor.broker.away", _G, "1 while no broker can be reached, else 0."),
    Meter(
        "python.processor.state",
        _G,
        "1 for the state the lane is in, 0 for the others.",
        tags=("state",),
    ),
]

_CONSUMER = [
    Meter(
        f"{_FETCH}.records.lag",
        _G,
        "Records of a partition that have not been read yet.",
        tags=_PARTITION,
    ),
    *_window(
        f"{_FETCH}.records.lag", "Records of a partition that have not been read yet", _PARTITION
    ),
    *_rate(f"{_FETCH}.records.consumed", "Records fetched from brokers", _TOPIC),
    *_rate(f"{_FETCH}.bytes.consumed", "Bytes of the records fetched", _TOPIC),
    *_rate(f"{_FETCH}.fetch", "Fetch requests"),
    *_window(
        f"{_FETCH}.fetch.latency",
        "Milliseconds a broker took to answer, the wait for records included",
    ),
    *_window(f"{_FETCH}.fetch.throttle.time", "Milliseconds a broker has throttled the consumer"),
    Meter(
        f"{_COORDINATOR}.assigned.partitions",
        _G,
        "Partitions assigned to this instance.",
        tags=_CLIENT,
    ),
    Meter(
        f"{_COORDINATOR}.rebalance.total",
        _C,
        "Rebalances of the group this instance took part in.",
        tags=_CLIENT,
    ),
    Meter(
        f"{_COORDINATOR}.last.rebalance.seconds.ago",
        _G,
        "Seconds since the last rebalance.",
        tags=_CLIENT,
    ),
    Meter(f"{_COORDINATOR}.commit.total", _C, "Commits the broker has confirmed."),
    *_client("consumer"),
]

_PRODUCER = [
    *_rate("kafka.producer.record.send", "Records sent"),
    *_rate("kafka.producer.record.error", "Records that could not be delivered"),
    *_rate("kafka.producer.record.retry", "Produce requests that were sent again"),
    Meter(
        "kafka.producer.record.size.avg",
        _G,
        f"Bytes of a record: the average {_WINDOW}.",
        tags=_CLIENT,
    ),
    *_window("kafka.producer.record.queue.time", "Milliseconds a record waited for its request"),
    *_window("kafka.producer.request.latency", "Milliseconds a broker took to answer"),
    *_window(
        "kafka.producer.produce.throttle.time", "Milliseconds a broker has throttled the producer"
    ),
    *_window("kafka.producer.batch.size", "Bytes of a producer's batch"),
    Meter(
        "kafka.producer.records.per.request.avg",
        _G,
        f"Records of a produce request: the average {_WINDOW}.",
        tags=_CLIENT,
    ),
    Meter(
        "kafka.producer.requests.in.flight",
        _G,
        "Requests that wait for their response.",
        tags=_CLIENT,
    ),
    Meter(
        "kafka.producer.buffer.available",
        _G,
        "Room left in the producer's queue.",
        "bytes",
        _CLIENT,
    ),
    Meter("kafka.producer.buffer.total", _G, "Size of the producer's queue.", "bytes", _CLIENT),
    *_client("producer"),
]

_PROCESS = [
    Meter("process.cpu.usage", _G, "Share of all CPUs that this process used, lately (0 to 1)."),
    Meter("process.cpu.time", _C, "CPU time this process has used.", "ns"),
    Meter("process.files.open", _G, "Open file descriptors.", "files"),
    Meter("process.files.max", _G, "Most file descriptors there may be.", "files"),
    Meter("process.start.time", _G, "When the process started, since the epoch.", "seconds"),
    Meter("process.uptime", _G, "Time since the process started.", "seconds"),
    Meter("system.cpu.count", _G, "CPUs this process may use."),
    Meter(
        "system.cpu.usage", _G, "Share of all CPUs that the whole machine used, lately (0 to 1)."
    ),
    Meter("system.load.average.1m", _G, "Load of the machine, averaged over a minute."),
    Meter(
        "jvm.memory.used",
        _G,
        "No JVM: resident memory of the Python process, under the name that dashboards ask for.",
        "bytes",
        ("area", "id"),
    ),
    Meter("jvm.memory.committed", _G, "No JVM: the same.", "bytes", ("area", "id")),
    Meter(
        "jvm.memory.max",
        _G,
        "No JVM: the memory limit of the container, or the memory of the machine.",
        "bytes",
        ("area", "id"),
    ),
    Meter(
        "jvm.threads.live",
        _G,
        "No JVM: threads of the Python process, the Kafka client's among them, under the name "
        "that dashboards ask for.",
        "threads",
    ),
    Meter(
        "jvm.threads.daemon",
        _G,
        "No JVM: threads that do not keep the process alive, which are all but the main one.",
        "threads",
    ),
    Meter("jvm.threads.peak", _G, "No JVM: the most threads that a scrape has seen.", "threads"),
    Meter("python.gc.collections", _C, "Runs of Python's garbage collector.", tags=("generation",)),
    Meter(
        "python.info",
        _G,
        "Versions of Python and of the Kafka client; always 1.",
        tags=("version", "implementation", "librdkafka"),
    ),
    Meter(
        "logback.events",
        _C,
        "Log lines by level, counted where they are written.",
        "events",
        ("level",),
    ),
]

METERS = {meter.name: meter for meter in (*_STREAM, *_CONSUMER, *_PRODUCER, *_PROCESS)}
# By the section of docs/metrics.md.
SECTIONS = {
    "The stream": _STREAM,
    "The consumer": _CONSUMER,
    "The producer": _PRODUCER,
    "The process": _PROCESS,
}
