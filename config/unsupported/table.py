"""Properties of Spring's Kafka support that Settings lacks: one table.

A name that ends in `.*` is a whole map. In a map, `*` may be followed by the end of its keys. To
support a property, move it from here to Settings. A test compares both with the names in Spring's
documentation.
"""

from typing import NamedTuple

from config.support import Support

_I, _N, _R = Support.IGNORED, Support.NO_EFFECT, Support.REJECTED


class Unsupported(NamedTuple):
    """Why a property has no effect here, and the values that ask for what is done in any case."""

    verdict: Support
    why: str
    # What is done in any case, in lower case. A test judges each value by what the program does.
    accepted_values: tuple[str, ...] = ()
    # Whether this is the prefix of a part that is absent: `enabled=false` below asks for nothing.
    is_absent: bool = False
    is_asked_by_empty: bool = False  # whether an empty value asks for something; refused ones do


_BEAN = Unsupported(_I, "it names a Spring bean, and there are none here")
_EXPRESSION = Unsupported(
    _R,
    "it names a class or bean in Java: set partition-key-expression and "
    "partition-selector-expression",
    ("",),
)
_ONE_INDEX = Unsupported(_I, "an instance has one index: spring.cloud.stream.instance-index")
_SUPPLIER = Unsupported(_N, "for sources only")
_BYTES = Unsupported(_N, "values are bytes here, handed to the function as they are")
_KAFKA_HEADERS = Unsupported(_R, "only Kafka's own headers are read and written", ("headers", ""))
_DEAD = Unsupported(_I, "it has had no effect since Spring Cloud Stream 2")
_ZOOKEEPER = Unsupported(_N, "Kafka has no ZooKeeper any more")
_LAG = Unsupported(_N, "metrics are computed when they are read")
_OWN_BROKERS = Unsupported(
    _R, "all clients have the same brokers: set spring.kafka.bootstrap-servers"
)
_ONE_TOPIC = Unsupported(
    _R,
    "input and output would be one topic: set spring.cloud.stream.bindings.input.destination and "
    "output.destination",
)
_LISTENER = Unsupported(
    _I, "there is no listener container here; set the binding's consumer properties"
)
_NAMED_BINDING = Unsupported(
    _R,
    "the bindings here are called input and output: set spring.cloud.stream.bindings.input.* "
    "and output.*",
)
# For a key of a map that is ignored otherwise.
SECURITY = Unsupported(
    _R,
    "all clients have the same security: set it in spring.cloud.stream.kafka.binder.configuration",
)

_CONSUMER = {
    "instance-index": Unsupported(_I, "set spring.cloud.stream.instance-index", ("-1",)),
    "instance-count": Unsupported(_I, "set spring.cloud.stream.instance-count", ("-1",)),
    "instance-index-list": _ONE_INDEX,
    "retry-template-name": _BEAN,
    "header-mode": _KAFKA_HEADERS._replace(accepted_values=("headers", "none", "")),
    "use-native-decoding": _BYTES,
    "batch-mode": Unsupported(_I, "the function gets one value at a time", ("false",)),
}
_PRODUCER = {
    "auto-startup": Unsupported(_I, "the output is always started", ("true",)),
    "partition-key-extractor-name": _EXPRESSION,
    "partition-key-extractor-class": _EXPRESSION,
    "partition-selector-name": _EXPRESSION,
    "partition-selector-class": _EXPRESSION,
    "dynamic-partition-updates-enabled": Unsupported(
        _I,
        "a partitioned output's partitions are counted when it is bound; restart after adding some",
        ("false",),
    ),
    "required-groups": Unsupported(
        _N,
        "the Kafka binder has no use for it either: a topic keeps its records for groups to come",
    ),
    "header-mode": _KAFKA_HEADERS,
    "use-native-encoding": _BYTES,
    "error-channel-enabled": Unsupported(
        _N, "a delivery that fails ends the processor, uncommitted"
    ),
    "poller.*": _SUPPLIER,
}
_KAFKA_CONSUMER = {
    "ack-mode": Unsupported(
        _I,
        "records are committed once they are delivered: see python-processor.commit-interval",
        ("batch",),
    ),
    "ack-each-record": Unsupported(
        _I,
        "records are committed once they are delivered: see python-processor.commit-interval",
        ("false",),
    ),
    "auto-commit-offset": Unsupported(
        _I, "records are committed once they are delivered", ("true",)
    ),
    "auto-commit-on-error": Unsupported(_N, "for polled consumers only"),
    "dlq-producer-properties.*": Unsupported(
        _I, "dead letters share the output's producer, so that they are committed together"
    ),
    "standard-headers": Unsupported(
        _N, "Spring's own headers exist only inside a Spring application"
    ),
    "trusted-packages": Unsupported(_N, "no Java object is made from a header"),
    "converter-bean-name": _BEAN,
    "idle-event-interval": Unsupported(_N, "there is nobody to hear these events"),
    "poll-timeout": Unsupported(_N, "for polled consumers only"),
    "transaction-manager": _BEAN,
    "tx-commit-recovered": Unsupported(
        _N, "a dead letter and its offset are always committed together", ("true",)
    ),
    "common-error-handler-bean-name": _BEAN,
    "recovery-interval": Unsupported(_N, "the binder does not use it either"),
    "reactive-auto-commit": Unsupported(_N, "for the reactive binder only"),
    "reactive-at-most-once": Unsupported(_N, "for the reactive binder only"),
}
_KAFKA_PRODUCER = {
    "sync": Unsupported(_N, "every delivery is confirmed before its record is committed"),
    "send-timeout-expression": Unsupported(
        _N, "deliveries do not expire; to let them, set delivery.timeout.ms"
    ),
    "header-patterns": Unsupported(
        _R, "all headers are passed on but those that Java never sends; allowed is *", ("*",)
    ),
    "use-topic-header": Unsupported(_R, "all records go to the output's topic", ("false", "")),
    "record-metadata-channel": _BEAN,
    "transaction-manager": _BEAN,
    "close-timeout": Unsupported(_I, "set spring.lifecycle.timeout-per-shutdown-phase", ("0",)),
    "allow-non-transactional": Unsupported(
        _N, "every record is part of a transaction, if there are any", ("false",)
    ),
}
_BINDER = {
    "headers": Unsupported(_N, "all headers are carried"),
    "header-mapper-bean-name": _BEAN,
    "health-timeout": Unsupported(_N, "health never waits for a broker"),
    "consider-down-when-any-partition-has-no-leader": Unsupported(
        _I, "health looks at the partitions this processor uses"
    ),
    "health-indicator-consumer-group": Unsupported(_N, "health needs no consumer of its own"),
    "enable-observation": Unsupported(
        _I, "there is no tracing here; tracing headers are passed on", ("false",)
    ),
    "authorization-exception-retry-interval": Unsupported(
        _I, "a refused permission ends the processor; the platform starts it again"
    ),
    "certificate-store-directory": Unsupported(_N, "stores are read where they are"),
    "metrics.default-offset-lag-metrics-enabled": _LAG,
    "metrics.offset-lag-metrics-interval": _LAG,
    "transaction.producer.*": Unsupported(
        _I, "set the output binding's own producer properties: they count with transactions too"
    ),
    "zk-nodes": _ZOOKEEPER,
    "default-zk-port": _ZOOKEEPER,
    "zk-session-timeout": _ZOOKEEPER,
    "zk-connection-timeout": _ZOOKEEPER,
    "offset-update-count": _DEAD,
    "offset-update-time-window": _DEAD,
    "offset-update-shutdown-timeout": _DEAD,
    "fetch-size": _DEAD,
    "queue-size": _DEAD,
    "socket-buffer-size": _DEAD,
    "max-wait": _DEAD,
}
_STREAM = {
    "instance-index-list": _ONE_INDEX,
    "input-bindings": Unsupported(_I, "the bindings are input and output", ("input",)),
    "output-bindings": Unsupported(_I, "the bindings are input and output", ("output",)),
    "dynamic-destination-cache-size": Unsupported(_N, "records go to one topic"),
    "function.bindings.*": _NAMED_BINDING,
    "function.bindings.*in-0": _NAMED_BINDING._replace(accepted_values=("input",)),
    "function.bindings.*out-0": _NAMED_BINDING._replace(accepted_values=("output",)),
    "kafka.streams.*": Unsupported(_N, "for Kafka Streams applications only"),
    "metrics.*": _LAG,
}
_BINDING = {
    "error-handler-definition": Unsupported(_I, "it names a function in Java"),
}
_BOOT_KAFKA = {
    "ssl.bundle": Unsupported(
        _R, "there are no SSL bundles here: set trust-store-location and key-store-location", ("",)
    ),
    "consumer.bootstrap-servers": _OWN_BROKERS,
    "producer.bootstrap-servers": _OWN_BROKERS,
    "admin.bootstrap-servers": _OWN_BROKERS,
    "producer.transaction-id-prefix": Unsupported(
        _I,
        "the binder has its own: spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix",  # noqa: E501 - one text
    ),
    "admin.fail-fast": Unsupported(_N, "see spring.cloud.stream.binding-retry-interval"),
    "admin.operation-timeout": Unsupported(_N, "see spring.cloud.stream.binding-retry-interval"),
    "admin.close-timeout": Unsupported(_N, "the admin client has nothing to finish"),
    "admin.auto-create": Unsupported(_N, "see spring.cloud.stream.kafka.binder.auto-create-topics"),
    "admin.modify-topic-configs": Unsupported(_N, "topics that exist are left as they are"),
    "listener.*": _LISTENER,
    "streams.*": Unsupported(_N, "for Kafka Streams applications only"),
    "template.*": Unsupported(_N, "for applications that send by themselves"),
    "retry.*": _LISTENER,
}


def _under(prefix: str, table: dict[str, Unsupported]) -> dict[str, Unsupported]:
    return {f"{prefix}.{name}": unused for name, unused in table.items()}


def _binding(
    prefix: str, consumer: dict[str, Unsupported], producer: dict[str, Unsupported]
) -> dict[str, Unsupported]:
    """Return the properties of the binding and of Spring's defaults for all bindings."""
    return {
        **_under(f"{prefix}.bindings.input.consumer", consumer),
        **_under(f"{prefix}.bindings.output.producer", producer),
        **_under(f"{prefix}.default.consumer", consumer),
        **_under(f"{prefix}.default.producer", producer),
    }


UNSUPPORTED: dict[str, Unsupported] = {
    **_under("spring.cloud.stream", _STREAM),
    **_under("spring.cloud.stream.bindings.input", _BINDING),
    **_under(
        "spring.cloud.stream.bindings.output",
        {**_BINDING, "group": Unsupported(_N, "an output has no group")},
    ),
    **_under("spring.cloud.stream.default", {**_BINDING, "destination": _ONE_TOPIC}),
    **_binding("spring.cloud.stream", _CONSUMER, _PRODUCER),
    **_under("spring.cloud.stream.kafka.binder", _BINDER),
    **_binding("spring.cloud.stream.kafka", _KAFKA_CONSUMER, _KAFKA_PRODUCER),
    **_under("spring.kafka", _BOOT_KAFKA),
}
