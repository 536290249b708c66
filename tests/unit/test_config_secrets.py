"""Random settings with a planted secret, through all sources at once: no traceback, and the secret is shown nowhere."""

import json
import os
import random
from pathlib import Path

import pytest

import config
from config import kafka
from config.errors import SettingsError
from config.report import changed_lines, lines, warning_lines
from tests.unit.test_config_fuzz import MISSPELT, NAMES, THE_USERS_OWN, WORDS

SECRET = "s3cr3t-Pa55-planted"  # noqa: S105 - what must not appear anywhere
INPUTS = int(os.environ.get("SECRET_INPUTS", "400"))  # of each of four parts
REFERENCES = ("${db.password}", "a${db.password}b", "${no:${db.password}}", "${other}", "${other:1}")


def planted(source: random.Random) -> dict[str, str]:
    """Some settings, and a secret where it has got by mistake or belongs."""
    written = {_name(source): source.choice(WORDS) for _ in range(source.randint(0, 4))}
    name = _name(source)
    match source.randint(0, 3):
        case 0:
            written[name] = source.choice(REFERENCES)
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
    return argv, environ | {"SPRING_APPLICATION_JSON": json.dumps(document)}


@pytest.mark.parametrize("part", range(4))
def test_planted_secrets(part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    refused = 0
    for seed in range(part * INPUTS, (part + 1) * INPUTS):
        source = random.Random(seed)  # noqa: S311 - the same each time
        argv, environ = spread(planted(source), source)
        try:
            settings = config.load(argv, environ)
            clients = (kafka.consumer_config(settings), kafka.producer_config(settings), kafka.admin_config(settings))
            assert all(clients)
            said = "\n".join(
                [repr(settings), *lines(settings), *warning_lines(settings), *changed_lines(settings), *settings.notices]
            )
        except SettingsError as error:
            refused += 1
            said = str(error)
            assert said.isprintable()
        assert SECRET not in said, (argv, environ)
    assert 0 < refused < INPUTS
