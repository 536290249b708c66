"""The broker is not there, at the start or later.

The processor waits, says so, and loses nothing.
"""

import json
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any

import pytest

from tests.support.faults.inject import inject_when_in_flight
from tests.support.load.records import Record
from tests.support.processor import Processor
from tests.support.settings import EXACTLY_ONCE, MODES
from tests.support.stream import Stream
from tests.support.waiting import let_pass, wait_for

RATE = 1500
TALKATIVE = 20  # lines in ten seconds that an operator would call a flood

# Clients that believe each time that there is no broker, and transactions that are given up soon.
FORGETFUL = {
    "spring.cloud.stream.kafka.binder.configuration.metadata.recovery.strategy": "none",
    "spring.cloud.stream.kafka.binder.producer-properties.transaction.timeout.ms": "10000",
}
CALL_TIMEOUT_S = 4
DETAILS = {"management.endpoint.health.show-details": "always"}


def health(processor: Processor) -> Any:
    """The body of /actuator/health, which never answers anything but 200 for a broker that is away.

    A probe would kill the pod.
    """
    status, body = processor.request("GET", "/actuator/health")
    assert status == HTTPStatus.OK, body
    return body


def lines(processor: Processor) -> int:
    return len(processor.output.splitlines())


def test_missing_broker_is_awaited_at_start(own_stream: Stream) -> None:
    kafka = own_stream.kafka
    kafka.kill()
    processor = own_stream.processor(DETAILS).start().first_answer()
    reported = wait_for(
        lambda: kafka.bootstrap in json.dumps(health(processor)) and health(processor),
        10,
        "health that names the broker",
    )
    assert reported["status"] == "UNKNOWN"
    assert processor.binding()["state"] == "stopped"
    before = lines(processor)
    let_pass(10)
    assert lines(processor) - before < TALKATIVE, processor.tail()
    kafka.restart()
    processor.running()
    wait_for(lambda: health(processor)["status"] == "UP", 10, "health that is up")
    own_stream.send(Record(b"hello world"))
    assert [record.value for record in own_stream.await_arrivals(1)] == [b"dlrow olleh"]


def test_outage_is_survived_in_one_process(
    own_stream: Stream, report_figure: Callable[[str], None]
) -> None:
    kafka = own_stream.kafka
    own_stream.create(4)
    processor = own_stream.processor(DETAILS).start().running()
    own_stream.members(1)
    numbers = own_stream.numbers(RATE)
    numbers.advance(RATE)
    met = inject_when_in_flight(own_stream, processor, kafka.kill)
    reported = wait_for(
        lambda: health(processor)["status"] == "UNKNOWN" and health(processor),
        10,
        "health that knows of the outage",
    )
    assert kafka.bootstrap in json.dumps(reported)
    before = lines(processor)
    let_pass(10)
    assert lines(processor) - before < TALKATIVE, processor.tail()
    kafka.restart()
    wait_for(lambda: health(processor)["status"] == "UP", 10, "health that is up")
    sent = numbers.finish()
    own_stream.drain()
    processor.assert_alive()
    delivery_count = own_stream.count(sent)
    report_figure(f"{delivery_count}; broker killed with {met} in flight, back after 10 s")
    assert delivery_count.nothing_lost, delivery_count


def test_silent_broker_is_survived(
    own_stream: Stream, report_figure: Callable[[str], None]
) -> None:
    """Frozen, not dead: connections stay and nothing answers, as if packets were dropped."""
    kafka = own_stream.kafka
    own_stream.create(4)
    processor = own_stream.processor().start().running()
    own_stream.members(1)
    numbers = own_stream.numbers(RATE)
    numbers.advance(RATE)
    with kafka.frozen():
        let_pass(10)
        assert processor.get("/actuator/info") is not None
        processor.assert_alive()
    sent = numbers.finish()
    own_stream.drain()
    processor.assert_alive()
    delivery_count = own_stream.count(sent)
    report_figure(f"{delivery_count}; broker frozen for 10 s")
    assert delivery_count.nothing_lost, delivery_count


@pytest.mark.parametrize("mode", MODES)
def test_lost_brokers_are_refound(
    own_stream: Stream, report_figure: Callable[[str], None], mode: str
) -> None:
    """As in a cluster that froze, or lost its controllers, for longer than its sessions.

    Under exactly once nothing flows meanwhile: Kafka 4.4 can undo a confirmed transaction whose
    partitions lose their leader in the same moment (see docs/guarantees.md), here every few
    seconds.
    """
    kafka = own_stream.kafka
    own_stream.create(4)
    processor = own_stream.processor(MODES[mode] | FORGETFUL).start().running()
    own_stream.members(1)
    numbers = own_stream.numbers(RATE)
    numbers.advance(RATE)
    with ExitStack() as stack:
        if mode == "exactly-once":
            stack.enter_context(numbers.held())
            own_stream.drain()
        stack.enter_context(kafka.fenced_now_and_then())
        let_pass(15)
    sent = numbers.finish(numbers.delivered + RATE)
    own_stream.drain()
    processor.assert_alive()
    delivery_count = own_stream.count(sent)
    reported = processor.output.count("forgotten every broker")
    report_figure(f"{delivery_count}; {reported} client(s) had forgotten every broker")
    assert delivery_count.nothing_lost, delivery_count
    assert reported, "librdkafka 2.16 forgets them each time: has that been mended?"
    if mode == "exactly-once":
        assert delivery_count.doubled == 0, delivery_count


def test_long_call_in_outage_is_no_hang(own_stream: Stream) -> None:
    """send_offsets_to_transaction can block as long as no broker answers."""
    own_stream.create(1)
    settings = EXACTLY_ONCE | {
        "python-processor.client-call-timeout": f"{CALL_TIMEOUT_S}s",
        "python-processor.commit-interval": "5s",
        # A lost membership would end the transaction without such a call.
        "spring.cloud.stream.kafka.binder.consumer-properties.session.timeout.ms": "45000",
    }
    processor = own_stream.processor(settings).start().running()
    first, *others = sent = [Record(b"%d" % number) for number in range(10)]
    own_stream.send(first)
    own_stream.drain()
    ends = own_stream.topics.ends
    (committed,) = ends(own_stream.target).values()
    own_stream.send(*others)
    # All is produced, so that the next step is the commit, 5 s after the one before.
    end = {0: committed + len(others)}
    wait_for(lambda: ends(own_stream.target) == end, 10, "all records out")
    with own_stream.kafka.away():
        let_pass(6 * CALL_TIMEOUT_S)
        assert processor.child.poll() is None, processor.tail()
    own_stream.drain()
    delivery_count = own_stream.count(sent)
    assert delivery_count.nothing_lost, delivery_count
    assert delivery_count.doubled == 0, delivery_count
