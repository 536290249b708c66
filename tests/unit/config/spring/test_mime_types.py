"""A content type in a setting follows the grammar of Spring's MimeType."""

import pytest

from config.spring.mime_types import CONTENT_TYPE


@pytest.mark.parametrize(
    "text",
    [
        "text/plain",
        " application/json ",
        "application/vnd.acme.order+json",
        "application/x-java-object;type=com.acme.Order",
        "text/plain;charset=UTF-8",
        'text/plain; charset="utf-8" ; a=b;',
        'a/b;c="d;e/f g"',
        "a/b;c='d e'",
        "a/b;c",
        "*/*",
        "*",
        "text/*",
    ],
)
def test_content_type_is_allowed(text: str) -> None:
    assert CONTENT_TYPE.parse(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "garbage",
        "text",
        "/plain",
        "text/",
        "text/plain/x",
        "text/pl ain",
        "text /plain",
        "*/plain",
        "text/plain,application/json",
        "text/plän",
        '"text/plain"',
        '{"type":"text"}',
        ";charset=UTF-8",
        "text/plain;charset=klingon",
        "text/plain;charset=",
        "text/plain;=b",
        "text/plain;a b=c",
        "text/plain;a=b c",
        "text/plain;a=b/c",
        'text/plain;a="b',
        "text/pl\0ain",
        "text/pl\nain",
    ],
)
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the text is the caller's
        CONTENT_TYPE.parse(text)
