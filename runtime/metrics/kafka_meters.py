"""The meters of the Kafka clients, with the names that Micrometer gives those of Java's clients."""

from runtime.metrics.meter import Kind, Meter

_G, _C = Kind.GAUGE, Kind.COUNTER
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


CONSUMER = [
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

PRODUCER = [
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
