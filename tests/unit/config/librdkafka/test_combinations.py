"""Client properties that do not go together are refused by the user's names, before a client is."""

import confluent_kafka
import pytest
from confluent_kafka.admin import AdminClient
from hypothesis import example, given, settings
from hypothesis import strategies as st

import config
from config.errors import SettingsError
from config.librdkafka import client_config
from tests.support.config.clients import (
    BINDER,
    GROUP,
    INPUT,
    OUTPUT,
    QUIET,
    consumer,
    producer,
    warnings,
)
from tests.support.config.security import refusal

CONFIGURATION = f"{BINDER}.configuration"
KAFKA = "org.apache.kafka.clients.consumer"
TRANSACTIONS = f"{BINDER}.transaction.transaction-id-prefix=tx"
NEWER = f"{CONFIGURATION}.group.protocol=consumer"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (f"{CONFIGURATION}.session.timeout.ms", "10000"),
        ("--spring.kafka.consumer.heartbeat-interval", "1s"),
        (f"{INPUT}.configuration.partition.assignment.strategy", f"{KAFKA}.RangeAssignor"),
        (f"{BINDER}.consumer-properties.heartbeat.interval.ms", "1000"),
    ],
)
def test_classic_property_in_the_newer_protocol(name: str, value: str) -> None:
    line = refusal([NEWER, f"{name}={value}"])
    assert line.startswith(f"{name.removeprefix('--')}: ")
    assert "is not allowed with group.protocol=consumer: the broker" in line
    assert not warnings(NEWER, f"{name}=")
    assert not warnings(f"{CONFIGURATION}.group.protocol=classic", f"{name}={value}")


@pytest.mark.parametrize("protocol", [(), (f"{CONFIGURATION}.group.protocol=Classic",)])
def test_remote_assignor_in_the_classic_protocol(protocol: tuple[str, ...]) -> None:
    argument = f"{CONFIGURATION}.group.remote.assignor=uniform"
    line = refusal([*protocol, argument])
    assert 'group.remote.assignor: "uniform"' in line
    assert "is not allowed with group.protocol=classic: the members assign" in line
    assert consumer(NEWER, argument)["group.remote.assignor"] == "uniform"


@pytest.mark.parametrize(
    "arguments",
    [
        [f"{CONFIGURATION}.session.timeout.ms=3000"],
        [f"{CONFIGURATION}.heartbeat.interval.ms=45000"],
        [f"{CONFIGURATION}.session.timeout.ms=9", f"{CONFIGURATION}.heartbeat.interval.ms=10"],
    ],
)
def test_heartbeat_is_shorter_than_the_session(arguments: list[str]) -> None:
    assert "must be more than heartbeat.interval.ms" in refusal(arguments)


@pytest.mark.parametrize(
    "assignors",
    [
        f"{KAFKA}.StickyAssignor",
        "StickyAssignor",
        f"{KAFKA}.CooperativeStickyAssignor,{KAFKA}.StickyAssignor",
        "com.acme.RangeAssignor",
        f"{KAFKA}.RangeAssignor,com.acme.Assignor",
    ],
)
def test_assignor_that_the_client_lacks(assignors: str) -> None:
    line = refusal([f"{CONFIGURATION}.partition.assignment.strategy={assignors}"])
    assert "in place of StickyAssignor use CooperativeStickyAssignor in all members" in line


@pytest.mark.parametrize(
    ("assignors", "used", "left_out"),
    [
        ("CooperativeStickyAssignor,RangeAssignor", "range", "CooperativeStickyAssignor"),
        ("RangeAssignor,StickyAssignor", "range", "StickyAssignor"),
        (
            "CooperativeStickyAssignor,StickyAssignor,RoundRobinAssignor",
            "roundrobin",
            "CooperativeStickyAssignor, StickyAssignor",
        ),
    ],
)
def test_left_out_assignor_is_logged(assignors: str, used: str, left_out: str) -> None:
    """Java's members can mix them while a group changes from one to the other."""
    written = ",".join(f"{KAFKA}.{name}" for name in assignors.split(","))
    argument = f"{CONFIGURATION}.partition.assignment.strategy={written}"
    assert consumer(argument)["partition.assignment.strategy"] == used
    [line] = warnings(argument)
    assert f"{left_out} is left out" in line
    assert line.endswith(f"every member needs one of {used}")


@pytest.mark.parametrize("weak", ["acks=1", "acks=0", "retries=0"])
def test_idempotence_that_cannot_be(weak: str) -> None:
    """Java switches it off in silence only if it is not asked for."""
    arguments = [f"{CONFIGURATION}.{weak}", "--spring.kafka.producer.properties.enable.idempotence"]
    line = refusal([arguments[0], f"{arguments[1]}=true"])
    assert f'enable.idempotence: "true" (the command line) is not allowed with {weak}' in line
    assert producer(arguments[0])["enable.idempotence"] is False


@pytest.mark.parametrize("layer", [f"{BINDER}.producer-properties", f"{OUTPUT}.configuration"])
@pytest.mark.parametrize(("transaction", "longest"), [("", "60000"), ("5000", "5000")])
def test_delivery_ends_with_its_transaction(layer: str, transaction: str, longest: str) -> None:
    """120000 is Java's default."""
    arguments = [
        TRANSACTIONS,
        f"{layer}.delivery.timeout.ms=120000",
        f"{layer}.transaction.timeout.ms={transaction}",
    ]
    confluent_kafka.Producer(producer(*arguments) | QUIET)
    [line] = warnings(*arguments)
    assert f'delivery.timeout.ms: "120000" (the command line) is {longest} here' in line
    assert not warnings(TRANSACTIONS, f"{layer}.delivery.timeout.ms=50000")


@pytest.mark.parametrize("name", [f"{CONFIGURATION}.linger.ms", f"{OUTPUT}.batch-timeout"])
def test_linger_beyond_its_transaction(name: str) -> None:
    line = refusal([TRANSACTIONS, f"{name}=60000"])
    assert line.startswith(f"{name.removeprefix('--')}: ")
    assert line.endswith("is not allowed: it must be less than transaction.timeout.ms (60000)")


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        (["max.poll.interval.ms=10000"], 45_000),
        (["max.poll.interval.ms=10000", "session.timeout.ms=20000"], 20_000),
        (["reconnect.backoff.max.ms=10"], 50),
        (["reconnect.backoff.max.ms=10", "reconnect.backoff.ms=2000"], 2000),
    ],
)
def test_raised_value_is_logged(arguments: list[str], value: int) -> None:
    written = [f"{CONFIGURATION}.{argument}" for argument in arguments]
    name = arguments[0].partition("=")[0]
    assert consumer(*written)[name] == value
    [line] = warnings(*written)
    assert f"is {value} here: the client wants no less than" in line
    assert name in line


def test_newer_protocol_knows_no_session() -> None:
    """Its time between polls is as it is set."""
    arguments = [NEWER, f"{CONFIGURATION}.max.poll.interval.ms=10000"]
    assert consumer(*arguments)["max.poll.interval.ms"] == 10_000
    assert not warnings(*arguments)


def test_delivery_timeout_of_nothing() -> None:
    """The client's 0 is no time-out at all."""
    assert "allowed is a whole number from 1 up" in refusal(
        [f"{CONFIGURATION}.delivery.timeout.ms=0"]
    )


MILLISECONDS = st.sampled_from(
    [0, 1, 5, 9, 10, 100, 999, 1000, 5000, 29_999, 45_000, 60_000, 60_001, 120_000, 300_000]
) | st.integers(0, 2**31 - 1)
SIZES = st.sampled_from(
    [0, 1, 1000, 16_384, 999_999, 1_000_000, 1_048_576, 50_000_000, 2_147_483_135, 2**31 - 1]
) | st.integers(0, 2**31 - 1)
COMBINED = {
    "delivery.timeout.ms": MILLISECONDS,
    "request.timeout.ms": MILLISECONDS,
    "linger.ms": MILLISECONDS,
    "transaction.timeout.ms": MILLISECONDS,
    "max.block.ms": MILLISECONDS,
    "acks": st.sampled_from(["all", "-1", "0", "1"]),
    "enable.idempotence": st.sampled_from(["true", "false"]),
    "retries": st.sampled_from([0, 1, 5, 2**31 - 1]),
    "max.in.flight.requests.per.connection": st.sampled_from([1, 5, 6, 1_000_000]),
    "session.timeout.ms": MILLISECONDS,
    "heartbeat.interval.ms": MILLISECONDS,
    "max.poll.interval.ms": MILLISECONDS,
    "group.protocol": st.sampled_from(["classic", "consumer"]),
    "group.remote.assignor": st.sampled_from(["uniform", "range"]),
    "partition.assignment.strategy": st.lists(
        st.sampled_from(["RangeAssignor", "CooperativeStickyAssignor", "StickyAssignor"]),
        min_size=1,
    ).map(",".join),
    "isolation.level": st.sampled_from(["read_committed", "read_uncommitted"]),
    "fetch.min.bytes": SIZES,
    "fetch.max.bytes": SIZES,
    "fetch.max.wait.ms": MILLISECONDS,
    "max.partition.fetch.bytes": SIZES,
    "max.poll.records": SIZES,
    "max.request.size": SIZES,
    "buffer.memory": SIZES,
    "batch.size": SIZES,
    "send.buffer.bytes": SIZES,
    "receive.buffer.bytes": SIZES,
    "reconnect.backoff.ms": MILLISECONDS,
    "reconnect.backoff.max.ms": MILLISECONDS,
    "retry.backoff.ms": MILLISECONDS,
    "retry.backoff.max.ms": MILLISECONDS,
    "socket.connection.setup.timeout.ms": MILLISECONDS,
    "connections.max.idle.ms": MILLISECONDS,
    "metadata.max.age.ms": MILLISECONDS,
    "metadata.recovery.strategy": st.sampled_from(["none", "rebootstrap"]),
    "metadata.recovery.rebootstrap.trigger.ms": MILLISECONDS,
}


@settings(max_examples=150, deadline=None)
@example({"delivery.timeout.ms": 120_000}, [TRANSACTIONS])
@example({"delivery.timeout.ms": 120_000, "linger.ms": 70_000}, [TRANSACTIONS])
@example({"request.timeout.ms": 300_000, "transaction.timeout.ms": 1000}, [TRANSACTIONS])
@given(
    st.integers(0, 5)
    .flatmap(
        lambda size: st.lists(
            st.sampled_from(sorted(COMBINED)), min_size=size, max_size=size + 1, unique=True
        )
    )
    .flatmap(lambda names: st.fixed_dictionaries({name: COMBINED[name] for name in names})),
    st.lists(st.sampled_from([TRANSACTIONS, GROUP]), unique=True),
)
def test_clients_of_accepted_settings_start(
    properties: dict[str, object], beside: list[str]
) -> None:
    """What a client would refuse is refused when settings are loaded, by the user's name."""
    arguments = [
        f"{BINDER}.brokers=127.0.0.1:1",
        *beside,
        *(f"{CONFIGURATION}.{name}={value}" for name, value in properties.items()),
    ]
    try:
        loaded = config.load(arguments, {})
    except SettingsError as error:
        assert any(name in str(error) for name in properties)  # noqa: PT017 - any refused name
        return
    confluent_kafka.Producer(client_config.producer_config(loaded) | QUIET)
    confluent_kafka.Consumer(client_config.consumer_config(loaded) | QUIET).close()
    AdminClient(client_config.admin_config(loaded) | QUIET)
