"""A certificate that is renewed in the same file, as cert-manager does it, is used without a
restart.
"""

from pathlib import Path

import pytest

from tests.support.brokers.certificates import STORE_PASSWORD, write_client_store
from tests.support.brokers.secured import SecuredKafka
from tests.support.load.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.waiting import let_pass, wait_for

CONFIGURATION = "spring.cloud.stream.kafka.binder.configuration"
LIFE_S = 20


@pytest.fixture
def kafka(secured: SecuredKafka) -> SecuredKafka:
    """What `stream` is on."""
    return secured


def mutual_tls(kafka: SecuredKafka, store: Path) -> dict[str, str]:
    return {
        "spring.cloud.stream.kafka.binder.brokers": kafka.tls,
        f"{CONFIGURATION}.security.protocol": "SSL",
        f"{CONFIGURATION}.ssl.truststore.location": str(kafka.stores / "trust.p12"),
        f"{CONFIGURATION}.ssl.truststore.password": STORE_PASSWORD,
        f"{CONFIGURATION}.ssl.keystore.location": str(store),
        f"{CONFIGURATION}.ssl.keystore.password": STORE_PASSWORD,
    }


def test_expired_at_the_start(stream: Stream, secured: SecuredKafka, tmp_path: Path) -> None:
    stream.create()
    store = tmp_path / "client.p12"
    write_client_store(secured.stores, store, days=-1)
    processor = stream.processor(mutual_tls(secured, store)).start().first_answer()
    wait_for(lambda: "it has expired on" in processor.output, 30, "the refusal")
    store.write_bytes(b"half of a")  # a store that is being written
    let_pass(6)
    write_client_store(secured.stores, store, days=1)
    processor.running()
    stream.send(Record(b"abc"))
    assert [record.value for record in stream.await_arrivals(1)] == [b"cba"]


@pytest.mark.parametrize("mode", MODES)
def test_expired_while_running(
    stream: Stream, secured: SecuredKafka, tmp_path: Path, mode: str
) -> None:
    stream.create()
    store = tmp_path / "client.p12"
    write_client_store(secured.stores, store, days=LIFE_S / 86_400)
    processor = stream.processor(MODES[mode] | mutual_tls(secured, store)).start().running()
    stream.send(Record(b"abc"))
    stream.await_arrivals(1)
    let_pass(LIFE_S)
    secured.kill()
    secured.restart()
    wait_for(lambda: "it has expired on" in processor.output, 30, "the refusal")
    write_client_store(secured.stores, store, days=1)
    stream.send(Record(b"def"))
    arrived = stream.await_arrivals(2)
    assert {record.value for record in arrived} == {b"cba", b"fed"}
    stream.drain()
    processor.assert_alive()
