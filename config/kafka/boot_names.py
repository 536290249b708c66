"""Spring Boot's names for Kafka client properties, and the Java properties that they set."""

from config.spring.types import DURATION, SIZE, TEXT, PropertyType, choice, seconds, size

_MS = PropertyType(lambda text: str(round(seconds(text) * 1000)), DURATION, "java.time.Duration")
_BYTES = PropertyType(lambda text: str(size(text)), SIZE, "org.springframework.util.unit.DataSize")
_ISOLATION = PropertyType(
    lambda text: choice("read_uncommitted", "read_committed").parse(text.replace("-", "_")),
    "read_uncommitted or read_committed",
    "java.lang.String",
)
Table = dict[str, tuple[str, PropertyType[str]]]

_SECURITY: Table = {
    "client-id": ("client.id", TEXT),
    "security.protocol": ("security.protocol", TEXT),
    "ssl.key-password": ("ssl.key.password", TEXT),
    "ssl.key-store-certificate-chain": ("ssl.keystore.certificate.chain", TEXT),
    "ssl.key-store-key": ("ssl.keystore.key", TEXT),
    "ssl.key-store-location": ("ssl.keystore.location", TEXT),
    "ssl.key-store-password": ("ssl.keystore.password", TEXT),
    "ssl.key-store-type": ("ssl.keystore.type", TEXT),
    "ssl.protocol": ("ssl.protocol", TEXT),
    "ssl.trust-store-certificates": ("ssl.truststore.certificates", TEXT),
    "ssl.trust-store-location": ("ssl.truststore.location", TEXT),
    "ssl.trust-store-password": ("ssl.truststore.password", TEXT),
    "ssl.trust-store-type": ("ssl.truststore.type", TEXT),
}
COMMON: Table = _SECURITY
ADMIN: Table = _SECURITY
CONSUMER: Table = _SECURITY | {
    "auto-commit-interval": ("auto.commit.interval.ms", _MS),
    "auto-offset-reset": ("auto.offset.reset", TEXT),
    "enable-auto-commit": ("enable.auto.commit", TEXT),
    "fetch-max-wait": ("fetch.max.wait.ms", _MS),
    "fetch-min-size": ("fetch.min.bytes", _BYTES),
    "group-id": ("group.id", TEXT),
    "heartbeat-interval": ("heartbeat.interval.ms", _MS),
    "isolation-level": ("isolation.level", _ISOLATION),
    "key-deserializer": ("key.deserializer", TEXT),
    "max-poll-interval": ("max.poll.interval.ms", _MS),
    "max-poll-records": ("max.poll.records", TEXT),
    "value-deserializer": ("value.deserializer", TEXT),
}
PRODUCER: Table = _SECURITY | {
    "acks": ("acks", TEXT),
    "batch-size": ("batch.size", _BYTES),
    "buffer-memory": ("buffer.memory", _BYTES),
    "compression-type": ("compression.type", TEXT),
    "key-serializer": ("key.serializer", TEXT),
    "retries": ("retries", TEXT),
    "value-serializer": ("value.serializer", TEXT),
}
