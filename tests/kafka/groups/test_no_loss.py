"""Nothing is lost, where it takes longer, promises more or hits more precisely than
tests/guarantees does.
"""

import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guarantees.faults import BROKER
from tests.guarantees.trial import AT_LEAST_ONCE, RATE, FaultScenario
from tests.support.brokers.corrupting_proxy import CorruptingProxy
from tests.support.brokers.proxy import ProxiedKafka
from tests.support.faults import inject_when_in_flight
from tests.support.settings import EXACTLY_ONCE
from tests.support.stream import Stream

Tell = Callable[[str], None]


@pytest.mark.long
@pytest.mark.parametrize("protocol", ["range", "cooperative-sticky", "consumer"])
def test_a_broker_away_for_more_than_two_minutes_is_waited_out(
    own_stream: Stream, chance: random.Random, tell: Tell, protocol: str
) -> None:
    """By then client and broker give up other things than in a short outage."""
    trial = FaultScenario(own_stream, AT_LEAST_ONCE, protocol, chance)
    trial.join()
    trial.join()
    trial.a_moment()
    trial.outage(150)
    trial.outage(10)
    row = trial.verdict("no broker for 150 s")
    tell(str(row))
    row.check()
    trial.stop()


def test_a_stopped_stream_goes_on_where_it_was_without_a_double(
    stream: Stream, chance: random.Random, tell: Tell
) -> None:
    """Orderly stops under load commit all they have delivered: here at least once is exactly
    once.
    """
    trial = FaultScenario(stream, AT_LEAST_ONCE, "range", chance)
    processor = trial.join()
    for _ in range(3):
        trial.numbers.advance(RATE)
        trial.hits["SIGTERM"].append(
            inject_when_in_flight(stream, processor, lambda: processor.signal(signal.SIGTERM))
        )
        assert processor.exit_code() == 0
        processor.start().first_answer()
        trial.settle()
    row = trial.verdict("orderly stops")
    tell(str(row))
    row.check()
    assert row.doubled == 0, row


@pytest.mark.parametrize("settings", [{}, EXACTLY_ONCE], ids=["at least once", "exactly once"])
def test_a_write_that_is_refused_is_not_taken_for_delivered_because_the_next_one_is(
    tmp_path: Path, name: str, settings: dict[str, str]
) -> None:
    """A partition takes any write of a producer that it has not met yet; librdkafka believes that
    all before it were taken, too.
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
            books = stream.count(sent)
            assert books.nothing_lost, books
            assert not (settings and books.doubled), books
            partitions = {record.key: record.partition for record in stream.arrived()}
            assert list(partitions.values()).count(partitions[b"key-2"]) == 1, (
                "a partition of its own"
            )
        finally:
            stream.end()
