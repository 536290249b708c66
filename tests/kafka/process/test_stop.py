"""How the processor ends: asked to, told twice, out of time."""

import random
import signal
from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus

import pytest

from runtime.exit_codes import Exit
from tests.support.faults import inject_when_in_flight
from tests.support.load.load_generator import LoadGenerator
from tests.support.processor import Processor
from tests.support.settings import EXACTLY_ONCE
from tests.support.stream import Stream
from tests.support.waiting import let_pass, wait_for

RATE = 1500
DEADLINE = "spring.lifecycle.timeout-per-shutdown-phase"
# Slower than the numbers come: there is always something in hand that is not committed, whenever
# the broker goes.
SLOW = """
import time


def slow(value):
    time.sleep(0.002)
    return reverse(value)
"""
# Longer than the stops of these tests, so that the partitions stay the processor's until its end.
LONG_SESSION = {"spring.cloud.stream.kafka.binder.consumer-properties.session.timeout.ms": "4000"}


def running(stream: Stream, settings: dict[str, str] | None = None) -> Processor:
    processor = stream.processor(settings).start().running()
    stream.members(1)
    return processor


def busy(stream: Stream, settings: dict[str, str]) -> Processor:
    processor = (
        stream.own_flow('records = map_value("slow", records, slow)', SLOW, settings)
        .start()
        .running()
    )
    stream.members(1)
    return processor


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_processor_ends_with_0_and_leaves_its_group(
    stream: Stream, stop: signal.Signals
) -> None:
    stream.create()
    processor = running(stream)
    processor.signal(stop)
    assert processor.exit_code() == Exit.OK
    assert list(stream.topics.group(stream.group).members) == []
    assert stop.name in processor.output
    assert "CONFWARN" not in processor.output


def test_a_signal_before_the_first_answer_ends_it_with_0_or_143(
    stream: Stream, chance: random.Random
) -> None:
    """From the first instant on: no signal is missed, none leaves a traceback."""
    stream.create()
    processor = stream.processor()
    for _ in range(10):
        processor.start()
        let_pass(chance.uniform(0, 1))
        processor.signal(signal.SIGTERM)
        assert processor.exit_code() in {Exit.OK, 128 + signal.SIGTERM}
    assert "Traceback" not in processor.output


def test_post_shutdown_drains_as_data_flow_s_local_deployer_asks(
    stream: Stream, tell: Callable[[str], None]
) -> None:
    stream.create(4)
    processor = running(stream)
    numbers = stream.numbers(RATE)
    numbers.advance(RATE)
    answers: list[int] = []
    in_flight = wait_for(stream.behind, 30, "records in flight")
    answers.append(processor.request("POST", "/shutdown")[0])
    assert answers == [HTTPStatus.OK]
    assert processor.exit_code() == Exit.OK
    assert "POST /shutdown" in processor.output
    sent = numbers.finish()
    processor.start()
    stream.drain()
    books = stream.count(sent)
    tell(f"{books}; POST /shutdown with {in_flight} in flight")
    assert books.nothing_lost, books
    assert books.doubled == 0


def test_post_shutdown_is_not_there_unless_it_is_enabled(stream: Stream) -> None:
    stream.create()
    processor = stream.processor({"endpoints.shutdown.enabled": "false"}).start().first_answer()
    assert processor.request("POST", "/shutdown")[0] == HTTPStatus.NOT_FOUND
    assert processor.request("POST", "/actuator/shutdown")[0] == HTTPStatus.NOT_FOUND
    processor.running()


def test_post_actuator_shutdown_ends_it_where_it_is_enabled_as_in_boot(stream: Stream) -> None:
    stream.create()
    settings = {
        "management.endpoint.shutdown.enabled": "true",
        "management.endpoints.web.exposure.include": "shutdown,info,bindings",
    }
    processor = running(stream, settings)
    assert processor.request("POST", "/actuator/shutdown") == (
        HTTPStatus.OK,
        {"message": "Shutting down, bye..."},
    )
    assert processor.exit_code() == Exit.OK


@pytest.mark.parametrize("gone", ["dead", "frozen"])
def test_a_stop_without_a_broker_ends_at_the_deadline(
    own_stream: Stream, gone: str, tell: Callable[[str], None]
) -> None:
    own_stream.create(4)
    processor = busy(own_stream, LONG_SESSION | {DEADLINE: "2s"})
    numbers = own_stream.numbers(RATE)
    numbers.advance(RATE)
    with ExitStack() as stack:
        outage = own_stream.kafka.away() if gone == "dead" else own_stream.kafka.frozen()
        met = inject_when_in_flight(own_stream, processor, lambda: stack.enter_context(outage))
        processor.signal(signal.SIGTERM)
        assert processor.exit_code() == Exit.UNFINISHED
    assert DEADLINE in processor.output
    after_the_outage(own_stream, numbers, f"broker {gone}, SIGTERM with {met} in flight", tell)


def test_a_stop_that_loses_its_partitions_does_not_claim_to_have_committed(
    own_stream: Stream, tell: Callable[[str], None]
) -> None:
    own_stream.create(4)
    processor = busy(own_stream, {DEADLINE: "1h"})
    numbers = own_stream.numbers(RATE)
    numbers.advance(RATE)
    with ExitStack() as stack:
        outage = own_stream.kafka.away()
        met = inject_when_in_flight(own_stream, processor, lambda: stack.enter_context(outage))
        processor.signal(signal.SIGTERM)
        assert processor.exit_code() == Exit.UNFINISHED
    assert "partitions lost" in processor.output
    assert "what is not will be repeated" in processor.output
    assert "all that was taken is delivered and committed" not in processor.output
    after_the_outage(own_stream, numbers, f"partitions lost in a stop with {met} in flight", tell)


@pytest.mark.parametrize("gone", ["dead", "frozen"])
def test_a_second_signal_ends_it_at_once_also_without_a_broker(
    own_stream: Stream, gone: str, tell: Callable[[str], None]
) -> None:
    own_stream.create(4)
    processor = busy(own_stream, LONG_SESSION | {DEADLINE: "1h"})
    numbers = own_stream.numbers(RATE)
    numbers.advance(RATE)
    with ExitStack() as stack:
        outage = own_stream.kafka.away() if gone == "dead" else own_stream.kafka.frozen()
        met = inject_when_in_flight(own_stream, processor, lambda: stack.enter_context(outage))
        processor.signal(signal.SIGTERM)
        wait_for(lambda: "stopping (SIGTERM)" in processor.output, 10, "the first signal's effect")
        processor.assert_alive()
        processor.signal(signal.SIGTERM)
        assert processor.exit_code(10) == 128 + signal.SIGTERM
    after_the_outage(own_stream, numbers, f"broker {gone}, two SIGTERM with {met} in flight", tell)


@pytest.mark.parametrize("settings", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
def test_an_idle_processor_that_never_met_its_broker_ends_with_0(
    own_stream: Stream, settings: dict[str, str]
) -> None:
    own_stream.kafka.kill()
    processor = own_stream.processor(settings).start().first_answer()
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == Exit.OK
    own_stream.kafka.restart()


def after_the_outage(
    stream: Stream, numbers: LoadGenerator, what: str, tell: Callable[[str], None]
) -> None:
    """The broker is back and another processor goes on: nothing is missing."""
    stream.processor().start()
    sent = numbers.finish()
    stream.drain()
    books = stream.count(sent)
    tell(f"{books}; {what}")
    assert books.nothing_lost, books
