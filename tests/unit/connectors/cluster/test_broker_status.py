"""Brokers: an outage is logged once, back when the statistics show a connection."""

import logging
import time

import pytest
from confluent_kafka import KafkaError

from connectors.cluster.broker_status import BrokerStatus, boot_time
from tests.fakes.statistics_documents import with_broker

DOWN = KafkaError(KafkaError._ALL_BROKERS_DOWN, "2/2 brokers are down")
UP, CONNECTING = with_broker("UP"), with_broker("CONNECT")


def test_outage_is_one_line_and_its_end_another(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    brokers = BrokerStatus(["k1:9092", "k2:9092"])
    for _ in range(3):
        brokers.on_error(DOWN)
    brokers.on_statistics(CONNECTING)
    assert brokers.trouble is not None
    assert brokers.trouble.broker_away
    assert "k1:9092, k2:9092" in brokers.trouble.what
    brokers.on_statistics(UP)
    assert brokers.trouble is None
    assert len(caplog.messages) == 2


@pytest.mark.parametrize("step", [-3600.0, 3600.0])
def test_wall_clock_steps_in_outage(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, step: float
) -> None:
    """The outage lasts as long as it does. Its beginning is shown as it was."""
    caplog.set_level(logging.INFO)
    now, wall = 500.0, 1e9
    monkeypatch.setattr(time, "clock_gettime", lambda _: now)
    monkeypatch.setattr(time, "time", lambda: wall)
    brokers = BrokerStatus(["k1:9092"])
    before = boot_time()
    now, wall = now + 1, wall + 1
    brokers.on_error(DOWN)
    now, wall = now + 30, wall + 30 + step
    assert brokers.away_since(before) == 30
    assert brokers.trouble is not None
    assert brokers.trouble.since == 1e9 + 1
    brokers.on_statistics(UP)
    assert brokers.away_since(before) == 30
    assert brokers.away_since(boot_time()) == 0
    assert "after 30.0 s" in caplog.messages[-1]


def test_connection_error_is_in_reason() -> None:
    brokers = BrokerStatus(["k1:9092"])
    brokers.on_error(KafkaError(KafkaError._TRANSPORT, "k1:9092/1: Connection refused"))
    assert brokers.trouble is None  # one connection is not the cluster
    brokers.on_error(DOWN)
    assert brokers.trouble is not None
    assert "Connection refused" in brokers.trouble.what
    assert not brokers.trouble.refused


@pytest.mark.parametrize("order", [1, -1])
def test_refusal_is_not_absence(order: int) -> None:
    text = (
        "sasl_ssl://k1:9093/bootstrap: SASL authentication error: Authentication failed (after "
        "5ms in state AUTH_REQ)"
    )
    brokers = BrokerStatus(["k1:9093"])
    for error in [KafkaError(KafkaError._AUTHENTICATION, text), DOWN][::order]:
        brokers.on_error(error)
    assert brokers.trouble is not None
    assert brokers.trouble.refused
    assert "k1:9093 refuses the credentials" in brokers.trouble.what
    brokers.on_statistics(UP)
    assert brokers.trouble is None
