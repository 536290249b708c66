"""Spring Boot's ways to say where settings are: imports, trees of files, profiles, random values,
named binders.
"""

from pathlib import Path

import pytest

import config
from config.errors import SettingsError
from tests.support.config.files import write

STREAM = "spring.cloud.stream"
BINDER = f"{STREAM}.kafka.binder"


# ---- E1, E7: which document applies


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
def test_refused_documents(files: dict[str, str], words: str) -> None:
    for path, text in files.items():
        write(path, text)
    with pytest.raises(SettingsError, match=words):
        config.load(["--spring.profiles.active=prod"], {})


def test_comment_beside_a_separator() -> None:
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
def test_imported_file(tmp_path: Path, way: str) -> None:
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
def test_missing_location(name: str, location: str) -> None:
    with pytest.raises(SettingsError, match="is not there"):
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


def test_configtree(tmp_path: Path) -> None:
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


# ---- values: E2, E3, E4


def test_random_values() -> None:
    argv = [
        "--info.a=${random.int[5,6]}-${random.int(1)}-${random.long[7,8]}",
        "--info.b=${random.value}",
        "--info.c=${random.uuid}",
        "--spring.kafka.client-id=c-${random.int(1000)}",
        "--spring.cloud.stream.bindings.input.group=${info.c}",
    ]
    settings = config.load(argv, {})
    assert settings.info["a"] == "5-0-7"
    assert len(settings.info["b"]) == 32
    assert len(settings.info["c"]) == 36
    assert 0 <= int(settings.boot_common["client-id"].removeprefix("c-")) < 1000
    assert settings.warnings == ()


@pytest.mark.parametrize(
    "range_", ["int(0)", "int[5,5]", "long[ 1,2]", "int(99999999999)", "int(x)"]
)
def test_random_range_that_is_none(range_: str) -> None:
    with pytest.raises(SettingsError, match=r"placeholder \$\{random\.\w+\.\.\.\} is not allowed"):
        config.load([f"--info.a=${{random.{range_}}}"], {})


def test_cloud_foundry_lists_and_nulls() -> None:
    environ = {
        "VCAP_APPLICATION": (
            '{"application_uris": ["a", "b", null, {"k": 1}], "none": null, '
            '"limits": {"fds": true}}'
        )
    }
    argv = [
        "--info.a=${vcap.application.application_uris}|${vcap.application.none}|${vcap.application.limits.fds}"
    ]
    settings = config.load(argv, environ)
    assert settings.info == {"a": "a,b,null,{k=1}||true"}
    assert settings.warnings == ()


def test_placeholder_that_stays() -> None:
    login = (
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" '
        'password="${NOPE}";'
    )
    arguments = [
        "--spring.kafka.security.protocol=PLAINTEXT",
        f"--spring.kafka.properties.sasl.jaas.config={login}",
    ]
    settings = config.load([*arguments, "--info.a=${x}${x}", "--info.b=${y:d}"], {})
    told = [warning for warning in settings.warnings if "is not resolved" in warning]
    assert len(told) == 2
    assert "spring.kafka.properties.sasl.jaas.config" in "".join(told)
    assert "${NOPE}" in "".join(told)


@pytest.mark.parametrize("name", [f"{BINDER}.brokers", "spring.kafka.bootstrap-servers"])
def test_placeholder_as_an_address(name: str) -> None:
    with pytest.raises(SettingsError, match="is not allowed"):
        config.load([f"--{name}=${{KAFKA}}:9092"], {})


# ---- E8: named binders


def test_one_binder() -> None:
    environment = f"--{STREAM}.binders.b.environment.{BINDER}"
    argv = [
        f"{environment}.brokers=b:1",
        f"--{STREAM}.bindings.input.binder=b",
        f"--{STREAM}.bindings.output.binder=b",
    ]
    settings = config.load(
        [*argv, f"--{STREAM}.binders.b.type=kafka", f"--{BINDER}.brokers=low:2"], {}
    )
    assert settings.brokers == ("b:1",)
    assert settings.warnings == ()
    assert config.load([argv[0]], {}).brokers == ("b:1",)
    assert config.load(
        [], {"SPRING_CLOUD_STREAM_BINDERS_B_ENVIRONMENT_SPRING_KAFKA_BOOTSTRAP_SERVERS": "v:1"}
    ).brokers == ("v:1",)


def test_binder_without_the_applications_environment() -> None:
    argv = [
        f"--{STREAM}.binders.b.environment.{BINDER}.brokers=b:1",
        f"--{STREAM}.binders.b.inherit-environment=false",
        "--spring.kafka.client-id=x",
    ]
    assert config.load(argv, {}).boot_common == {}
    assert config.load([argv[0], argv[2]], {}).boot_common == {"client-id": "x"}


@pytest.mark.parametrize(
    "argv",
    [
        ("binders.a.type=kafka", "binders.b.type=kafka"),
        (
            "binders.a.type=kafka",
            "binders.b.type=kafka",
            "bindings.input.binder=a",
            "bindings.output.binder=b",
        ),
        ("binders.a.type=kafka", "bindings.input.binder=kafka"),
        ("binders.a.type=rabbit",),
        ("bindings.input.binder=nope",),
        ("default-binder=rabbit",),
        ("binders.a.enviroment.spring.kafka.bootstrap-servers=x",),
        ("binders.a.environment.server.port=1",),
    ],
)
def test_refused_binders(argv: tuple[str, ...]) -> None:
    with pytest.raises(SettingsError, match=r"is not allowed|are not allowed"):
        config.load([f"--{STREAM}.{each}" for each in argv], {})


def test_random_value_in_what_files_import() -> None:
    """The random source is asked while profiles and imports are read, as in Spring Boot."""
    write(
        "application.properties",
        "spring.profiles.active=p${random.int[7,8]}\nspring.config.import=m${random.int(4,5)}.yml\n",
    )
    write("application-p7.properties", "spring.cloud.stream.bindings.input.group=seven\n")
    write("m4.yml", "spring.cloud.stream.bindings.input.destination: four\n")
    settings = config.load([], {})
    assert (settings.group, settings.input_destinations) == ("seven", ("four",))


def test_conditions_that_name_each_other() -> None:
    """A document that is not bound yet is asked alone: its condition sees its own properties
    only.
    """
    condition = "spring.config.activate.on-profile=${{info.{0}:x}}\ninfo.{1}=y\n"
    write(
        "application.properties", f"{condition.format('a', 'b')}#---\n{condition.format('b', 'a')}"
    )
    with pytest.raises(SettingsError, match="the document has a condition"):
        config.load([], {})


def test_location_found_for_another_document() -> None:
    """A folder that one document finds is not missing for another that names it in the same
    words.
    """
    Path("config").mkdir()
    Path("tree").mkdir()
    write("config/application.properties", "spring.config.import=tree/\n")
    write(
        "application.properties",
        "spring.config.import=optional:tree/\nspring.cloud.stream.bindings.input.group=g\n",
    )
    assert config.load([], {}).group == "g"


@pytest.mark.parametrize("folder", ["", "config/", "config/extra/"])
def test_imported_file_for_a_profile(folder: str) -> None:
    """What a file imports for a profile counts more than the application's own files for profiles,
    wherever these are.
    """
    write(
        "config/application.yml",
        "info: {a: base, b: base}\nspring.config.import: optional:../more.yml\n",
    )
    write(f"{folder}application-cloud.yml", "info: {a: application-cloud, b: application-cloud}\n")
    write("more-prod.yml", "info: {a: more-prod}\n")
    write("more-eu.yml", "info: {c: more-eu}\n")
    found = config.load(["--spring.profiles.active=prod,cloud,eu"], {}).info
    assert found == {"a": "more-prod", "b": "application-cloud", "c": "more-eu"}


def test_profile_file_of_a_nested_import() -> None:
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
