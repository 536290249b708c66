"""A replay that an outage interrupts."""

from typing import Any
from unittest.mock import create_autospec

import pytest
from confluent_kafka import KafkaError

from dead_letters.cluster import Cluster
from dead_letters.errors import ClusterInterruptedError, RecordRejectedError
from dead_letters.replaying.replay import Replay
from dead_letters.replaying.report import Order, Report
from dead_letters.replaying.routing import Router
from dead_letters.replaying.stopping import StopRequest
from tests.support.dead_letters.letters import ORIGIN, TOPIC, headers, letter


def test_letters_sent_singly_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are not sent again after the outage, and count for --max."""
    cluster = create_autospec(Cluster, instance=True, is_exactly_once=False, topic=TOPIC)
    replay = Replay(cluster, Order(), StopRequest(), lambda _: None)
    answers = iter([RecordRejectedError(KafkaError(10)), None, ClusterInterruptedError()])

    def commit(*_: Any) -> None:
        if (error := next(answers)) is not None:
            raise error

    monkeypatch.setattr(replay, "_commit", commit)
    monkeypatch.setattr(replay, "_reload", lambda: None)
    routes = [Router(TOPIC, lambda _: 3, lambda: 3).replay(letter(headers()))] * 2
    with pytest.raises(ClusterInterruptedError):
        replay._send(routes, {}, Report())
    assert replay.report.replayed == {ORIGIN: 1}
