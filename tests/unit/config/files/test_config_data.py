"""Spring Boot's ways to say where settings are.

Imports, trees of files, profiles, random values, named binders.
"""

from pathlib import Path

import pytest

import config
from config.errors import SettingsError
from tests.support.config.files import write

# ---- which document applies


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"application-prod.properties": "spring.profiles.active=x"}, "is for a profile itself"),
        ({"application-prod.properties": "spring.profiles.include=x"}, "is for a profile itself"),
        ({"application-prod.properties": "spring.profiles.default=x"}, "is for a profile itself"),
        (
            {
                "application.properties": "a=1\n#---\nspring.config.activate.on-profile=prod\nspring.profiles.include=x"  # noqa: E501 - one text
            },
            "the document has a condition",
        ),
        (
            {"application.properties": "spring.profiles=prod"},
            "it is called spring.config.activate.on-profile",
        ),
        (
            {"application.properties": "spring.config.activate.on-cloud-platform=mars"},
            "allowed is one of none, ",
        ),
        ({"application.properties": "spring.config.location=file:/x/"}, "is not allowed in a file"),
        ({"application.properties": "info.a=\\u12"}, "four hexadecimal digits"),
    ],
)
def test_invalid_document_fails(files: dict[str, str], words: str) -> None:
    for path, text in files.items():
        write(path, text)
    with pytest.raises(SettingsError, match=words):
        config.load(["--spring.profiles.active=prod"], {})


def test_comment_beside_separator() -> None:
    """As in Spring Boot a separator right below a comment of the same sign is a comment."""
    write(
        "application.properties",
        "info.a=1\n# note\n#---\nspring.config.activate.on-profile=never\ninfo.b=2\n",
    )
    assert config.load([], {}).info == {}
    write(
        "application.properties",
        "info.a=1\n#---\nspring.config.activate.on-profile=never\ninfo.b=2\n",
    )
    assert config.load([], {}).info == {"a": "1"}


def test_profile_groups_and_includes() -> None:
    write(
        "application.properties", "spring.profiles.group.prod=eu,us\nspring.profiles.include=base"
    )
    for profile in ("base", "prod", "eu", "us"):
        write(f"application-{profile}.properties", f"info.{profile}=1\ninfo.last={profile}")
    assert config.load(["--spring.profiles.active=prod"], {}).info == {
        "base": "1",
        "prod": "1",
        "eu": "1",
        "us": "1",
        "last": "us",
    }


@pytest.mark.parametrize("way", ["command line", "environment", "file"])
def test_imported_file_is_read(tmp_path: Path, way: str) -> None:
    write("other/extra.yml", "server.port: 81\nspring.config.import: more.properties")
    write("other/more.properties", "info.a=imported")
    location = f"file:{tmp_path}/other/extra.yml"
    argv, environ = [], {}
    match way:
        case "command line":
            argv = [f"--spring.config.import={location}"]
        case "environment":
            environ = {"SPRING_CONFIG_IMPORT": location}
        case _:
            write("application.properties", "spring.config.import=other/extra.yml\nserver.port=80")
    settings = config.load(argv, environ)
    assert (settings.server_port, settings.info) == (81, {"a": "imported"})


@pytest.mark.parametrize("name", ["import", "location", "additional-location"])
@pytest.mark.parametrize(
    "location", ["file:/no/such.yml", "/no/such/", "configtree:/no/such/", "nope.properties"]
)
def test_missing_location_fails(name: str, location: str) -> None:
    with pytest.raises(SettingsError, match="does not exist"):
        config.load([f"--spring.config.{name}={location}"], {})
    assert config.load([f"--spring.config.{name}=optional:{location}"], {}).warnings == ()


@pytest.mark.parametrize(
    "location",
    [
        "configserver:http://c",
        "optional:configserver:",
        "vault://",
        "http://h/x.yml",
        "classpath:/x.yml",
        "/etc/x.conf",
        "configtree:/x",
    ],
)
def test_location_of_another_kind(location: str) -> None:
    with pytest.raises(SettingsError, match=r"spring\.config: .* is not allowed"):
        config.load([f"--spring.config.import={location}"], {})


def test_configtree_is_imported(tmp_path: Path) -> None:
    write("secrets/..data/info.a", "hidden")
    write("secrets/spring.application.name", "named\n")
    write("secrets/info/b", "two\nlines\n")
    settings = config.load([f"--spring.config.import=configtree:{tmp_path}/secrets/"], {})
    assert (settings.application_name, settings.info) == ("named", {"b": "two\nlines\n"})


def test_folders_one_level_down() -> None:
    write("config/a/application.properties", "info.a=1\ninfo.x=a")
    write("config/b/application.properties", "info.b=1\ninfo.x=b")
    write("config/application.properties", "info.x=config")
    assert config.load([], {}).info == {"a": "1", "b": "1", "x": "b"}


def test_cloud_platform() -> None:
    write(
        "application.properties",
        "info.a=1\n#---\nspring.config.activate.on-cloud-platform=kubernetes\ninfo.a=2",
    )
    assert config.load([], {}).info == {"a": "1"}
    assert config.load(
        [], {"KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "1"}
    ).info == {"a": "2"}


def test_circular_conditions_are_refused() -> None:
    """A document that is not bound yet is asked alone.

    Its condition sees its own properties only.
    """
    condition = "spring.config.activate.on-profile=${{info.{0}:x}}\ninfo.{1}=y\n"
    write(
        "application.properties", f"{condition.format('a', 'b')}#---\n{condition.format('b', 'a')}"
    )
    with pytest.raises(SettingsError, match="the document has a condition"):
        config.load([], {})


def test_location_found_by_two_documents() -> None:
    """A folder that one document finds is not missing for another that names it the same way."""
    Path("config").mkdir()
    Path("tree").mkdir()
    write("config/application.properties", "spring.config.import=tree/\n")
    write(
        "application.properties",
        "spring.config.import=optional:tree/\nspring.cloud.stream.bindings.input.group=g\n",
    )
    assert config.load([], {}).group == "g"


@pytest.mark.parametrize("folder", ["", "config/", "config/extra/"])
def test_imported_file_for_profile(folder: str) -> None:
    """A file imported for a profile counts more than the application's own profile files."""
    write(
        "config/application.yml",
        "info: {a: base, b: base}\nspring.config.import: optional:../more.yml\n",
    )
    write(f"{folder}application-cloud.yml", "info: {a: application-cloud, b: application-cloud}\n")
    write("more-prod.yml", "info: {a: more-prod}\n")
    write("more-eu.yml", "info: {c: more-eu}\n")
    found = config.load(["--spring.profiles.active=prod,cloud,eu"], {}).info
    assert found == {"a": "more-prod", "b": "application-cloud", "c": "more-eu"}


def test_nested_import_profile() -> None:
    """Such a file rises to the imports of its importer's importer, and no further."""
    write("application.yml", "info: {a: base}\nspring.config.import: more.yml\n")
    write("application-prod.yml", "info: {a: application-prod}\n")
    write("more.yml", "info: {a: more, b: more}\nspring.config.import: deep.yml\n")
    write("deep-prod.yml", "info: {a: deep-prod, b: deep-prod}\n")
    write("deep.yml", "info: {a: deep, b: deep}\n")
    assert config.load(["--spring.profiles.active=prod"], {}).info == {
        "a": "application-prod",
        "b": "deep-prod",
    }
