"""No format of log lines shows a secret, whatever characters it has: neither raw nor escaped."""

import json
import logging
import sys
from collections.abc import Iterator

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from config.errors import MASK, SHORTEST_SECRET, one_line
from runtime.logs import console
from runtime.logs.json_formats import FORMATTERS

FORMS = (None, *sorted(FORMATTERS))
# The signs around a secret, and the mask's, are left out, so that no secret overlaps them.
SECRETS = st.text(
    st.characters(exclude_characters="<>*"), min_size=SHORTEST_SECRET, max_size=60
).filter(lambda secret: secret.strip() == secret)
OPEN = "p\"a\\s\ts\nw'ö\x1brd"  # has each kind of character that a format escapes


@pytest.fixture(autouse=True)
def _restore_logging() -> Iterator[None]:
    """Give the root logger the handlers and the level it had before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def escaped(secret: str) -> set[str]:
    """The secret as it is, and as JSON, Python and Spring Boot's form write it."""
    return {
        secret,
        one_line(secret),
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
    }


def line(form: str | None, shown: str, secret: str, *, message: str = "<{}>") -> str:
    """The line that has a text everywhere: message, logger, thread, exception, stack, tags."""
    name = f"<{shown}>"
    console.configure(name, {}, form, {"tag": name, name: "value"}, (secret,))
    try:
        raise ValueError(name)
    except ValueError:
        info = sys.exc_info()
    record = logging.LogRecord(name, 20, "", 1, message.format(shown), None, info, sinfo=name)
    record.created, record.msecs, record.threadName = 0.0, 0.0, name
    (handler,) = logging.getLogger().handlers
    return handler.format(record)


@pytest.mark.parametrize("form", FORMS)
@given(secret=SECRETS)
@example(OPEN)
@example('quo"te')
@example("back\\slash")
@example("two\nlines")
@example("schlüssel")
@example("x" * 60)
@example("control\x1b\x7f\u2028")
@example("surrogate\udcff")
def test_secret_is_masked_before_escaping(form: str | None, secret: str) -> None:
    masked = line(form, MASK, "other-secret")
    assume(not any(each in masked for each in escaped(secret)))
    written = line(form, secret, secret)
    assert not [each for each in escaped(secret) if each in written]
    if form:
        assert json.loads(written).keys() == json.loads(masked).keys()
    else:
        assert written.partition("\n")[0].isprintable()


@pytest.mark.parametrize("form", FORMS)
@given(secret=SECRETS)
@example(OPEN)
def test_quoted_secret_is_masked(form: str | None, secret: str) -> None:
    """As `%r`, KeyError and texts in JSON show it."""
    masked = line(form, MASK, "other-secret")
    assume(not any(each in masked for each in escaped(secret)))
    for shown in escaped(secret):
        written = line(form, shown, secret)
        assert not [each for each in escaped(secret) if each in written]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("secret", ["a-long-secret-in-a-cut-value", OPEN])
def test_cut_secret_is_masked(form: str | None, secret: str) -> None:
    """A value that is cut ends with a beginning of the secret."""
    shown = line(form, secret[:-1], secret, message='x: "{}..."').replace("\\", "")
    assert f'x: "{MASK}..."' in shown


@pytest.mark.parametrize("form", sorted(FORMATTERS))
@pytest.mark.parametrize("secret", ['","', '":"', "{}}}", "message", "short_message"])
def test_secret_like_syntax_keeps_json(form: str, secret: str) -> None:
    assert json.loads(line(form, "text", secret)).keys() == (
        json.loads(line(form, "text", "other-secret")).keys()
    )


@pytest.mark.parametrize("form", FORMS)
def test_line_without_secret_is_unchanged(form: str | None) -> None:
    assert line(form, OPEN, "other-secret") == line(form, OPEN, "")


def test_blank_secret_adds_no_mask(capsys: pytest.CaptureFixture[str]) -> None:
    console.configure("app", {}, None, None, ("\t\t\t\t",))
    logging.getLogger("x").warning("hello")
    assert capsys.readouterr().out.endswith(" : hello\n")


def test_format_of_a_function_is_masked() -> None:
    """A function may set its own formatter on the handler."""
    console.configure("app", {}, None, None, (OPEN,))
    (handler,) = logging.getLogger().handlers
    handler.setFormatter(logging.Formatter("%(message)s"))
    record = logging.LogRecord("x", 20, "", 1, "%r %s", (OPEN, OPEN), None)
    assert handler.format(record) == f"'{MASK}' {MASK}"
