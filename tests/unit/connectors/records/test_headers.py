"""Headers: what is sent on, and that contentType never travels without its type."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records.headers import (
    CONTENT_TYPE,
    NEVER_FORWARDED,
    TYPES,
    Forwarding,
    Headers,
    charset,
    forward,
    last_header,
    listing,
    types_of,
)
from tests.support.processor import REPOSITORY

names = st.one_of(
    st.sampled_from([CONTENT_TYPE, TYPES, "id", "x", "x", "kafka_offset"]), st.text(max_size=5)
)
values = st.one_of(
    st.none(),
    st.binary(max_size=8),
    st.just(b'{"contentType":"java.lang.String"}'),
    st.just(b'{"x":"java.lang.Long"}'),
)


@given(st.lists(st.tuples(names, values), max_size=8))
def test_all_headers_but_the_forbidden_survive_in_order_with_duplicates_and_nulls(
    headers: Headers,
) -> None:
    kept = [h for h in headers if h[0] not in NEVER_FORWARDED and h[0] != TYPES]
    assert [h for h in forward(headers) if h[0] != TYPES] == kept


@given(st.lists(st.tuples(names, values), max_size=8))
def test_content_type_always_has_its_entry(headers: Headers) -> None:
    result = dict(forward(headers))
    if CONTENT_TYPE in result:
        assert "contentType" in json.loads(result[TYPES] or b"null")


@pytest.mark.parametrize(
    ("types", "expected"),
    [
        (None, {"contentType": "java.lang.String"}),
        (b'{"x":"java.lang.Long"}', {"x": "java.lang.Long", "contentType": "java.lang.String"}),
        (b"{broken", {"contentType": "java.lang.String"}),
        (b"[1]", {"contentType": "java.lang.String"}),
        (b"\xff", {"contentType": "java.lang.String"}),
        (b"[" * 1000, {"contentType": "java.lang.String"}),
        (b'{"x":' * 1000, {"contentType": "java.lang.String"}),
        (b'["contentType"', {"contentType": "java.lang.String"}),  # named, but listed to no reader
        (
            b'{"x":"java.lang.Long","y":["z"],"contentType":7}',
            {"x": "java.lang.Long", "contentType": "java.lang.String"},
        ),
        (b'{"x":' + b"9" * 5000 + b"}", {"contentType": "java.lang.String"}),
    ],
)
def test_a_missing_entry_is_added_and_the_others_are_kept(
    types: bytes | None, expected: dict[str, str]
) -> None:
    headers: Headers = [
        ("x", b"1"),
        (CONTENT_TYPE, b"application/json"),
        *([(TYPES, types)] if types else []),
    ]
    assert json.loads(dict(forward(headers))[TYPES] or b"") == expected


def test_complete_headers_are_sent_on_as_they_are() -> None:
    headers: Headers = [
        ("a", b"1"),
        (CONTENT_TYPE, b"text/plain"),
        (TYPES, b'{"contentType":"java.lang.String"}'),
        ("a", None),
    ]
    assert forward(headers) is headers


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (None, "utf-8"),
        ([], "utf-8"),
        ([("contentType", None)], "utf-8"),
        ([("contentType", b"text/plain")], "utf-8"),
        ([("x", b"y"), ("contentType", b'"text/plain;charset=ISO-8859-1"')], "iso-8859-1"),
    ],
)
def test_charset(headers: Headers | None, expected: str) -> None:
    assert charset(headers) == expected


def test_a_content_type_of_the_output_is_for_records_that_carry_none() -> None:
    types = b'{"contentType":"java.lang.String"}'
    assert forward([("x", b"1")], b"text/plain") == [
        ("x", b"1"),
        (CONTENT_TYPE, b"text/plain"),
        (TYPES, types),
    ]
    own: Headers = [(CONTENT_TYPE, b"image/png"), (TYPES, types)]
    assert forward(own, b"text/plain") is own


few_names = st.sampled_from(["x", CONTENT_TYPE, TYPES, "id"])


@given(
    st.lists(st.lists(st.tuples(few_names, values), max_size=4), max_size=12),
    st.sampled_from([None, b"text/plain"]),
)
def test_what_came_before_makes_no_difference(
    stream: list[Headers], content_type: bytes | None
) -> None:
    forwarding = Forwarding(content_type)
    for headers in stream:
        for _ in range(2):  # the second time as one of many that are alike
            assert forwarding(list(headers)) == forward(headers, content_type)


def test_a_change_of_the_types_alone_is_seen() -> None:
    forwarding, good = Forwarding(), b'{"contentType":"java.lang.String"}'
    complete: Headers = [(CONTENT_TYPE, b"text/plain"), (TYPES, good)]
    assert forwarding(complete) is complete
    assert forwarding([(CONTENT_TYPE, b"text/plain"), (TYPES, b"{}")]) == complete
    assert forwarding([(CONTENT_TYPE, b"image/png"), (TYPES, good)]) == [
        (CONTENT_TYPE, b"image/png"),
        (TYPES, good),
    ]


def test_the_charset_of_the_input_is_for_records_that_carry_no_content_type() -> None:
    assert charset([("x", b"1")], "latin-1") == "latin-1"
    assert charset([(CONTENT_TYPE, b"text/plain")], "latin-1") == "utf-8"


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (b"text/plain;charset=UTF-8", b"text/plain;charset=ISO-8859-1", "iso-8859-1"),
        (b"text/plain;charset=ISO-8859-1", None, "utf-8"),
        (None, b'{"type":"text","subtype":"plain","parameters":{"charset":"koi8-r"}}', "koi8-r"),
    ],
)
def test_the_last_content_type_counts(
    first: bytes | None, last: bytes | None, expected: str
) -> None:
    assert (
        charset([(CONTENT_TYPE, first), ("x", b"y"), (CONTENT_TYPE, last), ("z", None)], "latin-1")
        == expected
    )


def test_the_last_types_count() -> None:
    good, bad = b'{"contentType":"java.lang.String","x":"java.lang.Long"}', b"[" * 1000
    assert forward([(CONTENT_TYPE, b"a/b"), (TYPES, bad), (TYPES, good)])[1:] == [
        (TYPES, bad),
        (TYPES, good),
    ]
    only = [(TYPES, b'{"contentType":"java.lang.String"}')]
    assert forward([(CONTENT_TYPE, b"a/b"), (TYPES, good), (TYPES, bad)])[1:] == only


@given(st.lists(st.tuples(names, values), max_size=8), names)
def test_last_header_is_the_last_of_its_name(headers: Headers, name: str) -> None:
    assert last_header(headers, name) == dict(headers).get(name)


@given(st.one_of(st.none(), st.binary(), st.text().map(str.encode)))
def test_no_types_are_too_odd_to_list(types: bytes | None) -> None:
    assert types_of(listing(types, "x", "java.lang.Long"))["x"] == "java.lang.Long"


def test_no_direct_read_of_headers() -> None:
    """A direct call of Message.headers() can crash the process (see read_headers); no fake message
    shows that.
    """
    sources = [
        path for folder in ("connectors", "runtime") for path in (REPOSITORY / folder).rglob("*.py")
    ]
    assert sources
    assert [path.name for path in sources if ".headers()" in path.read_text()] == []
