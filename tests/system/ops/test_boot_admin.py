"""A real Spring Boot Admin server lists, shows and controls the processor."""

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processor import Processor
from tests.support.spring import GENERATIONS
from tests.support.stream import Stream
from tests.support.waiting import wait_for
from tests.system.ops.boot_admin import BootAdmin
from tests.system.ops.browser import Browser

SETTINGS = {
    "management.endpoints.web.exposure.include": "*",
    "management.endpoint.health.show-details": "always",
    "spring.boot.admin.client.instance.service-base-url": "http://127.0.0.1:${server.port}",
    "spring.boot.admin.client.instance.metadata.tags.stream": "text-reversal",
    "spring.boot.admin.client.period": "1s",
    "spring.boot.admin.client.auto-deregistration": "true",
}
NAME = "python-processor"
# Clicks DEBUG in the row of the logger processor.lifecycle.
_DEBUG = """(() => {
    const row = [...document.querySelectorAll("tr")].find(each => each.innerText.includes("processor.lifecycle"));
    const button = row && [...row.querySelectorAll("button")].find(each => each.innerText.trim() === "DEBUG");
    button?.click();
    return Boolean(button);
})()"""  # noqa: E501 - lines of a page


@pytest.fixture(params=GENERATIONS)
def admin(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BootAdmin]:
    with BootAdmin(tmp_path / "boot-admin", request.param) as running:
        yield running


@pytest.fixture
def processor(admin: BootAdmin, stream: Stream) -> Processor:
    stream.create()
    return (
        stream.processor(SETTINGS | {"spring.boot.admin.client.url": admin.url}).start().running()
    )


def up(admin: BootAdmin) -> dict[str, Any] | None:
    """The one instance, once it is known to be UP and which endpoints it has."""
    return next(
        (
            each
            for each in admin.instances()
            if each["statusInfo"]["status"] == "UP" and len(each["endpoints"]) > 5
        ),
        None,
    )


def test_instance_is_shown_and_deregisters(admin: BootAdmin, processor: Processor) -> None:
    found = wait_for(lambda: up(admin), 60, "UP")
    assert found["registration"]["name"] == NAME
    assert found["tags"] == {"stream": "text-reversal"}
    assert {each["id"] for each in found["endpoints"]} >= {
        "health",
        "info",
        "metrics",
        "loggers",
        "env",
        "threaddump",
        "bindings",
    }
    through = f"/instances/{found['id']}/actuator"
    assert admin.request("GET", f"{through}/metrics/process.uptime")["measurements"][0]["value"] > 0
    assert admin.request("GET", f"{through}/threaddump")["threads"]

    admin.request("POST", f"{through}/loggers/connectors", {"configuredLevel": "DEBUG"})
    assert processor.get("/actuator/loggers/connectors")["configuredLevel"] == "DEBUG"

    processor.signal(signal.SIGTERM)
    assert processor.exit_code() == 0
    wait_for(lambda: admin.instances() == [], 30, "deregistered")


def test_browser_shows_instance(admin: BootAdmin, processor: Processor, tmp_path: Path) -> None:
    found = wait_for(lambda: up(admin), 60, "UP")
    page = f"{admin.url}/instances/{found['id']}"
    with Browser(tmp_path / "chromium") as browser:
        browser.open(f"{admin.url}/applications", NAME, "all up")
        browser.picture(tmp_path / "applications.png")
        browser.open(
            f"{page}/details", "text-reversal", "binders", "Process CPU Usage", "Threads", "Memory"
        )
        browser.picture(tmp_path / "details.png")
        browser.open(f"{page}/metrics", "spring.cloud.stream.binder.kafka.offset")
        browser.open(f"{page}/loggers", "processor.lifecycle")
        assert browser.run(_DEBUG) is True
        wait_for(
            lambda: (
                processor.get("/actuator/loggers/processor.lifecycle").get("configuredLevel")
                == "DEBUG"
            ),
            30,
            "DEBUG",
        )
        browser.picture(tmp_path / "loggers.png")
