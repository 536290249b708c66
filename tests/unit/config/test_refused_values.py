"""Values that would count as something else than the user means are refused in one line."""

import json

import pytest

import config
from config.settings import properties
from tests.support.config.refusals import BINDER, INPUT, SECRET, refusal

PASSWORDS = [
    ("spring.security.user.password",),
    ("spring.cloud.streamapp.security.admin-password", "admin-user=joe"),
]
CLIENT_PASSWORD = ("spring.boot.admin.client.password", "username=joe")
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule required username=u password={};"


def argv_of(value: str, name: str, *beside: str) -> list[str]:
    prefix = name.rpartition(".")[0]
    return [f"--{name}={value}", *(f"--{prefix}.{each}" for each in beside)]


# ---- a colon in place of the equals sign


@pytest.mark.parametrize(
    "name",
    [
        "spring.security.user.password",
        "spring.security.user.name",
        "spring.security.oauth2.resourceserver.jwt.issuer-uri",
        "spring.kafka.security.protocol",
        "spring.kafka.ssl.trust-store-location",
        f"{BINDER}.configuration.sasl.jaas.config",
        f"{BINDER}.brokers",
        f"{INPUT}.destination",
        "server.ssl.key-store",
        "management.endpoints.web.exposure.include",
        "server.port",
        "db.password",
        "reversestring",
        "python-processor.batch-size",
    ],
)
@pytest.mark.parametrize("value", [SECRET, "aHVudGVyMmh1bnRlcjI=", "aHVudGVyMmh1bnRlcjI=="])
def test_colon_in_place_of_equals(name: str, value: str) -> None:
    line = refusal(f"--{name}:{value}")
    assert f"write {name}=" in line
    assert value.strip("=") not in line
    document = json.dumps({f"{name}:{value}": ""})
    assert f"write {name}=" in refusal(SPRING_APPLICATION_JSON=document)


@pytest.mark.parametrize("sign", [" ", "\t", ";", ",", ": "])
@pytest.mark.parametrize("name", ["spring.security.user.password", "server.port", "db.password"])
def test_other_sign_in_place_of_equals(name: str, sign: str) -> None:
    line = refusal(f"--{name}{sign}{SECRET}")
    assert f"write {name}=" in line
    assert SECRET not in line


@pytest.mark.parametrize(
    "argument", ["--info.git:branch=main", "--logging.level[a:b]=debug", "--x.y:z=1", "--x.y:z"]
)
def test_colon_in_a_key(argument: str) -> None:
    config.load([argument], {})


def test_blank_in_a_key() -> None:
    document = {"info": {"build notes": "", "a, b": "c"}}
    settings = config.load([], {"SPRING_APPLICATION_JSON": json.dumps(document)})
    assert list(settings.info.values()) == ["", "c"]


# ---- a refused name without a value


@pytest.mark.parametrize(
    "name",
    [
        "spring.security.oauth2.resourceserver.jwt.issuer-uri",
        "spring.security.user.passwort",
        "spring.ssl.bundle.pem.x.keystore.certificate",
        "spring.cloud.config.uri",
        "spring.cloud.vault.token",
        "spring.kafka.consumer.bootstrap-servers",
        "management.security.enabled",
        "spring.cloud.stream.function.bindings.a",
    ],
)
@pytest.mark.parametrize("form", ["--{}", "--{}="])
def test_refused_name_without_a_value(name: str, form: str) -> None:
    assert "is not allowed" in refusal(form.format(name))


@pytest.mark.parametrize(
    "name", ["spring.kafka.ssl.bundle", f"{INPUT}.consumer.header-mode", "spring.main.banner-mode"]
)
def test_nothing_that_is_done_in_any_case(name: str) -> None:
    assert config.load([f"--{name}="], {}).warnings == ()


# ---- placeholders in secrets


@pytest.mark.parametrize(
    "argv",
    [
        *(argv_of("{}", *names) for names in (*PASSWORDS, CLIENT_PASSWORD)),
        ["--spring.kafka.ssl.key-store-password={}"],
        ["--spring.kafka.ssl.key-password={}"],
        [f"--{BINDER}.configuration.ssl.truststore.password={{}}"],
        [f"--{BINDER}.configuration.sasl.jaas.config={LOGIN}"],
        ["--spring.kafka.properties[sasl.jaas.config]=" + LOGIN],
        ["--spring.kafka.jaas.options.password={}", "--spring.kafka.jaas.enabled=true"],
        ["--spring.boot.admin.client.instance.metadata.user.password={}"],
    ],
    ids=lambda argv: argv[0][2:60],
)
@pytest.mark.parametrize("value", ["${ADMIN_PW}", "${no.such.name:${ADMIN_PW}}", "${between}"])
def test_unresolved_placeholder_in_a_secret(argv: list[str], value: str) -> None:
    given = [each.replace("{}", value) for each in argv]
    line = refusal(*given, "--between=${ADMIN_PW}")
    assert "the placeholder ${ADMIN_PW} is not resolved" in line
    name = argv[0][2:].partition("=")[0].replace("[", ".").replace("]", "")
    assert name in line
    assert "is not resolved" not in "".join(_outcome(*given, "--between=1", "--ADMIN_PW=x"))


def _outcome(*argv: str) -> tuple[str, ...]:
    try:
        return config.load(argv, {}).warnings
    except config.SettingsError as error:
        return (str(error),)


def test_brace_that_is_never_closed() -> None:
    """It is part of the password, as in Spring."""
    settings = config.load(["--spring.security.user.password=pa${ss"], {})
    assert settings.user_password is not None
    assert settings.user_password.get_secret_value() == "pa${ss"


# ---- text that is no UTF-8


@pytest.mark.parametrize("field", properties())
def test_value_that_is_no_utf_8(field: str) -> None:
    prop = properties()[field]
    fields = config.Settings.model_fields[field].annotation
    is_map = str(fields).startswith("dict")
    keys = (prop.keys or ("a",))[:1] if is_map else ()
    name = f"{prop.name}.{keys[0]}" if keys else prop.name
    line = refusal(f"--{name}={SECRET}\udcff")
    assert "UTF-8" in line
    assert SECRET not in line


# ---- encoded passwords


@pytest.mark.parametrize("names", PASSWORDS)
@pytest.mark.parametrize("value", ["x", "{noop}x", "${PW}", "${PREFIX}x"])
def test_plain_password(names: tuple[str, ...], value: str) -> None:
    settings = config.load(argv_of(value, *names), {"PW": "{noop}x", "PREFIX": "{noop}"})
    password = settings.user_password or settings.admin_password
    assert password is not None
    assert password.get_secret_value() == "x"


@pytest.mark.parametrize("names", PASSWORDS)
@pytest.mark.parametrize(
    "encoding", ["bcrypt", "pbkdf2", "scrypt", "argon2", "sha256", "NOOP", "my", "noop}{bcrypt"]
)
def test_encoded_password(names: tuple[str, ...], encoding: str) -> None:
    if encoding.startswith("noop}"):  # Spring compares the rest as it is
        settings = config.load(argv_of(f"{{{encoding}}}x", *names), {})
        password = settings.user_password or settings.admin_password
        assert password is not None
        assert password.get_secret_value() == "{bcrypt}x"
        return
    line = refusal(*argv_of(f"{{{encoding}}}{SECRET}", *names))
    assert "plain text, or {noop} and plain text" in line
    assert SECRET not in line


@pytest.mark.parametrize("names", PASSWORDS)
def test_nothing_behind_noop(names: tuple[str, ...]) -> None:
    assert "or neither" in refusal(*argv_of("{noop}", *names))


@pytest.mark.parametrize(
    "name",
    [
        *(names[0] for names in (*PASSWORDS, CLIENT_PASSWORD)),
        "spring.kafka.ssl.key-store-password",
        f"{BINDER}.configuration.sasl.jaas.config",
        f"{INPUT}.destination",
        "info.x",
        "spring.datasource.password",
        "some.one.else",
        "spring.profiles.active",
    ],
)
def test_value_to_be_decrypted(name: str) -> None:
    encrypted = f"{{cipher}}{SECRET}"
    for line in (
        refusal(f"--{name}={encrypted}"),
        refusal(**{name.upper().replace(".", "_").replace("-", ""): encrypted}),
    ):
        assert "is not allowed" in line
        assert SECRET not in line
