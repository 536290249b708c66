"""/actuator/metrics and the samples behind it: from a task's status and from the process."""

import io
import logging
import os
import time
from pathlib import Path

import pytest

from actuator.metric_registry import Registry, task_samples
from config import Settings
from runtime.control.status import Counters, Issue, TaskHandle, TaskState, TaskStatus
from runtime.logs import console
from runtime.metrics.meter import Kind, Sample, Statistic
from runtime.metrics.meters import METERS
from runtime.metrics.process import ProcessMetrics, UsageRatio
from tests.fakes.actuator.actuator_app import App
from tests.fakes.actuator.metrics_app import TAGS, app, status


@pytest.fixture(name="app")
def _app() -> App:
    return app()


def test_unexposed_endpoint_is_404() -> None:
    for path in ("/actuator/metrics", "/actuator/metrics/process.uptime", "/actuator/prometheus"):
        assert App().get(path).status_code == 404


def test_meters_are_listed_once_in_order(app: App) -> None:
    names = app.json("/actuator/metrics")["names"]
    assert names == sorted(set(names))
    assert "spring.integration.send" in names


def test_each_name_has_its_meter(app: App) -> None:
    for name in app.json("/actuator/metrics")["names"]:
        found = app.json(f"/actuator/metrics/{name}")
        assert found["name"] == name
        kinds = {
            Kind.GAUGE: ["VALUE"],
            Kind.COUNTER: ["COUNT"],
            Kind.TIMER: ["COUNT", "TOTAL_TIME", "MAX"],
        }
        assert [each["statistic"] for each in found["measurements"]] == kinds[METERS[name].kind]
        assert {"stream.name", "application.guid", *METERS[name].tags} <= {
            each["tag"] for each in found["availableTags"]
        }


def test_timer_is_spring_integrations(app: App) -> None:
    found = app.json("/actuator/metrics/spring.integration.send?tag=name:input&tag=result:success")
    assert found["baseUnit"] == "seconds"
    assert found["measurements"] == [
        {"statistic": "COUNT", "value": 10.0},
        {"statistic": "TOTAL_TIME", "value": 3.0},
        {"statistic": "MAX", "value": 0.75},
    ]
    tags = {each["tag"]: each["values"] for each in found["availableTags"]}
    assert tags["type"] == ["channel"]
    assert "name" not in tags
    assert tags["stream.name"] == ["s"]


def test_values_are_summed_and_max_is_largest(app: App) -> None:
    found = app.json("/actuator/metrics/spring.integration.send?tag=type:channel")
    assert [each["value"] for each in found["measurements"]] == [10 + 3 + 9 + 2, 3 + 1, 0.75]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("nope", 404),
        ("process.uptime?tag=no:such", 404),
        ("process.uptime?tag=nocolon", 400),
        ("process.uptime?tag=a:", 400),
    ],
)
def test_unknown_meter_is_404(app: App, path: str, status: int) -> None:
    answer = app.get(f"/actuator/metrics/{path}")
    assert answer.status_code == status
    assert bool(answer.data) == (status == 400)


def test_own_tag_wins_over_common() -> None:
    made = App(exposure_include=("metrics",), metric_tags={"level": "common"})
    tags = {
        each["tag"]: each["values"]
        for each in made.json("/actuator/metrics/logback.events")["availableTags"]
    }
    assert tags["level"] == ["trace", "debug", "info", "warn", "error"]


def test_samples_match_their_declaration() -> None:
    for sample in (*task_samples(status()), *ProcessMetrics().samples()):
        meter = METERS[sample.meter]
        assert tuple(tag for tag, _ in sample.tags) in (meter.tags, ()), sample
        assert (sample.statistic is not Statistic.VALUE) == (meter.kind is Kind.TIMER), sample


def test_task_meters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actuator.metric_registry.time.time", lambda: 103.0)
    found = {
        (sample.meter, sample.tags): sample.value
        for sample in task_samples(status(TaskState.PAUSED))
    }
    assert found["python.processor.last.commit.age", ()] == 3
    assert found["python.processor.state", (("state", "paused"),)] == 1
    assert found["python.processor.state", (("state", "running"),)] == 0
    assert found["python.processor.broker.away", ()] == 0
    away = TaskStatus(troubles=(Issue("gone", 0, broker_away=True),))
    assert Sample("python.processor.broker.away", True) in task_samples(away)  # noqa: FBT003 - a value


def test_equal_series_of_processes_are_summed() -> None:
    lag, memory = "spring.cloud.stream.binder.kafka.offset", "jvm.memory.used"
    of_both = [Sample(lag, value, (("group", "g"), ("topic", "in"))) for value in (3, 4)]
    of_others = [each for each in ProcessMetrics().own_samples() if each.meter == memory]
    registry = Registry(Settings(metric_tags=TAGS), handle := TaskHandle())

    def found(meter: str) -> list[float]:
        return [sample.value for sample in registry.samples() if sample.meter == meter]

    (alone,) = found(memory)
    handle.publish(TaskStatus(samples=(*of_both, *of_others)))
    assert found(lag) == [7]
    assert found(memory) == [pytest.approx(2 * alone, rel=0.1)]
    assert found("system.cpu.count") == [len(os.sched_getaffinity(0))], "there is but one machine"


def test_process_meters() -> None:
    found = {sample.meter: sample.value for sample in ProcessMetrics().samples()}
    assert found["jvm.threads.live"] >= 1
    assert 1e6 < found["jvm.memory.used"] < 1e12
    assert 0 <= found["process.cpu.usage"] <= 1
    assert found["process.files.open"] >= 3
    assert found["process.start.time"] <= time.time()
    assert 0 <= found["process.uptime"] < 86400
    assert found["process.cpu.time"] == pytest.approx(time.process_time() * 1e9, rel=0.2)
    assert found["system.load.average.1m"] == pytest.approx(os.getloadavg()[0], abs=2)


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        ({}, None),
        ({"memory.max": "max\n"}, None),
        ({"memory.max": "268435456\n"}, 268435456),
        ({"memory/memory.limit_in_bytes": "134217728\n"}, 134217728),
        ({"memory/memory.limit_in_bytes": "9223372036854771712\n"}, None),
        ({"memory.max": "max\n", "memory/memory.limit_in_bytes": "134217728\n"}, 134217728),
    ],
)
def test_container_memory_is_limit(
    files: dict[str, str], limit: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "memory").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr("runtime.metrics.process._CGROUP", tmp_path)
    (found,) = [
        sample.value for sample in ProcessMetrics().samples() if sample.meter == "jvm.memory.max"
    ]
    assert found == (limit or os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))


def test_cpu_share_is_since_last_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    now, reported = [0.0], [(10.0, 100.0)]
    monkeypatch.setattr("runtime.metrics.process.time.monotonic", lambda: now[0])
    share = UsageRatio(lambda: reported[0])
    assert share.value() == 0.1
    now[0], reported[0] = 0.5, (20, 110)
    assert share.value() == 0.1  # too soon
    now[0] = 1.5
    assert share.value() == 1.0
    now[0], reported[0] = 3, (25, 130)
    assert share.value() == 0.25


def test_missing_system_values_have_no_series(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr("runtime.metrics.process._PROC", tmp_path)
    names = {sample.meter for sample in ProcessMetrics().samples()}
    assert names >= {"process.uptime", "process.cpu.usage", "jvm.threads.live"}
    assert not names & {"process.files.open", "system.cpu.usage", "jvm.memory.used"}


def test_log_lines_are_counted_by_level() -> None:
    stream, logger = io.StringIO(), logging.getLogger("counted")
    handler, before = console.CountingHandler(stream), console.events()
    logger.addHandler(handler)
    try:
        logger.setLevel(logging.WARNING)
        logger.info("not written")
        logger.warning("written")
        logger.critical("written")
    finally:
        logger.removeHandler(handler)
    after = console.events()
    assert {name: after[name] - before[name] for name in after} == {
        "trace": 0,
        "debug": 0,
        "info": 0,
        "warn": 1,
        "error": 1,
    }
    assert stream.getvalue() == "written\nwritten\n"


def test_unused_timer_is_absent() -> None:
    assert "spring.integration.send" not in {sample.meter for sample in task_samples(TaskStatus())}
    idle = TaskStatus(counters=Counters(processed=1, sent=1))
    names = {
        dict(sample.tags)["name"]
        for sample in task_samples(idle)
        if sample.meter == "spring.integration.send"
    }
    assert names == {"input", "output", "function"}
