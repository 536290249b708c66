"""librdkafka's statistics as samples: totals, rates, averages of the window, lag."""

from typing import Any

import pytest

from connectors.monitoring.statistics import (
    WINDOW_S,
    Statistics,
    parse_document,
    read_consumer_stats,
    read_producer_stats,
)
from connectors.task.batch_times import TimeWindowMax
from runtime.metrics.meter import Kind, Sample
from runtime.metrics.meters import METERS
from tests.fakes.statistics_documents import document

CLIENT = (("client.id", "rdkafka"),)
TOPIC = (*CLIENT, ("topic", "in"))
FETCH = "kafka.consumer.fetch.manager"


def later(document: Any, seconds: float) -> Any:
    document["ts"] += round(seconds * 1e6)
    return document


def figures(samples: tuple[Sample, ...]) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    found = {(sample.meter, sample.tags): sample.value for sample in samples}
    assert len(found) == len(samples)
    return found


def of_consumer(*documents: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    statistics = Statistics(lambda each: read_consumer_stats(each, "g"))
    return figures([statistics.observe(each) for each in documents][-1])


def of_producer(*documents: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    statistics = Statistics(lambda each: read_producer_stats(each, 3))
    return figures([statistics.observe(each) for each in documents][-1])


def test_first_document_gives_totals_and_lag() -> None:
    found = of_consumer(document("consumer"))
    assert found[f"{FETCH}.records.consumed.total", TOPIC] == 1000
    # Since the client began.
    assert found[f"{FETCH}.records.consumed.rate", TOPIC] == pytest.approx(1000 / 4.508874)
    assert found[f"{FETCH}.records.lag", (*TOPIC, ("partition", "0"))] == 0
    assert (
        found["spring.cloud.stream.binder.kafka.offset", (("group", "g"), ("topic", "in"))] == 500
    )
    assert found["kafka.consumer.coordinator.assigned.partitions", CLIENT] == 1
    # The coordinator is the same broker.
    assert found["kafka.consumer.connection.count", CLIENT] == 1


def test_rate_covers_the_window() -> None:
    second = later(document("consumer"), 10)
    second["topics"]["in"]["partitions"]["0"]["rxmsgs"] += 50
    # The beginning of the client has left the window.
    found = of_consumer(*[document("consumer")] * WINDOW_S, second)
    assert found[f"{FETCH}.records.consumed.rate", TOPIC] == pytest.approx(5)


def test_averages_include_first_document() -> None:
    found = of_producer(document("producer"))
    assert found["kafka.producer.record.size.avg", CLIENT] == 40
    assert found["kafka.producer.records.per.request.avg", CLIENT] == 1000


def test_averages_are_weighted() -> None:
    first, second = document("producer"), later(document("producer"), 1)
    broker = "127.0.0.1:9092/1"
    first["brokers"][broker]["rtt"] = {"sum": 9000, "cnt": 1, "max": 9000}
    second["brokers"][broker]["rtt"] = {"sum": 3000, "cnt": 3, "max": 1500}
    found = of_producer(first, second)
    assert found["kafka.producer.request.latency.avg", CLIENT] == pytest.approx(3)
    assert found["kafka.producer.request.latency.max", CLIENT] == pytest.approx(9)


def test_unmeasured_value_has_no_average() -> None:
    assert ("kafka.producer.request.latency.avg", CLIENT) not in of_producer(document("producer"))


def test_old_documents_expire() -> None:
    first = document("producer")
    first["brokers"]["127.0.0.1:9092/1"]["rtt"] = {"sum": 9000, "cnt": 1, "max": 9000}
    found = of_producer(first, *(later(document("producer"), second) for second in range(1, 32)))
    assert ("kafka.producer.request.latency.avg", CLIENT) not in found


def test_producer_statistics_are_read() -> None:
    second = later(document("producer"), 2)
    second["txmsgs"] += 10
    second["txmsg_bytes"] += 700
    second["brokers"]["127.0.0.1:9092/1"]["req"]["Produce"] += 5
    found = of_producer(*[document("producer")] * WINDOW_S, second)
    assert found["kafka.producer.record.send.total", CLIENT] == 1010
    assert found["kafka.producer.record.send.rate", CLIENT] == pytest.approx(5)
    assert found["kafka.producer.record.size.avg", CLIENT] == 70
    assert found["kafka.producer.records.per.request.avg", CLIENT] == 2
    assert found["kafka.producer.record.error.total", CLIENT] == 3


def test_unread_topics_have_no_series() -> None:
    written = document("consumer")
    written["topics"]["out"] = {"partitions": {"0": written["topics"]["in"]["partitions"]["-1"]}}
    assert ("topic", "out") not in {tag for _, tags in of_consumer(written) for tag in tags}


def test_paused_partition_has_lag() -> None:
    """Nothing is fetched of them, so the client does not learn of new records."""
    statistics = Statistics(
        lambda each: read_consumer_stats(each, "g", {("in", 0): 1000}, {("in", 0): 1030})
    )
    found = figures(statistics.observe(document("consumer")))
    assert found["spring.cloud.stream.binder.kafka.offset", (("group", "g"), ("topic", "in"))] == 30
    assert found[f"{FETCH}.records.lag", (*TOPIC, ("partition", "0"))] == 30


@pytest.mark.parametrize("change", [{"fetch_state": "stopped"}, {"unknown": True}], ids=str)
def test_foreign_partitions_have_no_lag(change: dict[str, Any]) -> None:
    """Nor have those that no longer exist."""
    gone = document("consumer")
    gone["topics"]["in"]["partitions"]["0"] |= change
    assert not [name for name, _ in of_consumer(gone) if "lag" in name or "offset" in name]


@pytest.mark.parametrize(
    ("position", "committed", "lag", "uncommitted"),
    [(-1001, 300, 700, 700), (-1001, -1001, 900, 900)],
)
def test_lag_starts_at_commit_or_beginning(
    position: int, committed: int, lag: int, uncommitted: int
) -> None:
    started = document("consumer")
    started["topics"]["in"]["partitions"]["0"] |= {
        "app_offset": position,
        "committed_offset": committed,
        "lo_offset": 100,
    }
    found = of_consumer(started)
    assert found[f"{FETCH}.records.lag", (*TOPIC, ("partition", "0"))] == lag
    assert (
        found["spring.cloud.stream.binder.kafka.offset", (("group", "g"), ("topic", "in"))]
        == uncommitted
    )


def test_samples_are_declared_with_their_tags() -> None:
    """Totals and rates of a client are declared once more as meters.

    Nothing is sent that is not in the list.
    """
    for name, tags in (*of_consumer(document("consumer")), *of_producer(document("producer"))):
        assert METERS[name].tags == tuple(tag for tag, _ in tags), name
        assert METERS[name].kind is (
            Kind.COUNTER if name.endswith("total") and "buffer" not in name else Kind.GAUGE
        ), name


def test_maximum_expires_after_two_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("connectors.task.batch_times.monotonic", lambda: now[0])
    peak = TimeWindowMax()
    peak.record(3)
    seen = []
    for now[0] in (59, 61, 119, 125):
        peak.record(1)
        seen.append(peak.value)
    assert seen == [3, 3, 3, 1]
    now[0] = 1000
    assert peak.value == 0


@pytest.mark.parametrize("text", ['{"name": "my "app""}', "[]", "null", "", "[" * 100_000])
def test_unreadable_document(text: str) -> None:
    assert parse_document(text) is None
