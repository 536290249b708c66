"""The place in the code that an error names."""

import json
import logging
import re
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Message

from config import Settings
from connectors.failures.dead_letters import DeadLetterQueue
from connectors.failures.retries import RetryPolicy
from connectors.functions import exception_text
from connectors.functions.errors import user_frame
from connectors.records.columns import RecordColumns
from tests.fakes.messages import batch, message

SECRET = b"payload"
FUNCTIONS = """
import json
from decimal import Decimal

def enrich(value):
    return {}[value]

def parse(value):
    return json.loads(value)

def deep(value):
    return recurse(value)

def recurse(value):
    return recurse(value)

def chained(value):
    try:
        enrich(value)
    except KeyError as error:
        raise ValueError(value) from error

def split(value):
    yield b"first"
    raise OSError(value)

def leave(value):
    exit(str(value))

def decimal(value):
    return Decimal(value.decode())

def made_up(value):
    return eval("int(value)", {"value": value})

class Orders:
    def __call__(self, value):
        return sorted([value], key=self.key)

    def key(self, value):
        raise LookupError(value)
"""


@pytest.fixture
def orders(tmp_path: Path) -> types.ModuleType:
    """A module of a user."""
    module = types.ModuleType("orders")
    file = tmp_path / "orders.py"
    file.write_text(FUNCTIONS)
    exec(compile(FUNCTIONS, str(file), "exec"), module.__dict__)  # noqa: S102 - our own text
    return module


def raised(function: Callable[[bytes], Any]) -> BaseException:
    try:
        list(function(SECRET) or ())
    except BaseException as error:  # noqa: BLE001 - exit() as well
        return error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("enrich", "6 in enrich"),
        ("parse", "9 in parse"),
        ("deep", "15 in recurse"),
        ("chained", "21 in chained"),
        ("split", "25 in split"),
        ("leave", "28 in leave"),
        ("decimal", "31 in decimal"),
        ("made_up", "34 in made_up"),
    ],
)
def test_error_names_users_frame(
    orders: types.ModuleType, tmp_path: Path, name: str, place: str
) -> None:
    assert user_frame(raised(getattr(orders, name))) == f"{tmp_path / 'orders.py'}:{place}"


def test_callable_object_frame(orders: types.ModuleType, tmp_path: Path) -> None:
    assert user_frame(raised(orders.Orders())) == f"{tmp_path / 'orders.py'}:41 in key"


def test_library_function_has_its_own_frame() -> None:
    met: list[BaseException] = []

    def recover(
        _: RecordColumns, __: str, ___: Message, error: BaseException, ____: object
    ) -> None:
        met.append(error)

    batch(message(SECRET), recover=recover).map("f.library", json.loads).map("f.c", int)
    batch(message(SECRET), recover=recover).map("f.c", int)
    assert (user_frame(met[0]) or "").startswith(json.decoder.__file__)
    assert user_frame(met[1]) is None


def test_traceback_has_frames_but_no_text(orders: types.ModuleType) -> None:
    trace = exception_text.stack_trace(raised(orders.chained), with_texts=False)
    assert re.findall(r"in (\w+)$", trace, re.MULTILINE)[-1:] == ["chained"]
    assert re.findall(r"^\w+$", trace, re.MULTILINE) == ["KeyError", "ValueError"]
    assert "payload" not in trace


def retry_policy() -> RetryPolicy:
    settings = Settings(group="g", max_attempts=1)
    letters = DeadLetterQueue(settings)
    letters.found("error.in.g", 1)
    return RetryPolicy(settings, letters, lambda _: None)


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_traceback_is_logged_at_debug_only(
    orders: types.ModuleType, caplog: pytest.LogCaptureFixture, level: int
) -> None:
    with caplog.at_level(level, "processor.records"):
        batch(message(SECRET), recover=retry_policy().recover).map("f.enrich", orders.chained)
    (line,) = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert re.fullmatch(
        r"f\.enrich: the record in-0@0 failed: ValueError at \S+/orders\.py:21 in chained; it "
        r"goes to error\.in\.g",
        line,
    )
    assert ("Traceback" in caplog.text) is (level == logging.DEBUG)
    assert "payload" not in caplog.text
