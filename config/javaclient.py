"""Kafka's Java client properties, and what becomes of each in librdkafka: one table.

librdkafka refuses to start with a name it does not know, so nothing is passed on that is not in this table. Names, ranges and the
meaning of each come from the documentation of both clients.
"""

from enum import StrEnum
from typing import Any, NamedTuple

from config.convert import FLAG, TEXT, Kind, choice, integer, items, whole

Native = str | int | float | bool


class Verdict(StrEnum):
    """What becomes of a property."""

    HONOURED = "honoured"  # does here what it does in Spring or Java
    TRANSLATED = "translated"  # handed to librdkafka under its name there
    IGNORED = "ignored"  # dropped; one warning says why
    NEEDLESS = "needless"  # dropped without a word: it has no meaning here, and nothing is missing without it
    REFUSED = "refused"  # the processor does not start


class Row(NamedTuple):
    """One Java client property. `clients` are those it applies to: c(onsumer), p(roducer), a(dmin)."""

    verdict: Verdict
    clients: str
    native: str = ""  # the name in librdkafka, if another
    kind: Kind[Any] = TEXT
    why: str = ""
    producer: str = ""  # the name in librdkafka's producer, if another


def _to(clients: str, kind: Kind[Any], native: str = "", producer: str = "") -> Row:
    return Row(Verdict.TRANSLATED, clients, native, kind, producer=producer)


def _not(verdict: Verdict, why: str, clients: str = "cpa") -> Row:
    return Row(verdict, clients, why=why)


def _acks(text: str) -> str:
    word = text.strip().lower()
    if word not in {"all", "-1", "0", "1"}:
        raise ValueError(text)
    return "all" if word == "-1" else word


def _offset_reset(text: str) -> str:
    word = text.strip().lower()
    if word not in {"earliest", "latest", "none"}:
        raise ValueError(text)
    return "error" if word == "none" else word


def _assignors(text: str) -> str:
    """Java class names or librdkafka's short ones; an eager and a cooperative one cannot be mixed in librdkafka, the eager ones win.

    Java's StickyAssignor has no counterpart; `range` is what such a member of a mixed group falls back to.
    """
    short = {
        "rangeassignor": "range",
        "roundrobinassignor": "roundrobin",
        "cooperativestickyassignor": "cooperative-sticky",
        "stickyassignor": "range",
    }
    names = [item.rpartition(".")[2].lower() for item in items(text)]
    wanted = dict.fromkeys(short.get(name, name) for name in names)
    if not wanted or not wanted.keys() <= {"range", "roundrobin", "cooperative-sticky"}:
        raise ValueError(text)
    if len(wanted) > 1:
        wanted.pop("cooperative-sticky", None)
    return ",".join(wanted)


def _partitioner(text: str) -> str:
    known = {"defaultpartitioner": "murmur2_random", "uniformstickypartitioner": "murmur2_random"}
    return known[text.rpartition(".")[2].strip().lower()]


def _buffer(text: str) -> int:
    """Bytes of a socket buffer; -1 is the operating system's default, which is 0 in librdkafka."""
    return max(0, whole(-1, 100_000_000).parse(text))


def _kilobytes(text: str) -> int:
    if (number := integer(text)) < 1:
        raise ValueError(text)
    return max(1, min(number // 1024, 2**31 - 1))


_MS = whole(0)
_TICK = whole(1)
_ASSIGNORS = Kind(
    _assignors, "RangeAssignor, RoundRobinAssignor, CooperativeStickyAssignor, StickyAssignor (as range)", "java.util.List"
)
_PARTITIONER = Kind(_partitioner, "DefaultPartitioner or UniformStickyPartitioner", "java.lang.Class")
_BATCH = Kind(lambda text: max(1, _MS.parse(text)), _MS.allowed, "java.lang.Integer")  # Java's 0, no batches, is librdkafka's 1
_BUFFER = Kind(_kilobytes, "a whole number of bytes from 1 up", "java.lang.Long")
_SOCKET = Kind(_buffer, "a whole number of bytes from -1 (the system's default) to 100000000", "java.lang.Integer")
_H, _I, _N, _R = Verdict.HONOURED, Verdict.IGNORED, Verdict.NEEDLESS, Verdict.REFUSED
_METRICS = _not(_N, "metrics are those of the actuator")
_PLUGGED = "a Java class cannot be used here"

TABLE: dict[str, Row] = {
    # both sides
    "bootstrap.servers": _not(_R, "set spring.cloud.stream.kafka.binder.brokers instead"),
    "client.id": _to("cpa", TEXT),
    "client.rack": _to("c", TEXT),
    "security.protocol": _to("cpa", choice("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")),
    "client.dns.lookup": _to("cpa", choice("use_all_dns_ips", "resolve_canonical_bootstrap_servers_only")),
    "metadata.max.age.ms": _to("cpa", whole(1, 3_600_000), "topic.metadata.refresh.interval.ms"),
    "metadata.max.idle.ms": _not(_N, "librdkafka forgets topics by itself"),
    "metadata.recovery.strategy": _to("cpa", choice("none", "rebootstrap")),
    "metadata.recovery.rebootstrap.trigger.ms": _to("cpa", _MS),
    "request.timeout.ms": _to("cpa", whole(10, 300_000), "socket.timeout.ms", producer="request.timeout.ms"),
    "connections.max.idle.ms": _to("cpa", _MS),
    "reconnect.backoff.ms": _to("cpa", whole(0, 3_600_000)),
    "reconnect.backoff.max.ms": _to("cpa", whole(0, 3_600_000)),
    "retry.backoff.ms": _to("cpa", whole(1, 300_000)),
    "retry.backoff.max.ms": _to("cpa", whole(1, 300_000)),
    "socket.connection.setup.timeout.ms": _to("cpa", whole(1000)),
    "socket.connection.setup.timeout.max.ms": _not(_I, "librdkafka does not lengthen this time-out"),
    "send.buffer.bytes": _to("cpa", _SOCKET, "socket.send.buffer.bytes"),
    "receive.buffer.bytes": _to("cpa", _SOCKET, "socket.receive.buffer.bytes"),
    "default.api.timeout.ms": _not(_N, "no call of this processor waits that long"),
    "enable.metrics.push": _to("cpa", FLAG),
    "metric.reporters": _METRICS,
    "metrics.num.samples": _METRICS,
    "metrics.sample.window.ms": _METRICS,
    "metrics.recording.level": _METRICS,
    "auto.include.jmx.reporter": _METRICS,
    "interceptor.classes": _not(_I, _PLUGGED),
    "security.providers": _not(_I, _PLUGGED),
    "config.providers": _not(_I, f"{_PLUGGED}; Spring's own ${{...}} placeholders are resolved"),
    # consumer
    "group.id": _not(_I, "the group is spring.cloud.stream.bindings.input.group", "c"),
    "group.instance.id": _to("c", TEXT),
    "group.protocol": _to("c", choice("classic", "consumer")),
    "group.remote.assignor": _to("c", TEXT),
    "auto.offset.reset": _to("c", Kind(_offset_reset, "earliest, latest or none", "java.lang.String")),
    "enable.auto.commit": _not(_I, "offsets are committed once their records are delivered", "c"),
    "auto.commit.interval.ms": _not(_I, "set python-processor.commit-interval instead", "c"),
    "isolation.level": _to("c", choice("read_uncommitted", "read_committed")),
    "max.poll.records": Row(_H, "c", kind=whole(1, 100_000), why="the size of a batch, as python-processor.batch-size"),
    "max.poll.interval.ms": _to("c", whole(1, 86_400_000)),
    "session.timeout.ms": _to("c", whole(1, 3_600_000)),
    "heartbeat.interval.ms": _to("c", whole(1, 3_600_000)),
    "partition.assignment.strategy": _to(
        "c",
        _ASSIGNORS,
    ),
    "fetch.min.bytes": _to("c", whole(1, 100_000_000)),
    "fetch.max.wait.ms": _to("c", whole(0, 300_000), "fetch.wait.max.ms"),
    "fetch.max.bytes": _to("c", whole(0, 2_147_483_135)),
    "max.partition.fetch.bytes": _to("c", whole(1, 1_000_000_000)),
    "check.crcs": _to("c", FLAG),
    "allow.auto.create.topics": _to("c", FLAG),
    "exclude.internal.topics": _not(_N, "topics are named, not matched", "c"),
    "key.deserializer": _not(_N, "keys are bytes here, passed on as they are", "c"),
    "value.deserializer": _not(_N, "values are bytes here, handed to the function as they are", "c"),
    "share.acknowledgement.mode": _not(_N, "share groups are not used", "c"),
    "internal.leave.group.on.close": _not(_N, "the group is left at every orderly stop", "c"),
    "internal.throw.on.fetch.stable.offset.unsupported": _not(_N, "a switch inside the Java client", "c"),
    # producer
    "acks": _to("p", Kind(_acks, "all, 1 or 0", "java.lang.String")),
    "enable.idempotence": _to("p", FLAG),
    "retries": _to("p", _MS),
    "delivery.timeout.ms": _to("p", _MS, "message.timeout.ms"),
    "max.in.flight.requests.per.connection": _to("p", whole(1, 1_000_000)),
    "linger.ms": _to("p", whole(0, 900_000)),
    "batch.size": _to("p", _BATCH),
    "buffer.memory": _to("p", _BUFFER, "queue.buffering.max.kbytes"),
    "max.block.ms": _not(_N, "a full queue holds the input back, however long", "p"),
    "max.request.size": _to("p", whole(1000, 1_000_000_000), "message.max.bytes"),
    "compression.type": _to("p", choice("none", "gzip", "snappy", "lz4", "zstd")),
    "compression.gzip.level": _to("p", whole(-1, 9), "compression.level"),
    "compression.lz4.level": _to("p", whole(1, 17), "compression.level"),
    "compression.zstd.level": _to("p", whole(-131072, 22), "compression.level"),
    "partitioner.class": _to("p", _PARTITIONER, "partitioner"),
    "partitioner.ignore.keys": _not(_I, "keyed records are always placed by their key", "p"),
    "partitioner.adaptive.partitioning.enable": _not(_N, "records without a key go to random partitions", "p"),
    "partitioner.availability.timeout.ms": _not(_N, "records without a key go to random partitions", "p"),
    "transactional.id": _not(_I, "the binder makes it from its transaction-id-prefix", "p"),
    "transaction.timeout.ms": _to("p", whole(1000)),
    "transaction.two.phase.commit.enable": _not(_I, "two-phase commit is not used", "p"),
    "key.serializer": _not(_N, "keys are bytes here", "p"),
    "value.serializer": _not(_N, "values are bytes here", "p"),
}
