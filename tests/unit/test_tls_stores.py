"""A key or trust store that is being replaced: what does not fit together yet is read again later, and ends nothing."""

import logging
from pathlib import Path

import pytest

import config
from config import stores
from connectors import clients, tls_stores
from connectors.brokers import Brokers
from connectors.tls_stores import TlsStores
from tests.support.certificates import party
from tests.unit.test_config_security import argv

OLDER, NEWER = party("older"), party("newer")


def test_key_of_another_certificate() -> None:
    with pytest.raises(ValueError, match="the private key does not belong to the certificate"):
        stores.identity_of(OLDER.pem.decode(), NEWER.key_pem().decode(), None)


def test_store_half_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(tls_stores, "LOOK_S", 0.0)
    store = tmp_path / "client.pem"
    store.write_bytes(OLDER.key_pem() + OLDER.pem)
    settings = config.load(argv(security__protocol="SSL", ssl__keystore__type="PEM", ssl__keystore__location=str(store)), {})
    found = TlsStores(settings)
    store.write_bytes(NEWER.key_pem() + OLDER.pem)
    with caplog.at_level(logging.WARNING):
        found.look()
        found.look()
    assert ["does not belong" in line for line in caplog.messages] == [True]
    assert found.version == 0
    assert clients.topic_id(settings, Brokers(["k1:9092"]), "topic") is None
    store.write_bytes(NEWER.key_pem() + NEWER.pem)
    found.look()
    assert found.version == 1
    assert found.consumer["ssl.certificate.pem"] == NEWER.pem.decode()
