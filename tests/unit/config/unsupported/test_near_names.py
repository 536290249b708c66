"""Names beside, below and between those that are read: none is dropped silently."""

import random
from typing import get_origin

import pytest

import config
from config.errors import SettingsError
from config.settings import Settings, properties
from config.spring.names import is_critical
from config.unsupported import spring_names
from tests.support.config.refusals import BINDER, INPUT, SECRET, refusal

PREFIXES = ("spring.", "server.", "management.")
READ = [
    prop.name
    for field, prop in properties().items()
    if prop.name.startswith(PREFIXES)
    and not prop.name.startswith(spring_names.FREE)
    and get_origin(Settings.model_fields[field].annotation) is not dict
]


def spelt_otherwise(name: str) -> list[str]:
    """Spellings that Spring reads in the environment alone, and names below and beside `name`."""
    dotted = [name.replace("-", ".")] if "-" in name else []
    return [
        *dotted,
        name.upper().replace(".", "_").replace("-", "_"),
        f"{name}2",
        f"{name}.x",
        f"{name}[x]",
    ]


@pytest.mark.parametrize("name", random.Random(22).sample(READ, 24))  # noqa: S311 - the same each time
def test_no_name_near_read_one_is_silent(name: str) -> None:
    for written in spelt_otherwise(name):
        line = answer(f"--{written}={SECRET}")
        assert written in line
        assert SECRET not in line
        assert "is not allowed" in line or not is_critical(name), written


def answer(argument: str) -> str:
    """The line of the refusal, or the warnings."""
    try:
        return "; ".join(config.load([argument], {}).warnings)
    except SettingsError as error:
        return str(error)


@pytest.mark.parametrize(
    "written",
    [
        *(
            "SPRING_KAFKA_SECURITY_PROTOCOL",
            "springKafkaSecurityProtocol",
            "spring.kafka.security-protocol",
            "SERVER_ADDRESS",
        ),
        *(
            "spring.kafka.bootstrap.servers",
            "spring.kafka.bootstrap-servers2",
            "spring.kafka.bootstrap-servers[x]",
        ),
        *(
            "spring.kafka.bootstrap-servers[00]",
            "spring.kafka.bootstrap-servers[0].x",
            "spring.config.import[1]",
            "server.port[0]",
        ),
        *(
            f"{INPUT}.group1",
            f"{INPUT}.destination2",
            "server.port12",
            "server.ssl-enabled",
            "server.sslEnabled",
        ),
        *(
            "spring.kafka.brokers",
            "spring.cloud.stream.binder.kafka.brokers",
            "spring.boot.admin.url",
            "management.address",
        ),
        *("spring.kafka.consumer.bootstrap-servers", "spring.kafka.producer.bootstrap-servers[0]"),
        *("spring.cloud.stream.default.destination", "spring.profiles"),
        *(
            f"spring.kafka.properties.{name}"
            for name in ("SECURITY.PROTOCOL", "ssl.ca.location", "sasl.username", "sasl.pasword")
        ),
        "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefx",
    ],
)
def test_security_and_addresses_are_refused(written: str) -> None:
    assert "is not allowed" in refusal(f"--{written}=17")


def test_misspelt_variable_of_exactly_once() -> None:
    """Otherwise a Deployment would run at least once, with a warning that nobody reads."""
    written = "SPRING_CLOUD_STREAM_KAFKA_BINDER_TRANSACTION_TRANSACTIONIDPREFX"
    with pytest.raises(SettingsError, match=r"did you mean .*transaction-id-prefix"):
        config.load([], {written: "tx-"})


def test_variables_keep_their_spellings() -> None:
    """Dashes may be underscores there. Another program's variable stops nothing."""
    found = config.load(
        [],
        {
            "SPRING_KAFKA_BOOTSTRAP_SERVERS": "h:1",
            "SERVER_PORT_1": "81",
            "FUNCTION_X": "y",
            "PORT_2": "z",
        },
    )
    assert (found.bootstrap_servers, found.warnings) == (("h:1",), ())


def test_names_of_other_binders_stop_nothing() -> None:
    found = config.load(
        [
            "--spring.cloud.stream.rabbit.binder.admin-addresses=h",
            "--spring.cloud.aws.credentials.secret-key=x",
        ],
        {},
    )
    assert len(found.warnings) <= 2


def test_unused_binder() -> None:
    binders = "--spring.cloud.stream.binders"
    argv = (
        f"{binders}.a.type=kafka",
        f"{binders}.b.type=rabbit",
        "--spring.cloud.stream.default-binder=a",
    )
    assert config.load(argv, {}).warnings == (
        "spring.cloud.stream.binders.b is ignored: the binder of both bindings is a",
    )


@pytest.mark.parametrize(
    "argument",
    [
        *("debug", "trace", "logging.console.enabled=false", "management.metrics.enable.all=false"),
        *(
            "spring.main.web-environment=false",
            "management.endpoints.web.path-mapping.helath=x",
        ),
    ],
)
def test_undone_is_reported(argument: str) -> None:
    [warning] = config.load([f"--{argument}"], {}).warnings
    assert argument.partition("=")[0] in warning


def test_path_mapping_spellings() -> None:
    found = config.load(["--management.endpoints.web.path-mapping.thread-dump=x"], {})
    assert (found.path_of("threaddump"), found.warnings) == ("x", ())


@pytest.mark.parametrize(
    ("most", "health", "loggers"),
    [("none", "none", "none"), ("READ_ONLY", "read-only", "read-only")],
)
def test_most_that_is_permitted(most: str, health: str, loggers: str) -> None:
    found = config.load(
        [
            f"--management.endpoints.access.max-permitted={most}",
            "--management.endpoint.loggers.access=unrestricted",
        ],
        {},
    )
    assert (found.access("health"), found.access("loggers"), found.access("shutdown")) == (
        health,
        loggers,
        "none",
    )


def test_health_defaults() -> None:
    found = config.load(
        ["--management.health.defaults.enabled=false", "--management.health.ping.enabled=true"], {}
    )
    assert (
        found.health_binders_enabled,
        found.health_disk_space_enabled,
        found.health_ping_enabled,
    ) == (False, False, True)


def test_login_that_nobody_enables() -> None:
    jaas = "--spring.kafka.jaas"
    assert "set it to true, or to false" in refusal(f"{jaas}.options.password={SECRET}")
    assert "is not allowed" in refusal(f"{jaas}.enabled=maybe")
    assert (
        config.load([f"{jaas}.enabled=false", f"{jaas}.options.password={SECRET}"], {}).warnings
        == ()
    )


def test_options_of_a_java_machine() -> None:
    assert "write --server.port=" in refusal(JAVA_TOOL_OPTIONS="-Xmx1g -Dserver.port=81")
    [warning] = config.load(
        [], {"JAVA_OPTS": f"-Dlogging.level.root={SECRET} -Dfile.encoding=UTF-8"}
    ).warnings
    assert "-Dlogging.level.root is ignored" in warning
    assert SECRET not in warning


def test_places_of_json_document() -> None:
    document = '{"spring.cloud.stream.bindings.input.group": "g"}'
    assert config.load([f"-Dspring.application.json={document}", "-jar", "x.jar"], {}).group == "g"
    assert "--name=value" in refusal("--=x")


def test_unknown_platform() -> None:
    assert "allowed is one of none" in refusal("--spring.main.cloud-platform=k8s")


@pytest.mark.parametrize("word", ["READ_ONLY", "readOnly", "read-only", "read only"])
def test_enum_by_its_letters(word: str) -> None:
    assert (
        config.load([f"--management.endpoints.access.default={word}"], {}).default_access
        == "read-only"
    )


@pytest.mark.parametrize("name", ["replication", BINDER])
def test_other_words_are_no_enum(name: str) -> None:
    refusal(f"--management.endpoints.access.default={name}")
