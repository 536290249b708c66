"""Sessions of async functions: opened once by the module's setup(), closed at the end."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from catalog.lookup import Found
from config import SettingsError
from config.loading import own_properties
from connectors.errors.exceptions import (
    FunctionRefusedError,
    SetupError,
)
from connectors.named_functions.signatures import bind
from connectors.named_functions.steps import map_work, work_for
from python_processor import Properties, Record, option, run
from tests.fakes.event_loop import Made


class Client:
    def __init__(self, name: str = "") -> None:
        self.name, self.is_open = name, True


CLIENTS: list[Client] = []


class Options(Properties):
    client: str = option("shop", "Name of the client.")


@asynccontextmanager
async def setup(options: Options) -> AsyncIterator[Client]:
    async with asyncio.timeout(3600):  # which has to be left by the task that entered it
        CLIENTS.append(Client(options.client))
        yield CLIENTS[-1]
        CLIENTS[-1].is_open = False


async def ask(value: bytes, session: Client) -> bytes:
    assert session.is_open
    return value + session.name.encode()


async def ask_record(
    order: dict[str, Any], record: Record, session: Client, charset: str
) -> dict[str, Any]:
    return order | {"from": session.name, "charset": charset, "topic": record.topic}


def test_session_is_opened_once(made: Made) -> None:
    CLIENTS.clear()
    work = work_for("f.s", bind("f.s", ask, lambda kind: kind()))
    assert work(made.batch(b"a", b"b")).values == [b"ashop", b"bshop"]
    assert work(made.batch(b"c")).values == [b"cshop"]
    (client,) = CLIENTS
    assert client.is_open
    made.calls.close()
    assert not client.is_open


def test_setup_properties_reach_function() -> None:
    (found,) = own_properties.own_properties([Found("m:ask", ask)], lambda _: False)
    assert found.name == "client"


def test_session_in_the_test_kit() -> None:
    CLIENTS.clear()
    assert run(ask, b"a", session=Client("fake")).value == b"afake"
    assert CLIENTS == []
    assert run(ask_record, {"n": 1}, client="own").json == {
        "n": 1,
        "from": "own",
        "charset": "utf-8",
        "topic": "input",
    }
    assert not CLIENTS[-1].is_open


def module_of(monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], **names: Any) -> None:
    module = type(sys)("own_module")
    module.__dict__.update(names)
    monkeypatch.setitem(sys.modules, "own_module", module)
    monkeypatch.setattr(function, "__module__", "own_module")


@asynccontextmanager
async def broken() -> AsyncIterator[Client]:
    raise OSError("secret")
    yield Client()


@asynccontextmanager
async def short() -> AsyncIterator[Client]:
    async with asyncio.timeout(0.001):
        yield Client()


@pytest.mark.parametrize("bad", [broken, short])
def test_failing_setup_is_no_record_error(
    made: Made, monkeypatch: pytest.MonkeyPatch, bad: Any
) -> None:
    module_of(monkeypatch, ask, setup=bad)
    work = work_for("f.s", ask)
    batch = work(made.batch(b"a"))
    if bad is short:
        session = next(iter(made.calls._sessions.values()))
        made.wait(lambda: session.has_ended)
        batch = work(made.batch(b"a"))
    assert isinstance(batch.error, SetupError)
    assert f"{bad.__name__} ({__file__}:" in str(batch.error)
    assert "secret" not in str(batch.error)
    assert batch.dead_letters == []


def test_cancelled_setup_does_not_hang(cancelling: Made) -> None:
    batch = map_work("f.s", bind("f.s", ask, lambda kind: kind()))(cancelling.batch(b"a"))
    assert isinstance(batch.error, SetupError)
    assert "it has ended" in str(batch.error)


async def plain_setup() -> AsyncIterator[Client]:
    yield Client()


@asynccontextmanager
async def greedy_setup(host: str) -> AsyncIterator[Client]:
    yield Client(host)


@pytest.mark.parametrize(
    ("names", "line"),
    [
        ({}, "its parameter session needs a `setup` in its module"),
        ({"setup": plain_setup}, "write @contextlib.asynccontextmanager above it"),
        (
            {"setup": greedy_setup},
            "takes host; it can take properties of its own, and nothing else",
        ),
        ({"setup": setup}, "has properties of its own; name the function by --function"),
    ],
)
def test_wrong_setup_is_refused(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, Any], line: str
) -> None:
    module_of(monkeypatch, ask, **names)
    with pytest.raises(FunctionRefusedError, match=r"test_sessions.py:\d+") as refused:
        map_work("f.s", ask)
    assert line in str(refused.value)
    assert "\n" not in str(refused.value)


def sync_ask(value: bytes, session: Client) -> bytes:
    return value + session.name.encode()


def sync_ask_json(order: dict[str, Any], *, session: Client) -> dict[str, Any]:
    return order | {"from": session.name}


def sync_judge(order: dict[str, Any], session: Client) -> bool:
    return session.is_open and bool(order)


def sync_split(text: str, session: Client) -> Iterator[str]:
    yield text + session.name


@pytest.mark.parametrize("function", [sync_ask, sync_ask_json, sync_judge, sync_split])
def test_session_of_sync_function_is_refused(function: Callable[..., Any]) -> None:
    """Only a call on the event loop gets a session."""
    where = rf"{function.__name__} \(.*test_sessions.py:\d+\)"
    line = f"{where}: its parameter session is for async functions: write async def"
    with pytest.raises(FunctionRefusedError, match=line):
        work_for("f.s", function)
    with pytest.raises(SettingsError, match=line):
        own_properties.own_properties([Found("m:f", function)], lambda _: False)


def test_session_with_default_is_function_s() -> None:
    def mark(order: dict[str, Any], session: str = "none") -> dict[str, Any]:
        return order | {"session": session}

    assert run(mark, {}).json == {"session": "none"}
