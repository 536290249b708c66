"""No loss in scenarios that take longer or hit more precisely than those in tests/guarantees."""

import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.brokers.corrupting_proxy import CorruptingProxy
from tests.support.brokers.proxy import ProxiedKafka
from tests.support.faults.fault_scenario import AT_LEAST_ONCE, RATE, FaultScenario
from tests.support.faults.inject import inject_when_in_flight
from tests.support.settings import BROKER, EXACTLY_ONCE
from tests.support.stream import Stream

ReportFigure = Callable[[str], None]


@pytest.mark.long
@pytest.mark.parametrize("protocol", ["range", "cooperative-sticky", "consumer"])
def test_outage_of_two_minutes_is_survived(
    own_stream: Stream, rng: random.Random, report_figure: ReportFigure, protocol: str
) -> None:
    """By then client and broker give up other things than in a short outage."""
    scenario = FaultScenario(own_stream, AT_LEAST_ONCE, protocol, rng)
    scenario.join()
    scenario.join()
    scenario.let_records_pass()
    scenario.outage(150)
    scenario.outage(10)
    row = scenario.finish("no broker for 150 s")
    report_figure(str(row))
    row.check()
    scenario.stop()


def test_restarted_input_continues_exactly(
    stream: Stream, rng: random.Random, report_figure: ReportFigure
) -> None:
    """Orderly stops under load commit all they have delivered.

    Here at least once is exactly once.
    """
    scenario = FaultScenario(stream, AT_LEAST_ONCE, "range", rng)
    processor = scenario.join()
    for _ in range(3):
        scenario.numbers.advance(RATE)
        scenario.hits["SIGTERM"].append(
            inject_when_in_flight(stream, processor, lambda: processor.signal(signal.SIGTERM))
        )
        assert processor.exit_code() == 0
        processor.start().first_answer()
        scenario.await_members()
    row = scenario.finish("orderly stops")
    report_figure(str(row))
    row.check()
    assert row.doubled == 0, row


@pytest.mark.parametrize("settings", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
def test_rejected_write_is_not_committed(
    tmp_path: Path, name: str, settings: dict[str, str]
) -> None:
    """A partition takes any write of a producer that it has not met yet.

    Librdkafka believes that all before it were taken, too.
    """
    proxies: list[CorruptingProxy] = []

    def proxy(port: int, target: int) -> CorruptingProxy:
        proxies.append(CorruptingProxy(port, target, b"key-2"))
        return proxies[-1]

    with ProxiedKafka(tmp_path / "kafka", 1, proxy) as kafka:
        stream = Stream(kafka, tmp_path, name)
        stream.topics.create(stream.source)
        stream.topics.create(stream.target, 8)
        try:
            stream.processor(
                settings | {BROKER: kafka.proxied, "python-processor.commit-interval": "500ms"}
            ).start().running()
            stream.members(1)
            # One by one: each is a write of its own, for no commit waits for the first of key-2
            # before there is a second one.
            numbers = stream.numbers(100, linger=0)
            numbers.advance(100)
            sent = numbers.finish()
            stream.drain()
            assert [each.spoilt for each in proxies] == [1]
            delivery_count = stream.count(sent)
            assert delivery_count.nothing_lost, delivery_count
            assert not (settings and delivery_count.doubled), delivery_count
            partitions = {record.key: record.partition for record in stream.arrived()}
            assert list(partitions.values()).count(partitions[b"key-2"]) == 1, (
                "a partition of its own"
            )
        finally:
            stream.end()
