"""Health names what makes no progress, and is not UP.

This lasts as long as the cause; liveness is UP throughout.
"""

import pytest
from confluent_kafka import Producer

from tests.support.load.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream
from tests.support.verify.health import DETAILS, health
from tests.support.waiting import wait_for


@pytest.mark.parametrize("mode", MODES)
def test_transaction_left_open(stream: Stream, mode: str) -> None:
    stream.create()
    writer = Producer(
        {
            "bootstrap.servers": stream.kafka.bootstrap,
            "transactional.id": stream.group,
            "transaction.timeout.ms": 600_000,
        }
    )
    writer.init_transactions(30)
    processor = stream.processor(MODES[mode] | DETAILS).start().running()
    writer.begin_transaction()
    writer.produce(stream.source, b"abc")
    writer.flush(30)

    def named() -> bool:
        status, troubles, readiness, liveness, _ = health(processor)
        assert liveness == 200
        return (status, readiness) == (
            "UNKNOWN",
            503,
        ) and "waits at offset 0 for the end of a transaction" in troubles

    wait_for(named, 40, "health says what the input waits for")
    writer.commit_transaction(30)
    wait_for(lambda: health(processor)[:3] == ("UP", "", 200), 10, "the input read again")
    assert [record.value for record in stream.await_arrivals(1)] == [b"cba"]


PAUSING = """
from connectors.cluster.replaceable_consumer import ReplaceableConsumer

made = []
make = ReplaceableConsumer.__init__

def remember(self, *arguments):
    made.append(self)
    make(self, *arguments)

ReplaceableConsumer.__init__ = remember

def pause(value):
    if value == b"pause":
        made[0].client.pause(made[0].client.assignment())
    return value
"""


@pytest.mark.parametrize("mode", MODES)
def test_client_without_fetches(stream: Stream, mode: str) -> None:
    """A client may forget to fetch a partition; once for each offset another one takes over."""
    stream.create()
    patience = {"python-processor.client-call-timeout": "1s"}
    processor = (
        stream.with_step(
            'records = map_value("pause", records, pause)', PAUSING, MODES[mode] | patience
        )
        .start()
        .running()
    )
    stream.send(Record(b"pause"))
    stream.await_arrivals(1)
    stream.send(Record(b"later"))
    assert [record.value for record in stream.await_arrivals(2, 90)] == [b"pause", b"later"]
    assert f"the consumer has not read {stream.source}-0 for 1 s" in processor.output
