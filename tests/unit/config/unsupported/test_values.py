"""Values that cannot be used are refused in one line."""

import base64
from pathlib import Path

import pytest

import config
from config import report
from config.errors import SettingsError
from config.librdkafka import client_config
from tests.support.brokers.certificates import party
from tests.support.config.refusals import BINDER, INPUT, KAFKA_INPUT, KAFKA_OUTPUT, SECRET, refusal

# ---- what is shown


@pytest.mark.parametrize(
    "name",
    [
        "spring.kafka.properties.basic.auth.user.info",
        f"{BINDER}.configuration.my.pwd",
        f"{BINDER}.configuration.schema.registry.thing",
        "spring.kafka.consumer.properties.foo",
        "spring.whatever.thing",
        "python-processor.unknown",
        "management.unknown",
        "spring.rabbitmq.thing",
    ],
)
def test_unknown_value_is_masked(name: str) -> None:
    settings = config.load([f"--{name}={SECRET}"], {})
    said = [
        *settings.warnings,
        *settings.notices,
        *report.lines(settings),
        *report.changed_lines(settings),
        repr(settings),
    ]
    assert SECRET not in "\n".join(said)


@pytest.mark.parametrize(
    "name",
    [
        "server.port",
        f"{INPUT}.group",
        f"{INPUT}.destination",
        "spring.kafka.client-id",
        "info.a",
        "management.metrics.tags.a",
    ],
)
@pytest.mark.parametrize("value", ["${db.password}", "x${db.password}y", "${indirect}"])
def test_secret_in_wrong_property_is_masked(name: str, value: str) -> None:
    argv = [f"--{name}={value}", f"--db.password={SECRET}", "--indirect=${db.password}"]
    try:
        settings = config.load(argv, {})
    except SettingsError as error:
        assert SECRET not in str(error)  # noqa: PT017 - any line will do
        return
    said = [
        *settings.warnings,
        *settings.notices,
        *report.lines(settings),
        *report.changed_lines(settings),
        repr(settings),
    ]
    assert SECRET not in "\n".join(said)


# ---- groups and topics


@pytest.mark.parametrize("group", ["orders:v1", "team/a", "x" * 245, 'say "hi"'])
def test_group_unfit_for_a_topic(group: str) -> None:
    settings = config.load([f"--{INPUT}.group={group}"], {})
    [warning] = settings.warnings
    assert "there are no dead letters" in warning
    assert (settings.input_group, settings.dead_letter_topic("input")) == (group, None)
    assert (
        config.load([f"--{INPUT}.group={group}", f"--{KAFKA_INPUT}.dlq-name=dead"], {}).warnings
        == ()
    )
    assert "is no topic name" in refusal(
        f"--{INPUT}.group={group}", f"--{KAFKA_INPUT}.enable-dlq=true"
    )


def test_topic_name_is_checked_at_start() -> None:
    assert "'a b' is no topic name" in refusal(f"--{INPUT}.destination=a b")
    assert "'a/b' is no topic name" in refusal(
        "--spring.cloud.stream.bindings.output.destination=a/b"
    )


def test_message_key_expression() -> None:
    assert (
        str(
            config.load(
                [f"--{KAFKA_OUTPUT}.messageKeyExpression=headers['id']"], {}
            ).message_key_expression
        )
        == "headers['id']"
    )
    refusal(f"--{KAFKA_OUTPUT}.messageKeyExpression=T(java.lang.System).exit(0)")


def test_dlq_name_with_pattern() -> None:
    argv = [
        f"--{KAFKA_INPUT}.destination-is-pattern=true",
        f"--{KAFKA_INPUT}.dlq-name=dead",
        f"--{INPUT}.destination=a.*",
    ]
    assert "dlq-name is ignored" in "".join(config.load(argv, {}).warnings)


# ---- single properties


def test_default_is_accepted() -> None:
    assert (
        config.load(
            [f"--{INPUT}.consumer.headerMode=none"], {"BYTEWAX_DATAFLOW_API_ENABLED": "0"}
        ).warnings
        == ()
    )
    refusal(BYTEWAX_DATAFLOW_API_ENABLED="1")
    refusal(f"--{KAFKA_OUTPUT}.headerPatterns=!secret,*")


def test_members_of_health_groups() -> None:
    name = "management.endpoint.health.group.readiness.include"
    assert config.load([f"--{name}=readinessState,binders/kafka"], {}).warnings == ()
    assert '"db"' in refusal(f"--{name}=readinessState,binders/kafka,db")


@pytest.mark.parametrize(
    "argument",
    [
        "logging.level.foo=bogus",
        "management.endpoints.web.path-mapping.health=<x",
        "management.endpoints.web.base-path=/<path:x>/",
        "server.servlet.context-path=/a b",
        f"{KAFKA_INPUT}.destination-is-pattern=true",
    ],
)
def test_odd_value_is_one_line(argument: str) -> None:
    refusal(f"--{argument}", f"--{INPUT}.destination={'(' * 3000 + ')' * 3000}")


def test_level_off_as_yaml_has_it() -> None:
    assert config.load(
        ["--logging.level.foo=false", "--logging.level.root=OFF"], {}
    ).logging_levels == {
        "foo": "off",
        "root": "off",
    }


@pytest.mark.parametrize(
    ("name", "value", "native", "given"),
    [
        ("max.poll.interval.ms", "2147483647", "max.poll.interval.ms", 86_400_000),
        ("request.timeout.ms", "305000", "socket.timeout.ms", 300_000),
        ("connections.max.idle.ms", "-1", "connections.max.idle.ms", 0),
        (
            "connections.max.idle.ms",
            "9223372036854775807",
            "connections.max.idle.ms",
            2_147_483_647,
        ),
        ("metadata.max.age.ms", "86400000", "topic.metadata.refresh.interval.ms", 3_600_000),
        ("fetch.min.bytes", "2147483647", "fetch.min.bytes", 100_000_000),
        ("retry.backoff.ms", "0", "retry.backoff.ms", 1),
    ],
)
def test_numbers_out_of_range(name: str, value: str, native: str, given: int) -> None:
    settings = config.load([f"--{BINDER}.consumer-properties.{name}={value}"], {})
    assert client_config.consumer_config(settings)[native] == given
    assert bool(settings.warnings) == (int(value) not in (0, -1))


@pytest.mark.parametrize("damaged", ["trust store", "certificate", "key"])
def test_damaged_store(tmp_path: Path, damaged: str) -> None:
    """A line, whichever byte is wrong.

    Cryptography raises other errors than ValueError for the object identifier of a key.
    """
    owner, store = party("x"), tmp_path / "store.pem"
    key, certificate = owner.key_pem(), owner.pem
    name = "trust" if damaged == "trust store" else "key"
    store.write_bytes(key + certificate)
    settings = config.load(
        [
            "--spring.kafka.security.protocol=SSL",
            f"--spring.kafka.ssl.{name}-store-location={store}",
            f"--spring.kafka.ssl.{name}-store-type=PEM",
        ],
        {},
    )
    whole = key if damaged == "key" else certificate
    first, *lines, last = whole.splitlines(keepends=True)
    der = base64.b64decode(b"".join(lines))
    refused = 0
    for at in range(len(der)):
        changed = base64.encodebytes(der[:at] + bytes([der[at] ^ 0xFF]) + der[at + 1 :])
        store.write_bytes((certificate if damaged == "key" else key) + first + changed + last)
        try:
            client_config.consumer_config(settings)
        except SettingsError as error:
            refused += 1
            assert "cannot be used" in str(error)  # noqa: PT017 - a line, whatever is damaged
    assert refused > len(der) / 4


# ---- the command line


@pytest.mark.parametrize(
    "word",
    [
        "reversestring=true",
        "-reversestring=true",
        "-Dserver.port=1",
        f"password={SECRET}",
        SECRET,
        "-x",
    ],
)
def test_word_without_dashes(word: str) -> None:
    line = refusal("--server.port=1", word)
    assert "argument 2 of the command line is no option" in line
    assert SECRET not in line
