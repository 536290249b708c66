"""The image's health check asks the liveness probe where the server has it."""

from typing import Any

import pytest

from actuator.healthcheck import target
from config import Settings
from tests.fakes.actuator.actuator_app import App

LIVENESS = "/actuator/health/liveness"


@pytest.mark.parametrize(
    ("settings", "address", "port", "path"),
    [
        ({}, "127.0.0.1", 8080, LIVENESS),
        (
            {"server_port": 81, "server_address": "10.0.0.1", "context_path": "/app"},
            "10.0.0.1",
            81,
            f"/app{LIVENESS}",
        ),
        ({"server_address": "0.0.0.0"}, "127.0.0.1", 8080, LIVENESS),
        ({"server_address": "::"}, "::1", 8080, LIVENESS),
        ({"actuator_base_path": "/manage"}, "127.0.0.1", 8080, "/manage/health/liveness"),
        ({"actuator_base_path": ""}, "127.0.0.1", 8080, "/health/liveness"),
        ({"path_mapping": {"health": "/healthz"}}, "127.0.0.1", 8080, "/actuator/healthz/liveness"),
        (
            {"server_port": 9090, "management_port": 9090, "context_path": "/app"},
            "127.0.0.1",
            9090,
            f"/app{LIVENESS}",
        ),
        (
            {
                "management_port": 9090,
                "management_address": "::",
                "management_context_path": "/m",
                "context_path": "/app",
            },
            "::1",
            9090,
            f"/m{LIVENESS}",
        ),
    ],
)
def test_liveness_probe_is_asked(
    settings: dict[str, Any], address: str, port: int, path: str
) -> None:
    assert target(Settings(**settings)) == (address, port, path)
    own = Settings(**settings).own_management_port is not None
    assert App(own_port=own, **settings).get(path).status_code == 200


def test_missing_actuator_passes() -> None:
    """The main port still answers, with 404, which counts as alive."""
    settings = Settings(management_port=-1)
    _, port, path = target(settings)
    assert (port, App(management_port=-1).get(path).status_code) == (8080, 404)
