"""README.md: the quick start and the check of settings run as they stand there."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.brokers.kafka import Kafka
from tests.support.docs.markdown import read_page
from tests.support.docs.readme_session import QuickStart, readme_commands
from tests.support.docs.run_picture import TEXT
from tests.support.processor import REPOSITORY

PAGE = read_page("README.md")


@pytest.fixture
def session(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[QuickStart]:
    """The stream of a command of the page."""
    command: str = request.param
    assert command in readme_commands()
    (options,) = re.findall(r'ARGS="(.*)"', command) or [""]
    started = QuickStart(tmp_path / "output.txt", *options.split())
    yield started
    started.end()


def labels(text: str) -> list[str]:
    """The lines about the parts of the stream, without what differs from run to run."""
    lines = (line for line in text.splitlines() if re.match(r"  [a-z]+[a-z -]*  +\S", line))
    return [re.sub(r"\d+", "N", line.partition("  (")[0]) for line in lines]


@pytest.mark.parametrize("session", ["make run"], indirect=True)
def test_quick_start(session: QuickStart) -> None:
    (shown,) = re.findall(r"prints `(log-sink : .*?)`", PAGE.text)
    session.wait_for_line("ready after .*")
    session.wait_for_line("It starts again .*")
    assert session.post() == ""
    session.wait_for_line(f".* {shown}")
    session.press_ctrl_c()
    session.wait_for_line("python-processor ended with exit code 0")
    assert labels(session.output) == labels(TEXT.read_text()), (
        "run: python -m tests.support.docs.run_picture"
    )


ORDERS = 'make run ARGS="--function=orders:enrich --threshold=5"'


@pytest.mark.parametrize("session", [ORDERS], indirect=True)
def test_sample_function(session: QuickStart) -> None:
    session.wait_for_line("ready after .*")
    session.post("application/json")
    session.wait_for_line(r'.* log-sink : \{"total":7,"source":"text-reversal.http"\}')
    session.press_ctrl_c()


def test_check_of_settings(kafka: Kafka) -> None:
    (command,) = [each.text for each in PAGE.spans if each.text.endswith(" --check")]
    brokers = f"--spring.cloud.stream.kafka.binder.brokers={kafka.bootstrap}"
    words = [*shlex.split(command)[1:], brokers]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout
    assert f"broker {kafka.bootstrap}: answers over PLAINTEXT" in done.stdout
