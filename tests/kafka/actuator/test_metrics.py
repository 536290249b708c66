"""The metrics of a processor at work on a real Kafka.

What the dashboards count is what has happened.
"""

import json

from runtime.metrics.meter import Kind
from runtime.metrics.meters import METERS
from tests.support.load.records import Record
from tests.support.stream import Stream
from tests.support.verify.metrics import EXPOSED, SENDS, families, value
from tests.support.waiting import wait_for

UNREADABLE = b"\xff"
CONSUMED = "kafka_consumer_fetch_manager_records_consumed_total"
LAG = "spring_cloud_stream_binder_kafka_offset"


def test_metrics_match_the_records(stream: Stream) -> None:
    stream.create(2)
    processor = stream.processor(EXPOSED).start().running()
    stream.send(
        *(Record(f"text {number}".encode(), partition=number % 2) for number in range(500)),
        Record(UNREADABLE, partition=0),
    )
    stream.await_arrivals(500)
    stream.drain()
    # what a task knows is posted every 0.1 s, what its clients know every second
    wait_for(
        lambda: value(processor, f"{SENDS}_count", name="input", result="success") == 500,
        30,
        "500 records counted",
    )
    wait_for(
        lambda: value(processor, "kafka_producer_record_send_total") == 501,
        30,
        "the producer's statistics",
    )
    wait_for(
        lambda: value(processor, CONSUMED, topic=stream.source) == 501,
        30,
        "the consumer's statistics",
    )
    wait_for(lambda: value(processor, LAG, topic=stream.source) == 0, 30, "nothing behind")
    assert value(processor, f"{SENDS}_count", name="input", result="failure") == 1
    assert value(processor, f"{SENDS}_count", name="output") == 500
    assert value(processor, f"{SENDS}_count", name="errorChannel") == 1
    seconds = [
        value(processor, f"{SENDS}_sum", name=name, result="success") or 0
        for name in ("input", "output", "function")
    ]
    assert seconds[0] == sum(seconds[1:])
    assert 0 < seconds[0] < 60
    assert value(processor, "kafka_consumer_coordinator_assigned_partitions") == 2
    assert (value(processor, "logback_events_total", level="error") or 0) >= 1
    commits = value(processor, "kafka_consumer_coordinator_commit_total")
    assert commits
    assert commits >= 1

    # every meter that is declared has a series, with the tags Data Flow sets; throttling alone has
    # never been measured here
    found = {sample.name for family in families(processor) for sample in family.samples}
    expected = {
        meter.prometheus_name + ("_count" if meter.kind is Kind.TIMER else "")
        for meter in METERS.values()
    }
    assert {name for name in expected - found if "throttle" not in name} == set()
    tags = {
        "stream_name": stream.group,
        "application": f"{stream.group}-python-processor-processor",
        "instance_index": "0",
    }
    for family in families(processor):
        for sample in family.samples:
            assert sample.labels.items() >= tags.items(), sample


def test_lag_shrinks_with_slow_function(stream: Stream) -> None:
    stream.create()
    stream.send(*(Record(str(number).encode()) for number in range(100)))
    slow = 'map_value("slow", records, lambda value: time.sleep(0.05) or value)'
    processor = stream.with_step(f"records = {slow}", "import time", EXPOSED).start().running()
    wait_for(
        lambda: (value(processor, LAG, topic=stream.source, group=stream.group) or 0) > 20,
        30,
        "much behind",
    )
    wait_for(lambda: value(processor, LAG, topic=stream.source) == 0, 60, "nothing behind")
    wait_for(
        lambda: value(processor, f"{SENDS}_count", name="function") == 100,
        30,
        "100 records counted",
    )
    assert (value(processor, f"{SENDS}_max", name="function") or 0) >= 0.05
    assert (value(processor, f"{SENDS}_sum", name="function") or 0) >= 100 * 0.05
    found = processor.get(
        f"/actuator/metrics/spring.cloud.stream.binder.kafka.offset?tag=topic:{stream.source}"
    )
    assert found["measurements"] == [{"statistic": "VALUE", "value": 0}]


def test_json_has_stream_tags(stream: Stream) -> None:
    stream.create()
    settings = {
        "logging.structured.format.console": "ecs",
        "logging.level.librdkafka": "debug",
        "logging.level.root": "debug",
    }
    processor = stream.processor(settings).start().running()
    stream.send(Record(UNREADABLE))
    stream.drain()
    assert processor.request("POST", "/shutdown")[0] == 200
    assert processor.exit_code() == 0
    lines = [json.loads(line) for line in processor.output.splitlines()]
    assert {line["labels"]["stream_name"] for line in lines} == {stream.group}
    assert {"INFO", "ERROR", "DEBUG"} <= {line["log"]["level"] for line in lines}
    assert "partitions assigned" in " ".join(line["message"] for line in lines)
