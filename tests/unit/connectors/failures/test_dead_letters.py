"""Dead letters: the record that is made of one that could not be processed."""

import traceback
from typing import Any

import pytest
from confluent_kafka import (
    TIMESTAMP_CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME,
    TIMESTAMP_NOT_AVAILABLE,
    Message,
)
from hypothesis import given
from hypothesis import strategies as st

from config import Settings
from connectors.failures.dead_letters import DeadLetterQueue
from text import UndecodableText

# Places among the arguments of Producer.produce.
TOPIC, VALUE, KEY, PARTITION, HEADERS = 0, 1, 2, 3, 7
NAMES = [
    "x-original-topic",
    "x-original-partition",
    "x-original-offset",
    "x-original-timestamp",
    "x-original-timestamp-type",
    "x-exception-fqcn",
    "x-exception-message",
    "x-exception-stacktrace",
]


class Received(Message):
    """A message with a timestamp."""

    stamp = (TIMESTAMP_CREATE_TIME, 0)

    def timestamp(self) -> tuple[int, int]:
        return self.stamp


def received(
    stamp: tuple[int, int] = (TIMESTAMP_CREATE_TIME, 1795469567118), **parts: Any
) -> Received:
    default: dict[str, Any] = {
        "topic": "in",
        "partition": 3,
        "offset": 203,
        "key": b"k",
        "value": b"v",
    }
    made = Received(**(default | parts))
    made.stamp = stamp
    return made


def raised(error: BaseException) -> BaseException:
    """With a traceback of its own."""
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001 - whatever the test wants
        return caught


def letters(*, partitions: int = 4, **settings: Any) -> DeadLetterQueue:
    made = DeadLetterQueue(Settings(**({"group": "g"} | settings)))
    made.found(made.topic("in"), partitions)
    return made


def headers(letter: tuple[Any, ...]) -> dict[str, bytes]:
    return dict(letter[HEADERS])


def test_key_value_and_partition_are_original() -> None:
    letter = letters().record(received(), ValueError())
    assert (letter[TOPIC], letter[VALUE], letter[KEY], letter[PARTITION]) == (
        "error.in.g",
        b"v",
        b"k",
        3,
    )
    assert letters().record(received(value=None, key=None), ValueError())[1:3] == (None, None)


def test_eight_headers_follow_binder() -> None:
    letter = letters().record(received(), raised(ValueError("bad ü")))
    assert [name for name, _ in letter[HEADERS]] == NAMES
    seen = headers(letter)
    assert seen["x-original-topic"] == b"in"
    assert seen["x-original-partition"] == b"\x00\x00\x00\x03"
    assert seen["x-original-offset"] == b"\x00\x00\x00\x00\x00\x00\x00\xcb"
    assert seen["x-original-timestamp"] == b"\x00\x00\x01\xa2\nSd\x8e"
    assert seen["x-original-timestamp-type"] == b"CreateTime"
    assert seen["x-exception-fqcn"] == b"ValueError"
    assert seen["x-exception-message"] == "bad ü".encode()
    assert seen["x-exception-stacktrace"].startswith(b"Traceback")
    assert seen["x-exception-stacktrace"].endswith("ValueError: bad ü\n".encode())


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (TIMESTAMP_CREATE_TIME, b"CreateTime"),
        (TIMESTAMP_LOG_APPEND_TIME, b"LogAppendTime"),
        (TIMESTAMP_NOT_AVAILABLE, b"NoTimestampType"),
    ],
)
def test_timestamp_kinds_have_springs_names(kind: int, name: bytes) -> None:
    seen = headers(letters().record(received((kind, -1)), ValueError()))
    assert seen["x-original-timestamp-type"] == name
    assert seen["x-original-timestamp"] == b"\xff" * 8


def test_original_headers_first() -> None:
    own = [("a", b"1"), ("n", None), ("a", b"2")]
    assert letters().record(received(headers=own), ValueError())[HEADERS][:3] == own


def test_second_pass_replaces_eight() -> None:
    first = letters().record(received(headers=[("a", b"1")]), ValueError("first"))
    second = letters().record(
        received(topic="error.in.g", offset=7, headers=first[HEADERS]), ValueError("again")
    )
    assert [name for name, _ in second[HEADERS]] == ["a", *NAMES]
    assert headers(second)["x-exception-message"] == b"again"
    assert headers(second)["x-original-topic"] == b"error.in.g"


def test_empty_error_has_no_message_header() -> None:
    assert "x-exception-message" not in headers(letters().record(received(), ValueError()))


def test_class_names_include_their_module() -> None:
    assert (
        headers(letters().record(received(), UndecodableText("no")))["x-exception-fqcn"]
        == b"text.UndecodableText"
    )
    assert headers(letters().record(received(), KeyError("no")))["x-exception-fqcn"] == b"KeyError"


def test_invalid_utf_8_is_escaped() -> None:
    seen = headers(letters().record(received(), raised(ValueError("half \ud83d"))))
    assert seen["x-exception-message"] == b"half \\ud83d"
    assert seen["x-exception-stacktrace"].endswith(b"half \\ud83d\n")


@given(st.integers(0, 3000), st.integers(0, 3000))
def test_stack_trace_is_cut_in_middle(longest: int, length: int) -> None:
    error = raised(ValueError("x" * length + "end"))
    whole = "".join(traceback.format_exception(error))
    text = headers(letters(dead_letter_stacktrace=longest).record(received(), error))[
        "x-exception-stacktrace"
    ].decode()
    if len(whole) <= longest:
        assert text == whole
    else:
        assert longest - 1 <= len(text) <= longest
        if longest > 100:
            assert text.startswith("Traceback")
            assert text.endswith("end\n")


def test_missing_partition_is_left_to_client() -> None:
    assert letters(partitions=3).record(received(), ValueError())[PARTITION] == -1
    assert letters(partitions=4, dlq_partitions=4).record(received(), ValueError())[PARTITION] == 3


def test_one_partition_takes_all() -> None:
    assert letters(dlq_partitions=1).record(received(), ValueError())[PARTITION] == 0


def test_dlq_name_can_be_set() -> None:
    assert letters(dlq_name="dead").topic("in") == "dead"


@pytest.mark.parametrize(
    ("settings", "wanted", "required"),
    [
        ({"group": "g"}, True, False),
        ({"group": "g", "enable_dlq": True}, True, True),
        ({"group": "g", "enable_dlq": False}, False, False),
        ({"group": ""}, False, False),
        ({"group": "g", "destination_is_pattern": True}, False, False),
    ],
)
def test_dlq_may_be_optional_or_required(
    settings: dict[str, Any], *, wanted: bool, required: bool
) -> None:
    made = DeadLetterQueue(Settings(**settings))
    assert (made.wanted, made.required, made.available) == (wanted, required, False)
