"""Options of health that two sources spell differently, and groups that include nothing by name.

The settings hold the highest source first.
"""

from typing import Any

import pytest

from actuator.endpoints.health import groups
from config import Settings, load
from runtime.control.status import Issue, TaskState
from tests.fakes.actuator.actuator_app import App

ALL = {"binders", "diskSpace", "livenessState", "ping", "readinessState"}
AWAY = Issue("broker kafka:9092 cannot be reached", since=0, broker_away=True)


@pytest.mark.parametrize(
    ("higher", "lower"), [("showDetails", "show-details"), ("show-details", "showDetails")]
)
def test_higher_source_wins_in_a_group(higher: str, lower: str) -> None:
    found = groups(
        Settings(health_groups={f"readiness.{higher}": "never", f"readiness.{lower}": "always"})
    )["readiness"]
    assert found.show_details == "never"
    assert found.include == ("readinessState",)


def test_variable_wins_over_a_file(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "application.properties").write_text(
        "management.endpoint.health.group.readiness.show-details=always\n"
    )
    variable = "MANAGEMENT_ENDPOINT_HEALTH_GROUP_READINESS_SHOW_DETAILS"
    assert groups(load([], {variable: "never"}))["readiness"].show_details == "never"


@pytest.mark.parametrize(("higher", "lower"), [("unknown", "UNKNOWN"), ("UNKNOWN", "unknown")])
def test_higher_source_wins_in_the_http_mapping(higher: str, lower: str) -> None:
    app = App(health_http_mapping={higher: 500, lower: 501})
    app.set(TaskState.RUNNING, AWAY)
    assert app.get("/actuator/health").status_code == 500


def test_first_of_two_ranks_counts() -> None:
    app = App(health_status_order=("unknown", "up", "UNKNOWN"))
    app.set(TaskState.RUNNING, AWAY)
    assert app.json("/actuator/health")["status"] == "UNKNOWN"


@pytest.mark.parametrize(
    ("options", "left_out"),
    [
        ({"ops.exclude": "diskSpace"}, {"diskSpace"}),
        ({"ops.show-details": "always"}, set()),
        ({"ops.include": ""}, set()),
        ({"ops.include": " , "}, set()),
    ],
)
def test_group_without_include_has_all(options: dict[str, str], left_out: set[str]) -> None:
    app = App(health_groups={"ops.show-components": "always"} | options)
    assert app.json("/actuator/health/ops")["components"].keys() == ALL - left_out
    app.set(TaskState.FAILED)
    assert app.get("/actuator/health/ops").status_code == 503


def test_user_options_replace_those_of_probes() -> None:
    found = groups(
        Settings(
            health_groups={
                "readiness.include": "",
                "liveness.exclude": "ping",
                "liveness.show-details": "always",
            }
        )
    )
    assert found["readiness"].include == ("*",)
    assert found["liveness"].include == ("livenessState",)
    assert found["liveness"].exclude == ("ping",)
