"""Ids of clients, group members and transactions: each process has its own."""

import pytest

import config
from config.librdkafka import client_config
from config.worker import WorkerSlot
from tests.support.config.clients import (
    BINDER,
    GROUP,
    INPUT,
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
def test_distinct_process_ids(argv: tuple[str, ...], ids: tuple[str | None, ...]) -> None:
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
    """Two pods of one index run side by side during an update.

    Fixed partitions have only the index to keep them apart.
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
def test_member_id_that_outlives_process(
    argv: tuple[str, ...], environ: dict[str, str], member_id: str | None
) -> None:
    """A StatefulSet's pod has a name that its successor gets.

    A cut name, and a node's name alone, are not the pod's own.
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
def test_user_decides_member_id(argv: tuple[str, ...]) -> None:
    assert client_config.member_config(config.load((GROUP, *argv), POD)) == {}


def test_processes_are_separate_members() -> None:
    for place in (WorkerSlot(number, 9, "id") for number in range(2)):
        assert client_config.member_config(config.load((GROUP,), place.variable())) == {
            "group.instance.id": f"id-{place.number}"
        }


def test_anonymous_processes_share_group() -> None:
    groups = {
        config.load([], WorkerSlot(number, 9, "id").variable()).input_group for number in range(2)
    }
    assert groups == {"anonymous.id"}


@pytest.mark.parametrize("slot", ["", "1", "x 9 id", "1 x id", "1 9 id more"])
def test_foreign_process_slot_is_one_line(slot: str) -> None:
    with pytest.raises(config.SettingsError, match=r"PYTHON_PROCESSOR_PLACE .*unset it"):
        config.load([], {"PYTHON_PROCESSOR_PLACE": slot})
