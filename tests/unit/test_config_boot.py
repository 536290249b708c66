"""Spring Boot's ways to say where settings are: imports, trees of files, profiles, random values, named binders."""

import os
from pathlib import Path

import pytest

import config
from config.errors import SettingsError

STREAM = "spring.cloud.stream"
BINDER = f"{STREAM}.kafka.binder"


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, text: str) -> None:
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text)


# ---- E1, E7: which document applies


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"application-prod.properties": "spring.profiles.active=x"}, "is for a profile itself"),
        ({"application-prod.properties": "spring.profiles.include=x"}, "is for a profile itself"),
        ({"application-prod.properties": "spring.profiles.default=x"}, "is for a profile itself"),
        (
            {"application.properties": "a=1\n#---\nspring.config.activate.on-profile=prod\nspring.profiles.include=x"},
            "the document has a condition",
        ),
        ({"application.properties": "spring.profiles=prod"}, "it is called spring.config.activate.on-profile"),
        ({"application.properties": "spring.config.activate.on-cloud-platform=mars"}, "allowed is one of none, "),
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
    write("application.properties", "info.a=1\n# note\n#---\nspring.config.activate.on-profile=never\ninfo.b=2\n")
    assert config.load([], {}).info == {}
    write("application.properties", "info.a=1\n#---\nspring.config.activate.on-profile=never\ninfo.b=2\n")
    assert config.load([], {}).info == {"a": "1"}


def test_profile_groups_and_includes() -> None:
    write("application.properties", "spring.profiles.group.prod=eu,us\nspring.profiles.include=base")
    for profile in ("base", "prod", "eu", "us"):
        write(f"application-{profile}.properties", f"info.{profile}=1\ninfo.last={profile}")
    assert config.load(["--spring.profiles.active=prod"], {}).info == {"base": "1", "prod": "1", "eu": "1", "us": "1", "last": "us"}


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
@pytest.mark.parametrize("location", ["file:/no/such.yml", "/no/such/", "configtree:/no/such/", "nope.properties"])
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
    write("application.properties", "info.a=1\n#---\nspring.config.activate.on-cloud-platform=kubernetes\ninfo.a=2")
    assert config.load([], {}).info == {"a": "1"}
    assert config.load([], {"KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "1"}).info == {"a": "2"}


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


@pytest.mark.parametrize("range_", ["int(0)", "int[5,5]", "long[ 1,2]", "int(99999999999)", "int(x)"])
def test_random_range_that_is_none(range_: str) -> None:
    with pytest.raises(SettingsError, match=r"placeholder \$\{random\.\w+\.\.\.\} is not allowed"):
        config.load([f"--info.a=${{random.{range_}}}"], {})


def test_cloud_foundry_lists_and_nulls() -> None:
    environ = {"VCAP_APPLICATION": '{"application_uris": ["a", "b", null, {"k": 1}], "none": null, "limits": {"fds": true}}'}
    argv = ["--info.a=${vcap.application.application_uris}|${vcap.application.none}|${vcap.application.limits.fds}"]
    settings = config.load(argv, environ)
    assert settings.info == {"a": "a,b,null,{k=1}||true"}
    assert settings.warnings == ()


def test_placeholder_that_stays() -> None:
    login = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="${NOPE}";'
    arguments = ["--spring.kafka.security.protocol=PLAINTEXT", f"--spring.kafka.properties.sasl.jaas.config={login}"]
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
    argv = [f"{environment}.brokers=b:1", f"--{STREAM}.bindings.input.binder=b", f"--{STREAM}.bindings.output.binder=b"]
    settings = config.load([*argv, f"--{STREAM}.binders.b.type=kafka", f"--{BINDER}.brokers=low:2"], {})
    assert settings.brokers == ("b:1",)
    assert settings.warnings == ()
    assert config.load([argv[0]], {}).brokers == ("b:1",)
    assert config.load([], {"SPRING_CLOUD_STREAM_BINDERS_B_ENVIRONMENT_SPRING_KAFKA_BOOTSTRAP_SERVERS": "v:1"}).brokers == ("v:1",)


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
        ("binders.a.type=kafka", "binders.b.type=kafka", "bindings.input.binder=a", "bindings.output.binder=b"),
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


# ---- limits: E22, E23


def test_name_twice_in_yaml() -> None:
    write("application.yml", "info:\n  a: 1\n  b: 2\n  a: 3\n")
    with pytest.raises(SettingsError, match=r"'a' twice .* at line 4"):
        config.load([], {})


def bomb() -> str:
    lists = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 9))
    return "l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n" + lists


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("application.yml", bomb()),
        ("application.yml", "[" * 3000),
        ("application.yml", "a: " + "{a: " * 500),
        ("application.yml", "".join(f"a{n}: x\n" for n in range(20_000))),
        ("application.properties", "".join(f"a{n}=x\n" for n in range(20_000))),
        ("application.yml", "info: !!python/name:os.system x"),
        ("application.yml", "info: *nowhere"),
    ],
)
def test_file_beyond_the_limits(name: str, text: str) -> None:
    write(name, text)
    with pytest.raises(SettingsError, match=rf"{name} (has|is not valid)"):
        config.load([], {})


def test_many_joined_lines() -> None:
    write("application.properties", "info.a=" + "x\\\n" * 250_000 + "end")
    assert len(config.load([], {}).info["a"]) == 250_003


def test_odd_yaml_tags() -> None:
    write("application.yml", "info: {a: !!bool x, b: !!str 010}")
    assert config.load([], {}).info == {"a": "", "b": "010"}
    for scalar in ("!!int nope", "!!float x", "!!timestamp 2024-01-01", "<<"):
        write("application.yml", f"info: {{a: {scalar}}}")
        with pytest.raises(SettingsError, match=r"application.yml is not valid YAML"):
            config.load([], {})


@pytest.mark.parametrize(
    ("written", "text"),
    [
        *(
            ("1.10", "1.1"),
            ("010", "8"),
            ("08", "08"),
            ("yes", "true"),
            ("Off", "false"),
            ("y", "y"),
            ("0x1F", "31"),
            ("1_000", "1000"),
        ),
        *(("2024-01-01", "2024-01-01"), ("~", ""), ("1:30", "90"), ("12345678.9", "1.23456789E7"), ("0.0001", "1.0E-4")),
        *(
            (".inf", "Infinity"),
            ("+5", "5"),
            ("'010'", "010"),
            ('"yes"', "yes"),
            ("! 010", "8"),
            ("1e3", "1000.0"),
            ("-.5", "-0.5"),
        ),
    ],
)
def test_yaml_scalar_as_spring_boot_has_it(written: str, text: str) -> None:
    """tests/oracle compares the same with Spring Boot, for generated scalars."""
    write("application.yml", f"info: {{a: {written}}}")
    assert config.load([], {}).info == {"a": text}


def test_yaml_name_that_is_no_text() -> None:
    write("application.yml", "info: {010: a, yes: b, ~: c, '011': d}")
    assert config.load([], {}).info == {"8": "a", "true": "b", "null": "c", "011": "d"}


def test_json_numbers_as_spring_boot_has_them() -> None:
    assert config.load([], {"SPRING_APPLICATION_JSON": '{"info": {"a": 1.10, "b": 1e3, "c": -0}}'}).info == {
        "a": "1.1",
        "b": "1000.0",
        "c": "0",
    }
    with pytest.raises(SettingsError, match="is not valid JSON"):
        config.load([], {"SPRING_APPLICATION_JSON": '{"info.a": NaN}'})


def test_charset_of_a_properties_file() -> None:
    """As Spring Boot reads it; a file that looks like UTF-8 is reported."""
    write("application.properties", "info.a=é\n")
    loaded = config.load([], {})
    assert loaded.info == {"a": "Ã©"}
    assert any("ISO-8859-1" in line and "encoding=utf-8" in line for line in loaded.warnings)
    Path("application.properties").write_bytes("info.a=é\n".encode("latin-1"))
    loaded = config.load([], {})
    assert loaded.info == {"a": "é"}
    assert loaded.warnings == ()
    write("more.properties", "info.a=é\n")
    loaded = config.load(["--spring.config.import=./more.properties[encoding=utf-8]"], {})
    assert loaded.info == {"a": "é"}
    with pytest.raises(SettingsError, match="encoding"):
        config.load(["--spring.config.import=./more.properties[encoding=nope]"], {})


def test_json_beyond_the_limits() -> None:
    entries = ",".join(f'"a{n}": 1' for n in range(100_000))
    with pytest.raises(SettingsError, match=r"has more than 10000 properties"):
        config.load([], {"SPRING_APPLICATION_JSON": f"{{{entries}}}"})
    with pytest.raises(SettingsError, match="is not valid JSON"):
        config.load([], {"SPRING_APPLICATION_JSON": '{"a":' * 200 + "1" + "}" * 200})


def test_pipes_and_devices(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "application.properties")
    with pytest.raises(SettingsError, match="is no regular file"):
        config.load([], {})
    (tmp_path / "application.properties").unlink()
    tls = ["--spring.kafka.security.protocol=SSL"]
    for path in ("/dev/zero", tmp_path / "pipe"):
        if not Path(path).exists():
            os.mkfifo(path)
        with pytest.raises(SettingsError, match="is no regular file"):
            config.load([*tls, f"--spring.kafka.ssl.trust-store-location={path}"], {})


def test_random_value_in_what_files_import() -> None:
    """The random source is asked while profiles and imports are read, as in Spring Boot."""
    write("application.properties", "spring.profiles.active=p${random.int[7,8]}\nspring.config.import=m${random.int(4,5)}.yml\n")
    write("application-p7.properties", "spring.cloud.stream.bindings.input.group=seven\n")
    write("m4.yml", "spring.cloud.stream.bindings.input.destination: four\n")
    settings = config.load([], {})
    assert (settings.group, settings.input_destinations) == ("seven", ("four",))


def test_conditions_that_name_each_other() -> None:
    """A document that is not bound yet is asked alone: its condition sees its own properties only."""
    condition = "spring.config.activate.on-profile=${{info.{0}:x}}\ninfo.{1}=y\n"
    write("application.properties", f"{condition.format('a', 'b')}#---\n{condition.format('b', 'a')}")
    with pytest.raises(SettingsError, match="the document has a condition"):
        config.load([], {})


def test_location_found_for_another_document() -> None:
    """A folder that one document finds is not missing for another that names it in the same words."""
    Path("config").mkdir()
    Path("tree").mkdir()
    write("config/application.properties", "spring.config.import=tree/\n")
    write("application.properties", "spring.config.import=optional:tree/\nspring.cloud.stream.bindings.input.group=g\n")
    assert config.load([], {}).group == "g"
