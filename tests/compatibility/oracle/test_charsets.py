"""Charset names beside Java's.

A name that is known here is the same charset there, read and written alike.
"""

import base64
import subprocess
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest

from formats.charsets import Charset, find_charset
from tests.support.brokers.java import need_java

PROGRAM = Path(__file__).parent / "src" / "Charsets.java"
LETTERS = "".join(
    each
    for each in map(chr, range(0x30000))
    if unicodedata.category(each)[0] in "LMN" or (each.isascii() and each.isprintable())
)
# Names that mean Microsoft's charset here, as in Python, and one of IBM's in Java.
MICROSOFT = {"cp874", "cp932", "cp949", "cp950"}
# Letters that Java reads otherwise than Python writes them. Python writes a Hangul syllable that
# EUC-KR lacks as a sequence of jamo. Nine letters of GB18030 and 249 of windows-950 are in
# Unicode's private use in one of the two. The Ohm sign equals the Greek letter.
OTHERWISE = {
    "EUC-KR": 8822,
    "GB18030": 9,
    "x-windows-950": 249,
    "x-MacCroatian": 1,
    "x-MacIceland": 1,
    "x-MacTurkish": 1,
}
MARKED = ["UTF-16", "x-UTF-16LE-BOM", "UTF-32", "X-UTF-32BE-BOM", "X-UTF-32LE-BOM"]


def ask_java(*lines: str) -> list[str]:
    need_java()
    command = ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", str(PROGRAM)]
    return subprocess.run(
        command, input="\n".join(lines), capture_output=True, text=True, check=True
    ).stdout.splitlines()


def decode_in_java(values: Iterable[tuple[str, bytes]], *, how: str = "decode") -> list[str | None]:
    answers = ask_java(
        *(f"{how} {charset} {base64.b64encode(value).decode()}" for charset, value in values)
    )
    return [
        base64.b64decode(each[1:]).decode("utf-16-be", "surrogatepass") if each[0] == "=" else None
        for each in answers
    ]


def decode_here(charset: Charset, value: bytes) -> str | None:
    try:
        return charset.decode(value)
    except ValueError:
        return None


def is_letter(text: str | None) -> bool:
    return text is not None and any(each in LETTERS for each in text)


@pytest.fixture(scope="module")
def names() -> dict[str, set[str]]:
    """The names of each of Java's charsets, by the first."""
    return {words[0]: set(words) for words in map(str.split, ask_java("names"))}


@pytest.fixture(scope="module")
def shared(names: dict[str, set[str]]) -> dict[str, Charset]:
    """Those of Java's charsets that are known here."""
    return {name: charset for name in names if (charset := find_charset(name))}


def test_names_mean_javas_charset(names: dict[str, set[str]], shared: dict[str, Charset]) -> None:
    assert len(shared) >= 75
    for first, others in names.items():
        found = {
            find_charset(name)
            for name in others
            if name.lower() not in MICROSOFT or first in shared
        }
        assert found == {shared.get(first)}, first


def test_single_bytes_are_alike(shared: dict[str, Charset]) -> None:
    asked = [(name, bytes([byte])) for name in shared for byte in range(256)]
    answers = decode_in_java(asked)
    unlike = [
        (name, value, theirs, ours)
        for (name, value), theirs in zip(asked, answers, strict=True)
        if theirs != (ours := decode_here(shared[name], value))
        and (is_letter(theirs) or (theirs is not None and is_letter(ours)))
    ]
    assert [
        each
        for each in unlike
        if each[0] not in OTHERWISE and not each[0].startswith("ISO-2022-KR")
    ] == []


def test_letters_are_read_alike(shared: dict[str, Charset]) -> None:
    lines = "\n".join(LETTERS)
    values = {
        name: lines.encode(charset.orders[-1][1], "ignore") for name, charset in shared.items()
    }
    answers = decode_in_java(values.items(), how="replace")
    for (name, value), theirs in zip(values.items(), answers, strict=True):
        assert theirs is not None
        pairs = list(
            zip(shared[name].decode(value, "replace").split("\n"), theirs.split("\n"), strict=True)
        )
        assert sum(bool(ours) for ours, _ in pairs) > 90, name
        different = [pair for pair in pairs if pair[0] != pair[1] and "\ufffd" not in "".join(pair)]
        assert len(different) == OTHERWISE.get(name, 0), (name, different[:5])


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("order", ["le", "be"])
def test_byte_order_marks_are_read_alike(mark: str, order: str) -> None:
    values = [
        (name, (mark + "aé").encode(f"utf-{'16' if '16' in name else '32'}-{order}"))
        for name in MARKED
    ]
    for (name, value), theirs in zip(values, decode_in_java(values), strict=True):
        charset = find_charset(name)
        assert charset
        assert decode_here(charset, value) == theirs, name
