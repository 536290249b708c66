"""The documents made from the model, and that the kept ones are what the model makes."""

import json
import re
from pathlib import Path

import pytest

import config
from config import report
from config.errors import mask
from config.reference.help import full_help_text, help_text
from config.reference.image_label import metadata
from config.reference.pages import BEGIN, END, docs, readme, table
from config.reference.rows import own_rows, rows, ten
from config.spring.types import PropertyType

README = Path(__file__).parents[3] / "README.md"
DOCS = Path(__file__).parents[3] / "docs" / "settings.md"

USER = "spring.security.user"


def test_settings_page_is_current() -> None:
    assert DOCS.read_text() == docs() + "\n", "run: make docs"


def test_image_label_is_readable_by_data_flow() -> None:
    text = metadata()
    assert text.isascii()
    assert "\n" not in text
    assert "${" not in text  # builders of images would fill it in
    document = json.loads(text)
    names = [each["name"] for each in document["properties"]]
    assert names[0] == "reversestring"
    assert len(names) == len(set(names))
    assert {each["name"] for each in document["hints"]} <= set(names)
    for each in document["properties"]:
        assert re.fullmatch(r"[a-z0-9.-]+", each["name"])
        assert each["type"].startswith(("java.", "org.springframework.util.unit.DataSize"))
        assert each["description"].endswith(".")
    reverse = document["properties"][0]
    assert reverse == {
        "name": "reversestring",
        "type": "java.lang.Boolean",
        "description": "Reverse the text of each record; otherwise it passes untouched.",
        "defaultValue": "false",
    }


def test_defaults_are_allowed() -> None:
    """And what the documents say of it comes to the same value as saying nothing."""
    for row in rows():
        if row.kind and row.default:
            row.kind.parse(row.default)
            # The name of a user is refused without a password, even the default one.
            beside = [f"--{USER}.password=s"] if row.name == f"{USER}.name" else []
            settings = config.load([f"--{row.name}={row.default}", *beside], {})
            unset = {each.name: each.value for each in report.resolve(config.load(beside, {}))}
            said = {each.name: each.value for each in report.resolve(settings)}
            assert said.get(row.name) == unset.get(row.name), row.name


def test_help_fits_a_screen() -> None:
    lines = help_text().splitlines()
    assert len(lines) < 40, "one line of the screen is the prompt's"
    assert max(map(len, lines)) <= 80
    for row in (*own_rows(), *ten()):
        assert any(line.split(" [")[0] == f"  --{row.name}" for line in lines), row.name
    assert "--help --all" in help_text()


def test_full_help_names_every_property() -> None:
    text = full_help_text()
    for row in rows():
        assert f"\n  --{row.name}" in text
    sentences = [line for line in text.splitlines() if not line.startswith("  --")]
    assert max(map(len, sentences)) <= 80


def test_table_of_some_properties() -> None:
    shown = [row for row in rows() if row.name in ("server.port", "reversestring")]
    lines = table(shown).splitlines()
    names = [line.split("|")[1].strip() for line in lines]
    assert names == ["property", "---", "`reversestring`", "`server.port`"]
    assert "`PORT`, else `8080`" in lines[3]


def test_settings_page_has_each_once() -> None:
    page = docs()
    supported = page[: page.index("## Properties of Kafka's Java clients")]
    for row in rows():
        assert supported.count(f"\n| `{row.name}` |") == 1, row.name


def test_report_shows_values_and_origins() -> None:
    settings = config.load(
        ["--reversestring=yes", "--no.such=x"], {"SERVER_PORT": "81", "SPRING_KAFKA_CLIENTID": "me"}
    )
    text = "\n".join(report.lines(settings))
    assert "  reversestring = true (the command line)\n" in text
    assert "  server.port = 81 (environment variable SERVER_PORT)\n" in text
    assert "  python-processor.batch-size = 1000 (default)\n" in text
    assert "What librdkafka's consumer is given\n" in text
    assert "  client.id = me\n" in text


@pytest.mark.parametrize(
    "name",
    [
        "spring.kafka.ssl.key-store-password",
        "spring.kafka.properties.sasl.jaas.config",
        "MY_API_KEY",
        "some.access-key",
        "ssl.key.pem",
        "client_secret",
        "auth.token",
        "SPRING_APPLICATION_JSON",
        "VCAP_SERVICES",
    ],
)
def test_secret_names_are_masked(name: str) -> None:
    assert mask(name, "x") == "******"
    assert mask(name, "") == ""


@pytest.mark.parametrize(
    "name",
    [
        "spring.kafka.ssl.key-store-location",
        "spring.cloud.stream.bindings.output.producer.partition-key-expression",
        "key.serializer",
        "sasl.oauthbearer.token.endpoint.url",
        "server.port",
    ],
)
def test_ordinary_names_are_shown(name: str) -> None:
    assert mask(name, "x") == "x"


def test_secrets_under_any_name_are_masked() -> None:
    for value in (
        'a.B required password="x";',
        "https://me:x@host/",
        "-----BEGIN PRIVATE KEY-----",
    ):
        assert mask("any", value) == "******"
    assert mask("any", "https://host:80/path") == "https://host:80/path"


def test_type_errors_name_allowed_values() -> None:
    for row in rows():
        assert not row.kind or (isinstance(row.kind, PropertyType) and row.kind.allowed)


def test_readme_has_ten_settings() -> None:
    shown = readme()
    assert len(shown.splitlines()) == 2 + 10
    assert f"{BEGIN}\n\n{shown}\n\n{END}" in README.read_text(), "run: make docs"
