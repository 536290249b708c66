"""The lag of an input that has been read: none, no matter who writes it and how it is delivered."""

import pytest
from confluent_kafka import Producer

from tests.support.load.records import Record
from tests.support.processor import Processor
from tests.support.settings import EXACTLY_ONCE, MODES
from tests.support.stream import Stream
from tests.support.verify.lag import lag
from tests.support.waiting import wait_for

EXPOSED = {"management.endpoints.web.exposure.include": "health,info,bindings,metrics"}


def write_in_transactions(stream: Stream, *transactions: tuple[str, int]) -> None:
    """Each with its end, `commit` or `abort`, and how many records it has."""
    producer = Producer(
        {
            "bootstrap.servers": stream.kafka.bootstrap,
            "transactional.id": f"writer of {stream.source}",
        }
    )
    producer.init_transactions()
    for end, records in transactions:
        producer.begin_transaction()
        for number in range(records):
            producer.produce(stream.source, f"{end} {number}".encode(), partition=0)
        producer.flush()
        getattr(producer, f"{end}_transaction")()


@pytest.mark.parametrize(
    "transactions", [[("commit", 5)], [("commit", 5), ("abort", 3)], [("abort", 3)]], ids=str
)
@pytest.mark.parametrize("mode", MODES)
def test_lag_is_none_behind_transactions(
    stream: Stream, mode: str, transactions: list[tuple[str, int]]
) -> None:
    stream.create()
    processor = stream.processor(MODES[mode] | EXPOSED).start().running()
    write_in_transactions(stream, *transactions)
    stream.drain()
    wait_for(lambda: lag(processor) == 0, 10, f"a gauge of 0 ({lag(processor)})")
    committed = sum(records for end, records in transactions if end == "commit")
    assert len(stream.arrived()) == committed


@pytest.mark.parametrize("mode", MODES)
def test_lag_is_none_after_upgrade(stream: Stream, mode: str) -> None:
    """Where all was read, but the control record after it not passed, a start passes it."""
    stream.create()
    write_in_transactions(stream, ("commit", 5))
    stream.commit(5)
    stream.processor(MODES[mode]).start()
    stream.drain()
    assert stream.arrived() == []


def test_lag_is_none_between_processors(stream: Stream) -> None:
    stream.create()
    stream.topics.create("then", 1)
    stream.processor(EXACTLY_ONCE).start()
    second = {
        "spring.cloud.stream.bindings.input.destination": stream.target,
        "spring.cloud.stream.bindings.input.group": "second",
        "spring.cloud.stream.bindings.output.destination": "then",
        "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix": "second-",
    }
    stream.processor(second).start()
    stream.send(*[Record(b"abc")] * 20)
    stream.drain()
    wait_for(
        lambda: stream.topics.behind("second", stream.target) == 0,
        30,
        "the second has committed everything",
    )


def test_gauge_of_exactly_once(stream: Stream) -> None:
    stream.create()
    processor = stream.processor(EXACTLY_ONCE | EXPOSED).start().running()
    stream.send(*[Record(b"abc")] * 2000)
    stream.drain()
    wait_for(lambda: lag(processor) == 0, 10, f"a gauge of 0 ({lag(processor)})")


def measured_partitions(processor: Processor) -> set[str]:
    """Return the partitions whose lag the client knows."""
    metric = "/actuator/metrics/kafka.consumer.fetch.manager.records.lag"
    status, body = processor.request("GET", metric)
    tags = body["availableTags"] if status == 200 else []
    return {value for each in tags if each["tag"] == "partition" for value in each["values"]}


@pytest.mark.parametrize("mode", MODES)
def test_lag_of_paused_input(stream: Stream, mode: str) -> None:
    """What arrives meanwhile is not fetched; it counts all the same."""
    stream.create(2)
    processor = (
        stream.processor(MODES[mode] | {"management.endpoints.web.exposure.include": "*"})
        .start()
        .running()
    )
    # A partition that was never fetched has no lag: its first offset is not known.
    wait_for(lambda: measured_partitions(processor) == {"0", "1"}, 20, "both partitions fetched")
    assert processor.request("POST", "/actuator/bindings/input", {"state": "PAUSED"})[0] == 204
    stream.send(*(Record(b"x", partition=number % 2) for number in range(30)))
    wait_for(lambda: lag(processor) == 30, 20, "30 records of lag")
    assert processor.request("POST", "/actuator/bindings/input", {"state": "RESUMED"})[0] == 204
    stream.drain()
    wait_for(lambda: lag(processor) == 0, 20, "no lag")
