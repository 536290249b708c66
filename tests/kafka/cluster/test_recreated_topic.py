"""The input topic is deleted and made again while a processor has it.

The same name, other records, no offsets of the group.
"""

from collections.abc import Callable

import pytest

import config
from connectors.cluster import clients
from connectors.cluster.broker_status import BrokerStatus
from tests.support.load.records import Record
from tests.support.settings import BROKER, MODES
from tests.support.stream import Stream
from tests.support.verify.delivery import assert_delivered

PARTITIONS = 4


def records(name: str, number: int) -> list[Record]:
    return [
        Record(f"{name} {each}".encode(), partition=each % PARTITIONS) for each in range(number)
    ]


@pytest.mark.parametrize("mode", MODES)
def test_recreated_topic_is_read_from_start(
    stream: Stream, report_figure: Callable[[str], None], mode: str
) -> None:
    stream.create(PARTITIONS)
    processor = stream.processor(MODES[mode]).start().running()
    stream.members(1)
    old, new = records("old", 400), records("new", 100)
    stream.send(*old)
    stream.drain()
    stream.topics.delete(stream.source)
    stream.topics.create(stream.source, PARTITIONS)
    stream.processor(MODES[mode] | {"spring.cloud.stream.instance-index": "1"}).start().running()
    stream.members(2)
    stream.send(*new)
    delivery_count = assert_delivered(stream, old + new)
    report_figure(f"{delivery_count}")
    assert (
        f"the topic {stream.source} was deleted and created again: it is read from its beginning"
        in processor.output
    )
    assert delivery_count.doubled == 0 or mode == "at-least-once", delivery_count


def test_broker_tells_topic_id(stream: Stream) -> None:
    """It decides whether a committed offset is of the present topic."""
    settings = config.load([f"--{BROKER}={stream.kafka.bootstrap}"], {})
    brokers = BrokerStatus(settings.brokers)
    assert clients.fetch_topic_id(settings, brokers, stream.source) is None
    stream.create(1)
    first = clients.fetch_topic_id(settings, brokers, stream.source)
    stream.topics.delete(stream.source)
    stream.topics.create(stream.source, 1)
    second = clients.fetch_topic_id(settings, brokers, stream.source)
    assert first
    assert second
    assert first != second
