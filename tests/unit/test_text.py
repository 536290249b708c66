"""Reversing text: Unicode's test cases, properties of every text, charsets, and errors."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import thread_time

import pytest
import regex  # type: ignore[import-untyped]  # it has no type hints
from hypothesis import given
from hypothesis import strategies as st

import text
from benchmarks import graphemes
from formats.charset_names import NAMES
from text import UndecodableText, reverse, reverse_text

# Unicode 18; see LICENSE-UNICODE.txt beside it.
UNICODE_CASES = Path(__file__).parents[1] / "fixtures" / "GraphemeBreakTest.txt"

# One or two of every kind that joins, beside plain ones: most pairs of these obey a rule of their
# own.
NASTY = (
    "ae \r\n\t\0\u00e9\u0142\u6f22\ud55c\u1100\u1161\u11a8\uac00\u0301\u0308\u200d\u200c\ufe0f\u20e3\u2764\u0600\u0903\u0915"  # noqa: E501 - one text
    "\u094d\u0937\u0e33\ufeff\u202e\u2067\u1cf5\u2028\U0001f1e6\U0001f1f5\U0001f469\U0001f3fd\U0001f600\U000e0067\U000e007f"
)
texts = st.text(st.sampled_from(NASTY)) | st.text()


def clusters(of: str) -> list[str]:
    found: list[str] = regex.findall(r"\X", of)
    return found


def unicode_cases() -> Iterator[list[str]]:
    """The clusters of each case.

    A division sign separates them, a multiplication sign stands inside one.
    """
    for line in UNICODE_CASES.read_text(encoding="utf-8").splitlines():
        if case := line.partition("#")[0].strip():
            parts = case.strip("÷ ").split("÷")
            yield [
                "".join(
                    chr(int(code, 16))
                    for code in part.replace("\N{MULTIPLICATION SIGN}", " ").split()
                )
                for part in parts
            ]


def test_unicode_18_test_cases() -> None:
    cases = list(unicode_cases())
    assert len(cases) == 853
    wrong = [
        case for case in cases if reverse("".join(case).encode()) != "".join(case[::-1]).encode()
    ]
    assert wrong == []


@given(texts)
def test_clusters_are_reversed(given: str) -> None:
    assert reverse_text(given) == "".join(reversed(clusters(given)))


@given(texts)
def test_code_points_and_length_are_kept(given: str) -> None:
    assert Counter(reverse_text(given)) == Counter(given)
    assert len(reverse(given.encode())) == len(given.encode())


@given(texts)
def test_plain_text_is_reversed(given: str) -> None:
    plain = "".join(cluster for cluster in clusters(given) if len(cluster) == 1)
    # Two plain ones can join when what stood between them is gone.
    if all(len(cluster) == 1 for cluster in clusters(plain)):
        assert reverse_text(plain) == plain[::-1]


@given(texts)
def test_reversed_twice_is_same(given: str) -> None:
    once = reverse_text(given)
    if clusters(once) == clusters(given)[::-1]:
        assert reverse_text(once) == given


@given(st.text(st.characters(max_codepoint=0x7F)))
def test_ascii_bytes_match_text(given: str) -> None:
    assert (
        reverse(given.encode())
        == reverse_text(given).encode()
        == "".join(reversed(clusters(given))).encode()
    )


# One of each kind that is left.
@pytest.mark.parametrize("neighbour", ["a", "\n", "\u0915", "\uac00", "\uac01", "\u2764", "\u200b"])
def test_other_code_points_join_nothing(neighbour: str) -> None:
    plain = [c for c in map(chr, range(0x10000)) if not text._JOINING.match(c) and c != "\r"]
    assert len(plain) > 60_000
    assert all(len(cluster) == 1 for cluster in clusters(neighbour.join(plain)))


@pytest.mark.parametrize(
    ("given", "reversed_"),
    [
        pytest.param("hello world", "dlrow olleh", id="the seed's example"),
        pytest.param("", "", id="empty"),
        pytest.param("x", "x", id="one"),
        pytest.param("cafe\u0301", "e\u0301fac", id="combining accent"),
        pytest.param("zażółć", "ćłóżaz", id="precomposed accents"),
        pytest.param("한국어", "어국한", id="Hangul syllables"),
        pytest.param(
            "\u1112\u1161\u11ab\u1100\u116e", "\u1100\u116e\u1112\u1161\u11ab", id="Hangul jamo"
        ),
        pytest.param("a👨‍👩‍👧‍👦b", "b👨‍👩‍👧‍👦a", id="emoji family"),
        pytest.param("👍🏽!", "!👍🏽", id="skin tone"),
        pytest.param("🇵🇱🇺🇦", "🇺🇦🇵🇱", id="flags"),
        pytest.param("1️⃣2", "21️⃣", id="keycap"),
        pytest.param("🏴󠁧󠁢󠁳󠁣󠁴󠁿x", "x🏴󠁧󠁢󠁳󠁣󠁴󠁿", id="flag of Scotland"),
        pytest.param("क्षि!", "!क्षि", id="Devanagari conjunct"),
        pytest.param("a\r\nb", "b\r\na", id="CR LF stays"),
        pytest.param("\u0142\r\nb", "b\r\n\u0142", id="CR LF beyond ASCII"),
        pytest.param("e\u0301\r\nb", "b\r\ne\u0301", id="CR LF beside a joined one"),
        pytest.param("a\n\rb", "b\r\na", id="LF CR are two characters"),
        pytest.param("a\rb\n", "\nb\ra", id="lone CR, lone LF"),
        pytest.param("\r\r\n\n", "\n\r\n\r", id="CR LF among others"),
        pytest.param("\ufeffab", "ba\ufeff", id="byte order mark is a character"),
        pytest.param("\u0301a", "a\u0301", id="leading combining mark"),
        pytest.param("\u202eab\u202c", "\u202cba\u202e", id="bidi controls"),
        pytest.param("a\0b", "b\0a", id="NUL"),
    ],
)
def test_edge_cases_are_reversed(given: str, reversed_: str) -> None:
    assert reverse(given.encode()).decode() == reversed_


@pytest.mark.parametrize(
    ("given", "charset"),
    [
        ("été", "iso-8859-1"),
        ("été", "ISO-8859-1"),
        ("zażółć", "windows-1250"),
        ("漢字かな abc\\~", "shift_jis"),
        ("漢字かな abc", "euc-jp"),
        ("漢字かな abc", "iso-2022-jp"),
        ("漢字 abc", "gb18030"),
        ("abc~{}", "hz"),
        ("hello & 1+1", "utf-7"),
        ("hello", "cp037"),
        ("hello", "cp500"),
        ("cafe\u0301 👍🏽", "utf-16-le"),
        ("cafe\u0301 👍🏽", "utf-16be"),
        ("cafe\u0301 👍🏽", "utf-32-le"),
        ("hello", "us-ascii"),
        ("cafe\u0301", "utf8"),
    ],
)
def test_text_is_reversed_in_its_charset(given: str, charset: str) -> None:
    assert reverse(given.encode(charset), charset).decode(charset) == "".join(
        reversed(clusters(given))
    )


@pytest.mark.parametrize("width", ["16", "32"])
@pytest.mark.parametrize("order", ["be", "le"])
def test_byte_order_mark_stays_in_front(width: str, order: str) -> None:
    codec = f"utf-{width}-{order}"
    assert reverse("\ufeffab".encode(codec), f"utf-{width}") == "\ufeffba".encode(codec)


@pytest.mark.parametrize("charset", ["utf-16", "UTF-16", "utf_16", "utf-32"])
def test_no_mark_is_big_endian(charset: str) -> None:
    big_endian = f"{charset}-be"
    assert reverse("ab".encode(big_endian), charset) == "ba".encode(big_endian)


# Charsets' own escape sequences, which a fast path over bytes would tear apart.
@given(
    st.text(st.sampled_from("ab+-AGE~{}\\u0041x&%\x1b$B(!\x0e\x0f\r\n=")).map(str.encode),
    st.sampled_from(
        sorted(
            codec
            for codec in NAMES
            if codec not in {"utf-16", "utf-32"} and not codec.endswith("-bom")
        )
    ),
)
def test_ascii_follows_charset(given: bytes, charset: str) -> None:
    try:
        expected = reverse_text(given.decode(charset)).encode(charset)
    except ValueError:
        with pytest.raises(UndecodableText):
            reverse(given, charset)
    else:
        assert reverse(given, charset) == expected


@pytest.mark.parametrize("kind", [*graphemes.UNITS, *graphemes.RUNS])
def test_any_text_is_quick(kind: str) -> None:
    """1 MB takes less than a second of CPU time.

    At 4af92c5 a run of flags took a quarter of an hour.
    """
    value = dict(graphemes.texts(graphemes.MB))[kind].encode()
    began = thread_time()
    reverse(value)
    assert thread_time() - began < graphemes.LIMIT_S


def test_random_runs_keep_clusters() -> None:
    assert graphemes.unequal(3_000, seed=20) == []


@pytest.mark.parametrize(
    ("given", "charset", "message"),
    [
        (b"secret\xff", "utf-8", "not valid 'utf-8' text"),
        (b"\xed\xa0\x80secret", "utf-8", "not valid 'utf-8' text"),  # a surrogate
        (b"secret\xe9", "us-ascii", "not valid 'us-ascii' text"),
        (b"\xfe\xff\x00", "utf-16", "not valid 'utf-16' text"),
        (b"secret", "klingon", "unknown charset 'klingon'"),
        (b"secret", "rot13", "unknown charset 'rot13'"),  # a codec of Python's, but no charset
        (b"secret", "a\0b", r"unknown charset 'a\x00b'"),
        (b"secret", "idna", "unknown charset 'idna'"),
        (b"secret", "x" * 20_000, f"unknown charset '{'x' * 40}...'"),
    ],
)
def test_error_names_charset_but_not_text(given: bytes, charset: str, message: str) -> None:
    with pytest.raises(UndecodableText) as raised:
        reverse(given, charset)
    assert str(raised.value) == message
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


def test_characters_that_join_are_found() -> None:
    """All of them, and in the first plane no other one."""
    joining = regex.compile(f"[{text._JOINING_CLASS}]")
    for code in range(0x110000):
        found = text._JOINING.match(chr(code)) is not None
        assert found == (code > 0xFFFF or joining.match(chr(code)) is not None), hex(code)
