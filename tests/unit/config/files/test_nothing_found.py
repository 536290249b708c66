"""Files of settings that are there and would not be read, and places that have none."""

from pathlib import Path

import pytest

import config
from tests.support.config.files import write
from tests.support.config.refusals import refusal


@pytest.mark.parametrize("path", ["application.yml", "config/application.properties"])
def test_folder_in_place_of_a_file(path: str) -> None:
    """Kubernetes makes one for a subPath whose key is missing."""
    Path(path).mkdir(parents=True)
    [line] = config.load([], {}).warnings
    assert line.endswith(f"{path} is not read: it is a folder, and a file is expected")
    for optional in ("", "optional:"):
        assert "Is a directory" in refusal(f"--spring.config.import={optional}file:./{path}")


def test_file_in_xml() -> None:
    """Spring Boot reads it."""
    write("application.xml", "<properties/>")
    assert "XML is not read here" in refusal()


@pytest.mark.parametrize("method", ["stat", "iterdir"])
@pytest.mark.parametrize(
    "argument",
    [
        "--spring.config.location=./secret/",
        "--spring.config.import=configtree:./secret/",
        "--spring.config.import=optional:configtree:./secret/",
        "--spring.config.import=optional:file:./secret/x.yml",
        "--spring.config.import=optional:configtree:./secret/*/",
    ],
)
def test_folder_that_may_not_be_read(
    method: str, argument: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line. A file that nobody can look for is not taken for one that is not there."""
    write("secret/application.yml", "a: b")
    write("secret/x.yml", "a: b")
    write("secret/sub/x", "a")
    original = getattr(Path, method)

    def denied(path: Path, **options: bool) -> object:
        if "secret" in path.parts and path.name != "secret":
            raise PermissionError(13, "Permission denied", str(path))
        if "secret" in path.parts and method == "iterdir":
            raise PermissionError(13, "Permission denied", str(path))
        return original(path, **options)

    monkeypatch.setattr(Path, method, denied)
    if method == "stat" or "configtree" in argument:
        assert "Permission denied" in refusal(argument)
    else:
        config.load([argument], {})


def test_name_that_no_file_has() -> None:
    write("application.yml", "server.port: 81")
    [line] = config.load(["--spring.config.name=processor"], {}).warnings
    assert line == "spring.config.name: there is no file processor.yml or .properties"
    write("processor-prod.yml", "server.port: 82")
    settings = config.load(["--spring.config.name=processor", "--spring.profiles.active=prod"], {})
    assert (settings.server_port, settings.warnings) == (82, ())


def test_folder_without_a_file() -> None:
    Path("empty").mkdir()
    for name in ("location", "additional-location", "import"):
        [line] = config.load([f"--spring.config.{name}=./empty/"], {}).warnings
        assert "./empty/" in line
        assert "has no file application.yml or .properties" in line
        assert not config.load([f"--spring.config.{name}=optional:./empty/"], {}).warnings
    write("empty/application-prod.yml", "server.port: 82")
    assert not config.load(
        ["--spring.config.location=./empty/", "--spring.profiles.active=prod"], {}
    ).warnings


def test_property_twice_in_a_file() -> None:
    """Spring Boot takes the last one in silence; YAML refuses it."""
    write("application.properties", "server.port=81\nserver.port: 82\n#---\nserver.port=83\n")
    settings = config.load([], {})
    assert settings.server_port == 83
    [line] = settings.warnings
    assert "has the property 'server.port' more than once: the last one counts" in line
