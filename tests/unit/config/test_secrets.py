"""Random settings with a planted secret, through all sources at once.

No traceback, and the secret is shown nowhere.
"""

import json
import logging
import os
import random
from pathlib import Path

import pytest

import config
from actuator.app import main_app
from config import Settings
from config.errors import SettingsError, hide
from config.librdkafka import client_config
from config.report import changed_lines, lines, warning_lines
from config.sanitizing import Sanitizer
from config.sections.management import ENDPOINTS
from runtime.control.status import TaskHandle
from runtime.lifecycle import Lifecycle
from runtime.logs.console import SpringFormatter
from runtime.logs.json_formats import FORMATTERS
from tests.support.config.names import (
    HIDING,
    MISSPELT,
    NAMES,
    SECRET_NAMES,
    THE_USERS_OWN,
    WORDS,
)

SECRET = "s3cr3t-Pa55-planted"  # noqa: S105 - what must not appear anywhere
INPUTS = int(os.environ.get("SECRET_INPUTS", "400"))  # of each of four parts
HTTP_EVERY = 4  # inputs for each that HTTP is asked about; an app takes 20 ms to make
# A property of its own whose name says that it is secret, and one whose name does not.
FUNCTION = """
from python_processor import Properties, option

class Options(Properties):
    db_pass: str = option("", "A password.")
    own_word: str = option("", "A word.")

def run(value: bytes, options: Options) -> bytes:
    return value
"""
OWN = {"function": "with_secret:run", "python-processor.function-path": "own"}
# Where addresses and names of the user's are written.
PLACES = (
    "spring.cloud.stream.bindings.input.destination",
    "spring.cloud.stream.bindings.output.destination",
    "spring.cloud.stream.bindings.input.group",
    "spring.cloud.stream.kafka.bindings.input.consumer.dlq-name",
    "spring.cloud.stream.kafka.binder.brokers",
    "function",
    "info.x",
    "own-word",
)
REFERENCES = (
    "${db.password}",
    "a${db.password}b",
    "${no:${db.password}}",
    "${other}",
    "${other:1}",
)


def planted(source: random.Random) -> dict[str, str]:
    """Some settings, and a secret where it has got by mistake or belongs."""
    written = {_name(source): source.choice(WORDS) for _ in range(source.randint(0, 4))}
    name = _name(source)
    match source.randint(0, 9):
        case 0:
            written[name] = source.choice(REFERENCES)
        case 4:
            written[source.choice((*PLACES, name))] = source.choice(HIDING).format(SECRET)
        case 5:
            other = source.choice(SECRET_NAMES)
            place = source.choice((*PLACES, name))
            written |= {other: SECRET, place: source.choice((f"x${{{other}}}", f"x{SECRET}"))}
        case 6:
            written[f"{source.choice((*SECRET_NAMES, *PLACES, name))}:{SECRET}"] = ""
        case 7:
            written |= {"db-pass": SECRET, "own-word": source.choice(("${db-pass}", f"{SECRET}x"))}
            written |= OWN
        case 8:
            written |= {f"info.{source.choice(('pass', 'auth', 'x.pin', 'dsn', 'db.pw'))}": SECRET}
        case 9:
            written["spring.security.user.password"] = source.choice(
                (f"{{bcrypt}}{SECRET}", f"{{noop}}{SECRET}", f"{SECRET}\udcff", f"{SECRET}${{x}}")
            )
        case 1 if not name.startswith(THE_USERS_OWN):
            written[f"{name}.{source.choice(MISSPELT)}"] = SECRET
        case 2:
            written["spring.kafka.properties.sasl.jaas.config"] = f'x required password="{SECRET}";'
    return written | {"db.password": SECRET, "other": "${db.password}"}


def _name(source: random.Random) -> str:
    return source.choice(NAMES).replace(".*", ".k")


def spread(written: dict[str, str], source: random.Random) -> tuple[list[str], dict[str, str]]:
    """The settings on the command line, in the environment and in JSON."""
    argv: list[str] = []
    environ: dict[str, str] = {}
    document: dict[str, str] = {}
    for name, value in written.items():
        match source.randint(0, 3):
            case 0:
                environ[name.upper().replace(".", "_").replace("-", "")] = value
            case 1:
                document[name] = value
            case _:
                argv.append(f"--{name}={value}")
    if source.randint(0, 19) == 0:  # a password without its equals sign
        argv += ["--spring.security.user.password", source.choice((SECRET, f"{SECRET}=="))]
    return argv, environ | {"SPRING_APPLICATION_JSON": json.dumps(document)}


def log_lines(settings: Settings) -> list[str]:
    """What each format of the log makes of a record and of the settings it shows."""
    sanitizer = Sanitizer(settings)
    name = sanitizer.shown("spring.application.name", settings.application_name)
    record = logging.LogRecord("x", logging.INFO, "", 0, "group %s", (settings.group,), None)
    formatters = [
        SpringFormatter(name),
        *(make(name, sanitizer.metric_tags()) for make in FORMATTERS.values()),
    ]
    return [hide(each.format(record), settings.secrets) for each in formatters]


def answers(settings: Settings) -> list[str]:
    """What every endpoint answers to anyone, all of them exposed and with their values."""
    open_to_all = {
        "exposure_include": ("*",),
        "exposure_exclude": (),
        "env_show_values": "always",
        "configprops_show_values": "always",
    }
    shown = {
        "info_env_enabled": True,
        "health_show_details": "always",
        "security_enabled": False,
        "actuator_base_path": "/actuator",
    }
    plain: dict[str, object] = {
        "path_mapping": {},
        "context_path": "",
        "management_port": None,
        "endpoint_accesses": {},
        "endpoints_enabled": {},
    }
    settings = settings.model_copy(
        update=open_to_all | shown | plain | {"enabled_by_default": True}
    )
    client = main_app(settings, TaskHandle(), Lifecycle()).test_client()
    found: list[str] = []
    for path in (
        "",
        *(f"/{each}" for each in ENDPOINTS),
        "/env/db.password",
        "/env/other",
        "/loggers/root",
        "/nothing",
    ):
        answer = client.get(f"/actuator{path}")
        assert answer.status_code < 500 or path == "/health", path
        found += [answer.get_data(as_text=True), str(answer.headers)]
    return found


@pytest.mark.parametrize(
    "part", [0, *(pytest.param(part, marks=pytest.mark.long) for part in range(1, 4))]
)
def test_planted_secrets_are_never_shown(
    part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "with_secret.py").write_text(FUNCTION)
    refused = 0
    for seed in range(part * INPUTS, (part + 1) * INPUTS):
        source = random.Random(seed)  # noqa: S311 - the same each time
        argv, environ = spread(planted(source), source)
        try:
            settings = config.load(argv, environ)
            clients = (
                client_config.consumer_config(settings),
                client_config.producer_config(settings),
                client_config.admin_config(settings),
            )
            assert all(clients)
            said = "\n".join(
                [
                    *(
                        repr(settings),
                        *lines(settings),
                        *warning_lines(settings),
                        *changed_lines(settings),
                        *settings.notices,
                    ),
                    *(*log_lines(settings), *(answers(settings) if seed % HTTP_EVERY == 0 else ())),
                ]
            )
        except SettingsError as error:
            refused += 1
            said = str(error)
            assert said.isprintable()
        assert SECRET not in said, (argv, environ)
    assert 0 < refused < INPUTS


def test_secret_variable_is_masked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The property counts, not the spelling of the variable.

    An address of tokens is no secret and is shown.
    """
    monkeypatch.chdir(tmp_path)
    variable = "SPRING_CLOUD_STREAM_KAFKA_BINDER_CONFIGURATION_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL"
    document = json.dumps(
        {
            "db.password": SECRET,
            "other": "${db.password}",
            "spring.kafka.security.protocol": "PLAINTEXT",
        }
    )
    settings = config.load([], {variable: "${other}", "SPRING_APPLICATION_JSON": document})
    assert SECRET not in "\n".join([repr(settings), *lines(settings), *changed_lines(settings)])
