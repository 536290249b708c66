"""A setting that has no effect is refused or reported, never dropped in silence."""

import json
from pathlib import Path

import pytest

import config
from tests.support.config.refusals import BINDER, INPUT, KAFKA_INPUT, SECRET, refusal

OUTPUT = "spring.cloud.stream.bindings.output"


def warnings(*argv: str, **environ: str) -> tuple[str, ...]:
    return config.load(argv, environ).warnings


@pytest.mark.parametrize(
    "argv",
    [
        ("--management.server.address=127.0.0.1",),
        ("--management.server.address=127.0.0.1", "--management.server.port=8080"),
    ],
)
def test_address_of_an_actuator_without_a_port(argv: tuple[str, ...]) -> None:
    """Spring Boot would open the actuator on every address."""
    assert "management.server.address (the command line) has no effect" in refusal(*argv)
    assert not warnings("--management.server.address=127.0.0.1", "--management.server.port=81")


def test_folder_of_functions_is_there(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert f'"{missing}" (the command line) is no folder that can be read' in refusal(
        f"--python-processor.function-path={missing}"
    )


@pytest.mark.parametrize("missing", ["username", "password"])
def test_half_of_a_login_at_boot_admin(missing: str) -> None:
    [given] = {"username", "password"} - {missing}
    line = refusal(
        "--spring.boot.admin.client.url=http://a", f"--spring.boot.admin.client.{given}={SECRET}"
    )
    assert f"spring.boot.admin.client.{missing} is not set" in line
    assert SECRET not in line


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (("--management.server.base-path=/m",), "management.server.base-path is ignored"),
        (
            (f"--{BINDER}.brokers=a:1", "--spring.kafka.bootstrap-servers=b:2"),
            "spring.kafka.bootstrap-servers (the command line) is ignored",
        ),
        ((f"--{KAFKA_INPUT}.dlq-name=dead",), "dlq-name is ignored: an anonymous group"),
        ((f"--{KAFKA_INPUT}.dlq-partitions=2",), "dlq-partitions is ignored: an anonymous group"),
        (
            (f"--{INPUT}.destination=a,b", f"--{OUTPUT}.destination=b"),
            "is read again, without end",
        ),
        (
            (
                f"--{INPUT}.destination=a",
                f"--{INPUT}.group=g",
                f"--{KAFKA_INPUT}.dlq-name=a",
            ),
            "is read again, without end",
        ),
    ],
)
def test_setting_that_others_leave_out(argv: tuple[str, ...], words: str) -> None:
    [line] = warnings(*argv)
    assert words in line


def test_same_brokers_in_both_places() -> None:
    assert not warnings(f"--{BINDER}.brokers=a:9092", "--spring.kafka.bootstrap-servers=a")


@pytest.mark.parametrize("nothing", ["", '""', " ", "${NOPE:}"])
@pytest.mark.parametrize(
    "name",
    [
        "function",
        "server.port",
        "server.address",
        f"{INPUT}.destination",
        f"{INPUT}.group",
        f"{INPUT}.consumer.max-attempts",
        f"{OUTPUT}.destination",
        f"{BINDER}.transaction.transaction-id-prefix",
    ],
)
def test_setting_that_is_set_to_nothing(name: str, nothing: str) -> None:
    """A missing key of a ConfigMap makes one."""
    [line] = warnings(f"--{name}={nothing}")
    assert line == f"{name} (the command line) is set to nothing, which counts as not set"


@pytest.mark.parametrize(
    "name",
    ["management.endpoints.web.exposure.exclude", "spring.boot.admin.client.url"],
)
def test_list_that_may_be_nothing(name: str) -> None:
    assert not warnings(f"--{name}=")


@pytest.mark.parametrize("name", ["app.python-processor.reversestring", "deployer.x.cpu"])
def test_property_for_data_flows_server(name: str) -> None:
    [line] = warnings(f"--{name}={SECRET}")
    assert line.startswith(f"{name} (the command line) is ignored: Data Flow's server reads it")
    [line] = warnings(SPRING_APPLICATION_JSON=json.dumps({name: SECRET}))
    assert SECRET not in line


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("PYTHON_PROCESSOR_BATCH_SIZES", "; did you mean python-processor.batch-size?"),
        ("PYTHON_PROCESSOR_FOO", ""),
    ],
)
def test_variable_under_our_own_prefix(written: str, meant: str) -> None:
    [line] = warnings(**{written: SECRET})
    assert line.endswith(f"is ignored: there is no such property{meant}")


@pytest.mark.parametrize(
    ("variable", "field", "key"),
    [
        ("SPRING_KAFKA_PROPERTIES_client.id", "boot_common", "properties.client.id"),
        (
            "SPRING_CLOUD_STREAM_KAFKA_BINDER_CONFIGURATION_client.id",
            "binder_configuration",
            "client.id",
        ),
        ("spring.kafka_properties.client.id", "boot_common", "properties.client.id"),
    ],
)
def test_variable_with_a_key_as_it_is_written(variable: str, field: str, key: str) -> None:
    assert getattr(config.load([], {variable: "me"}), field) == {key: "me"}


@pytest.mark.parametrize(
    ("first", "second", "counts"),
    [
        (f"{INPUT}.consumer.max-attempts", f"{INPUT}.consumer.maxAttempts", 3),
        (f"{INPUT}.consumer.maxAttempts", f"{INPUT}.consumer.max-attempts", 4),
    ],
)
def test_property_in_two_spellings(first: str, second: str, counts: int) -> None:
    """Spring takes one and drops the other in silence."""
    argv = (f"--{first}=3", f"--{second}=4")
    settings = config.load(argv, {})
    assert settings.max_attempts == counts
    [line] = settings.warnings
    assert "is ignored: it is the same property as" in line


def test_variable_in_two_spellings() -> None:
    [line] = warnings(SPRING_KAFKA_BOOTSTRAP_SERVERS="a:1", SPRING_KAFKA_BOOTSTRAPSERVERS="b:2")
    assert "is ignored: it is the same property as" in line


def test_list_as_one_value_and_by_items() -> None:
    argv = [f"--{INPUT}.destination=a", f"--{INPUT}.destination[0]=b"]
    settings = config.load(argv, {})
    assert settings.input_destinations == ("a",)
    assert "destination[0] (the command line) is ignored" in settings.warnings[0]


@pytest.mark.parametrize(
    "value",
    [
        f"user:{SECRET}@host:9092",
        f"https://user:a/{SECRET}@host:9092",
        f"https://host/?access_token={SECRET}",
        f"host:1?sig={SECRET}",
    ],
)
@pytest.mark.parametrize(
    "name",
    [f"{BINDER}.brokers", "spring.boot.admin.client.url", "server.port", "spring.config.import"],
)
def test_secret_in_an_address(name: str, value: str) -> None:
    assert SECRET not in refusal(f"--{name}={value}")


@pytest.mark.parametrize("multiplier", ["nan", "inf", "1_0", "-1", "1e400"])
def test_multiplier_is_a_number(multiplier: str) -> None:
    assert "a number from 1" in refusal(f"--{INPUT}.consumer.back-off-multiplier={multiplier}")


@pytest.mark.parametrize("brokers", ['"host"', "h1;h2", "host:0", "host:65536", "a@b", "h\u00fc"])
def test_address_that_java_refuses(brokers: str) -> None:
    assert "host or host:port" in refusal(f"--{BINDER}.brokers={brokers}")


def test_own_property_among_options_of_java() -> None:
    [line] = warnings(JAVA_OPTS="-Xmx1g -Dpython-processor.batch-size=3")
    assert "-Dpython-processor.batch-size is ignored" in line


RETRYABLE = f"{INPUT}.consumer.retryable-exceptions"


@pytest.mark.parametrize(
    "name",
    [
        "java.lang.IllegalStateException",
        "org.springframework.kafka.KafkaException",
        "com.acme.OrderException",
        "io.grpc.StatusRuntimeException",
        "no_such_module.Error",
    ],
)
def test_exception_of_java_is_logged(name: str) -> None:
    [line] = warnings(f"--{RETRYABLE}.{name}=false")
    assert line.startswith(f"{RETRYABLE}.{name} (the command line) has no effect")
    assert "Only names of Python's exceptions count" in line


@pytest.mark.parametrize(
    "name",
    ["ValueError", "json.JSONDecodeError", "urllib.error.URLError", "zipfile.BadZipFile"],
)
def test_exception_of_python_is_silent(name: str) -> None:
    assert not warnings(f"--{RETRYABLE}.{name}=false")
