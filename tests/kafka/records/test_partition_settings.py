"""Partitioning that cannot be: an expression that is not supported, too few partitions."""

import pytest

from tests.support.load.partition_keys import (
    PRODUCER,
)
from tests.support.stream import Stream
from tests.support.waiting import wait_for


@pytest.mark.parametrize(
    ("settings", "reported"),
    [
        (
            {f"{PRODUCER}.partition-key-expression": "payload.substring(2)"},
            "payload, headers['name'] or key",
        ),
        (
            {f"{PRODUCER}.partition-key-expression": "@keys.of(payload)"},
            "payload, headers['name'] or key",
        ),
        ({f"{PRODUCER}.partition-selector-expression": "size()"}, "#root for the partition key"),
        (
            {f"{PRODUCER}.partition-key-extractor-name": "myExtractor"},
            "set partition-key-expression",
        ),
    ],
)
def test_unsupported_expression_is_one_line(
    stream: Stream, settings: dict[str, str], reported: str
) -> None:
    processor = stream.processor(settings).start()
    assert processor.exit_code() == 1
    [line] = processor.output.splitlines()
    ((name, value),) = settings.items()
    assert name in line
    assert value in line
    assert reported in line


def test_too_few_partitions_are_awaited(stream: Stream) -> None:
    stream.create(2)
    settings = {
        f"{PRODUCER}.partition-key-expression": "payload",
        f"{PRODUCER}.partition-count": "3",
    }
    processor = (
        stream.processor(settings | {"spring.cloud.stream.binding-retry-interval": "1"})
        .start()
        .first_answer()
    )
    reported = wait_for(
        lambda: processor.binding().get("error"), 10, "a binding that says what is missing"
    )
    assert reported == (
        f"The number of expected partitions for topic {stream.target} was: 3, but 2 have been "
        f"found instead. "
        "Consider either increasing the partition count of the topic or enabling "
        "`autoAddPartitions`"
    )
    stream.topics.grow(stream.target, 3)
    processor.running()
