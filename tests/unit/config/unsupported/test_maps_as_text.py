"""One text for a map or a group of properties, and security in maps that are ignored."""

import json
from typing import get_origin

import pytest

import config
from config import Settings
from config.settings import properties
from config.unsupported.table import UNSUPPORTED
from tests.support.config.refusals import SECRET, refusal

FIELDS = Settings.model_fields
MAPS = sorted(
    {
        f"{root}.{prop.inner}".removesuffix(".")
        for field, prop in properties().items()
        if get_origin(FIELDS[field].annotation) is dict and (prop.inner or not prop.keys)
        for root in (prop.name, *prop.fallbacks)
    }
)
READ = [
    *MAPS,
    *(f"{p.name}.{key}" for p in properties().values() for key in p.keys),
    *(p.name for f, p in properties().items() if get_origin(FIELDS[f].annotation) is not dict),
]
GROUPS = sorted(
    {name.rsplit(".", n)[0] for name in READ for n in range(1, name.count(".") + 1)}
    - set(MAPS)
    - set(READ)
)
IGNORED = sorted(
    name.removesuffix(".*")
    for name, row in UNSUPPORTED.items()
    if name.endswith(".*") and row.verdict == "ignored"
)
TEXTS = (
    '{"security.protocol":"SASL_SSL"}',
    "security.protocol=SASL_SSL",
    f"username=u,password={SECRET}",
)


@pytest.mark.parametrize("name", [*MAPS, *IGNORED])
def test_map_as_text_is_refused(name: str) -> None:
    for text in TEXTS:
        line = refusal(f"--{name}={text}")
        assert line.startswith(f"{name} (the command line) is not allowed: ")
        assert f"{name}.name=value" in line
        assert SECRET not in line
    assert f"{name}.name=value" in refusal(SPRING_APPLICATION_JSON=json.dumps({name: "a=b"}))


@pytest.mark.parametrize("name", [name for name in MAPS if name.startswith("spring.")])
def test_map_in_a_variable_is_refused(name: str) -> None:
    for dash in ("", "_"):
        variable = name.replace("-", dash).replace(".", "_").upper()
        assert f"{name}.name=value" in refusal(**{variable: TEXTS[0]})


@pytest.mark.parametrize("name", GROUPS)
def test_group_as_text_is_refused(name: str) -> None:
    line = refusal(f"--{name}=17")
    assert f"{name} (the command line) is not allowed" in line
    if name != "spring.profiles":
        assert f"write each entry by itself, as in {name}." in line


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("spring.kafka.propertis", "did you mean spring.kafka.properties?"),
        ("spring.cloud.stream.kafka.binder.configuratio", "kafka.binder.configuration?"),
        (
            "spring.cloud.stream.kafka.bindings.f-in-0.consumer.configuration",
            "set spring.cloud.stream.kafka.bindings.input.consumer.configuration",
        ),
    ],
)
def test_map_of_another_name_as_text(name: str, meant: str) -> None:
    for text in TEXTS:
        line = refusal(f"--{name}={text}")
        assert "is not allowed" in line
        assert meant in line


@pytest.mark.parametrize("name", [*MAPS, *GROUPS])
def test_empty_map_sets_nothing(name: str) -> None:
    """YAML's `{}` is an empty text."""
    assert config.load([f"--{name}="], {}).warnings == ()


def test_variable_of_another_program() -> None:
    environ = {"SERVER": "x", "INFO": "x", "LOGGING_LEVEL": "debug", "MANAGEMENT": "x", "PORT": ""}
    config.load([], environ)


@pytest.mark.parametrize("name", IGNORED)
@pytest.mark.parametrize(
    "key", ["security.protocol", "sasl.jaas.config", "ssl.truststore.location"]
)
def test_security_in_ignored_map(name: str, key: str) -> None:
    for written in (f"{name}.configuration.{key}", f"{name}.{key}"):
        for value in (SECRET, ""):
            line = refusal(f"--{written}={value}")
            assert f"{written} (the command line) is not allowed" in line
            assert SECRET not in line
    assert "is not allowed" in refusal(
        **{f"{name}.configuration.{key}".replace("-", "").replace(".", "_").upper(): SECRET}
    )
    assert "is not allowed" in refusal(f"--{name}.configuration[{key}]={SECRET}")
    [warning] = config.load([f"--{name}.configuration.linger.ms=5"], {}).warnings
    assert "is ignored" in warning


@pytest.mark.parametrize(
    "binding", ["input.consumer.dlq-producer-properties", "f-in-0.consumer.dlqProducerProperties"]
)
def test_security_of_dead_letters(binding: str) -> None:
    name = f"spring.cloud.stream.kafka.bindings.{binding}.configuration.sasl.jaas.config"
    assert SECRET not in refusal(f"--{name}={SECRET}")
