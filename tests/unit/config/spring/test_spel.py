"""Which expressions are understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config.errors import SettingsError
from config.spring import spel

KEY_EXPRESSION = "spring.cloud.stream.bindings.output.producer.partition-key-expression"
SELECTOR = "spring.cloud.stream.bindings.output.producer.partition-selector-expression"


@pytest.mark.parametrize(
    ("text", "root", "path", "calls", "modulus"),
    [
        ("payload", "payload", (), (), None),
        (" payload ", "payload", (), (), None),
        ("payload.id", "payload", ("id",), (), None),
        ("payload?.a?.b", "payload", ("a", "b"), (), None),
        ("payload['id']", "payload", ("id",), (), None),
        ('payload["a b"].c', "payload", ("a b", "c"), (), None),
        ("payload[id]", "payload", ("id",), (), None),
        ("payload.get('id')", "payload", ("id",), (), None),
        ("payload.items[0].id", "payload", ("items", 0, "id"), (), None),
        ("#root.payload.id", "payload", ("id",), (), None),
        ("headers['x-y']", "headers", ("x-y",), (), None),
        ("headers.x", "headers", ("x",), (), None),
        ("headers['x'].toString()", "headers", ("x",), ("toString",), None),
        ("headers['kafka_receivedMessageKey']", "headers", ("kafka_receivedMessageKey",), (), None),
        ("key", "key", (), (), None),
        ("new String(payload)", "payload", (), (), None),
        ("new java.lang.String( headers['k'] )", "headers", ("k",), (), None),
        ("payload.id.hashCode() % 3", "payload", ("id",), ("hashCode",), 3),
        ("payload.length() % 2", "payload", (), ("length",), 2),
    ],
)
def test_record_expression_parses(
    text: str, root: str, path: tuple[str | int, ...], calls: tuple[str, ...], modulus: int | None
) -> None:
    assert spel.of_record(text) == spel.Expression(text, root, path, calls, modulus)
    assert str(spel.of_record(text)) == text


@pytest.mark.parametrize(
    ("text", "calls", "modulus"),
    [
        ("#root", (), None),
        ("#this % 2", (), 2),
        ("hashCode()", ("hashCode",), None),
        ("#root.length() % 4", ("length",), 4),
    ],
)
def test_selector_parses(text: str, calls: tuple[str, ...], modulus: int | None) -> None:
    assert spel.of_key(text) == spel.Expression(text, "", (), calls, modulus)


NOT_UNDERSTOOD = [
    "payloads",
    "headers",
    "key.id",
    "id",
    "'text'",
    "payload + 1",
    "payload.substring(1)",
    "payload.id.hashCode().x",
    "payload % 0",
    "payload.id %",
    "payload['id'",
    "@bean.key(payload)",
    "T(java.lang.Math).abs(payload.id)",
    "payload.id == 1 ? 'a' : 'b'",
]


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_unsupported_expression_is_refused(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        config.load([f"--{KEY_EXPRESSION}={text}"], {})
    assert str(caught.value).startswith(
        f'{KEY_EXPRESSION}: "{text}" (the command line) is not allowed; allowed is payload, '
        f"headers["
    )


@pytest.mark.parametrize("text", ["payload", "id", "1 + 1", "length", "size()", "#root['a']"])
def test_unsupported_selector_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"partition-selector-expression.* allowed is #root"):
        config.load([f"--{SELECTOR}={text}"], {})


@given(st.text())
def test_any_text_parses_or_fails(text: str) -> None:
    for parse in (spel.of_record, spel.of_key):
        try:
            parse(text)
        except ValueError:
            continue
