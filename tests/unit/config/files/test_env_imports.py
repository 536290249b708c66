"""spring.config.import=env:NAME: a variable with the text of a file, as in Spring Boot 3.5."""

import pytest

import config
from config.errors import SettingsError
from tests.support.config.files import write

YAML = "info:\n  a: 1\n---\ninfo:\n  b: [x, y]\n"


@pytest.mark.parametrize(
    ("location", "text", "info"),
    [
        ("env:MY_CONFIG", "info.a=1\ninfo.b=é\n", {"a": "1", "b": "é"}),
        ("env:MY_CONFIG[.properties]", "info.a=1", {"a": "1"}),
        ("env:MY_CONFIG[.yml]", YAML, {"a": "1", "b[0]": "x", "b[1]": "y"}),
        ("env:MY_CONFIG[.YAML]", "info.a: 1", {"a": "1"}),
        ("optional:env:MY_CONFIG[.yaml]", "info.a: 1", {"a": "1"}),
        ("env:MY_CONFIG", "", {}),
        ("optional:env:ABSENT", "info.a=1", {}),
    ],
)
@pytest.mark.parametrize("way", ["variable", "file"])
def test_variable_is_read_as_a_file(
    location: str, text: str, info: dict[str, str], way: str
) -> None:
    environ = {"MY_CONFIG": text}
    if way == "variable":
        environ["SPRING_CONFIG_IMPORT"] = location
    else:
        write("application.properties", f"spring.config.import={location}")
    settings = config.load([], environ)
    assert settings.info == info
    assert settings.warnings == ()


def test_conditions_and_precedence_are_those_of_files() -> None:
    write("application.properties", "info.a=low\ninfo.c=file\nspring.config.import=env:C")
    text = "info.a=high\n#---\nspring.config.activate.on-profile=p\ninfo.b=p"
    assert config.load([], {"C": text}).info == {"a": "high", "c": "file"}
    settings = config.load(["--spring.profiles.active=p"], {"C": text})
    assert settings.info == {"a": "high", "b": "p", "c": "file"}


def test_origin_and_error_name_the_variable() -> None:
    environ = {"SPRING_CONFIG_IMPORT": "env:MY_CONFIG", "MY_CONFIG": "server.port=81"}
    assert config.load([], environ).origin_of("server.port") == "environment variable MY_CONFIG"
    with pytest.raises(SettingsError, match=r"server.port.*\(environment variable MY_CONFIG\)"):
        config.load([], environ | {"MY_CONFIG": "server.port=x"})
    with pytest.raises(SettingsError, match="environment variable MY_CONFIG is not valid YAML"):
        config.load([], environ | {"SPRING_CONFIG_IMPORT": "env:MY_CONFIG[.yml]", "MY_CONFIG": "{"})


@pytest.mark.parametrize(
    ("location", "words"),
    [
        ("env:ABSENT", "env:ABSENT.*does not exist; write optional: before it"),
        ("env:", "allowed is env: and a variable"),
        ("env:MY_CONFIG[.xml]", "allowed is env: and a variable"),
        ("optional:env:MY_CONFIG[.json]", "allowed is env: and a variable"),
        ("vault:x", "or env: and a variable"),
    ],
)
def test_unusable_variable_is_refused(location: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        config.load([f"--spring.config.import={location}"], {"MY_CONFIG": "info.a=1"})


def test_secret_of_a_variable_is_masked() -> None:
    settings = config.load(
        ["--spring.config.import=env:MY_CONFIG"],
        {"MY_CONFIG": "spring.security.user.password=hidden-word"},
    )
    assert settings.clean("a hidden-word") == "a ******"
