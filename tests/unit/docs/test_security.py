"""docs/security.md: each example is loaded, and Kafka's client is given what the page says."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

import config
from config.errors import SettingsError
from config.librdkafka import client_config
from tests.support.brokers.certificates import STORE_PASSWORD, party
from tests.support.docs.markdown import Part, read_page

PAGE = read_page("docs/security.md")
FOLDER = "/etc/python-processor"
TREE = {"broker-password": "of the file broker-password"}
SECURITY = ("bootstrap.servers", "ssl.", "sasl.", "https.", "security.", "enable.sasl")


def examples() -> list[tuple[Part, Part]]:
    """Each block of properties with the block after it."""
    blocks = [each for each in PAGE.code if each.language != "sh"]
    return [(block, after) for block, after in pairwise(blocks) if block.language == "properties"]


def heading_of(part: Part) -> str:
    above = [each.text for each in PAGE.headings if each.line < part.line]
    return f"{above[-1]}, line {part.line}"


EXAMPLES = examples()
ACCEPTED = [pair for pair in EXAMPLES if pair[1].language == "json"]
REFUSED = [pair for pair in EXAMPLES if pair[1].language == "text"]


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    """The files that the examples name."""
    authority = party("authority")
    user = party("user", authority)
    (tmp_path / "ca.crt").write_bytes(authority.pem)
    (tmp_path / "user.p12").write_bytes(user.p12())
    (tmp_path / "tree").mkdir()
    for name, text in TREE.items():
        (tmp_path / "tree" / name).write_text(text)
    return tmp_path


@pytest.fixture
def environ() -> dict[str, str]:
    """The variables that the examples name, each with a value of its own."""
    user = party("user", authority := party("authority"))
    names = re.findall(r"\$\{([A-Z_]+)\}", PAGE.text)
    return {name: f"value of {name}" for name in names} | {
        "STORE_PASSWORD": STORE_PASSWORD,
        "CA_PEM": authority.pem.decode(),
        "USER_KEY": user.key_pem().decode(),
        "USER_CRT": user.pem.decode(),
    }


def load(
    example: Part, folder: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> config.Settings:
    """The settings with the example as application.properties in the working directory."""
    text = example.text.replace(FOLDER, str(folder))
    (folder / "application.properties").write_text(text)
    monkeypatch.chdir(folder)
    return config.load([], environ)


@pytest.mark.parametrize("pair", ACCEPTED, ids=lambda pair: heading_of(pair[0]))
def test_example_is_as_on_page(
    pair: tuple[Part, Part],
    stores: Path,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    usual = client_config.consumer_config(config.load([], {}))
    settings = load(pair[0], stores, environ, monkeypatch)
    assert settings.warnings == ()
    given = {
        name: value
        for name, value in client_config.consumer_config(settings).items()
        if name.startswith(SECURITY) and usual.get(name) != value
    }
    shown: dict[str, str] = json.loads(pair[1].text)
    assert given.keys() == shown.keys()
    for name, text in shown.items():
        wanted = re.sub(r"\$\{([A-Z_]+)\}", lambda each: environ[each[1]], text)
        value = str(given[name])
        assert value == wanted or (text.endswith("...") and value.startswith(text[:-3])), name
    for other in (client_config.producer_config(settings), client_config.admin_config(settings)):
        assert other.items() >= given.items()


@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: heading_of(pair[0]))
def test_example_is_refused(
    pair: tuple[Part, Part],
    stores: Path,
    environ: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(SettingsError, match=re.escape(pair[1].text)):
        load(pair[0], stores, environ, monkeypatch)


def test_every_example_is_one_of_both() -> None:
    blocks = [each for each in PAGE.code if each.language == "properties"]
    assert len(ACCEPTED) + len(REFUSED) == len(blocks)
    assert len(ACCEPTED) >= 10
    assert REFUSED


def test_actuator_example_has_user(
    stores: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (example,) = [each for each, _ in ACCEPTED if heading_of(each).startswith("The actuator")]
    settings = load(example, stores, environ, monkeypatch)
    assert settings.user_name == "operator"
    assert "prometheus" in settings.exposure_include


def test_page_and_program_refuse_java_stores(tmp_path: Path) -> None:
    store = tmp_path / "ca.jks"
    store.write_bytes(b"\xfe\xed\xfe\xed")
    argv = [
        "--spring.kafka.security.protocol=SSL",
        "--spring.kafka.ssl.trust-store-type=JKS",
        f"--spring.kafka.ssl.trust-store-location={store}",
        "--spring.kafka.ssl.trust-store-password=password",
    ]
    with pytest.raises(SettingsError, match="keytool -importkeystore"):
        config.load(argv, {})
    named = [line for line in PAGE.text.splitlines() if "JKS" in line]
    assert named
    assert all("refused" in line for line in named)
