"""The settings of the registration with Spring Boot Admin."""

from typing import Any

import pytest

import config
from actuator.boot_admin import instance
from tests.fakes.actuator.boot_admin_server import settings


def test_url_with_password_fails() -> None:
    with pytest.raises(
        config.SettingsError, match=r"spring\.boot\.admin\.client\.url.*without user, password"
    ) as refused:
        config.load(["--spring.boot.admin.client.url=http://me:s3cret@admin:8080"], {})
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["service-url=http://s:1/x"],
            ("http://s:1/x", "http://s:1/x/actuator", "http://s:1/x/actuator/health"),
        ),
        (
            ["management-url=http://m/a"],
            ("http://HOST:1/", "http://m/a", "http://HOST:1/actuator/health"),
        ),
        (["health-url=http://h/up"], ("http://HOST:1/", "http://HOST:1/actuator", "http://h/up")),
        (
            ["prefer-ip=true"],
            (
                "http://10.0.0.7:1/",
                "http://10.0.0.7:1/actuator",
                "http://10.0.0.7:1/actuator/health",
            ),
        ),
        (
            ["service-host-type=ip"],
            (
                "http://10.0.0.7:1/",
                "http://10.0.0.7:1/actuator",
                "http://10.0.0.7:1/actuator/health",
            ),
        ),
        (
            ["service-path=/p"],
            ("http://HOST:1/p/", "http://HOST:1/p/actuator", "http://HOST:1/p/actuator/health"),
        ),
    ],
)
def test_urls_that_are_set(
    arguments: list[str], expected: tuple[str, str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actuator.boot_admin.socket.gethostname", lambda: "HOST")
    monkeypatch.setattr("actuator.boot_admin.socket.getfqdn", lambda name="HOST": name)
    monkeypatch.setattr("actuator.boot_admin.socket.gethostbyname", lambda _name: "10.0.0.7")
    loaded = config.load([f"--spring.boot.admin.client.instance.{each}" for each in arguments], {})
    found = instance(loaded, 1, None)
    assert (found["serviceUrl"], found["managementUrl"], found["healthUrl"]) == expected


def test_settings_reach_registration() -> None:
    given = {
        "spring.boot.admin.client.url": "http://a:1/, https://b/admin",
        "spring.boot.admin.client.instance.metadata.user.name": "me",
        "spring.boot.admin.client.instance.metadata.tags.environment": "prod",
    }
    loaded = config.load([f"--{name}={value}" for name, value in given.items()], {})
    assert loaded.boot_admin_urls == ("http://a:1", "https://b/admin")
    metadata = instance(loaded, 1, None)["metadata"]
    assert metadata["user.name"] == "me"
    assert metadata["tags.environment"] == "prod"
    assert "startup" in metadata
    with pytest.raises(config.SettingsError, match=r"spring\.boot\.admin\.client\.url"):
        config.load(["--spring.boot.admin.client.url=file:///etc/passwd"], {})


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"server_address": "10.1.2.3"}, "10.1.2.3"),
        ({"server_address": "::1"}, "[::1]"),
        ({"management_address": "10.9.9.9"}, "10.9.9.9"),
    ],
)
def test_listening_address(
    given: dict[str, Any], expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actuator.boot_admin.socket.gethostname", lambda: "HOST")
    assert instance(settings(**given), 1, 2)["managementUrl"] == f"http://{expected}:2/actuator"


@pytest.mark.parametrize(
    ("given", "management_port", "urls"),
    [
        ({}, None, ("http://HOST:1/", "http://HOST:1/actuator")),
        ({"context_path": "/app"}, None, ("http://HOST:1/app/", "http://HOST:1/app/actuator")),
        ({"management_context_path": "/m"}, 2, ("http://HOST:1/", "http://HOST:2/m/actuator")),
        (
            {"boot_admin_service_base_url": "https://lb"},
            None,
            ("https://lb/", "https://lb/actuator"),
        ),
        (
            {"boot_admin_management_base_url": "https://lb:9"},
            2,
            ("http://HOST:1/", "https://lb:9/actuator"),
        ),
        ({"actuator_base_path": "/manage"}, None, ("http://HOST:1/", "http://HOST:1/manage")),
    ],
)
def test_registered_urls(
    given: dict[str, Any],
    management_port: int | None,
    urls: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("actuator.boot_admin.socket.gethostname", lambda: "HOST")
    found = instance(settings(**given), 1, management_port)
    assert (found["serviceUrl"], found["managementUrl"]) == urls
    assert found["healthUrl"] == f"{urls[1]}/health"
