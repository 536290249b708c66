"""Many dead letters among many good records."""

from collections.abc import Callable

import pytest

from tests.support.dead_letters.failing import (
    CONSUMER,
    EIGHT,
    QUICK,
    both_modes,
    dead,
    java_view,
    stop,
)
from tests.support.load.records import Record
from tests.support.settings import MODES
from tests.support.stream import Stream

MIXED = """
def mixed(value):
    number = int(value)
    if number % 100 == 7:
        raise ConnectionError("perhaps next time")
    if number % 100 == 57:
        raise KeyError(number)
    return value[::-1]
"""


@pytest.mark.parametrize("records", [20_000, pytest.param(200_000, marks=pytest.mark.long)])
@both_modes
def test_many_poison_records_among_good_ones(
    stream: Stream, mode: str, records: int, report_figure: Callable[[str], None]
) -> None:
    """1 in 100 retryable and 1 in 100 not.

    All good ones out, all bad ones in the dead letter topic, each with its headers.
    """
    stream.create(4)
    numbers = range(records)
    sent = [Record(f"{n:06d}".encode(), f"key-{n % 12}".encode(), partition=n % 4) for n in numbers]
    stream.send(*sent)
    settings = QUICK | MODES[mode] | {f"{CONSUMER}.retryable-exceptions.LookupError": "false"}
    processor = stream.with_step(
        'records = map_value("mixed", records, mixed)', MIXED, settings
    ).start()
    stream.drain(600)
    stop(processor)
    poison = {7: "ConnectionError", 57: "KeyError"}
    good = [record for n, record in enumerate(sent) if n % 100 not in poison]
    delivery_count = stream.count(good)
    assert delivery_count.nothing_lost, delivery_count
    assert delivery_count.doubled == 0, delivery_count  # nothing has gone wrong but the function
    letters = dead(stream)
    report_figure(f"{delivery_count}; {len(letters)} dead letters")
    assert sorted(int(letter.value or b"") for letter in letters) == [
        n for n in numbers if n % 100 in poison
    ]
    ends: dict[int, int] = {}
    for letter in letters:
        number = int(letter.value or b"")
        seen = java_view(letter.headers)
        assert letter.partition == seen["x-original-partition"] == number % 4
        assert (letter.key, seen["x-original-offset"]) == (
            f"key-{number % 12}".encode(),
            number // 4,
        )
        assert list(seen) == EIGHT
        assert (seen["x-original-topic"], seen["x-original-timestamp-type"]) == (
            stream.source,
            "CreateTime",
        )
        assert seen["x-exception-fqcn"] == poison[number % 100]
        assert seen["x-exception-message"] == (
            "perhaps next time" if number % 100 == 7 else f"{number}"
        )
        assert str(seen["x-exception-stacktrace"]).startswith("Traceback")
        assert number > ends.get(letter.partition, -1)
        ends[letter.partition] = number
