"""The table of Kafka's Java client properties. With any other name librdkafka does not start."""

from config.kafka.assignors import ASSIGNORS
from config.kafka.java_property import JavaProperty, mapped, unmapped
from config.kafka.security_properties import SECURITY
from config.kafka.values import (
    ACKS,
    BATCH,
    BUFFER,
    FETCH,
    LEVEL,
    MILLISECONDS,
    OFFSET_RESET,
    PARTITIONER,
    SOCKET,
    TIMEOUT,
)
from config.spring.types import FLAG, TEXT, nearest, word
from config.support import Support


def _class(kind: str, clients: str) -> JavaProperty:
    package = "org.apache.kafka.common.serialization"
    return JavaProperty(
        Support.IGNORED,
        clients,
        why="a Java class cannot be used here; records are bytes",
        accepted_values=(f"{package}.ByteArray{kind}", f"{package}.String{kind}"),
    )


_H, _I, _N, _R = Support.SUPPORTED, Support.IGNORED, Support.NO_EFFECT, Support.REJECTED
_METRICS = unmapped(_N, "metrics are those of the actuator")
_PLUGGED = "a Java class cannot be used here"
_PROVIDERS = unmapped(_I, f"{_PLUGGED}; Spring's own ${{...}} placeholders are resolved")

TABLE: dict[str, JavaProperty] = {
    # both sides
    "bootstrap.servers": unmapped(_R, "set spring.cloud.stream.kafka.binder.brokers instead"),
    "client.id": mapped("cpa", TEXT),
    "client.rack": mapped("c", TEXT),
    "security.protocol": mapped("cpa", word("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")),
    "client.dns.lookup": mapped(
        "cpa", word("use_all_dns_ips", "resolve_canonical_bootstrap_servers_only")
    ),
    "metadata.max.age.ms": mapped(
        "cpa", nearest(1, 3_600_000), "topic.metadata.refresh.interval.ms"
    ),
    "metadata.max.idle.ms": unmapped(_N, "librdkafka forgets topics by itself"),
    "metadata.recovery.strategy": mapped("cpa", word("none", "rebootstrap")),
    "metadata.recovery.rebootstrap.trigger.ms": mapped("cpa", nearest(0, 2**31 - 1)),
    "request.timeout.ms": mapped(
        "cpa", nearest(10, 300_000), "socket.timeout.ms", producer="request.timeout.ms"
    ),
    "connections.max.idle.ms": mapped(
        "cpa", nearest(0, 2**31 - 1, least=-1, instead={-1: 0, 0: 1})
    ),
    "reconnect.backoff.ms": mapped("cpa", nearest(0, 3_600_000)),
    "reconnect.backoff.max.ms": mapped("cpa", nearest(0, 3_600_000)),
    "retry.backoff.ms": mapped("cpa", nearest(1, 300_000)),
    "retry.backoff.max.ms": mapped("cpa", nearest(1, 300_000)),
    "socket.connection.setup.timeout.ms": mapped("cpa", nearest(1000, 2**31 - 1)),
    "socket.connection.setup.timeout.max.ms": unmapped(
        _I, "librdkafka does not lengthen this time-out"
    ),
    "send.buffer.bytes": mapped("cpa", SOCKET, "socket.send.buffer.bytes"),
    "receive.buffer.bytes": mapped("cpa", SOCKET, "socket.receive.buffer.bytes"),
    "default.api.timeout.ms": unmapped(_N, "no call of this processor waits that long"),
    "enable.metrics.push": mapped("cpa", FLAG),
    "metric.reporters": _METRICS,
    "metrics.num.samples": _METRICS,
    "metrics.sample.window.ms": _METRICS,
    "metrics.recording.level": _METRICS,
    "metrics.context.*": _METRICS,
    "auto.include.jmx.reporter": _METRICS,
    "interceptor.classes": unmapped(_I, _PLUGGED),
    "config.providers": _PROVIDERS,
    "config.providers.*": _PROVIDERS,
    # consumer
    "group.id": unmapped(_I, "the group is spring.cloud.stream.bindings.input.group", "c"),
    "group.instance.id": mapped("c", TEXT),
    "group.protocol": mapped("c", word("classic", "consumer")),
    "group.remote.assignor": mapped("c", TEXT),
    "auto.offset.reset": mapped("c", OFFSET_RESET),
    "enable.auto.commit": unmapped(
        _I, "offsets are committed once their records are delivered", "c"
    ),
    "auto.commit.interval.ms": unmapped(_I, "set python-processor.commit-interval instead", "c"),
    "isolation.level": mapped("c", word("read_uncommitted", "read_committed")),
    "max.poll.records": JavaProperty(
        _H,
        "c",
        kind=nearest(1, 100_000, least=1),
        why="the size of a batch, as python-processor.batch-size",
    ),
    "max.poll.interval.ms": mapped("c", nearest(1, 86_400_000, least=1)),
    "session.timeout.ms": mapped("c", nearest(1, 3_600_000)),
    "heartbeat.interval.ms": mapped("c", nearest(1, 3_600_000)),
    "partition.assignment.strategy": mapped(
        "c",
        ASSIGNORS,
    ),
    "fetch.min.bytes": mapped("c", nearest(1, 100_000_000)),
    "fetch.max.wait.ms": mapped("c", nearest(0, 300_000), "fetch.wait.max.ms"),
    "fetch.max.bytes": mapped("c", FETCH),
    "max.partition.fetch.bytes": mapped("c", nearest(1, 1_000_000_000)),
    "check.crcs": mapped("c", FLAG),
    "allow.auto.create.topics": mapped("c", FLAG),
    "exclude.internal.topics": unmapped(_N, "topics are named, not matched", "c"),
    "key.deserializer": _class("Deserializer", clients="c"),
    "value.deserializer": _class("Deserializer", clients="c"),
    "share.acknowledgement.mode": unmapped(_N, "share groups are not used", "c"),
    "internal.leave.group.on.close": unmapped(_N, "the group is left at every orderly stop", "c"),
    "internal.throw.on.fetch.stable.offset.unsupported": unmapped(
        _N, "a switch inside the Java client", "c"
    ),
    # producer
    "acks": mapped("p", ACKS),
    "enable.idempotence": mapped("p", FLAG),
    "retries": mapped("p", MILLISECONDS),
    "delivery.timeout.ms": mapped("p", TIMEOUT, "message.timeout.ms"),
    "max.in.flight.requests.per.connection": JavaProperty(
        _I,
        "p",
        why="it is 1: with more under way the first ones to a partition can be lost (KAFKA-15591)",
        accepted_values=("1",),
    ),
    "linger.ms": mapped("p", nearest(0, 900_000)),
    "batch.size": mapped("p", BATCH),
    "buffer.memory": mapped("p", BUFFER, "queue.buffering.max.kbytes"),
    "max.block.ms": unmapped(_N, "a full queue holds the input back, however long", "p"),
    "max.request.size": mapped("p", nearest(1000, 1_000_000_000), "message.max.bytes"),
    "compression.type": mapped("p", word("none", "gzip", "snappy", "lz4", "zstd")),
    "compression.gzip.level": mapped("p", LEVEL, "compression.level"),
    "compression.lz4.level": mapped("p", LEVEL, "compression.level"),
    "compression.zstd.level": mapped("p", LEVEL, "compression.level"),
    "partitioner.class": mapped("p", PARTITIONER, "partitioner"),
    "partitioner.ignore.keys": unmapped(_I, "keyed records are always placed by their key", "p"),
    "partitioner.adaptive.partitioning.enable": unmapped(
        _N, "records without a key go to random partitions", "p"
    ),
    "partitioner.availability.timeout.ms": unmapped(
        _N, "records without a key go to random partitions", "p"
    ),
    "transactional.id": unmapped(_I, "the binder makes it from its transaction-id-prefix", "p"),
    "transaction.timeout.ms": mapped("p", nearest(1000, 2**31 - 1)),
    "transaction.two.phase.commit.enable": unmapped(_I, "two-phase commit is not used", "p"),
    "key.serializer": _class("Serializer", clients="p"),
    "value.serializer": _class("Serializer", clients="p"),
} | SECURITY


def row_of(name: str) -> JavaProperty | None:
    """Return the row of a property, or None for an unknown one.

    Args:
        name: Java's name.
    """
    maps = (
        row
        for pattern, row in TABLE.items()
        if pattern.endswith(".*") and name.startswith(pattern[:-1])
    )
    return TABLE.get(name) or next(maps, None)
