"""The charset of a contentType: three wire forms, quoting, and what is no contentType at all."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formats.content_types import charset_of

CASES = [
    (b"text/plain", "utf-8"),
    (b"application/json", "utf-8"),
    (b"text/plain;charset=UTF-8", "utf-8"),
    (b"text/plain;charset=ISO-8859-1", "iso-8859-1"),
    (b"text/plain; Charset=Shift_JIS", "shift_jis"),
    (b"text/plain ; charset = koi8-r", "koi8-r"),
    (b'text/plain;charset="utf-16"', "utf-16"),
    (b"text/plain;charset='utf-16'", "utf-16"),
    (b'text/plain;charset="ko\\i8-r"', "koi8-r"),
    (b"text/plain;format=flowed;charset=koi8-r;delsp=yes", "koi8-r"),
    (b"text/plain;charset=koi8-r (Cyrillic)", "koi8-r"),
    (b"text/plain;mycharset=koi8-r", "utf-8"),
    (b"text/plain;charset=", "utf-8"),
    (b"text/plain;charset=utf-8;charset=koi8-r", "koi8-r"),  # the last, as in Spring's MimeType
    (b'text/plain;title="a;charset=koi8-r"', "utf-8"),
    (b'text/plain;title="a\\";charset=koi8-r";charset=utf-16', "utf-16"),
    (b'text/plain;title="a;charset=koi8-r', "utf-8"),  # the quote is never closed
    (b"text/plain;title='a';charset=koi8-r", "koi8-r"),
    (b"charset=koi8-r", "utf-8"),
    (b"text/plain;charset=klingon", "klingon"),
]


@pytest.mark.parametrize(("raw", "charset"), CASES)
def test_charset_of_raw_text(raw: bytes, charset: str) -> None:
    assert charset_of(raw) == charset_of(raw.decode()) == charset


@pytest.mark.parametrize(("raw", "charset"), CASES)
def test_charset_of_a_json_string(raw: bytes, charset: str) -> None:
    assert charset_of(json.dumps(raw.decode())) == charset
    assert charset_of(f" {json.dumps(raw.decode())} ".encode()) == charset


@pytest.mark.parametrize(
    ("content_type", "charset"),
    [
        ('{"type":"text","subtype":"plain","parameters":{"charset":"ISO-8859-1"}}', "iso-8859-1"),
        (
            '{"parameters":{"a":"b","CHARSET":"\\"KOI8-R\\""},"subtype":"plain","type":"text"}',
            "koi8-r",
        ),
        (
            '{"type":"text","subtype":"plain","parameters":{"charset":"utf-16","charset":"koi8-r"}}',
            "koi8-r",
        ),
        ('{"type":"text","subtype":"plain","parameters":{"charset":7}}', "utf-8"),
        (
            '{"type":"text","subtype":"plain","parameters":{"charset":{"charset":"koi8-r"}}}',
            "utf-8",
        ),
        ('{"type":"text","subtype":"plain","parameters":{}}', "utf-8"),
        ('{"type":"text","subtype":"plain","parameters":["charset"]}', "utf-8"),
        ('{"type":"text","subtype":"plain"}', "utf-8"),
        ('{"charset":"koi8-r"}', "utf-8"),
        # Not closed.
        ('{"type":"text","subtype":"plain","parameters":{"charset":"koi8-r"}', "utf-8"),
    ],
)
def test_charset_of_a_json_object(content_type: str, charset: str) -> None:
    assert charset_of(content_type) == charset_of(content_type.encode()) == charset


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        b"",
        b"\xff\xfe",
        b"null",
        b"7",
        b'"',
        b'""',
        b"{",
        b"[" * 100_000,
        b'{"parameters":' * 100_000,
        b'{"parameters":{"charset":' + b"9" * 5000 + b"}}",
        b'{"parameters":{"charset":NaN}}',
        b";" * 400_000,
        b'text/plain;a="' + b"\\" * 400_000,
        b'text/plain;a="b' * 50_000,
    ],
)
def test_default_charset_is_utf_8(content_type: bytes | None) -> None:
    assert charset_of(content_type) == "utf-8"


def test_unknown_names_are_cut() -> None:
    assert charset_of(b"text/plain;charset=" + b"x" * 240_000) == "x" * 40 + "..."
    assert charset_of(b"text/plain;charset=" + b"\xad" * 240_000) == "\\xad" * 10 + "..."


pieces = st.lists(
    st.sampled_from(
        [
            *"\";=\\{}[]:,' \t",
            "charset",
            "parameters",
            "text/plain",
            "koi8-r",
            "\\ud800",
            "\x00",
            "é",
        ]
    )
)


@given(pieces.map("".join) | st.text() | st.binary())
def test_any_content_type_has_short_name(content_type: str | bytes) -> None:
    name = charset_of(content_type)
    assert 0 < len(name) <= 45
    assert name.isprintable()


@given(st.text(st.sampled_from("a;=\" \\'charset"), max_size=30))
def test_other_parameters_never_name_it(value: str) -> None:
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert charset_of(f'text/plain;title="{quoted}"') == "utf-8"
    assert charset_of(f'text/plain;title="{quoted}";charset=koi8-r') == "koi8-r"
    assert charset_of(f'text/plain;charset=koi8-r;title="{quoted}"') == "koi8-r"
