"""Partitioning: Java's hash codes, the partition they give, and the record's header."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import Settings
from config.spring import spel
from connectors.errors.exceptions import PartitionKeyError
from connectors.produce.java_values import Float, Long, Scalar, hash_code
from connectors.produce.partitioner import Partitioner, partitioner
from tests.fakes.messages import Headers, message

TYPES = "spring_json_header_types"


def placing(
    expression: str, partitions: int = 5, count: int = 1, selector: str | None = None
) -> Partitioner:
    settings = Settings(
        partition_key_expression=spel.of_record(expression),
        partition_selector_expression=spel.of_key(selector) if selector else None,
        output_partition_count=count,
    )
    made = partitioner(settings)
    assert isinstance(made, Partitioner)
    made.found(partitions)
    return made


@pytest.mark.parametrize(
    ("value", "expected"),
    [  # as java.lang's classes answer (OpenJDK 17)
        ("", 0),
        ("hello world", 1794106052),
        ("smile \N{GRINNING FACE}", -376007301),
        ("polygenelubricants", -2147483648),
        ("x" * 1000, -1715418112),
        (-5, -5),
        (Long(-5), 4),
        (2**31, -2147483648),
        (Long(-(2**63)), -2147483648),
        (1.5, 1073217536),
        (-0.0, -2147483648),
        (float("nan"), 2146959360),
        (Float(1.5), 1069547520),
        (Float("nan"), 2143289344),
        (True, 1231),
        (False, 1237),
        (2**64, 961),
        (-(2**64), -961),
    ],
)
def test_javas_hash_codes(value: Scalar, expected: int) -> None:
    assert hash_code(value) == expected


@given(st.text(max_size=700))
def test_string_hash_code_sums_utf_16_units(text: str) -> None:
    units = text.encode("utf-16-be", "surrogatepass")
    code = 0
    for at in range(0, len(units), 2):
        code = (31 * code + int.from_bytes(units[at : at + 2], "big")) & 0xFFFF_FFFF
    assert hash_code(text) == (code - 2**32 if code >= 2**31 else code)


def test_no_expression_means_no_partitioner() -> None:
    assert partitioner(Settings(output_partition_count=5)) is None


@pytest.mark.parametrize(("partitions", "count", "used"), [(5, 1, 5), (5, 3, 5), (5, 9, 9)])
def test_larger_count_wins(partitions: int, count: int, used: int) -> None:
    assert (
        placing("payload", partitions, count).partition(message(b""), b"hello world", [])
        == 1794106052 % used
    )


def test_hash_code_is_positive() -> None:
    assert placing("payload").partition(message(b""), b"polygenelubricants", []) == 0
    assert (
        placing("payload").partition(message(b""), "smile \N{GRINNING FACE}", []) == 376007301 % 5
    )


@pytest.mark.parametrize(
    ("selector", "value", "expected"),
    [
        ("#root", b"-13", 3),
        ("length()", b"seven..", 2),
        ("#root.hashCode() % 3", b"hello world", 2),
    ],
)
def test_selector_replaces_hash(selector: str, value: bytes, expected: int) -> None:
    assert placing("payload", selector=selector).partition(message(b""), value, []) == expected


def test_selector_without_number_is_error() -> None:
    with pytest.raises(PartitionKeyError, match="#root is no whole number"):
        placing("payload", selector="#root").partition(message(b""), b"text", [])


def test_null_key_is_an_error() -> None:
    with pytest.raises(PartitionKeyError, match=r"the partition key \(headers.x\) is null"):
        placing("headers.x").partition(message(b""), b"value", [])
    arguments = ("out", None, b"key")
    assert placing("payload.id").with_partition(message(None), [], arguments) == arguments
    assert placing("key").partition(message(None, key=b"hello world"), None, []) == 1794106052 % 5


def placed(
    headers: Headers, *, with_headers: bool = True
) -> tuple[int, list[tuple[str, bytes | None]]]:
    arguments = (
        "out",
        b"hello world",
        b"k",
        *((-1, None, None, 0, headers) if with_headers else ()),
    )
    topic, value, key, partition, on_delivery, callback, timestamp, written = placing(
        "payload"
    ).with_partition(message(b"", headers=headers), headers, arguments)
    assert (topic, value, key, on_delivery, callback, timestamp) == (
        "out",
        b"hello world",
        b"k",
        None,
        None,
        0,
    )
    return partition, written


def test_partition_header_is_java_integer() -> None:
    partition, written = placed([], with_headers=False)
    assert partition == 2
    assert written == [("scst_partition", b"2"), (TYPES, b'{"scst_partition":"java.lang.Integer"}')]


def test_earlier_partition_header_is_replaced() -> None:
    types = json.dumps({"a": "java.lang.String", "scst_partition": "java.lang.Integer"}).encode()
    partition, written = placed(
        [("a", b"1"), ("scst_partition", b"4"), ("a", b"2"), (TYPES, types)]
    )
    assert partition == 2
    assert written[:-1] == [("a", b"1"), ("a", b"2"), ("scst_partition", b"2")]
    assert json.loads(written[-1][1] or b"") == {
        "a": "java.lang.String",
        "scst_partition": "java.lang.Integer",
    }


def test_override_wins_and_is_removed() -> None:
    types = b'{"scst_partitionOverride":"java.lang.Integer"}'
    partition, written = placed([("scst_partitionOverride", b"3"), (TYPES, types)])
    assert partition == 3
    assert [name for name, _ in written] == ["scst_partition", TYPES]
    assert written[0][1] == b"3"


@pytest.mark.parametrize(
    ("override", "reported"),
    [
        (b"x", "is no whole number"),
        (b"1_0", "is no whole number"),
        (b"3000000000", "is no whole number"),
        (b"9" * 5000, "is no whole number"),
        (b"5", "is 5, and the output has 5 partitions"),
        (b"-1", "is -1, and"),
    ],
)
def test_invalid_override_is_error(override: bytes, reported: str) -> None:
    with pytest.raises(PartitionKeyError, match=f"scst_partitionOverride {reported}"):
        placed([("scst_partitionOverride", override)])


def test_message_key_expression() -> None:
    """The key is found before the record is placed.

    A record without a usable key is refused by itself.
    """
    settings = Settings(message_key_expression=spel.of_record("headers['id']"))
    made = partitioner(settings)
    assert made
    record = message(b"v", headers=[("id", b"7")])
    assert made.with_partition(record, [("id", b"7")], ("out", b"v", b"old")) == ("out", b"v", b"7")
    assert made.with_partition(
        record, [], ("out", b"v", b"old", -1, None, None, 0, [("a", b"b")])
    ) == (
        *("out", b"v", None, -1, None, None, 0),
        [("a", b"b")],
    )


@pytest.mark.parametrize(
    ("number", "key"),
    [
        (b"7", b"7"),
        (b"1.5", b"1.5"),
        (b"true", b"true"),
        (b"0.001", b"0.001"),
        (b"9999999.5", b"9999999.5"),
        (b"-0.0", b"-0.0"),
        (b"1e7", None),
        (b"0.0009", None),
    ],
)
def test_key_is_text_of_java(number: bytes, key: bytes | None) -> None:
    """Java writes other numbers with an exponent: a guess would place records differently."""
    made = partitioner(Settings(message_key_expression=spel.of_record("payload.id")))
    assert made
    value = b'{"id":' + number + b"}"
    if key is not None:
        assert made.with_partition(message(value), [], ("out", value, None))[2] == key
        return
    with pytest.raises(PartitionKeyError, match=r"payload\.id: a number of this kind or size"):
        made.with_partition(message(value), [], ("out", value, None))
