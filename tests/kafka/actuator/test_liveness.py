"""Liveness of a processor whose function is slow, and of one whose function does not come back.

Probes and a task at full speed.
"""

import statistics
import time
from collections.abc import Callable
from http import HTTPStatus

import pytest

from tests.support.load.records import Record
from tests.support.processor import SECONDS, Processor
from tests.support.stream import Stream
from tests.support.verify.probes import Probes, percentile
from tests.support.waiting import let_pass, wait_for

MAX_POLL = 4  # seconds
SETTINGS = {
    "spring.cloud.stream.kafka.binder.consumer-properties.max.poll.interval.ms": str(
        MAX_POLL * 1000
    )
}
FUNCTION = """
import time


def work(value):
    time.sleep(float(value))
    return value
"""
BUSY = """
def work(value):
    for _ in range(2000):  # some 20 us
        pass
    return value
"""
PROBED = ["health/liveness", "info"]  # what Kubernetes asks for
ROUNDS, ROUND = 9, 1.0  # pairs; seconds
BACKLOG, PORTION = 1_500_000, 50_000  # records: more than a task gets done in that time


def test_stuck_function_fails_liveness(stream: Stream) -> None:
    stream.create()
    processor = (
        stream.with_step('records = map_value("work", records, work)', FUNCTION, SETTINGS)
        .start()
        .running()
    )
    stream.members(1)
    stream.send(*(Record(b"2") for _ in range(3)))
    with Probes(processor, PROBED) as probes:
        stream.drain()
    assert probes.statuses == {path: {HTTPStatus.OK} for path in PROBED}
    stream.send(Record(b"1000"))
    wait_for(
        lambda: liveness(processor) == HTTPStatus.SERVICE_UNAVAILABLE,
        SECONDS,
        "a liveness that is down",
    )
    assert processor.request("GET", "/actuator/health")[0] == HTTPStatus.SERVICE_UNAVAILABLE
    assert processor.request("GET", "/actuator/info")[0] == HTTPStatus.OK


@pytest.mark.long
@pytest.mark.parametrize(
    ("paths", "pause"), [(PROBED, 0.05), (["prometheus"], ROUND)], ids=["probes", "scrapes"]
)
def test_probes_do_not_slow_task(
    stream: Stream, report_figure: Callable[[str], None], paths: list[str], pause: float
) -> None:
    stream.create(4)
    for _ in range(BACKLOG // PORTION):
        stream.send(*[Record(b"hello world")] * PORTION)
    exposed = {"management.endpoints.web.exposure.include": "*"}
    processor = (
        stream.with_step('records = map_value("work", records, work)', BUSY, exposed)
        .start()
        .running()
    )
    stream.members(1)
    wait_for(lambda: sum(stream.topics.ends(stream.target).values()), SECONDS, "the first records")
    changes, took = [], list[float]()
    for _ in range(ROUNDS):
        alone = speed(stream)
        with Probes(processor, paths, pause) as probes:
            changes.append(speed(stream) / alone - 1)
        assert probes.unanswered == []
        took += (each for path in probes.took.values() for each in path)
    assert stream.behind() > 0, "the task had work all the time"
    report_figure(
        f"at full speed: p99 of {len(took)} answers {percentile(took, 99) * 1000:.0f} ms; one "
        f"every {pause:g} s changes the speed by "
        f"{statistics.median(changes):+.1%} (median of {ROUNDS} pairs, {min(changes):+.1%} to "
        f"{max(changes):+.1%}; last {alone:.0f}/s)"
    )


def liveness(processor: Processor) -> int:
    return processor.request("GET", "/actuator/health/liveness")[0]


def speed(stream: Stream) -> float:
    """Records a second into the output, now."""
    began, before = time.monotonic(), sum(stream.topics.ends(stream.target).values())
    let_pass(ROUND)
    after = sum(stream.topics.ends(stream.target).values())
    return (after - before) / (time.monotonic() - began)
