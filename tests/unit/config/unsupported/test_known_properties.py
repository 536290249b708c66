"""Every property that users of the Spring apps know, walked through the loader.

What becomes of it is what the list says.
"""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

import config
from config import Settings
from config.errors import SettingsError
from config.kafka.java_properties import TABLE
from config.librdkafka import client_config
from config.settings import properties
from config.spring.names import uniform
from config.unsupported.table import UNSUPPORTED

LIST = Path(__file__).parents[3] / "fixtures" / "spring-properties.txt"
BINDER = "spring.cloud.stream.kafka.binder.configuration"
# What some of the properties need beside them: a group, and a way to tell instances apart.
BESIDE = ("--spring.cloud.stream.bindings.input.group=g", "--spring.cloud.application.guid=guid")
# A client's properties of TLS and SASL need a protocol beside them.
PROTOCOL = {"SPRING_KAFKA_SECURITY_PROTOCOL": "PLAINTEXT", "SPRING_KAFKA_JAAS_ENABLED": "false"}
LEFT_OUT = "has no effect: security.protocol is PLAINTEXT"
# What decides about sources, and so is read before the fields of Settings.
BEFORE_ALL = (
    "spring.cloud.stream.binders.",
    "spring.cloud.stream.defaultbinder",
    "spring.cloud.stream.bindings.output.binder",
)
PREFIXES = (
    "spring.cloud.stream.bindings.",
    "spring.cloud.stream.kafka.binder.",
    "spring.cloud.stream.kafka.bindings.",
    "spring.kafka.",
)


class Known(NamedTuple):
    verdict: str
    java: bool  # a key of a client's configuration
    written: str  # name=value

    @property
    def name(self) -> str:
        return self.written.partition("=")[0]

    @property
    def argument(self) -> str:
        return f"--{BINDER}.{self.written}" if self.java else f"--{self.written}"


def known() -> list[Known]:
    lines = [
        line.split() for line in LIST.read_text().splitlines() if line and not line.startswith("#")
    ]
    return [Known(line[0], "java" in line[1:-1], line[-1]) for line in lines]


def of(verdict: str) -> pytest.MarkDecorator:
    chosen = [each for each in known() if each.verdict == verdict]
    return pytest.mark.parametrize("each", chosen, ids=lambda each: each.written)


def given_to_kafka(settings: Settings) -> list[object]:
    configs = (
        client_config.consumer_config(settings),
        client_config.producer_config(settings),
        client_config.admin_config(settings),
    )
    return [*configs, settings.batch_size]


@cache
def by_default() -> list[object]:
    return given_to_kafka(config.load(BESIDE, PROTOCOL))


@of("honoured")
def test_supported_property_is_silent(each: Known) -> None:
    settings = config.load(list(dict.fromkeys([*BESIDE, each.argument])), PROTOCOL)
    assert not [line for line in settings.warnings if not ("jaas" in line and LEFT_OUT in line)]
    assert not [line for line in settings.notices if each.name in line]
    if not uniform(each.name).startswith(BEFORE_ALL):
        assert each.name.rpartition(".")[2] in str(settings.origins)
    if each.java and each.name != "security.protocol":
        assert given_to_kafka(settings) != by_default()


@of("ignored")
def test_ignored_property_warns(each: Known) -> None:
    settings = config.load([*BESIDE, each.argument], PROTOCOL)
    [warning] = settings.warnings
    assert uniform(each.name.removeprefix("spring.kafka.")) in uniform(warning)
    assert given_to_kafka(settings) == by_default()


@of("needless")
def test_no_effect_has_notice(each: Known) -> None:
    settings = config.load([*BESIDE, each.argument], PROTOCOL)
    assert settings.warnings == ()
    assert len([line for line in settings.notices if each.name in line]) == (not each.java)
    assert given_to_kafka(settings) == by_default()


@of("refused")
def test_refused_property_is_error(each: Known) -> None:
    with pytest.raises(SettingsError) as caught:
        config.load([*BESIDE, each.argument], PROTOCOL)
    assert each.written.replace("=", ": ").partition(":")[0] in str(caught.value)


def test_list_matches_tables_and_model() -> None:
    """A new property is added to the list, with its answer."""
    java = [each.name for each in known() if each.java]
    spring = [uniform(each.name) for each in known() if not each.java]
    ours = [
        name
        for name in (*(prop.name for prop in properties().values()), *UNSUPPORTED)
        if name.startswith(PREFIXES)
    ]
    assert [
        name for name in TABLE if not any(each.startswith(name.removesuffix("*")) for each in java)
    ] == []
    assert [
        name
        for name in ours
        if not any(each.startswith(uniform(name.removesuffix(".*"))) for each in spring)
    ] == []
