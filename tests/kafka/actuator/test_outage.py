"""The broker goes under load.

Every endpoint goes on answering, and health says what is the matter.
"""

import time
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest

from tests.support.brokers.kafka import Kafka
from tests.support.faults.inject import inject_when_in_flight
from tests.support.load.records import Record
from tests.support.processor import SECONDS, Processor
from tests.support.stream import Stream
from tests.support.verify.probes import Probes
from tests.support.waiting import let_pass, wait_for

RATE = 1000
OPEN = {
    "management.endpoints.web.exposure.include": "*",
    "management.endpoint.health.show-details": "always",
}
HEALTH, LIVENESS, READINESS, INFO = "health", "health/liveness", "health/readiness", "info"
PATHS = [
    HEALTH,
    LIVENESS,
    READINESS,
    INFO,
    "bindings",
    "metrics",
    "metrics/spring.integration.send",
    "prometheus",
]
PATHS += ["env", "configprops", "loggers", "loggers/librdkafka", "threaddump"]


def health(processor: Processor) -> Any:
    return processor.request("GET", "/actuator/health")[1]


def troubles(processor: Processor) -> Any:
    return health(processor)["components"]["binders"]["components"]["kafka"]["details"].get(
        "troubles", []
    )


@pytest.mark.parametrize(
    "seconds",
    [5, pytest.param(120, marks=pytest.mark.long), pytest.param(300, marks=pytest.mark.long)],
)
def test_endpoints_answer_without_broker(
    own_stream: Stream, report_figure: Callable[[str], None], seconds: int
) -> None:
    own_stream.create(4)
    processor = own_stream.processor(OPEN).start().running()
    own_stream.members(1)
    numbers = own_stream.numbers(RATE)
    numbers.advance(RATE)
    with Probes(processor, PATHS) as probes:
        wait_for(lambda: probes.rounds, SECONDS, "every endpoint asked while all is well")
        inject_when_in_flight(own_stream, processor, own_stream.kafka.kill)
        trouble, *_ = wait_for(lambda: troubles(processor), SECONDS, "an outage in the health")
        assert own_stream.kafka.bootstrap in trouble["what"]
        assert health(processor)["status"] == "UNKNOWN"
        let_pass(seconds)
        # not `since`: between the producer's first failure and the consumer's the broker may count
        # as seen again
        assert troubles(processor)[0]["what"] == trouble["what"]
        own_stream.kafka.restart()
        back = time.monotonic()
        wait_for(lambda: health(processor)["status"] == "UP", SECONDS, "health that is up")
        back = time.monotonic() - back
        sent = numbers.finish()
        own_stream.drain(SECONDS + seconds)
    processor.assert_alive()
    delivery_count = own_stream.count(sent)
    report_figure(f"{probes}; UP {back:.1f} s after the broker was back; {delivery_count}")
    assert delivery_count.nothing_lost, delivery_count
    assert probes.unanswered == []
    unwell = {path: seen for path, seen in probes.statuses.items() if seen != {HTTPStatus.OK}}
    assert unwell == {READINESS: {HTTPStatus.OK, HTTPStatus.SERVICE_UNAVAILABLE}}


@pytest.mark.long
def test_leaderless_partition_is_named(three_node_kafka: Kafka, tmp_path: Path, name: str) -> None:
    """Of three, so that the others go on: the output's, and the processor has something for it."""
    stream = Stream(three_node_kafka, tmp_path, name)
    try:
        stream.topics.create(stream.source, only_on=1)
        stream.topics.create(stream.target, only_on=2)
        processor = stream.processor(OPEN).start().running()
        stream.members(1)
        with three_node_kafka.away(2):
            stream.send(Record(b"hello world"))
            reported = wait_for(lambda: troubles(processor), SECONDS, "a trouble in the health")
            assert [each["what"] for each in reported] == [
                f"no leader for {stream.target}-0: the broker is away"
            ]
            assert health(processor)["status"] == "UNKNOWN"
            assert processor.request("GET", "/actuator/health/liveness")[0] == HTTPStatus.OK
        wait_for(lambda: health(processor)["status"] == "UP", SECONDS, "health that is up")
        assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]
    finally:
        stream.end()
