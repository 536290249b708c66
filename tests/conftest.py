"""Fixtures of all tests."""

import random
import re
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support.brokers.kafka import Kafka
from tests.support.brokers.proxy import ProxiedKafka
from tests.support.reporting import reported
from tests.support.scheduling import ByBroker
from tests.support.stream import Stream


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--seed",
        type=int,
        help="repeat a run: the seed of the random moments, printed at the end of every run",
    )


def pytest_configure(config: pytest.Config) -> None:
    if config.option.seed is None:
        config.option.seed = random.randrange(1_000_000)  # noqa: S311 - not a secret
    # A machine may be busy. A commit has the same examples each time; the long tests draw others.
    settings.register_profile(
        "no timings",
        deadline=None,
        derandomize="long" not in config.option.markexpr.replace("not long", "", 1),
        suppress_health_check=[HealthCheck.too_slow],
    )
    settings.load_profile("no timings")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByBroker | None:
    """Put `--dist loadfile` into smaller parts."""
    return ByBroker(config, log) if config.getvalue("dist") == "loadfile" else None


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What the tests reported, also when all is well.

    How much was in flight when a fault hit, and what became of it.
    """
    if figures := reported(terminalreporter, "figure"):
        terminalreporter.section(f"figures (--seed={config.option.seed})")
        for line in figures:
            terminalreporter.line(str(line))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failure shows what the processors of the test wrote."""
    report = yield
    if report.failed:
        for stream in getattr(item, "funcargs", {}).values():
            if isinstance(stream, Stream):
                report.sections += [
                    (f"output of processor {n}", one.tail(100))
                    for n, one in enumerate(stream.processors)
                ]
    return report


@pytest.fixture
def report_figure(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Put a figure into the summary at the end of the run."""
    return lambda line: request.node.user_properties.append(
        ("figure", f"{request.node.name}: {line}")
    )


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> random.Random:
    """Random numbers that --seed repeats."""
    return random.Random(f"{request.config.option.seed} {request.node.name}")  # noqa: S311 - not a secret


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kafka]:
    """A Kafka of one node that all tests share: nobody stops it."""
    with Kafka(tmp_path_factory.mktemp("kafka")) as running:
        yield running


@pytest.fixture(scope="module")
def three_node_kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProxiedKafka]:
    """Three nodes that the tests of a module share.

    A test that kills some calls `restore`.
    """
    with ProxiedKafka(tmp_path_factory.mktemp("three")) as running:
        yield running


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Kafka]:
    """A Kafka of one node for a test that kills it."""
    with Kafka(tmp_path / "kafka") as running:
        yield running


@pytest.fixture
def name(request: pytest.FixtureRequest) -> str:
    """A name for topics and groups that no other test has."""
    return (
        re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_").lower())[:60]
        + "-"
        + uuid.uuid4().hex[:6]
    )


@pytest.fixture
def stream(kafka: Kafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    """A stream on the shared Kafka; its topics are created by the test."""
    made = Stream(kafka, tmp_path, name)
    yield made
    made.end()


@pytest.fixture
def own_stream(own_kafka: Kafka, tmp_path: Path, name: str) -> Iterator[Stream]:
    """A stream on a Kafka of its own, for a test that kills it."""
    made = Stream(own_kafka, tmp_path, name)
    yield made
    made.end()
