"""A batch of texts that is reversed at once gives what each text gives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_text import texts
from text import reverse, reverse_each


@given(st.lists(texts.map(str.encode) | st.binary() | st.none()))
def test_batch_is_reversed_as_its_texts(values: list[bytes | None]) -> None:
    found = reverse_each(values)
    assert found is None or found == [reverse(value) for value in values if value is not None]


@pytest.mark.parametrize(
    "values",
    [
        [b"hello world"],
        [b"a\r\nb", b"\r", b"\n", b"\n\r"],
        ["\u00e9t\u00e9\r\n".encode(), "\uc8fc\ubb38".encode(), b"\n"],
    ],
)
def test_ordinary_texts_are_reversed_at_once(values: list[bytes | None]) -> None:
    assert reverse_each(values) == [reverse(value or b"") for value in values]


@pytest.mark.parametrize(
    "values",
    [
        [],
        [b"a", None],
        [b"a", b""],
        [b"a", b"b\0c"],
        [b"a", b"\xff"],
        ["e\u0301".encode(), b"a"],
        [b"a" * 201],
        [b"a", b"b" * 1000],
    ],
)
def test_other_texts_are_reversed_one_by_one(values: list[bytes | None]) -> None:
    assert reverse_each(values) is None
