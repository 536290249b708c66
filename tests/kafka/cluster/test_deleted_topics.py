"""An input topic is deleted, and nobody creates it again at once: health says so, and a stop ends
in order.
"""

import signal

import pytest

from tests.support.load.records import Record
from tests.support.settings import MODES, PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.health import DETAILS, health
from tests.support.waiting import wait_for

CONSUMER = "spring.cloud.stream.kafka.binder.consumer-properties"
SOON = {f"{CONSUMER}.metadata.max.age.ms": "2000"}
FIXED = {"spring.cloud.stream.kafka.bindings.input.consumer.auto-rebalance-enabled": "false"}
WAYS = PROTOCOLS | {"fixed": FIXED}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("way", WAYS)
def test_deleted_input_topic(stream: Stream, way: str, mode: str) -> None:
    stream.create()
    processor = stream.processor(WAYS[way] | MODES[mode] | SOON | DETAILS).start().running()
    stream.send(Record(b"0 a"))
    stream.drain()
    stream.topics.delete(stream.source)

    def named() -> bool:
        status, troubles, readiness, liveness, _ = health(processor)
        return (status, readiness, liveness) == (
            "UNKNOWN",
            503,
            200,
        ) and f"{stream.source} does not exist" in troubles

    wait_for(named, 30, "health names the topic")
    if way != "fixed":
        stream.topics.create(stream.source)
        stream.send(Record(b"1 a"), Record(b"2 a"))
        assert [record.value for record in stream.await_arrivals(3)] == [b"a 0", b"a 1", b"a 2"]
        wait_for(lambda: health(processor)[0] == "UP", 30, "the input read again")
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0
