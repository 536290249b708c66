"""Charset names: which are known, and that no name makes Python look for it."""

import encodings
import encodings.aliases

import pytest

from formats.charset_names import NAMES
from formats.charsets import find_charset, shorten
from text import UndecodableText, reverse

PYTHON_ONLY = [
    "punycode",
    "unicode_escape",
    "raw_unicode_escape",
    "idna",
    "charmap",
    "palmos",
    "mbcs",
    "oem",
    "undefined",
    "unicode_internal",
    "string_escape",
    "rot13",
    "rot_13",
    "base64",
    "hex",
    "bz2",
    "zlib",
    "quopri",
    "uu",
    "utf_8_sig",
    "base64_codec",
    "hex_codec",
    "bz2_codec",
    "zlib_codec",
    "quopri_codec",
    "uu_codec",
    "aliases",
]


@pytest.mark.parametrize(
    "name", [each for name in PYTHON_ONLY for each in (name, name.upper(), name.replace("_", "-"))]
)
def test_python_only_codecs_are_unknown(name: str) -> None:
    with pytest.raises(UndecodableText, match=f"unknown charset '{name}'"):
        reverse(b"abc", name)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("windows-31j", "cp932"),
        ("x-windows-949", "cp949"),
        ("x-windows-950", "cp950"),
        ("IBM00858", "cp858"),
        ("x-MacRoman", "mac_roman"),
        ("macintosh", "mac_roman"),
        ("windows-874", "cp874"),
        ("x-Johab", "johab"),
        ("MS932", "cp932"),
        ("ISO8859_15_FDIS", "iso8859-15"),
        ("ISO_8859-1:1987", "latin-1"),
        ("csISOLatin2", "iso8859-2"),
        ("l1", "latin-1"),
        ("latin-1", "latin-1"),
        ("UTF8", "utf-8"),
        ("unicode-1-1-utf-8", "utf-8"),
        ("ANSI_X3.4-1968", "ascii"),
        ("ISO-8859-8-I", "iso8859-8"),
        ("HZ-GB-2312", "hz"),
        ("UTF-7", "utf-7"),
        ("ebcdic-us-037+euro", "cp1140"),
        ("Extended_UNIX_Code_Packed_Format_for_Japanese", "euc_jp"),
    ],
)
def test_iana_and_java_names(name: str, codec: str) -> None:
    for each in (name, name.lower(), name.upper()):
        charset = find_charset(each)
        assert charset
        assert charset.orders[-1][1].replace("_", "-") == codec.replace("_", "-") or b"a".decode(
            codec
        ) == charset.decode("a".encode(codec))


def test_python_names_mean_same_charset() -> None:
    """An alias of Python's is unknown, or means the charset that it means to Python."""
    codecs = {
        alias: codec for alias, codec in encodings.aliases.aliases.items() if find_charset(alias)
    }
    assert len(codecs) > 200
    wide = {"utf_16", "utf_32"}  # without a mark big-endian, as in Java
    every = bytes(range(256))
    unlike = [
        alias
        for alias, codec in codecs.items()
        if codec not in wide
        and find_charset(alias).decode(every, "replace") != every.decode(codec, "replace")  # type: ignore[union-attr]
    ]
    assert unlike == ["ms_kanji"]  # Shift_JIS by IANA and Java, Microsoft's in Python


@pytest.mark.parametrize(
    "name",
    [
        "",
        " utf-8",
        "utf-8 ",
        "utf 8",
        "u" * 46,
        "utf-8" * 100_000,
        "\u212aoi8-r",
        "utf-8\0",
        "\ud800",
    ],
)
def test_invalid_name_is_unknown(name: str) -> None:
    assert find_charset(name) is None


def test_each_name_is_in_one_list() -> None:
    names = [name for each in NAMES.values() for name in each.split()]
    assert len(names) == len(set(names)) > 600
    assert all(name == name.lower().replace("_", "-") and name.isascii() for name in names)


def test_unknown_name_is_uncached() -> None:
    before = dict(encodings._cache)
    for number in range(2_000):
        with pytest.raises(UndecodableText, match="unknown charset"):
            reverse(b"abc\xff", f"unheard-{number}" + "x" * (number % 2) * 20_000)
    assert encodings._cache == before


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("klingon", "klingon"),
        ("x" * 41, "x" * 40 + "..."),
        ("a\0\xad\ud800", r"a\x00\xad\ud800"),
        ("é", "é"),
    ],
)
def test_names_are_shortened_for_errors(name: str, shown: str) -> None:
    assert shorten(name) == shown
    assert shorten(shown) == shown
