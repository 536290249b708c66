"""Maps whose values are lists: the items count as one list, in files and in variables."""

from pathlib import Path

import pytest

import config
from tests.support.config.refusals import KAFKA_INPUT, refusal

GROUP = "management.endpoint.health.group"
REPLICAS = f"{KAFKA_INPUT}.topic.replicas-assignment"


def test_group_of_health_in_yaml() -> None:
    Path("application.yml").write_text(
        f"{GROUP}.readiness:\n  include:\n  - readinessState\n  - binders\n  show-details: ALWAYS\n"
    )
    found = config.load([], {})
    assert found.health_groups == {
        "readiness.include": "readinessState,binders",
        "readiness.show-details": "ALWAYS",
    }


def test_health_group_in_variables() -> None:
    name = "MANAGEMENT_ENDPOINT_HEALTH_GROUP_READINESS_INCLUDE"
    found = config.load([], {f"{name}_0": "readinessState", f"{name}_1": "binders"})
    assert found.health_groups == {"readiness.include": "readinessState,binders"}


def test_higher_list_hides_lower() -> None:
    Path("application.yml").write_text(f"{GROUP}.x.include: [readinessState, binders, ping]\n")
    assert config.load([f"--{GROUP}.x.include[0]=ping"], {}).health_groups == {"x.include": "ping"}


@pytest.mark.parametrize(
    "argument",
    [
        f"{GROUP}.x.include[1]=ping",
        f"{GROUP}.x.include[0]=pong",
        f"{GROUP}.x.show-details=sometimes",
        f"{REPLICAS}.0[1]=1",
    ],
)
def test_broken_list(argument: str) -> None:
    assert "is not allowed" in refusal(f"--{argument}")


def test_members_of_profile_in_variables() -> None:
    Path("application-db.yml").write_text("spring.cloud.stream.bindings.input.group: g\n")
    assert (
        config.load(["--spring.profiles.active=prod"], {"SPRING_PROFILES_GROUP_PROD_0": "db"}).group
        == "g"
    )


@pytest.mark.parametrize("written", ["{0: [1, 2], 1: [2]}", "[[1, 2], [2]]", "{0: '1,2', 1: 2}"])
def test_replicas_in_yaml(written: str) -> None:
    Path("application.yml").write_text(f"{REPLICAS}: {written}\n")
    assert config.load([], {}).input_topic_replicas == {"0": ("1", "2"), "1": ("2",)}


def test_two_halves_of_a_letter() -> None:
    Path("application.properties").write_text("spring.application.name=\\ud83d\\ude00\n")
    assert config.load([], {}).application_name == "\N{GRINNING FACE}"


def test_no_default_profile() -> None:
    Path("application-default.yml").write_text("spring.cloud.stream.bindings.input.group: g\n")
    assert config.load(["--spring.profiles.default="], {}).group == ""
