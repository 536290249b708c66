"""Random values and placeholders in files."""

import pytest

import config
from config.errors import SettingsError
from tests.support.config.files import write

STREAM = "spring.cloud.stream"


BINDER = f"{STREAM}.kafka.binder"


def test_random_values_are_drawn() -> None:
    argv = [
        "--info.a=${random.int[5,6]}-${random.int(1)}-${random.long[7,8]}",
        "--info.b=${random.value}",
        "--info.c=${random.uuid}",
        "--spring.kafka.client-id=c-${random.int(1000)}",
        "--spring.cloud.stream.bindings.input.group=${info.c}",
    ]
    settings = config.load(argv, {})
    assert settings.info["a"] == "5-0-7"
    assert len(settings.info["b"]) == 32
    assert len(settings.info["c"]) == 36
    assert 0 <= int(settings.boot_common["client-id"].removeprefix("c-")) < 1000
    assert settings.warnings == ()


@pytest.mark.parametrize(
    "range_", ["int(0)", "int[5,5]", "long[ 1,2]", "int(99999999999)", "int(x)"]
)
def test_invalid_random_range_is_refused(range_: str) -> None:
    with pytest.raises(SettingsError, match=r"placeholder \$\{random\.\w+\.\.\.\} is not allowed"):
        config.load([f"--info.a=${{random.{range_}}}"], {})


def test_cloud_foundry_lists_and_nulls() -> None:
    environ = {
        "VCAP_APPLICATION": (
            '{"application_uris": ["a", "b", null, {"k": 1}], "none": null, '
            '"limits": {"fds": true}}'
        )
    }
    argv = [
        "--info.a=${vcap.application.application_uris}|${vcap.application.none}|${vcap.application.limits.fds}"
    ]
    settings = config.load(argv, environ)
    assert settings.info == {"a": "a,b,null,{k=1}||true"}
    assert settings.warnings == ()


def test_unresolved_placeholder_stays() -> None:
    settings = config.load(["--info.a=${x}${x}", "--info.b=${y:d}"], {})
    [warning] = [line for line in settings.warnings if "is not resolved" in line]
    assert "info.a (the command line): the placeholder ${x} is" in warning
    assert settings.info == {"a": "${x}${x}", "b": "d"}


@pytest.mark.parametrize("name", [f"{BINDER}.brokers", "spring.kafka.bootstrap-servers"])
def test_placeholder_as_an_address(name: str) -> None:
    with pytest.raises(SettingsError, match="is not allowed"):
        config.load([f"--{name}=${{KAFKA}}:9092"], {})


def test_random_value_in_an_import() -> None:
    """The random source is asked while profiles and imports are read, as in Spring Boot."""
    write(
        "application.properties",
        "spring.profiles.active=p${random.int[7,8]}\nspring.config.import=m${random.int(4,5)}.yml\n",
    )
    write("application-p7.properties", "spring.cloud.stream.bindings.input.group=seven\n")
    write("m4.yml", "spring.cloud.stream.bindings.input.destination: four\n")
    settings = config.load([], {})
    assert (settings.group, settings.input_destinations) == ("seven", ("four",))
