"""The local log sink prints what Spring's prints, and fails what Spring's fails."""

import re
from collections.abc import Callable
from typing import cast

import pytest
from confluent_kafka import Message

from local import log_sink
from local.log_sink import Unprintable, printed

TYPES = b'{"contentType":"java.lang.String"}'


def headers(content_type: bytes | None = None, types: bytes | None = None) -> log_sink.Headers:
    found = [("contentType", content_type), ("spring_json_header_types", types)]
    return [(name, value) for name, value in found if value is not None]


@pytest.mark.parametrize(
    "given",
    [
        headers(),
        headers(types=TYPES),
        headers(types=b"{oops"),
        headers(b"text/plain", TYPES),
        headers(b'"text/plain"', TYPES),
        headers(b"text/plain;charset=UTF-8", TYPES),
        headers(b"text/plain"),
        headers(b'"text/plain"'),
        headers(b"text/plain", b"{oops"),
        headers(b"application/json", TYPES),  # that it is no JSON is not looked at
    ],
)
def test_text_is_printed(given: log_sink.Headers) -> None:
    assert printed("zażółć".encode(), given) == "zażółć"


def test_text_is_printed_as_utf_8() -> None:
    assert printed(b"iso \xe9", headers(b"text/plain;charset=ISO-8859-1", TYPES)) == "iso \ufffd"


@pytest.mark.parametrize(
    "content_type", [b"application/octet-stream", b"image/png", b"application/x-foo"]
)
def test_binary_is_a_byte_array(content_type: bytes) -> None:
    assert re.fullmatch(r"\[B@[0-9a-f]+", printed(b"x", headers(content_type, TYPES)))


def test_null_is_kafka_null() -> None:
    assert "KafkaNull" in printed(None, headers(b"text/plain", TYPES))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (headers(b"application/json"), "Unknown type for contentType"),
        (headers(b'"application/json"'), "Unknown type for contentType"),
        (
            headers(b"application/json", b'{"other":"java.lang.String"}'),
            "Unknown type for contentType",
        ),
        (headers(b"nonsense", TYPES), "Invalid mime type"),
    ],
)
def test_values_failing_stock_sink(given: log_sink.Headers, reason: str) -> None:
    with pytest.raises(Unprintable, match=reason):
        printed(b"x", given)


class Received:
    """The part of a Message that a line is made of."""

    def __init__(self, value: bytes, content_type: bytes) -> None:
        self._value = value
        self._headers = headers(content_type)

    def value(self) -> bytes:
        return self._value

    def headers(self) -> log_sink.Headers:
        return self._headers

    def topic(self) -> str:
        return "text-reversal.python-processor"

    def partition(self) -> int:
        return 0

    def offset(self) -> int:
        return 7


def test_line_ends_with_the_text() -> None:
    line = log_sink.line(cast("Message", Received(b"dlrow olleh", b"text/plain")))
    assert re.fullmatch(r"\S+ +INFO \d+ --- \[log-sink\] log-sink : dlrow olleh", line)


def test_failed_records_line_hides_payload() -> None:
    line = log_sink.line(cast("Message", Received(b"secret", b"application/json")))
    assert line.endswith(
        "log-sink : Unknown type for contentType header value: class [B "
        "(text-reversal.python-processor-0@7)"
    )
    assert " ERROR " in line
    assert "secret" not in line


class DeadLetter(Received):
    """A record that could not be processed, as the processor writes it."""

    def __init__(self, text: str | None) -> None:
        super().__init__(b"secret", b"text/plain")
        message = [("x-exception-message", text.encode())] if text is not None else []
        self._headers = [
            *self._headers,
            ("x-original-topic", b"text-reversal.http"),
            ("x-original-partition", (2).to_bytes(4, "big")),
            ("x-original-offset", (5).to_bytes(8, "big")),
            ("x-exception-fqcn", b"KeyError"),
            *message,
        ]

    def topic(self) -> str:
        return "error.text-reversal.http.text-reversal"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("'x'", "KeyError: 'x'"),
        (None, "KeyError"),
        ("a\nb", "KeyError: a b"),
        ("a" * 1000, "KeyError: " + "a" * 300),
    ],
)
def test_dead_letter_line_has_its_exception(text: str | None, shown: str) -> None:
    line = log_sink.dead_letter_line(cast("Message", DeadLetter(text)))
    assert " ERROR " in line
    assert line.endswith(
        f"dead-letter : error.text-reversal.http.text-reversal: the record "
        f"text-reversal.http-2@5: {shown}"
    )


def test_headerless_letter_has_line() -> None:
    assert "dead-letter : text-reversal.python-processor: the record " in log_sink.dead_letter_line(
        cast("Message", Received(b"x", b"text/plain"))
    )


class Unreadable(Received):
    """A record with a header name that is no UTF-8."""

    def headers(self) -> log_sink.Headers:
        raise SystemError


@pytest.mark.parametrize("line", [log_sink.line, log_sink.dead_letter_line])
def test_unreadable_headers_fail(line: Callable[[Message], str]) -> None:
    text = line(cast("Message", Unreadable(b"secret", b"text/plain")))
    assert text.endswith("A header's name is no UTF-8 (text-reversal.python-processor-0@7)")
    assert " ERROR " in text


def test_long_content_type_is_read_once() -> None:
    """Every text is read in linear time: this one would take hours otherwise."""
    content_type = b"application/" + b"+" * 1_000_000 + b";" * 1_000_000 + b"\n"
    with pytest.raises(Unprintable, match="Invalid mime type"):
        printed(b"x", headers(content_type, TYPES))
    assert printed(b"x", headers(b"text/plain" + b";" * 1_000_000 + b"\n")) == "x"
