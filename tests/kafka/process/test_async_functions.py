"""An async function on a real broker.

Kills, rebalances, a stop while a call hangs, and a session that cannot be had.
"""

import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.faults.fault_scenario import MODES, FaultScenario
from tests.support.load.records import Record
from tests.support.stream import Stream
from tests.support.waiting import wait_for

ASK = """
import asyncio
import os
from contextlib import asynccontextmanager

import text

CURED = {cured!r}


@asynccontextmanager
async def setup():
    if os.path.exists(CURED + ".away"):
        raise ConnectionError("secret")
    yield asyncio.Semaphore(80)


async def ask(value: bytes, session: asyncio.Semaphore) -> bytes:
    async with session:
        await asyncio.sleep(int(value[7:8]) * 0.004)  # 18 ms on average
    return text.reverse(value, "utf-8")


async def hang(value: bytes, session: asyncio.Semaphore) -> bytes:
    if b"hang" in value and not os.path.exists(CURED):
        print("it hangs", flush=True)
        await asyncio.sleep(3600)
    return value
"""


def settings_of(folder: Path, function: str) -> dict[str, str]:
    (folder / "own").mkdir()
    (folder / "own" / "ask.py").write_text(ASK.format(cured=str(folder / "cured")))
    return {"function": f"ask:{function}", "python-processor.function-path": str(folder / "own")}


@pytest.mark.parametrize("hits", [4, pytest.param(20, marks=pytest.mark.long)])
@pytest.mark.parametrize("mode", MODES)
def test_kills_and_rebalances(
    stream: Stream,
    rng: random.Random,
    report_figure: Callable[[str], None],
    tmp_path: Path,
    *,
    mode: str,
    hits: int,
) -> None:
    scenario = FaultScenario(stream, mode, "cooperative-sticky", rng, settings_of(tmp_path, "ask"))
    scenario.join()
    scenario.join()
    for number in range(hits):
        victim = scenario.processors[number % 2]
        scenario.let_records_pass()
        (scenario.kill if number % 4 in (0, 3) else scenario.terminate)(victim)
        victim.start().first_answer()
        scenario.await_members()
    row = scenario.finish(f"{hits} kills and stops, async")
    report_figure(str(row))
    row.check()
    scenario.stop()


def test_stop_while_a_call_hangs(stream: Stream, tmp_path: Path) -> None:
    stream.create()
    sent = [Record(b"%d hang" % n if n == 5 else b"%d" % n) for n in range(10)]
    stream.send(*sent)
    processor = stream.processor(settings_of(tmp_path, "hang")).start()
    wait_for(lambda: "it hangs" in processor.output, 30, "the call that hangs")
    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0
    (tmp_path / "cured").touch()
    processor.start()
    stream.drain()
    assert [record.value for record in stream.arrived()] == [record.value for record in sent]


def test_failed_session_ends_task(stream: Stream, tmp_path: Path) -> None:
    stream.create()
    away = tmp_path / "cured.away"
    away.touch()
    processor = stream.processor(settings_of(tmp_path, "hang")).start()
    stream.send(Record(b"1"))
    assert processor.exit_code() == 1
    (line,) = [line for line in processor.output.splitlines() if "ERROR" in line]
    assert "setup (" in line
    assert "ask.py:11), which an async function needs, has failed: ConnectionError at " in line
    assert "secret" not in line
    away.unlink()
    processor.start()
    stream.drain()
    assert [record.value for record in stream.arrived()] == [b"1"]
