"""The values that ask for what is done in any case, judged by what the program does.

Each row that accepts values has a probe. It returns the value that describes this program.
"""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, NamedTuple

import pytest

import config
from actuator.boot_admin import Registration
from config.errors import SettingsError
from config.spring.names import uniform
from config.unsupported import spring_names
from config.unsupported.spring_rules import RULES
from config.unsupported.table import UNSUPPORTED, Unsupported
from runtime.lifecycle import Lifecycle
from runtime.logs.console import CountingHandler
from tests.fakes.actuator.actuator_app import App
from tests.fakes.actuator.boot_admin_server import Server
from tests.support.config.refusals import refusal

OFF = ("false", "no", "off", "0", "none", "never")
ROOT = Path(__file__).parents[4]
LIMIT_S = 60
# The columns of a log line of the application `orders`: time, level, process id.
LINE = re.compile(r"\d{4}-\d\d-\d\dT\S+ +[A-Z]+ \d+ --- ")


class Run(NamedTuple):
    lines: list[str]
    code: int


@cache
def run() -> Run:
    """Return what the program writes from its start to a SIGTERM, and its exit code."""
    name = ("--spring.application.name=orders", "--spring.application.group=group")
    brokers = "--spring.cloud.stream.kafka.binder.brokers=127.0.0.1:1"
    command = (sys.executable, "dataflow.py", *name, brokers, "--server.port=0")
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        first = list(iter_until(process.stdout, "listening on port"))
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=LIMIT_S)
    return Run([*first, *rest.splitlines()], process.returncode)


def iter_until(stream: IO[str], end: str) -> Iterator[str]:
    for line in stream:
        yield line.rstrip("\n")
        if end in line:
            return


def if_so(so: object, yes: str = "true", no: str = "false") -> str:
    return yes if so else no


def has_lines(level: str) -> bool:
    return any(f" {level} " in line[:45] for line in run().lines)


@cache
def app() -> App:
    return App(exposure_include=("*",), application_name="orders")


def error_has(name: str, present: str, absent: str) -> str:
    return if_so(name in app().get("/nope").get_json(), present, absent)


def has_all_meters() -> str:
    page = app().get("/actuator/prometheus").get_data(as_text=True)
    wanted = ("process_uptime_seconds", "logback_events_total", "jvm_memory_used_bytes")
    return if_so(all(f"# HELP {name} " in page for name in wanted))


def registrations() -> int:
    first, second = Server(), Server()
    given = config.load([f"--spring.boot.admin.client.url={first.url},{second.url}"], {})
    Registration(given, Lifecycle(), 1, None).register()
    for server in (first, second):
        server.close()
    return len(first.requests) + len(second.requests)


def is_refused(argument: str) -> bool:
    try:
        config.load([argument], {})
    except SettingsError:
        return True
    return False


def has_header(name: str) -> bool:
    return name in app().get("/actuator/health").headers


def uses_forwarded_host() -> bool:
    links = app().client.get("/actuator", headers={"X-Forwarded-Host": "elsewhere"})
    assert links.status_code == 200
    return "elsewhere" in links.get_data(as_text=True)


def answers_while_stopping() -> bool:
    stopping = App()
    stopping.lifecycle.request_stop("the test")
    return stopping.get("/actuator/info").status_code == 200


def has_page_of_error() -> bool:
    page = app().get("/nope", accept="text/html")
    return page.content_type.startswith("text/html") and b"/nope" in page.data


def is_utf_8() -> bool:
    given = App(info={"a": "\u00e9"}, info_env_enabled=True)
    return "\u00e9".encode() in given.get("/actuator/info").data


def context_path() -> str:
    return config.load([], {}).context_path or "/"


PROBES: Mapping[str, Callable[[], str]] = {
    "debug": lambda: if_so(has_lines("DEBUG")),
    "trace": lambda: if_so(has_lines("TRACE")),
    "logging.console.enabled": lambda: if_so(has_lines("INFO")),
    "logging.include-application-group": lambda: if_so("[group]" in "\n".join(run().lines)),
    "logging.include-application-name": lambda: if_so("[orders]" in "\n".join(run().lines)),
    "logging.threshold.console": lambda: if_so(not CountingHandler().level, "all", "off"),
    "management.defaults.metrics.export.enabled": has_all_meters,
    "management.metrics.export.defaults.enabled": has_all_meters,
    "management.metrics.export.prometheus.enabled": has_all_meters,
    "management.prometheus.metrics.export.enabled": has_all_meters,
    "management.metrics.binders.*": has_all_meters,
    "management.metrics.enable.*": has_all_meters,
    "management.observations.enable.*": has_all_meters,
    "management.endpoint.health.validate-group-membership": lambda: if_so(
        is_refused("--management.endpoint.health.group.g.include=nobody")
    ),
    "management.server.add-application-context-header": lambda: if_so(
        has_header("X-Application-Context")
    ),
    "management.tracing.sampling.probability": lambda: if_so(has_header("traceparent"), "1", "0"),
    "server.error.include-binding-errors": lambda: error_has("errors", "always", "never"),
    "server.error.include-exception": lambda: error_has("exception", "true", "false"),
    "server.error.include-message": lambda: error_has("message", "always", "never"),
    "server.error.include-path": lambda: error_has("path", "always", "never"),
    "server.error.include-stacktrace": lambda: error_has("trace", "always", "never"),
    "server.error.whitelabel.enabled": lambda: if_so(has_page_of_error()),
    "server.forward-headers-strategy": lambda: if_so(uses_forwarded_host(), "native", "none"),
    "server.servlet.encoding.enabled": lambda: if_so(is_utf_8()),
    "server.shutdown": lambda: if_so(answers_while_stopping(), "graceful", "immediate"),
    "spring.boot.admin.client.register-once": lambda: if_so(registrations() == 1),
    "spring.main.banner-mode": lambda: if_so(all(map(LINE.match, run().lines)), "off", "console"),
    "spring.main.lazy-initialization": lambda: if_so(not is_refused("--function=nobody")),
    "spring.main.register-shutdown-hook": lambda: if_so(run().code == 0),
    "spring.main.web-application-type": lambda: if_so(
        app().get("/actuator").status_code == 200, "servlet", "none"
    ),
    "spring.mvc.servlet.path": context_path,
    "spring.webflux.base-path": context_path,
    "spring.profiles.validate": lambda: if_so(is_refused("--spring.profiles.active=_")),
}


def accepting(rows: Mapping[str, Unsupported]) -> list[str]:
    return sorted(name for name, row in rows.items() if set(row.accepted_values) - {""})


@pytest.mark.parametrize("name", accepting(RULES))
def test_accepted_value_is_what_is_done(name: str) -> None:
    """A row without a probe accepts no value."""
    accepted = set(RULES[name].accepted_values)
    assert PROBES[name]() in accepted
    assert not any(opposites <= accepted for opposites in ({"true", "false"}, {"always", "never"}))


def test_probes_are_of_rows() -> None:
    assert set(PROBES) == set(accepting(RULES))


@pytest.mark.parametrize("value", OFF)
def test_off_is_harmless_for_switches(value: str) -> None:
    """`false` of a name without a row of its own is harmless for the switch of an absent part.

    The switch is `enabled`, or `access` of an endpoint.
    """
    own = {uniform(name) for name in (*RULES, *UNSUPPORTED)}
    kept = {uniform(name.removesuffix(".*")) for name in RULES if name.endswith(".*")}
    for name, _ in spring_names.known_names():
        form = uniform(name)
        row = spring_names.rule(form)
        if form in own or not row or row.verdict == "needless" or value not in row.accepted_values:
            continue
        assert form.startswith(tuple(f"{each}." for each in kept)) or (
            name.endswith(".enabled") or (name.endswith(".access") and value == "none")
        ), name


@pytest.mark.parametrize("name", accepting(UNSUPPORTED))
def test_values_of_the_table(name: str) -> None:
    """Each accepted value is silent. Another value is reported, unless the name has no effect."""
    row = UNSUPPORTED[name]
    argument = f"--{name}".replace("*", "f-" if name.endswith("0") else "f")
    for value in row.accepted_values:
        assert config.load([f"{argument}={value}"], {}).warnings == ()
    if row.verdict == "refused":
        assert "is not allowed" in refusal(f"{argument}=other")
    elif row.verdict == "ignored":
        assert len(config.load([f"{argument}=other"], {}).warnings) == 1
