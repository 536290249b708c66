"""The table of Kafka's Java client properties. With any other name librdkafka does not start."""

from typing import Any

from config.kafka.java_property import JavaProperty
from config.kafka.values import (
    ACKS,
    ASSIGNORS,
    BATCH,
    BUFFER,
    CIPHER_SUITES,
    FETCH,
    FILE,
    IDENTIFICATION,
    LEVEL,
    MILLISECONDS,
    OFFSET_RESET,
    PARTITIONER,
    SOCKET,
)
from config.spring.types import FLAG, TEXT, PropertyType, bounded_integer, choice, nearest, word
from config.support import Support


def _to(
    clients: str, kind: PropertyType[Any], native: str = "", producer: str = ""
) -> JavaProperty:
    return JavaProperty(Support.MAPPED, clients, native, kind, producer=producer)


def _not(verdict: Support, why: str, clients: str = "cpa") -> JavaProperty:
    return JavaProperty(verdict, clients, why=why)


def _class(*harmless: str, clients: str) -> JavaProperty:
    return JavaProperty(
        Support.IGNORED,
        clients,
        why="a Java class cannot be used here; records are bytes",
        accepted_values=harmless,
    )


_H, _I, _N, _R = Support.SUPPORTED, Support.IGNORED, Support.NO_EFFECT, Support.REJECTED
_METRICS = _not(_N, "metrics are those of the actuator")
_PLUGGED = "a Java class cannot be used here"
_PROVIDERS = _not(_I, f"{_PLUGGED}; Spring's own ${{...}} placeholders are resolved")
_KERBEROS = _not(_N, "Kerberos is refused by its mechanism")
_OAUTH = _to("cpa", TEXT)
_TOKEN = _not(_N, "librdkafka does not look into tokens; the broker does")
_REFRESH = _not(_N, "librdkafka refreshes logins by itself")

TABLE: dict[str, JavaProperty] = {
    # both sides
    "bootstrap.servers": _not(_R, "set spring.cloud.stream.kafka.binder.brokers instead"),
    "client.id": _to("cpa", TEXT),
    "client.rack": _to("c", TEXT),
    "security.protocol": _to("cpa", word("plaintext", "ssl", "sasl_plaintext", "sasl_ssl")),
    "client.dns.lookup": _to(
        "cpa", word("use_all_dns_ips", "resolve_canonical_bootstrap_servers_only")
    ),
    "metadata.max.age.ms": _to("cpa", nearest(1, 3_600_000), "topic.metadata.refresh.interval.ms"),
    "metadata.max.idle.ms": _not(_N, "librdkafka forgets topics by itself"),
    "metadata.recovery.strategy": _to("cpa", word("none", "rebootstrap")),
    "metadata.recovery.rebootstrap.trigger.ms": _to("cpa", nearest(0, 2**31 - 1)),
    "request.timeout.ms": _to(
        "cpa", nearest(10, 300_000), "socket.timeout.ms", producer="request.timeout.ms"
    ),
    "connections.max.idle.ms": _to("cpa", nearest(0, 2**31 - 1, least=-1, instead={-1: 0, 0: 1})),
    "reconnect.backoff.ms": _to("cpa", nearest(0, 3_600_000)),
    "reconnect.backoff.max.ms": _to("cpa", nearest(0, 3_600_000)),
    "retry.backoff.ms": _to("cpa", nearest(1, 300_000)),
    "retry.backoff.max.ms": _to("cpa", nearest(1, 300_000)),
    "socket.connection.setup.timeout.ms": _to("cpa", nearest(1000, 2**31 - 1)),
    "socket.connection.setup.timeout.max.ms": _not(
        _I, "librdkafka does not lengthen this time-out"
    ),
    "send.buffer.bytes": _to("cpa", SOCKET, "socket.send.buffer.bytes"),
    "receive.buffer.bytes": _to("cpa", SOCKET, "socket.receive.buffer.bytes"),
    "default.api.timeout.ms": _not(_N, "no call of this processor waits that long"),
    "enable.metrics.push": _to("cpa", FLAG),
    "metric.reporters": _METRICS,
    "metrics.num.samples": _METRICS,
    "metrics.sample.window.ms": _METRICS,
    "metrics.recording.level": _METRICS,
    "metrics.context.*": _METRICS,
    "auto.include.jmx.reporter": _METRICS,
    "interceptor.classes": _not(_I, _PLUGGED),
    "security.providers": _not(_I, _PLUGGED),
    "config.providers": _PROVIDERS,
    "config.providers.*": _PROVIDERS,
    # consumer
    "group.id": _not(_I, "the group is spring.cloud.stream.bindings.input.group", "c"),
    "group.instance.id": _to("c", TEXT),
    "group.protocol": _to("c", word("classic", "consumer")),
    "group.remote.assignor": _to("c", TEXT),
    "auto.offset.reset": _to("c", OFFSET_RESET),
    "enable.auto.commit": _not(_I, "offsets are committed once their records are delivered", "c"),
    "auto.commit.interval.ms": _not(_I, "set python-processor.commit-interval instead", "c"),
    "isolation.level": _to("c", word("read_uncommitted", "read_committed")),
    "max.poll.records": JavaProperty(
        _H,
        "c",
        kind=nearest(1, 100_000, least=1),
        why="the size of a batch, as python-processor.batch-size",
    ),
    "max.poll.interval.ms": _to("c", nearest(1, 86_400_000, least=1)),
    "session.timeout.ms": _to("c", nearest(1, 3_600_000)),
    "heartbeat.interval.ms": _to("c", nearest(1, 3_600_000)),
    "partition.assignment.strategy": _to(
        "c",
        ASSIGNORS,
    ),
    "fetch.min.bytes": _to("c", nearest(1, 100_000_000)),
    "fetch.max.wait.ms": _to("c", nearest(0, 300_000), "fetch.wait.max.ms"),
    "fetch.max.bytes": _to("c", FETCH),
    "max.partition.fetch.bytes": _to("c", nearest(1, 1_000_000_000)),
    "check.crcs": _to("c", FLAG),
    "allow.auto.create.topics": _to("c", FLAG),
    "exclude.internal.topics": _not(_N, "topics are named, not matched", "c"),
    "key.deserializer": _class("ByteArrayDeserializer", "StringDeserializer", clients="c"),
    "value.deserializer": _class("ByteArrayDeserializer", "StringDeserializer", clients="c"),
    "share.acknowledgement.mode": _not(_N, "share groups are not used", "c"),
    "internal.leave.group.on.close": _not(_N, "the group is left at every orderly stop", "c"),
    "internal.throw.on.fetch.stable.offset.unsupported": _not(
        _N, "a switch inside the Java client", "c"
    ),
    # producer
    "acks": _to("p", ACKS),
    "enable.idempotence": _to("p", FLAG),
    "retries": _to("p", MILLISECONDS),
    "delivery.timeout.ms": _to("p", MILLISECONDS, "message.timeout.ms"),
    "max.in.flight.requests.per.connection": JavaProperty(
        _I,
        "p",
        why="it is 1: with more under way the first ones to a partition can be lost (KAFKA-15591)",
        accepted_values=("1",),
    ),
    "linger.ms": _to("p", nearest(0, 900_000)),
    "batch.size": _to("p", BATCH),
    "buffer.memory": _to("p", BUFFER, "queue.buffering.max.kbytes"),
    "max.block.ms": _not(_N, "a full queue holds the input back, however long", "p"),
    "max.request.size": _to("p", nearest(1000, 1_000_000_000), "message.max.bytes"),
    "compression.type": _to("p", word("none", "gzip", "snappy", "lz4", "zstd")),
    "compression.gzip.level": _to("p", LEVEL, "compression.level"),
    "compression.lz4.level": _to("p", LEVEL, "compression.level"),
    "compression.zstd.level": _to("p", LEVEL, "compression.level"),
    "partitioner.class": _to("p", PARTITIONER, "partitioner"),
    "partitioner.ignore.keys": _not(_I, "keyed records are always placed by their key", "p"),
    "partitioner.adaptive.partitioning.enable": _not(
        _N, "records without a key go to random partitions", "p"
    ),
    "partitioner.availability.timeout.ms": _not(
        _N, "records without a key go to random partitions", "p"
    ),
    "transactional.id": _not(_I, "the binder makes it from its transaction-id-prefix", "p"),
    "transaction.timeout.ms": _to("p", nearest(1000, 2**31 - 1)),
    "transaction.two.phase.commit.enable": _not(_I, "two-phase commit is not used", "p"),
    "key.serializer": _class("ByteArraySerializer", "StringSerializer", clients="p"),
    "value.serializer": _class("ByteArraySerializer", "StringSerializer", clients="p"),
    # TLS: security.py translates these together and reads stores into PEM
    "ssl.truststore.location": _to("cpa", TEXT, "ssl.ca.pem"),
    "ssl.truststore.password": _to("cpa", TEXT, "ssl.ca.pem"),
    "ssl.truststore.certificates": _to("cpa", TEXT, "ssl.ca.pem"),
    "ssl.truststore.type": _not(_N, "a store's content tells what it is"),
    "ssl.keystore.location": _to("cpa", TEXT, "ssl.key.pem"),
    "ssl.keystore.password": _to("cpa", TEXT, "ssl.key.pem"),
    "ssl.keystore.key": _to("cpa", TEXT, "ssl.key.pem"),
    "ssl.keystore.certificate.chain": _to("cpa", TEXT, "ssl.certificate.pem"),
    "ssl.keystore.type": _not(_N, "a store's content tells what it is"),
    "ssl.key.password": _to("cpa", TEXT, "ssl.key.pem"),
    "ssl.endpoint.identification.algorithm": _to("cpa", IDENTIFICATION),
    "ssl.cipher.suites": _to("cpa", CIPHER_SUITES),
    "ssl.enabled.protocols": _not(
        _N, "OpenSSL agrees with the broker on TLS 1.2 or 1.3; a list without TLSv1.2 is refused"
    ),
    "ssl.protocol": _not(_N, "OpenSSL agrees with the broker on TLS 1.2 or 1.3"),
    "ssl.provider": _not(_N, "OpenSSL does the work"),
    "ssl.trustmanager.algorithm": _not(_N, "OpenSSL does the work"),
    "ssl.keymanager.algorithm": _not(_N, "OpenSSL does the work"),
    "ssl.secure.random.implementation": _not(_N, "OpenSSL does the work"),
    "ssl.engine.factory.class": _not(_I, _PLUGGED),
    # SASL: security.py translates these
    "sasl.mechanism": _to("cpa", TEXT),
    "sasl.jaas.config": _to("cpa", TEXT, "sasl.username and sasl.password, or sasl.oauthbearer.*"),
    "sasl.kerberos.service.name": _KERBEROS,
    "sasl.kerberos.kinit.cmd": _KERBEROS,
    "sasl.kerberos.min.time.before.relogin": _KERBEROS,
    "sasl.kerberos.ticket.renew.window.factor": _KERBEROS,
    "sasl.kerberos.ticket.renew.jitter": _KERBEROS,
    "sasl.oauthbearer.token.endpoint.url": _OAUTH,
    "sasl.oauthbearer.scope": _OAUTH,
    "sasl.oauthbearer.client.credentials.client.id": _to("cpa", TEXT, "sasl.oauthbearer.client.id"),
    "sasl.oauthbearer.client.credentials.client.secret": _to(
        "cpa", TEXT, "sasl.oauthbearer.client.secret"
    ),
    "sasl.oauthbearer.sub.claim.name": _OAUTH,
    "sasl.oauthbearer.grant.type": _to(
        "cpa", choice("client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer")
    ),
    "sasl.oauthbearer.assertion.algorithm": _to("cpa", choice("RS256", "ES256")),
    "sasl.oauthbearer.assertion.private.key.file": _to("cpa", FILE),
    "sasl.oauthbearer.assertion.private.key.passphrase": _OAUTH,
    "sasl.oauthbearer.assertion.file": _to("cpa", FILE),
    "sasl.oauthbearer.assertion.claim.aud": _OAUTH,
    "sasl.oauthbearer.assertion.claim.iss": _OAUTH,
    "sasl.oauthbearer.assertion.claim.sub": _OAUTH,
    "sasl.oauthbearer.assertion.claim.exp.seconds": _to("cpa", bounded_integer(1)),
    "sasl.oauthbearer.assertion.claim.nbf.seconds": _to("cpa", MILLISECONDS),
    "sasl.oauthbearer.assertion.claim.jti.include": _to("cpa", FLAG),
    "sasl.oauthbearer.jwt.template.file": _to(
        "cpa", FILE, "sasl.oauthbearer.assertion.jwt.template.file"
    ),
    "sasl.oauthbearer.scope.claim.name": _TOKEN,
    "sasl.oauthbearer.header.urlencode": _TOKEN,
    "sasl.oauthbearer.expected.audience": _TOKEN,
    "sasl.oauthbearer.expected.issuer": _TOKEN,
    "sasl.oauthbearer.jwks.endpoint.url": _TOKEN,
    "sasl.oauthbearer.jwks.endpoint.refresh.ms": _TOKEN,
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.ms": _TOKEN,
    "sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms": _TOKEN,
    "sasl.oauthbearer.clock.skew.seconds": _TOKEN,
    "sasl.oauthbearer.jwt.retriever.class": _not(_I, _PLUGGED),
    "sasl.oauthbearer.jwt.validator.class": _not(_I, _PLUGGED),
    "sasl.login.callback.handler.class": _class(
        "OAuthBearerLoginCallbackHandler", "JaasClientOauthLoginCallbackHandler", clients="cpa"
    ),
    "sasl.client.callback.handler.class": _not(_I, _PLUGGED),
    "sasl.login.class": _not(_I, _PLUGGED),
    "sasl.login.refresh.window.factor": _REFRESH,
    "sasl.login.refresh.window.jitter": _REFRESH,
    "sasl.login.refresh.min.period.seconds": _REFRESH,
    "sasl.login.refresh.buffer.seconds": _REFRESH,
    "sasl.login.connect.timeout.ms": _REFRESH,
    "sasl.login.read.timeout.ms": _REFRESH,
    "sasl.login.retry.backoff.ms": _REFRESH,
    "sasl.login.retry.backoff.max.ms": _REFRESH,
}


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
