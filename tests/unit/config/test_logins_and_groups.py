"""Users of the actuator and groups of health, checked by what is set."""

import pytest

import config
from tests.support.config.refusals import refusal

USER = "spring.security.user"
GROUP = "management.endpoint.health.group"


@pytest.mark.parametrize("name", ["user", "bob"])
def test_name_without_a_password(name: str) -> None:
    """The default name is no exception: the actuator would be open."""
    line = f"{USER}.password is not set"
    assert line in refusal(f"--{USER}.name={name}")
    assert line in refusal(SPRING_SECURITY_USER_NAME=name)


@pytest.mark.parametrize(
    "argv",
    [
        (f"--{USER}.name=user", f"--{USER}.password=s"),
        (f"--{USER}.password=s",),
        (f"--{USER}.name=",),
        ("--spring.cloud.streamapp.security.enabled=false", f"--{USER}.name=user"),
    ],
)
def test_name_that_may_be_so(argv: tuple[str, ...]) -> None:
    assert config.load(argv, {}).user_name == "user"


def test_name_set_to_nothing_beside_a_password() -> None:
    assert f"{USER}.name is not set, or set to nothing" in refusal(
        f"--{USER}.name=", f"--{USER}.password=s"
    )


@pytest.mark.parametrize(
    "option", ["SHOW_DETAILS", "SHOWDETAILS", "SHOW_COMPONENTS", "INCLUDE", "EXCLUDE_0"]
)
def test_option_of_a_group_as_a_variable(option: str) -> None:
    value = "always" if option.startswith("SHOW") else "ping"
    variable = f"MANAGEMENT_ENDPOINT_HEALTH_GROUP_READINESS_{option}"
    [found] = config.load([], {variable: value}).health_groups.values()
    assert found == value
    # The value is checked under that spelling, too.
    assert "is not allowed" in refusal(**{variable: "nope"})


def test_unknown_option_of_a_group() -> None:
    assert f"{GROUP}.ops.show.all is not allowed" in refusal(
        MANAGEMENT_ENDPOINT_HEALTH_GROUP_OPS_SHOW_ALL="always"
    )
