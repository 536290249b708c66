"""Spring's and Java's properties in librdkafka's words."""

import itertools

import confluent_kafka
import pytest

import config
from config.errors import SettingsError
from config.kafka.java_properties import TABLE
from config.kafka.java_property import Native
from config.librdkafka import client_config
from config.support import Support
from config.worker import WorkerSlot
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


def test_what_the_consumer_is_given_by_default() -> None:
    assert consumer(GROUP) == {
        "bootstrap.servers": "localhost:9092",
        "group.id": "g",
        "client.id": "consumer-g-1",
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "enable.auto.offset.store": False,
        "enable.partition.eof": True,
        "isolation.level": "read_committed",
        "partition.assignment.strategy": "range",
        "session.timeout.ms": 45_000,
        "fetch.queue.backoff.ms": 20,
        "fetch.wait.max.ms": 100,
        "queued.min.messages": 20_000,
        "queued.max.messages.kbytes": 32_768,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1000,
    }


def test_what_the_producer_is_given_by_default() -> None:
    assert producer() == {
        "bootstrap.servers": "localhost:9092",
        "client.id": "producer-python-processor-1",
        "enable.idempotence": True,
        "enable.gapless.guarantee": True,
        "acks": "all",
        "max.in.flight.requests.per.connection": 1,
        "partitioner": "murmur2_random",
        "message.timeout.ms": 0,
        "linger.ms": 1,
        "message.max.bytes": 1_048_576,
        "delivery.report.only.error": True,
        "queue.buffering.max.messages": 100_000,
        "queue.buffering.max.kbytes": 65_536,
        "reconnect.backoff.ms": 50,
        "reconnect.backoff.max.ms": 1000,
    }


def test_an_anonymous_group_begins_at_the_end() -> None:
    settings = config.load([], {})
    given = client_config.consumer_config(settings)
    assert given["auto.offset.reset"] == "latest"
    assert str(given["group.id"]).startswith("anonymous.")
    assert (
        given["group.id"]
        == settings.input_group
        == client_config.consumer_config(settings)["group.id"]
    )


PREFIX = "--spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix=tx-"


@pytest.mark.parametrize(
    ("argv", "ids"),
    [
        (
            ("--spring.cloud.stream.instance-index=3",),
            ("consumer-g-4", None, "producer-python-processor-4", "tx-3"),
        ),
        ((f"{BINDER}.configuration.client.id=mine",), ("mine", None, "mine", "tx-0")),
        (
            (f"{INPUT}.configuration.group.instance.id=me",),
            ("consumer-g-1", "me", "producer-python-processor-1", "tx-0"),
        ),
        (
            ("--spring.cloud.application.guid=u",),
            ("consumer-g-1", None, "producer-python-processor-1", "tx-u"),
        ),
    ],
)
def test_each_of_several_processes_has_ids_of_its_own(
    argv: tuple[str, ...], ids: tuple[str | None, ...]
) -> None:
    """And they are the same after a restart: numbers, as Spring Kafka appends them."""

    def found(environ: dict[str, str]) -> tuple[object, ...]:
        settings = config.load(
            (GROUP, PREFIX, f"{INPUT.replace('.kafka', '')}.concurrency=2", *argv), environ
        )
        given, written = (
            client_config.consumer_config(settings),
            client_config.producer_config(settings),
        )
        return (
            given["client.id"],
            given.get("group.instance.id"),
            written["client.id"],
            written["transactional.id"],
        )

    assert found({}) == ids
    for number in range(2):
        assert found(WorkerSlot(number, 9, "id").variable()) == tuple(
            each and f"{each}-{number}" for each in ids
        )


POD = {
    "KUBERNETES_SERVICE_HOST": "10.0.0.1",
    "KUBERNETES_SERVICE_PORT": "443",
    "HOSTNAME": "s-p-v1-0",
}
INDEX_0 = "--spring.cloud.stream.instance-index=0"
GUID = "--spring.cloud.application.guid=uid"
FIXED = f"{INPUT}.auto-rebalance-enabled=false"


@pytest.mark.parametrize(
    ("argv", "environ", "transactional_id"),
    [
        ((INDEX_0, GUID), POD, "tx-uid"),
        ((INDEX_0,), POD, "tx-s-p-v1-0"),
        ((), POD, "tx-s-p-v1-0"),
        (("--spring.cloud.stream.instance-count=2",), POD, "tx-s-p-v1-0"),
        ((INDEX_0, GUID, FIXED), POD, "tx-0"),
        ((INDEX_0, GUID), {"HOSTNAME": "somewhere"}, "tx-0"),
        ((INDEX_0, GUID), POD | {"VCAP_APPLICATION": "{}"}, "tx-0"),
    ],
)
def test_one_transactional_id_per_pod(
    argv: tuple[str, ...], environ: dict[str, str], transactional_id: str
) -> None:
    """Two pods of one index run side by side during an update; fixed partitions have only the index
    to keep them apart.
    """
    assert config.load((GROUP, PREFIX, *argv), environ).transactional_id == transactional_id


@pytest.mark.parametrize(
    ("argv", "environ", "member_id"),
    [
        ((INDEX_0, GUID), POD, "s-p-v1-0"),
        ((GUID,), POD, "s-p-v1-0-uid"),
        (("--spring.cloud.stream.instance-index=1", GUID), POD, "s-p-v1-0-uid"),
        ((), POD, "s-p-v1-0"),
        (("--spring.cloud.application.guid=a b/c",), POD, "s-p-v1-0-a-b-c"),
        ((), POD | {"HOSTNAME": "p" * 63}, None),
        ((INDEX_0, GUID), {"HOSTNAME": "somewhere-0"}, None),
        ((), {}, None),
    ],
)
def test_member_id_that_outlives_the_process(
    argv: tuple[str, ...], environ: dict[str, str], member_id: str | None
) -> None:
    """A StatefulSet's pod has a name that its successor gets; a cut name, and a node's name alone,
    are not the pod's own.
    """
    settings = config.load((GROUP, *argv), environ)
    assert settings.stable_member_id == member_id
    assert client_config.member_config(settings) == {
        "group.instance.id": member_id or settings.instance_id
    }


@pytest.mark.parametrize(
    "argv",
    [
        (FIXED,),
        (f"{INPUT}.configuration.group.instance.id=me",),
        (f"{BINDER}.configuration.group.protocol=consumer",),
    ],
)
def test_no_member_id_where_the_user_decides(argv: tuple[str, ...]) -> None:
    assert client_config.member_config(config.load((GROUP, *argv), POD)) == {}


def test_each_process_is_a_member_of_its_own() -> None:
    for place in (WorkerSlot(number, 9, "id") for number in range(2)):
        assert client_config.member_config(config.load((GROUP,), place.variable())) == {
            "group.instance.id": f"id-{place.number}"
        }


def test_the_processes_of_an_anonymous_group_are_in_one_group() -> None:
    groups = {
        config.load([], WorkerSlot(number, 9, "id").variable()).input_group for number in range(2)
    }
    assert groups == {"anonymous.id"}


CONSUMER_LAYERS = (
    "--spring.kafka.properties.fetch.min.bytes=1",
    "--spring.kafka.consumer.fetch-min-size=2B",
    "--spring.kafka.consumer.properties.fetch.min.bytes=3",
    f"{BINDER}.configuration.fetch.min.bytes=4",
    f"{BINDER}.consumer-properties.fetch.min.bytes=5",
    f"{INPUT}.configuration.fetch.min.bytes=6",
)
PRODUCER_LAYERS = (
    f"{OUTPUT}.buffer-size=1",
    "--spring.kafka.properties.batch.size=2",
    "--spring.kafka.producer.batch-size=3",
    "--spring.kafka.producer.properties.batch.size=4",
    f"{BINDER}.configuration.batch.size=5",
    f"{BINDER}.producer-properties.batch.size=6",
    f"{OUTPUT}.configuration.batch.size=7",
)


@pytest.mark.parametrize("layers", range(1, len(CONSUMER_LAYERS) + 1))
def test_the_binders_merge_order_for_consumers(layers: int) -> None:
    assert consumer(*reversed(CONSUMER_LAYERS[:layers]))["fetch.min.bytes"] == layers


@pytest.mark.parametrize("layers", range(1, len(PRODUCER_LAYERS) + 1))
def test_the_binders_merge_order_for_producers(layers: int) -> None:
    assert producer(*reversed(PRODUCER_LAYERS[:layers]))["batch.size"] == layers


def test_start_offset_beats_every_layer_and_any_layer_beats_the_groups_rule() -> None:
    latest = f"{BINDER}.configuration.auto.offset.reset=latest"
    assert consumer(GROUP, latest)["auto.offset.reset"] == "latest"
    assert (
        consumer(GROUP, latest, f"{INPUT}.start-offset=earliest")["auto.offset.reset"] == "earliest"
    )
    assert (
        consumer(GROUP, "--spring.kafka.consumer.auto-offset-reset=none")["auto.offset.reset"]
        == "error"
    )


def test_required_acks_is_the_lowest_layer() -> None:
    assert producer(f"{BINDER}.required-acks=1")["acks"] == "1"
    assert (
        producer(f"{BINDER}.required-acks=1", "--spring.kafka.producer.acks=all")["acks"] == "all"
    )


def test_a_property_of_the_other_client_is_passed_over_in_silence() -> None:
    argv = (
        f"{BINDER}.configuration.linger.ms=7",
        f"{BINDER}.configuration.max.poll.interval.ms=90000",
    )
    assert "linger.ms" not in consumer(*argv)
    assert "max.poll.interval.ms" not in producer(*argv)
    assert warnings(*argv) == ()


def test_acks_of_spring_and_its_price_in_java_and_here() -> None:
    assert warnings(f"{BINDER}.required-acks=1") == (
        "acks=1: a record can be lost, doubled or out of order when a broker fails",
    )


@pytest.mark.parametrize(
    "layer",
    [
        f"{BINDER}.configuration",
        f"{INPUT}.configuration",
        f"{OUTPUT}.configuration",
        "--spring.kafka.properties",
    ],
)
def test_brokers_in_a_configuration_are_refused(layer: str) -> None:
    with pytest.raises(
        SettingsError, match=r"set spring\.cloud\.stream\.kafka\.binder\.brokers instead"
    ):
        config.load([f"{layer}.bootstrap.servers=x"], {})


def test_a_delivery_time_out_below_linger_is_refused() -> None:
    with pytest.raises(
        SettingsError,
        match=r"delivery.timeout.ms \(5\) is not allowed: it must be more than linger.ms \(7\)",
    ):
        config.load(
            [
                f"{BINDER}.configuration.delivery.timeout.ms=5",
                f"{BINDER}.configuration.linger.ms=7",
            ],
            {},
        )


def candidates(name: str) -> list[str]:
    """Values that may be at the edge of what a property allows."""
    words = [
        *TABLE[name].kind.words,
        "true",
        "earliest",
        "org.x.RangeAssignor",
        "DefaultPartitioner",
        "all",
        "text",
    ]
    return [
        *words,
        *map(
            str,
            (
                -131072,
                -1,
                0,
                1,
                9,
                10,
                12,
                17,
                22,
                999,
                1000,
                100_000,
                300_000,
                3_600_000,
                1_000_000_000,
                2**31 - 1,
            ),
        ),
    ]


TRANSLATED = [
    name
    for name, row in TABLE.items()
    if row.verdict is Support.MAPPED and not name.startswith(("ssl.", "sasl."))
]


@pytest.mark.parametrize(
    "name", [name for name in TRANSLATED if name not in {"security.protocol", "client.dns.lookup"}]
)
def test_librdkafka_takes_every_value_that_is_allowed(name: str) -> None:
    """security.protocol needs credentials, and one value of client.dns.lookup needs Kerberos: they
    have tests of their own.
    """
    taken: set[Native] = set()
    for value, codec in itertools.product(
        candidates(name), ("gzip", "zstd") if "level" in name else ("",)
    ):
        argv = [f"{BINDER}.configuration.{name}={value}", f"{OUTPUT}.compression-type={codec}"]
        try:
            settings = config.load(argv, {})
        except SettingsError:
            continue
        if "c" in TABLE[name].clients:
            confluent_kafka.Consumer(client_config.consumer_config(settings) | QUIET).close()
        if "p" in TABLE[name].clients:
            confluent_kafka.Producer(client_config.producer_config(settings) | QUIET)
        taken.add(value)
    assert taken


def test_no_setting_goes_to_librdkafka_under_a_name_it_does_not_have() -> None:
    natives = {
        (row.native or name)
        for name, row in TABLE.items()
        if row.verdict is Support.MAPPED and " " not in row.native
    }
    for native in natives:
        try:
            confluent_kafka.Producer({native: "x"} | QUIET)
        except (confluent_kafka.KafkaException, ValueError) as error:
            assert "No such configuration property" not in str(error)  # noqa: PT017 - other complaints are about the value


@pytest.mark.parametrize("told", ["", "1", "x 9 id", "1 x id", "1 9 id more"])
def test_a_place_that_no_parent_of_ours_has_given_is_one_line(told: str) -> None:
    with pytest.raises(config.SettingsError, match=r"PYTHON_PROCESSOR_PLACE .*unset it"):
        config.load([], {"PYTHON_PROCESSOR_PLACE": told})


def test_exactly_once_needs_a_consumer_that_waits_for_commits_under_way() -> None:
    with pytest.raises(
        SettingsError,
        match=r"isolation.level=read_uncommitted is not allowed with a transaction-id-prefix",
    ):
        config.load((GROUP, PREFIX, "--spring.kafka.consumer.isolation-level=read_uncommitted"), {})
