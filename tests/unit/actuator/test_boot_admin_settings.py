"""The settings of the registration with Spring Boot Admin."""

import pytest

import config
from actuator.boot_admin import instance


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
