"""How the processor ends: on request, on a second signal, and out of time."""

import random
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus

import pytest

from runtime.exit_codes import Exit
from tests.support.faults.inject import inject_when_in_flight
from tests.support.load.load_generator import LoadGenerator
from tests.support.processor import Processor
from tests.support.settings import EXACTLY_ONCE
from tests.support.stream import Stream
from tests.support.verify.delivery import assert_delivered
from tests.support.waiting import let_pass, wait_for

RATE = 1500
DEADLINE = "spring.lifecycle.timeout-per-shutdown-phase"
# Slower than the numbers come: some records in flight are not committed, whenever
# the broker goes.
SLOW = """
import time


def slow(value):
    time.sleep(0.002)
    return reverse(value)
"""
# Longer than the stops of these tests, so that the partitions stay the processor's until its end.
LONG_SESSION = {"spring.cloud.stream.kafka.binder.consumer-properties.session.timeout.ms": "4000"}
SHORT_STOP = LONG_SESSION | {DEADLINE: "2s"}
LONG_STOP = LONG_SESSION | {DEADLINE: "1h"}


def running(stream: Stream, settings: dict[str, str] | None = None) -> Processor:
    processor = stream.processor(settings).start().running()
    stream.members(1)
    return processor


def busy(stream: Stream, settings: dict[str, str]) -> Processor:
    processor = (
        stream.with_step('records = map_value("slow", records, slow)', SLOW, settings)
        .start()
        .running()
    )
    stream.members(1)
    return processor


@contextmanager
def stop_in_outage(
    stream: Stream, gone: str, settings: dict[str, str]
) -> Iterator[tuple[Processor, LoadGenerator, int]]:
    """An outage hits a busy processor, which then gets SIGTERM; ends with the outage.

    Yields:
        The processor, the load, and how many records were in flight.
    """
    stream.create(4)
    processor = busy(stream, settings)
    numbers = stream.numbers(RATE)
    numbers.advance(RATE)
    with ExitStack() as stack:
        outage = stream.kafka.away() if gone == "dead" else stream.kafka.frozen()
        met = inject_when_in_flight(stream, processor, lambda: stack.enter_context(outage))
        processor.signal(signal.SIGTERM)
        yield processor, numbers, met


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_idle_processor_exits_0(stream: Stream, stop: signal.Signals) -> None:
    stream.create()
    processor = running(stream)
    processor.signal(stop)
    assert processor.exit_code() == Exit.OK
    assert list(stream.topics.group(stream.group).members) == []
    assert stop.name in processor.output
    assert "CONFWARN" not in processor.output


def test_signal_before_an_answer(stream: Stream, rng: random.Random) -> None:
    """From the first instant on: no signal is missed, none leaves a traceback."""
    stream.create()
    processor = stream.processor()
    for _ in range(10):
        processor.start()
        let_pass(rng.uniform(0, 1))
        processor.signal(signal.SIGTERM)
        assert processor.exit_code() in {Exit.OK, 128 + signal.SIGTERM}
    assert "Traceback" not in processor.output


def test_post_shutdown_drains(stream: Stream, report_figure: Callable[[str], None]) -> None:
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
    delivery_count = assert_delivered(stream, sent, once=True)
    report_figure(f"{delivery_count}; POST /shutdown with {in_flight} in flight")


def test_post_shutdown_is_off_by_default(stream: Stream) -> None:
    stream.create()
    processor = stream.processor({"endpoints.shutdown.enabled": "false"}).start().first_answer()
    assert processor.request("POST", "/shutdown")[0] == HTTPStatus.NOT_FOUND
    assert processor.request("POST", "/actuator/shutdown")[0] == HTTPStatus.NOT_FOUND
    processor.running()


def test_actuator_shutdown_ends_it_if_enabled(stream: Stream) -> None:
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
def test_stop_without_broker_meets_deadline(
    own_stream: Stream, gone: str, report_figure: Callable[[str], None]
) -> None:
    with stop_in_outage(own_stream, gone, SHORT_STOP) as (processor, numbers, met):
        assert processor.exit_code() == Exit.UNFINISHED
    assert DEADLINE in processor.output
    after_the_outage(
        own_stream, numbers, f"broker {gone}, SIGTERM with {met} in flight", report_figure
    )


def test_stop_with_lost_partitions_fails(
    own_stream: Stream, report_figure: Callable[[str], None]
) -> None:
    with stop_in_outage(own_stream, "dead", {DEADLINE: "1h"}) as (processor, numbers, met):
        assert processor.exit_code() == Exit.UNFINISHED
    assert "partitions lost" in processor.output
    assert "the next start reads the others again" in processor.output
    assert "all records read are delivered and committed" not in processor.output
    after_the_outage(
        own_stream, numbers, f"partitions lost in a stop with {met} in flight", report_figure
    )


@pytest.mark.parametrize("gone", ["dead", "frozen"])
def test_second_signal_ends_at_once(
    own_stream: Stream, gone: str, report_figure: Callable[[str], None]
) -> None:
    with stop_in_outage(own_stream, gone, LONG_STOP) as (processor, numbers, met):
        wait_for(lambda: "stopping (SIGTERM)" in processor.output, 10, "the first signal's effect")
        processor.assert_alive()
        processor.signal(signal.SIGTERM)
        assert processor.exit_code(10) == 128 + signal.SIGTERM
    after_the_outage(
        own_stream, numbers, f"broker {gone}, two SIGTERM with {met} in flight", report_figure
    )


@pytest.mark.parametrize("settings", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
def test_idle_exit_is_0_without_broker(own_stream: Stream, settings: dict[str, str]) -> None:
    own_stream.kafka.kill()
    processor = own_stream.processor(settings).start().first_answer()
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == Exit.OK
    own_stream.kafka.restart()


def after_the_outage(
    stream: Stream, numbers: LoadGenerator, what: str, report_figure: Callable[[str], None]
) -> None:
    """The broker is back and another processor goes on: nothing is missing."""
    stream.processor().start()
    sent = numbers.finish()
    delivery_count = assert_delivered(stream, sent)
    report_figure(f"{delivery_count}; {what}")
