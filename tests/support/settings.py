"""What many tests set: both guarantees, and the three protocols of a group."""

_BINDER = "spring.cloud.stream.kafka.binder"
_CONSUMER = f"{_BINDER}.consumer-properties"
_ASSIGNOR = f"{_CONSUMER}.partition.assignment.strategy"

BROKER = f"{_BINDER}.brokers"
EXACTLY_ONCE = {f"{_BINDER}.transaction.transaction-id-prefix": "tx-"}
MODES: dict[str, dict[str, str]] = {"at-least-once": {}, "exactly-once": EXACTLY_ONCE}
PROTOCOLS = {
    "range": {_ASSIGNOR: "org.apache.kafka.clients.consumer.RangeAssignor"},
    "cooperative-sticky": {
        _ASSIGNOR: "org.apache.kafka.clients.consumer.CooperativeStickyAssignor"
    },
    # KIP-848. Librdkafka 2.16 never learns of the partitions that it is to give up when the
    # heartbeat that says so is answered too late: the broker waits that long before it has it join
    # again.
    "consumer": {
        f"{_CONSUMER}.group.protocol": "consumer",
        f"{_CONSUMER}.max.poll.interval.ms": "60000",
        # The broker decides about these, and a value is refused. Nothing takes back another value.
        f"{_CONSUMER}.session.timeout.ms": "",
        f"{_CONSUMER}.heartbeat.interval.ms": "",
    },
}
