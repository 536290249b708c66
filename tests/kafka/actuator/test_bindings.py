"""Pause, resume, stop and start through the actuator: no gap, no repeat."""

import signal
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest

from tests.support.load.records import Record, read
from tests.support.settings import EXACTLY_ONCE, PROTOCOLS
from tests.support.stream import Stream
from tests.support.verify.bindings import change_state
from tests.support.verify.delivery import assert_delivered
from tests.support.waiting import let_pass, wait_for

RATE = 1500


@pytest.mark.parametrize(
    ("off", "is_off", "on"), [("PAUSED", "paused", "RESUMED"), ("STOPPED", "stopped", "STARTED")]
)
def test_paused_input_resumes_without_gap(stream: Stream, off: str, is_off: str, on: str) -> None:
    stream.create(4)
    processor = stream.processor().start().running()
    stream.members(1)
    numbers = stream.numbers(RATE)
    for _ in range(3):
        numbers.advance(RATE // 2)
        change_state(processor, off, is_off)
        numbers.advance(RATE // 2)
        assert stream.behind() > 0
        change_state(processor, on, "running")
    sent = numbers.finish()
    assert_delivered(stream, sent, once=True)


def test_answered_once_changed(stream: Stream) -> None:
    stream.create(4)
    processor = stream.processor().start().running()
    numbers = stream.numbers(RATE)
    for state, then in [
        ("PAUSED", "paused"),
        ("RESUMED", "running"),
        ("STOPPED", "stopped"),
        ("STARTED", "running"),
    ] * 3:
        numbers.advance(RATE // 10)
        assert (
            processor.request("POST", "/actuator/bindings/input", {"state": state})[0]
            == HTTPStatus.NO_CONTENT
        )
        assert processor.binding()["state"] == then
    numbers.finish()


def test_waiting_changes_do_not_block_probes(stream: Stream) -> None:
    stream.create()
    processor = (
        stream.with_step('records = map_value("slow", records, slow)', f"import time\n{SLOW}")
        .start()
        .running()
    )
    stream.send(Record(b"abc"))
    wait_for(lambda: "in hand" in processor.output, 30, "the record in hand")
    with ThreadPoolExecutor(8) as clients:
        changes = [
            clients.submit(
                processor.request, "POST", "/actuator/bindings/input", {"state": "STOPPED"}
            )
            for _ in range(8)
        ]
        wait_for(
            lambda: sum(change.done() for change in changes) == 6,
            10,
            "all but two changes answered",
        )
        assert processor.request("GET", "/actuator/health")[0] == HTTPStatus.OK
        assert sum(change.done() for change in changes) == 6
        assert {change.result()[0] for change in changes} == {HTTPStatus.NO_CONTENT}
    assert processor.binding()["state"] == "stopped"


SLOW = """
def slow(value):
    print("in hand", flush=True)
    time.sleep(2)
    return value
"""


@pytest.mark.parametrize("settings", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
def test_stop_survives_rejected_record(stream: Stream, settings: dict[str, str]) -> None:
    stream.create()
    stream.topics.configure(stream.target, max_message_bytes="4000")
    processor = (
        stream.with_step(
            'records = map_value("slow", records, slow)', f"import time\n{SLOW}", settings
        )
        .start()
        .running()
    )
    stream.send(Record(b"large " * 1000))
    wait_for(lambda: "in hand" in processor.output, 30, "the record in hand")
    change_state(processor, "STOPPED", "stopped")
    stream.send(Record(b"small"))
    change_state(processor, "STARTED", "running")
    stream.drain()
    assert [record.value for record in stream.arrived()] == [b"small"]
    assert [record.value for record in read(stream.kafka.bootstrap, stream.dead_letters)] == [
        b"large " * 1000
    ]


def test_paused_input_keeps_its_partitions(stream: Stream) -> None:
    stream.create()
    max_poll = {"spring.cloud.stream.kafka.binder.consumer-properties.max.poll.interval.ms": "2000"}
    processor = stream.processor(max_poll).start().running()
    stream.members(1)
    change_state(processor, "PAUSED", "paused")
    (member,) = stream.topics.group(stream.group).members
    stream.send(Record(b"later"))
    let_pass(3)  # longer than the group would wait for a consumer that does not poll
    assert stream.arrived() == []
    assert [now.member_id for now in stream.topics.group(stream.group).members] == [
        member.member_id
    ]
    change_state(processor, "RESUMED", "running")
    assert [record.value for record in stream.await_arrivals(1)] == [b"retal"]


def test_pause_survives_rebalance(stream: Stream) -> None:
    """It holds what it gets back, and what it gets that it has never paused before."""
    stream.create(2)
    second = stream.processor().start().running()
    stream.members(1)
    first = stream.processor().start().running()
    stream.members(2)
    change_state(first, "PAUSED", "paused")
    second.signal(signal.SIGTERM)
    assert second.exit_code() == 0
    stream.members(1)
    stream.send(Record(b"left", partition=0), Record(b"right", partition=1))
    let_pass(1)
    assert stream.arrived() == []
    change_state(first, "RESUMED", "running")
    assert {record.value for record in stream.await_arrivals(2)} == {b"tfel", b"thgir"}


def test_stopped_input_leaves(
    stream: Stream,
) -> None:
    stream.create(2)
    first = stream.processor().start().running()
    stream.members(1)
    stream.processor().start().running()
    stream.members(2)
    change_state(first, "STOPPED", "stopped")
    stream.members(1)
    stream.send(Record(b"left", partition=0), Record(b"right", partition=1))
    assert {record.value for record in stream.await_arrivals(2)} == {b"tfel", b"thgir"}
    change_state(first, "STARTED", "running")
    stream.members(2)


def test_actuator_starts_the_input(stream: Stream) -> None:
    stream.create()
    processor = (
        stream.processor({"spring.cloud.stream.bindings.input.consumer.auto-startup": "false"})
        .start()
        .first_answer()
    )
    stream.send(Record(b"hello world"))
    let_pass(1)
    assert processor.binding()["state"] == "stopped"
    assert stream.arrived() == []
    change_state(processor, "STARTED", "running")
    assert [record.value for record in stream.await_arrivals(1)] == [b"dlrow olleh"]


STARTING = """
import confluent_kafka

from connectors.cluster import clients


class Consumer(confluent_kafka.Consumer):
    starting = False

    def assign(self, partitions):
        super().assign(partitions)
        self.starting = True

    def incremental_assign(self, partitions):
        super().incremental_assign(partitions)
        self.starting = True

    def poll(self, *seconds):
        try:
            return super().poll(*seconds)
        finally:
            self.starting = False

    def resume(self, partitions):
        if not self.starting:
            super().resume(partitions)


clients.Consumer = Consumer
"""


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_client_drops_resume_at_start(stream: Stream, protocol: str) -> None:
    """Librdkafka may drop a resume while a partition starts (its issue 5591).

    The record would wait for ever.
    """
    stream.create()
    processor = stream.with_step("", STARTING, PROTOCOLS[protocol]).start().running()
    stream.send(Record(b"abc"))
    stream.await_arrivals(1)
    change_state(processor, "STOPPED", "stopped")
    stream.send(Record(b"def"))
    change_state(processor, "STARTED", "running")
    assert [record.value for record in stream.await_arrivals(2)] == [b"abc", b"def"]
