"""A key or trust store that is being replaced.

What does not fit together yet is read again later, and ends nothing.
"""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

import config
from config.librdkafka import keystores
from connectors.cluster import clients, tls_stores
from connectors.cluster.broker_status import BrokerStatus
from connectors.cluster.tls_stores import TlsStores
from tests.support.brokers.certificates import STORE_PASSWORD, Party, party
from tests.support.config.security import argv

OLDER, NEWER = party("older"), party("newer")


def test_key_of_other_certificate() -> None:
    with pytest.raises(ValueError, match="the private key does not belong to the certificate"):
        keystores.identity_of(OLDER.pem.decode(), NEWER.key_pem().decode(), None)


def write_pem(path: Path, key: Party, certificate: Party) -> None:
    path.write_bytes(key.key_pem() + certificate.pem)


def write_p12(path: Path, key: Party, certificate: Party) -> None:
    path.write_bytes(
        key.p12() if key is certificate else key.p12_without_own(certificate.certificate)
    )


@pytest.mark.parametrize(("kind", "write"), [("PEM", write_pem), ("PKCS12", write_p12)])
def test_store_half_replaced(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    write: Callable[[Path, Party, Party], None],
) -> None:
    monkeypatch.setattr(tls_stores, "CHECK_INTERVAL_S", 0.0)
    store = tmp_path / "client"
    write(store, OLDER, OLDER)
    password = {} if kind == "PEM" else {"ssl__keystore__password": STORE_PASSWORD}
    settings = config.load(
        argv(
            security__protocol="SSL",
            ssl__keystore__type=kind,
            ssl__keystore__location=str(store),
            **password,
        ),
        {},
    )
    found = TlsStores(settings)
    write(store, NEWER, OLDER)
    with caplog.at_level(logging.WARNING):
        assert not found.has_changed()
        assert not found.has_changed()
    assert ["does not belong" in line for line in caplog.messages] == [True]
    assert clients.fetch_topic_id(settings, BrokerStatus(["k1:9092"]), "topic") is None
    write(store, NEWER, NEWER)
    assert found.has_changed()
    assert found.consumer["ssl.certificate.pem"] == NEWER.pem.decode()
