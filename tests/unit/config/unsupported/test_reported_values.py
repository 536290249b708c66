"""Values that ask for what is not done are reported or refused; the others are only noted."""

import logging

import pytest

import config
from config.worker import WorkerSlot
from runtime.startup import log_answers
from tests.support.config.refusals import refusal


@pytest.mark.parametrize(
    "argument",
    [
        "logging.threshold.console=off",
        "logging.threshold.console=false",
        "logging.include-application-name=false",
        "server.error.include-path=never",
        "management.defaults.metrics.export.enabled=false",
        "management.metrics.export.defaults.enabled=false",
        "management.metrics.binders.jvm.enabled=false",
        "management.observations.enable.all=false",
        "management.prometheus.metrics.export.descriptions=false",
        "server.error.whitelabel.enabled=false",
        "server.servlet.encoding.enabled=false",
        "server.tomcat.reject-illegal-header=false",
        "spring.boot.admin.client.register-once=false",
        "spring.main.log-startup-info=false",
        "spring.main.banner-mode=console",
        "debug=none",
        "debug=off",
    ],
)
def test_asked_and_not_done_is_reported(argument: str) -> None:
    [warning] = config.load([f"--{argument}"], {}).warnings
    assert warning.startswith(f"{argument.partition('=')[0]} (the command line) is ignored: ")


@pytest.mark.parametrize(
    "argument",
    [
        "spring.cloud.vault.authentication=none",
        "spring.cloud.config.fail-fast=false",
        "spring.main.web-application-type=none",
        "spring.main.web-application-type=false",
        "spring.cloud.stream.function.bindings.f-in-0=output",
        "spring.cloud.stream.function.bindings.f-out-0=input",
        "spring.cloud.stream.function.bindings.f-in-1=input",
    ],
)
def test_asked_and_unsafe_is_refused(argument: str) -> None:
    assert "is not allowed" in refusal(f"--{argument}")


@pytest.mark.parametrize(
    "argument",
    [
        "management.endpoint.beans.enabled=off",
        "management.endpoint.beans.access=none",
        "management.otlp.metrics.export.enabled=no",
        "server.http2.enabled=0",
        "spring.main.banner-mode=off",
        "spring.main.web-application-type=servlet",
        "spring.cloud.kubernetes.discovery.enabled=false",
        "spring.cloud.stream.function.bindings.f-out-0=output",
        "logging.threshold.console=TRACE",
    ],
)
def test_asked_for_what_is_done(argument: str) -> None:
    found = config.load([f"--{argument}"], {})
    assert found.warnings == ()
    assert argument.partition("=")[0] in "".join(found.notices)


def test_notices_are_logged_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    argv = ["--management.otlp.metrics.export.enabled=false", "--spring.datasource.url=x"]
    found = config.load(argv, {})
    with caplog.at_level(logging.DEBUG, "processor.settings"):
        log_answers(found)
    assert [record.levelname for record in caplog.records] == ["DEBUG", "DEBUG"]
    assert [record.name for record in caplog.records] == ["processor.settings"] * 2
    for argument in argv:
        assert argument[2:].partition("=")[0] in caplog.text


def test_notices_are_logged_once() -> None:
    """The parent process has logged them."""
    argv = ["--spring.datasource.url=x"]
    assert config.load(argv, {}).notices
    assert config.load(argv, WorkerSlot(1, 3, "i").variable()).notices == ()
