"""Names and values of any kind, through every source: Settings come out or one line that says why
not, and never a secret.
"""

import json
import logging
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import config
from config import Settings
from config.errors import SettingsError
from config.kafka.java_properties import TABLE
from config.librdkafka import client_config
from config.report import changed_lines, lines, warning_lines
from runtime.logs.console import SpringFormatter
from runtime.logs.json_formats import FORMATTERS
from tests.support.config.names import MISSPELT, NAMES, THE_USERS_OWN, WORDS

SECRET = "s3cr3t-Pa55"  # noqa: S105 - what must not appear anywhere
BINDER = "spring.cloud.stream.kafka.binder"
# One empty folder serves all examples, and no time is asserted.
SOME_FILES = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


name = (
    st.sampled_from(NAMES)
    | st.text(max_size=30)
    | st.builds("{}.{}".format, st.sampled_from(NAMES), st.text(max_size=10))
)
value = st.sampled_from(WORDS) | st.text(max_size=30) | st.text("${}:ab.", max_size=20)
pairs = st.dictionaries(name, value, max_size=6)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | value,
    lambda node: st.lists(node) | st.dictionaries(name, node),
    max_leaves=8,
)


def load(argv: list[str], environ: dict[str, str]) -> Settings | None:
    """The settings, or None after a line fit for the user."""
    try:
        loaded = config.load(argv, environ)
    except SettingsError as error:
        assert str(error).isprintable()  # noqa: PT017 - any error of ours will do, as long as it is one line
        assert SECRET not in str(error)  # noqa: PT017
        return None
    said = [
        repr(loaded),
        *lines(loaded),
        *warning_lines(loaded),
        *changed_lines(loaded),
        *loaded.warnings,
        *loaded.notices,
    ]
    assert SECRET not in "\n".join(said)
    record = logging.LogRecord("x", logging.INFO, "", 0, "hello", (), None)
    for formatter in (
        SpringFormatter(loaded.application_name),
        FORMATTERS["ecs"](loaded.application_name, loaded.metric_tags),
    ):
        assert "\n" not in formatter.format(record)
    for java in (
        client_config.consumer_config(loaded),
        client_config.producer_config(loaded),
        client_config.admin_config(loaded),
    ):
        assert all(isinstance(each, str | int | float | bool) for each in java.values())
    assert all(line.isprintable() for line in lines(loaded))
    return loaded


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@SOME_FILES
@given(pairs)
def test_the_command_line(written: dict[str, str]) -> None:
    load([f"--{name}={value}" for name, value in written.items()], {})


@SOME_FILES
@given(st.lists(st.text(max_size=20)))
def test_arguments_of_any_kind(argv: list[str]) -> None:
    load(argv, {})


@SOME_FILES
@given(pairs)
def test_the_environment(written: dict[str, str]) -> None:
    load([], written)
    load([], {name.upper().replace(".", "_"): value for name, value in written.items()})


@SOME_FILES
@given(documents | pairs)
def test_json(document: object) -> None:
    load([], {"SPRING_APPLICATION_JSON": json.dumps(document)})
    load([], {"VCAP_APPLICATION": json.dumps(document), "VCAP_SERVICES": json.dumps(document)})


@SOME_FILES
@given(st.text(max_size=60))
def test_json_text_of_any_kind(text: str) -> None:
    load([], {"SPRING_APPLICATION_JSON": text, "VCAP_APPLICATION": text})


@SOME_FILES
@given(
    st.binary(max_size=60)
    | pairs.map(
        lambda written: "\n".join(map("=".join, written.items())).encode("utf-8", "replace")
    )
)
def test_properties_files(content: bytes) -> None:
    Path("application.properties").write_bytes(content)
    load([], {})


@SOME_FILES
@given(
    st.binary(max_size=60)
    | st.text(" \n-:{}[]&*!|>'\"ab#%@", max_size=40).map(str.encode)
    | pairs.map(lambda each: json.dumps(each).encode())
)
def test_yaml_files(content: bytes) -> None:
    Path("application.yml").write_bytes(content)
    load([], {})


@SOME_FILES
@given(
    st.text(min_size=1, max_size=20),
    st.sampled_from(["--{}={}", "json", "env"]),
    st.sampled_from(sorted(TABLE)),
)
def test_a_secret_is_never_shown(key: str, way: str, java: str) -> None:
    """Under names that are secret, in logins, in addresses; in every source."""
    secret = {
        f"{BINDER}.configuration.sasl.jaas.config": (
            f'a.B required username="u" password="{SECRET}";'
        ),
        "spring.kafka.ssl.key-store-password": SECRET,
        "spring.cloud.streamapp.security.admin-password": SECRET,
        "some.other.api-key": SECRET,
        "some.url": f"https://me:{SECRET}@host/",
        f"{BINDER}.configuration.{java}": f"password={SECRET}",
        "server.port": f"password={SECRET}",
        key: f"x{SECRET} password",
    }
    for name, value in secret.items():
        match way:
            case "json":
                load([], {"SPRING_APPLICATION_JSON": json.dumps({name: value})})
            case "env":
                load([], {name.upper().replace(".", "_"): value})
            case _:
                load([way.format(name, value)], {})


@SOME_FILES
@given(st.dictionaries(st.sampled_from(sorted(TABLE)), value, max_size=6))
def test_client_properties_of_any_kind(written: dict[str, str]) -> None:
    loaded = load(
        [f"--{BINDER}.configuration.{name}={value}" for name, value in written.items()], {}
    )
    if loaded:
        client_config.consumer_config(loaded)
        client_config.producer_config(loaded)
        client_config.admin_config(loaded)


WRONG = st.sampled_from(NAMES).filter(lambda name: not name.endswith(".*"))


@SOME_FILES
@given(
    WRONG,
    st.sampled_from(
        [
            "${db.password}",
            "a${db.password}",
            "${db.password:x}",
            "${no:${db.password}}",
            "${other}",
        ]
    ),
    st.sampled_from(["argv", "json", "env", "properties", "yaml", "tree"]),
)
def test_a_secret_through_a_placeholder(name: str, value: str, way: str) -> None:
    """It is masked wherever it ends up, whatever the property is."""
    written = {name: value, "db.password": SECRET, "other": "${db.password}"}
    argv, environ = [], {}
    match way:
        case "argv":
            argv = [f"--{key}={each}" for key, each in written.items()]
        case "json":
            environ = {"SPRING_APPLICATION_JSON": json.dumps(written)}
        case "env":
            environ = {key.upper().replace(".", "_"): each for key, each in written.items()}
        case "properties":
            Path("application.properties").write_text(
                "".join(f"{key}={each}\n" for key, each in written.items())
            )
        case "yaml":
            Path("application.yml").write_text(json.dumps(written))
        case _:
            argv = [f"--{name}={value}", "--spring.config.import=optional:configtree:./tree/"]
            Path("tree").mkdir(exist_ok=True)
            Path("tree/db.password").write_text(SECRET)
    load(argv, environ)
    for path in ("application.properties", "application.yml", "tree/db.password"):
        Path(path).unlink(missing_ok=True)


@SOME_FILES
@given(
    st.sampled_from([*NAMES, "some", "other.name", "spring", "management", "python-processor"]),
    st.sampled_from(MISSPELT),
    st.sampled_from(["argv", "json", "env"]),
)
def test_a_secret_under_a_foreign_name(prefix: str, rest: str, way: str) -> None:
    prefix = prefix.removesuffix(".*")
    name = f"{prefix}.{rest}"
    if prefix.startswith(THE_USERS_OWN):
        return
    match way:
        case "argv":
            load([f"--{name}={SECRET}"], {})
        case "json":
            load([], {"SPRING_APPLICATION_JSON": json.dumps({name: SECRET})})
        case _:
            load([], {name.upper().replace(".", "_").replace("-", ""): SECRET})


@SOME_FILES
@given(
    st.lists(
        st.sampled_from(
            [
                SECRET,
                f"password={SECRET}",
                f"-p{SECRET}",
                "--password",
                f"-Dx.password={SECRET}",
                "-jar",
                "x.jar",
            ]
        ),
        max_size=5,
    )
)
def test_a_secret_as_a_word(argv: list[str]) -> None:
    load(argv, {})
