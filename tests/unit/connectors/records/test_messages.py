"""Headers: what is sent on, and that contentType never travels without its type."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.records.forwarding import NEVER_FORWARDED, PARKED, REPLAYS, Forwarding, forward
from connectors.records.messages import (
    CONTENT_TYPE,
    TYPES,
    Headers,
    charset,
    codec,
    common_codec,
    common_names,
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
def test_other_headers_survive_in_order(
    headers: Headers,
) -> None:
    kept = [h for h in headers if h[0] not in NEVER_FORWARDED and h[0] != TYPES]
    assert [h for h in forward(headers) if h[0] != TYPES] == kept


def test_count_of_replays_is_not_forwarded() -> None:
    """Else a later processor would park its first dead letter as replayed already."""
    assert forward([(REPLAYS, b"3"), ("a", b"1"), (PARKED, b"why")]) == [("a", b"1")]


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
def test_missing_entry_is_added(types: bytes | None, expected: dict[str, str]) -> None:
    headers: Headers = [
        ("x", b"1"),
        (CONTENT_TYPE, b"application/json"),
        *([(TYPES, types)] if types else []),
    ]
    assert json.loads(dict(forward(headers))[TYPES] or b"") == expected


def test_complete_headers_are_unchanged() -> None:
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
def test_content_type_gives_charset(headers: Headers | None, expected: str) -> None:
    assert charset(headers) == expected


def test_output_content_type_is_default() -> None:
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
def test_earlier_records_do_not_matter(stream: list[Headers], content_type: bytes | None) -> None:
    forwarding = Forwarding(content_type)
    for headers in stream:
        for _ in range(2):  # the second time as one of many that are alike
            assert forwarding(list(headers)) == forward(headers, content_type)


TYPED = b'{"contentType":"java.lang.String"}'
some_values = st.sampled_from(
    [None, b"", b"text/plain;charset=UTF-16", b"text/plain", TYPED, b"{}"]
)


@st.composite
def batches(draw: st.DrawFn) -> list[Headers]:
    """Draw the headers of a batch; as a rule all records have the same names."""
    names_of = st.lists(few_names, max_size=5)
    alike = draw(names_of)
    counts = draw(st.lists(st.integers(0, 9), min_size=1, max_size=5))
    each = [draw(names_of) if count == 0 else alike for count in counts]
    return [[(name, draw(some_values)) for name in own] for own in each]


@given(batches(), st.one_of(st.none(), st.sampled_from([b"text/plain", b"application/json"])))
def test_batch_is_forwarded_as_its_records(batch: list[Headers], binding: bytes | None) -> None:
    """What one look at the batch finds out holds for each of its records."""
    forwarding = Forwarding(binding)
    found = common_names([*batch])
    alike = len({tuple(name for name, _ in headers) for headers in batch}) == 1
    assert (found is not None) == (alike and bool(batch[0]))
    if found is not None and forwarding.keeps_all(found, batch):
        assert [forward(headers, binding) for headers in batch] == batch


@given(batches(), st.sampled_from(["utf-8", "latin-1", "utf-16"]))
def test_batch_has_codec_of_its_records(batch: list[Headers], default: str) -> None:
    found = common_names([*batch])
    if found is not None and (common := common_codec(found, batch, default)):
        for value in (b"", b"text", b"\xff\xfet\x00"):
            assert {codec(headers, default, value) for headers in batch} == {common}


def test_common_batch_is_found_at_once() -> None:
    kept: Headers = [("id-of", b"1"), (CONTENT_TYPE, b"text/plain;charset=UTF-8"), (TYPES, TYPED)]
    batch = [kept.copy() for _ in range(3)]
    names = common_names([*batch])
    assert names == ["id-of", CONTENT_TYPE, TYPES]
    assert common_codec(names, batch, "latin-1") == "utf-8"
    assert Forwarding().keeps_all(names, batch)


@pytest.mark.parametrize("other", [None, [], [("a", b"1"), ("a", b"2")]])
def test_record_with_other_headers_is_seen(other: Headers | None) -> None:
    assert common_names([[("a", b"1")], other]) is None
    assert common_names([other, [("a", b"1")]]) is None


def test_record_boundaries_count() -> None:
    """Both records have only `a`, but not as often as the first."""
    first: Headers = [("a", b"1"), ("a", b"1")]
    assert common_names([first, [("a", b"1")], [("a", b"1")] * 3]) is None


def test_changed_types_are_seen() -> None:
    forwarding, good = Forwarding(), b'{"contentType":"java.lang.String"}'
    complete: Headers = [(CONTENT_TYPE, b"text/plain"), (TYPES, good)]
    assert forwarding(complete) is complete
    assert forwarding([(CONTENT_TYPE, b"text/plain"), (TYPES, b"{}")]) == complete
    assert forwarding([(CONTENT_TYPE, b"image/png"), (TYPES, good)]) == [
        (CONTENT_TYPE, b"image/png"),
        (TYPES, good),
    ]


def test_input_charset_is_default() -> None:
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
def test_last_content_type_counts(first: bytes | None, last: bytes | None, expected: str) -> None:
    assert (
        charset([(CONTENT_TYPE, first), ("x", b"y"), (CONTENT_TYPE, last), ("z", None)], "latin-1")
        == expected
    )


def test_last_header_types_count() -> None:
    good, bad = b'{"contentType":"java.lang.String","x":"java.lang.Long"}', b"[" * 1000
    assert forward([(CONTENT_TYPE, b"a/b"), (TYPES, bad), (TYPES, good)])[1:] == [
        (TYPES, bad),
        (TYPES, good),
    ]
    only = [(TYPES, b'{"contentType":"java.lang.String"}')]
    assert forward([(CONTENT_TYPE, b"a/b"), (TYPES, good), (TYPES, bad)])[1:] == only


@given(st.lists(st.tuples(names, values), max_size=8), names)
def test_last_header_is_last_of_its_name(headers: Headers, name: str) -> None:
    assert last_header(headers, name) == dict(headers).get(name)


@given(st.one_of(st.none(), st.binary(), st.text().map(str.encode)))
def test_any_types_can_be_listed(types: bytes | None) -> None:
    assert types_of(listing(types, "x", "java.lang.Long"))["x"] == "java.lang.Long"


def test_headers_are_not_read_directly() -> None:
    """A direct call of Message.headers() can crash the process (see read_headers).

    No fake message shows that.
    """
    sources = [
        path for folder in ("connectors", "runtime") for path in (REPOSITORY / folder).rglob("*.py")
    ]
    assert sources
    assert [path.name for path in sources if ".headers()" in path.read_text()] == []
