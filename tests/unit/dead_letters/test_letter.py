"""Letters of this processor and of Spring are decoded.

Damaged ones are described, and none raises.
"""

from typing import Any

import pytest
from confluent_kafka import Message
from hypothesis import example, given
from hypothesis import strategies as st

from connectors.failures.dead_letters import OMITTED, OWN
from connectors.records.forwarding import PARKED, REPLAYS
from dead_letters.display.overview import Overview
from dead_letters.display.show import format_letter, letter_to_dict
from dead_letters.letters.letter import Letter
from dead_letters.replaying.routing import Router
from tests.support.dead_letters.letters import ORIGIN, TIME_MS, TOPIC, headers, letter, message
from tests.support.java.dead_letters import captured

BYTES = (
    st.none()
    | st.binary(max_size=12)
    | st.sampled_from([b"orders", b"\x00\x00\x00\x01", b"\x00" * 8, b"\xff" * 8])
)


def test_python_letter_is_decoded() -> None:
    found = letter()
    assert (found.topic, found.partition, found.offset, found.timestamp_ms) == (
        TOPIC,
        1,
        5,
        TIME_MS,
    )
    assert (found.original_topic, found.original_partition, found.original_offset) == (
        ORIGIN,
        1,
        77,
    )
    assert (found.original_timestamp_ms, found.timestamp_type) == (TIME_MS, "CreateTime")
    assert (found.failure, found.text, found.step, found.replays, found.damages) == (
        "ValueError",
        "no price",
        "enrich",
        0,
        (),
    )


def test_spring_letter_is_decoded() -> None:
    for record in captured():
        found = letter([*record.headers])
        assert found.damages == ()
        assert (found.original_partition, found.timestamp_type) == (0, "CreateTime")
        assert found.original_topic in ("din", "xin")
        assert found.exception.startswith("org.springframework.messaging.")


def test_last_header_counts() -> None:
    """A letter that Spring made of a letter has each header twice."""
    older = [(name, b"\x00" if "partition" in name else value) for name, value in headers()]
    assert letter([*older, *headers()]).original_partition == 1
    assert letter([*older, *headers()]).damages == ()


@pytest.mark.parametrize(
    ("change", "damage"),
    [
        ({"partition": b"\x00\x01"}, "x-original-partition has 2 bytes instead of 4"),
        ({"partition": b""}, "x-original-partition has 0 bytes instead of 4"),
        ({"partition": b"\xff" * 4}, "x-original-partition is negative"),
        ({"partition": None}, "x-original-partition is missing"),
        ({"offset": b"\x00" * 9}, "x-original-offset has 9 bytes instead of 8"),
        ({"offset": b"\xff" * 8}, "x-original-offset is negative"),
        ({"offset": None}, "x-original-offset is missing"),
        ({"original_timestamp": b"2026"}, "x-original-timestamp has 4 bytes instead of 8"),
        ({"original_timestamp": None}, "x-original-timestamp is missing"),
        ({"topic": b"\xff"}, "x-original-topic is not UTF-8"),
        ({"topic": b""}, "x-original-topic is no name of a user's topic"),
        ({"topic": b"__consumer_offsets"}, "x-original-topic is no name of a user's topic"),
        ({"topic": b".."}, "x-original-topic is no name of a user's topic"),
        ({"topic": b"a b"}, "x-original-topic is no name of a user's topic"),
        ({"topic": None}, "x-original-topic is missing"),
        ({"timestamp_type": b"\xc3"}, "x-original-timestamp-type is not UTF-8"),
        ({"fqcn": b"\xc3"}, "x-exception-fqcn is not UTF-8"),
        ({"message": b"\xc3"}, "x-exception-message is not UTF-8"),
        ({"stacktrace": b"\xc3"}, "x-exception-stacktrace is not UTF-8"),
    ],
)
def test_damage_is_named(change: dict[str, bytes | None], damage: str) -> None:
    assert damage in letter(headers(**change)).damages


def test_negative_time_is_javas() -> None:
    """A record without a timestamp has -1."""
    found = letter(headers(original_timestamp=b"\xff" * 8, timestamp_type=b"NoTimestampType"))
    assert (found.original_timestamp_ms, found.damages) == (-1, ())


@pytest.mark.parametrize("part", ["headers", "value", "key"])
def test_omitted_part_is_damage(part: str) -> None:
    """Our own letters may lack a part of the record: sent back, the record would be another one."""
    found = letter([*headers(), (OMITTED, f"stacktrace,{part}".encode())])
    assert found.damages == (f"the letter does not have the record's {part}",)


def test_omitted_trace_is_fine() -> None:
    assert letter([*headers(stacktrace=None), (OMITTED, b"stacktrace,message")]).damages == ()


@pytest.mark.parametrize("count", [b"", b"-1", b"x", b"\xff", b"1234567890", b"\x00\x00\x00\x01"])
def test_replays_header_is_damaged(count: bytes) -> None:
    assert letter([*headers(), (REPLAYS, count)]).damages == (f"{REPLAYS} is not a number",)


def test_replays_are_counted() -> None:
    assert letter([*headers(), (REPLAYS, b"2")]).replays == 2


class Unreadable(Message):
    """A message with a header name that is not UTF-8.

    The client raises once, and a second call crashes the process.
    """

    calls = 0

    def headers(self) -> Any:
        self.calls += 1
        assert self.calls == 1, "the headers are read twice"
        raise SystemError


def test_header_name_is_not_utf8(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dead_letters.letters.letter.read_headers", lambda each: each.headers())
    given = Unreadable(topic=TOPIC, partition=1, offset=5, value=b"v", key=b"k")
    found = Letter.from_message(given)
    assert found.headers is None
    assert found.damages == ("the headers cannot be read: a name is not UTF-8",)
    route = Router(TOPIC, lambda _: 1, lambda: 1).replay(found)
    assert dict(route.headers).keys() == {OMITTED, PARKED}


@given(
    st.lists(st.tuples(st.sampled_from([*OWN, REPLAYS, PARKED, "other"]), BYTES), max_size=14),
    st.binary(max_size=9) | st.none(),
)
@example([("x-original-timestamp", b"\x7f" + b"\xff" * 7)], None)
def test_header_errors_never_raise(
    given: list[tuple[str, bytes | None]], value: bytes | None
) -> None:
    """Whatever its headers hold, a letter can be counted, shown, and replayed or parked."""
    found = Letter.from_message(message(given, value=value, key=value))
    assert list(format_letter(found, is_open=True, with_payload=True))
    assert letter_to_dict(found, is_open=False, with_payload=True)
    overview = Overview()
    overview.add(found, is_open=True)
    assert overview.to_dict()["letters"] == 1
    route = Router(TOPIC, lambda _: 3, lambda: 3).replay(found)
    assert bool(route.parked) == (bool(found.damages) or found.replays > 2)
    if not route.parked:
        expected = found.original_partition if found.original_partition in range(3) else -1
        assert (route.topic, route.partition) == (found.original_topic, expected)
