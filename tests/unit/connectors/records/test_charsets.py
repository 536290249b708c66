"""The charset that a function gets: that of the contentType header, or of the binding."""

import encodings
from typing import Any

import pytest
from confluent_kafka import Message

from connectors.functions.calls import StepTimer
from connectors.records.batch import RecordBatch
from connectors.records.columns import RecordColumns
from formats.charset_names import NAMES
from formats.charsets import find_charset
from tests.fakes.messages import batch, message
from text import UndecodableText, reverse


def test_mapper_gets_the_charset() -> None:
    latin, plain = "été!".encode("latin-1"), "été!".encode()
    records = [
        message(latin, 0, headers=[("contentType", b"text/plain;charset=ISO-8859-1")]),
        message(plain, 1, headers=[("x", b"y")]),
    ]
    assert batch(*records).map("s", reverse, wants_charset=True).values == [
        "!été".encode("latin-1"),
        "!été".encode(),
    ]


def charsets_of(*given: tuple[bytes | None, bytes | None], default: str = "utf-8") -> list[Any]:
    """What a function is handed for each value and contentType; None where it is not called."""
    records = [
        message(value, offset, headers=[("contentType", content_type)] if content_type else None)
        for offset, (value, content_type) in enumerate(given)
    ]

    def skip(
        result: RecordColumns, _step: str, record: Message, error: BaseException, _again: object
    ) -> None:
        assert isinstance(error, UndecodableText)
        result.give_up(record)

    made = RecordBatch(records, {}, skip, StepTimer(), default)
    return made.map("s", lambda _, charset: charset, wants_charset=True).values


@pytest.mark.parametrize(
    "codec", sorted(set(NAMES) - {"utf-16-le-bom", "utf-32-be-bom", "utf-32-le-bom"})
)
def test_codec_reads_as_java_does(codec: str) -> None:
    """Each name that a contentType may have."""
    value = "AB".encode(codec)
    for name in NAMES[codec].split():
        (handed,) = charsets_of((value, f"text/plain;charset={name}".encode()))
        assert value.decode(handed) == "AB"
        assert find_charset(handed).decode(value) == "AB"  # type: ignore[union-attr]  # our own functions find it by this name


@pytest.mark.parametrize("width", ["16", "32"])
def test_byte_order_mark_decides(width: str) -> None:
    name = f"text/plain;charset=utf-{width}".encode()
    for order in ("be", "le"):
        value = "\ufeffAB".encode(f"utf-{width}-{order}")
        (handed,) = charsets_of((value, name))
        assert value.decode(handed) == "AB"
    unmarked = "AB".encode(f"utf-{width}-be")
    assert (
        charsets_of((unmarked, name))
        == charsets_of((unmarked, None), default=f"utf-{width}")
        == [f"utf-{width}-be"]
    )


def test_unknown_charset_is_not_passed_on() -> None:
    unknown = b"text/plain;charset=klingon"
    assert charsets_of((b"a", None), (b"b", unknown), (None, unknown), (b"c", b"text/plain")) == [
        "utf-8",
        None,
        None,
        "utf-8",
    ]


def test_null_value_ignores_unknown_charset() -> None:
    record = message(None, headers=[("contentType", b"text/plain;charset=klingon")])
    result = batch(record).map("s", reverse, wants_charset=True)
    assert (result.error, result.values, result.given_up) == (None, [None], set())


def test_senders_do_not_fill_codec_caches() -> None:
    unknown = [(b"a", f"text/plain;charset=unknown-{number}".encode()) for number in range(1000)]
    before = set(encodings._cache)
    for codec in charsets_of(*unknown):
        assert codec is None
    assert set(encodings._cache) == before
