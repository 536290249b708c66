"""SpEL: what is understood of it, and what it finds in a record."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.spring import spel
from connectors.errors.exceptions import PartitionKeyError
from connectors.produce import java_values
from connectors.produce.spel import ask, evaluate
from tests.fakes.messages import Headers, message


def found(
    expression: str,
    value: bytes | str | None,
    headers: Headers | None = None,
    key: bytes | None = None,
) -> Any:
    received = message(b"received", 7, 3, headers, key)
    return evaluate(spel.of_record(expression), received, value, headers or [], "utf-8")


def typed(name: str, kind: str, raw: bytes) -> Headers:
    types = json.dumps({name: f"java.lang.{kind}"}).encode()
    return [(name, raw), ("spring_json_header_types", types)]


def test_payload_is_text_in_its_charset() -> None:
    assert found("payload", "한글".encode()) == "한글"
    assert found("payload", "als str") == "als str"
    latin: Headers = [("contentType", b"text/plain;charset=ISO-8859-1")]
    assert found("payload", b"caf\xe9", latin) == "café"
    assert found("payload", b"caf\xe9") == "caf�"
    assert found("payload.length()", "a\N{GRINNING FACE}") == 3


DOCUMENT = json.dumps(
    {"id": 7, "deep": {"name": "x", "list": [1, {"y": True}]}, "none": None, "real": 1.0}
).encode()


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("payload.id", 7),
        ("payload.deep.name", "x"),
        ("payload.deep.list[0]", 1),
        ("payload['deep']['list'][1].y", True),
        ("payload.real", 1.0),
        ("payload.none", None),
        ("payload.missing.further", None),
        ("payload.deep.list[9]", None),
        ("payload.id.toString()", "7"),
        ("payload.deep.list[1].y.toString()", "true"),
        ("payload.id % 4", 3),
    ],
)
def test_field_inside_json(expression: str, expected: object) -> None:
    seen = found(expression, DOCUMENT)
    assert (type(seen), seen) == (type(expected), expected)


@pytest.mark.parametrize(
    ("kind", "raw", "expected"),
    [
        ("String", b"plain", "plain"),
        ("String", b'"quoted"', "quoted"),
        ("Integer", b"-5", -5),
        ("Long", b"-5", java_values.Long(-5)),
        ("Double", b"2.5", 2.5),
        ("Float", b"2.5", java_values.Float(2.5)),
        ("Boolean", b"false", False),
        ("Integer", b"null", None),
        ("Integer", b'"7"', 7),
        ("Integer", b"2.7", 2),
        ("Byte", b"-128", -128),
        ("Float", b"1e300", java_values.Float("inf")),
        ("Float", b"-1e300", java_values.Float("-inf")),
        ("Double", b"1e999", float("inf")),
        ("Double", b'"Infinity"', float("inf")),
        ("Boolean", b'"false"', False),
        ("Boolean", b"1", True),
    ],
)
def test_header_has_declared_type(kind: str, raw: bytes, expected: object) -> None:
    seen = found("headers['x']", b"", typed("x", kind, raw))
    assert (type(seen), seen) == (type(expected), expected)


def test_undeclared_header_is_text() -> None:
    assert found("headers.x", b"", [("x", b"1"), ("x", b"2")]) == "2"
    assert found("headers.x", b"", [("x", b"1"), ("spring_json_header_types", b"[broken")]) == "1"
    assert found("headers.x", b"") is None
    assert found("headers['x'].id", b"", [("x", b'{"id": 3}')]) == 3


def test_unknown_types_are_omitted() -> None:
    assert (
        found("headers.x", b"", [("x", b"1"), ("spring_json_header_types", b'{"x":["a"]}')]) == "1"
    )
    assert found("headers.x", b"", [("x", b"1"), ("spring_json_header_types", b"[" * 1000)]) == "1"


def test_payload_is_read_in_its_byte_order() -> None:
    wide: Headers = [
        ("contentType", b"text/plain;charset=utf-8"),
        ("contentType", b"text/plain;charset=UTF-16"),
    ]
    assert (
        found("payload", "é".encode("utf-16-be"), wide)
        == found("payload", "\ufeffé".encode("utf-16-le"), wide)
        == "é"
    )


json_numbers = st.sampled_from(
    [
        b"1e999",
        b"-1e999",
        b"1e300",
        b"9" * 400,
        b"9" * 4400,
        b"NaN",
        b'"NaN"',
        b"0.1",
        b"-0.0",
        b"true",
        b"[]",
        b"{}",
    ]
)
kinds = st.sampled_from(
    ["Integer", "Short", "Byte", "Long", "Double", "Float", "Boolean", "String", "Thread"]
)


@given(
    kinds,
    json_numbers
    | st.binary()
    | st.integers().map(lambda number: b"%d" % number)
    | st.floats().map(lambda real: repr(real).encode()),
)
def test_any_header_has_hash_code(kind: str, raw: bytes) -> None:
    for expression in (
        "headers['x']",
        "headers['x'].hashCode() % 7",
        "headers['x'].a",
        "headers['x'].toString()",
    ):
        try:
            code = found(expression, b"", typed("x", kind, raw))
        except PartitionKeyError:
            continue
        assert code is None or -(2**31) <= java_values.hash_code(code) < 2**31


def test_received_headers_are_available() -> None:
    assert (
        found("headers['kafka_receivedMessageKey']", b"", key=b"k")
        == found("key", b"", key=b"k")
        == "k"
    )
    assert found("key", b"") is None
    assert found("headers['kafka_receivedPartitionId']", b"") == 3
    assert found("headers['kafka_offset']", b"") == java_values.Long(7)
    assert found("headers['kafka_receivedTopic']", b"") == "in"


@pytest.mark.parametrize(
    ("expression", "value", "headers", "reported"),
    [
        ("payload.id", b"no json", None, "not JSON"),
        ("payload.id", b'{"id": {}}', None, "payload.id is a JSON object"),
        ("payload", 7, None, "has to be bytes"),
        (
            "headers['x']",
            b"",
            typed("x", "Integer", b"secret"),
            "the header x is no java.lang.Integer",
        ),
        (
            "headers['x']",
            b"",
            typed("x", "Thread", b"secret"),
            "java.lang.Thread, a class that is not known here",
        ),
        ("headers['x'].id", b"{}", [("x", b"no json")], "the header x is not JSON"),
        ("payload.id.length()", b'{"id": 7}', None, r"int has no length\(\)"),
        ("payload.id.toString()", b'{"id": 7.5}', None, r"float has no toString\(\)"),
        ("payload % 2", b"x", None, "% needs a whole number"),
        ("payload.a", b"[" * 1000, None, "not JSON"),
        ("payload.a", b'{"a":' + b"9" * 5000 + b"}", None, "not JSON"),
        ("payload.a", b'{"a":NaN}', None, "not JSON"),
        (
            "payload",
            b"x",
            [("contentType", b"text/plain;charset=x")],
            "the payload is in the unknown charset 'x'",
        ),
        (
            "payload",
            b"x",
            [("contentType", b"text/plain;charset=punycode")],
            "unknown charset 'punycode'",
        ),
        ("headers['x']", b"", typed("x", "Integer", b"1e999"), "no java.lang.Integer"),
        ("headers['x']", b"", typed("x", "Integer", b"2147483648"), "no java.lang.Integer"),
        ("headers['x']", b"", typed("x", "Integer", b"true"), "no java.lang.Integer"),
        ("headers['x']", b"", typed("x", "Integer", b'"1_0"'), "no java.lang.Integer"),
        ("headers['x']", b"", typed("x", "Double", b'"secret"'), "no java.lang.Double"),
        # In linear time.
        (
            "headers['x']",
            b"",
            typed("x", "Double", b'"' + b"1" * 500_000 + b'secret"'),
            "no java.lang.Double",
        ),
        ("headers['x']", b"", typed("x", "Boolean", b'"secret"'), "no java.lang.Boolean"),
        ("headers['x']", b"", typed("x", "Long", b"[" * 1000), "no java.lang.Long"),
        ("headers['x']", b"", typed("x", "String", b'"' + b"secret"), "no java.lang.String"),
        (
            "headers['x']",
            b"",
            typed("x", "x" * 100_000, b"1"),
            "x{20}[.]{3}, a class that is not known here",
        ),
    ],
)
def test_unhashable_value_hides_payload(
    expression: str, value: Any, headers: Headers | None, reported: str
) -> None:
    with pytest.raises((PartitionKeyError, TypeError), match=reported) as caught:
        found(expression, value, headers)
    assert "secret" not in str(caught.value)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(1, 1000))
def test_remainder_has_sign_of_dividend(dividend: int, divisor: int) -> None:
    remainder = ask(spel.of_key(f"#root % {divisor}"), java_values.Long(dividend))
    assert isinstance(remainder, java_values.Long)
    assert abs(remainder) < divisor
    assert remainder == 0 or (remainder < 0) == (dividend < 0)
    assert (dividend - remainder) % divisor == 0
