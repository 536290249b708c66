"""One rule masks secrets in errors, warnings and the report of --check."""

import json

import pytest

import config
from config.errors import SettingsError, mask_text
from config.report import changed_lines, lines, warning_lines
from config.secrets import is_secret_name
from tests.support.config.refusals import BINDER, INPUT, KAFKA_INPUT, refusal

SECRET = "hunter2xyz"  # noqa: S105 - planted
OUTPUT = "spring.cloud.stream.bindings.output"
METADATA = "spring.boot.admin.client.instance.metadata"
ADDRESSES = [
    f"kafka://user:{SECRET}@host/topic",
    f"https://{SECRET}@host/g",
    f"user:{SECRET}@host:1",
    f"orders?password={SECRET}",
    f"orders;SharedAccessKey={SECRET}=",
    f"Endpoint=sb://host/;SharedAccessKeyName=r;SharedAccessKey={SECRET}=;EntityPath=x",
    f"AccountName=a;AccountKey={SECRET}",
    f"DB_PASS:{SECRET}",
    f"Bearer {SECRET}",
]


def said(*argv: str, environ: dict[str, str] | None = None) -> str:
    """What the user reads of settings: the error, or warnings, notices and report."""
    try:
        settings = config.load(argv, environ or {})
    except SettingsError as error:
        return str(error)
    found = [*warning_lines(settings), *settings.warnings, *settings.notices]
    return "\n".join([*found, *changed_lines(settings), *lines(settings), repr(settings)])


# ---- secrets inside values


@pytest.mark.parametrize("value", ADDRESSES)
@pytest.mark.parametrize(
    "argv",
    [
        (f"--{OUTPUT}.destination={{}}",),
        (f"--{INPUT}.destination={{}}",),
        (f"--{INPUT}.destination={{}}(", f"--{KAFKA_INPUT}.destination-is-pattern=true"),
        (f"--{INPUT}.destination={{}}\\d", f"--{KAFKA_INPUT}.destination-is-pattern=true"),
        (f"--{KAFKA_INPUT}.dlq-name={{}}", f"--{INPUT}.group=g"),
        (f"--{INPUT}.group={{}}",),
        (f"--{INPUT}.group={{}}", f"--{KAFKA_INPUT}.enable-dlq=true"),
        (f"--{INPUT}.group={'g' * 200} {{}}",),
        ("--function={}",),
        ("--function=reverse:reverse?{}",),
        (f"--{BINDER}.brokers={{}}",),
        ("--python-processor.function-path={}",),
        ("--management.endpoints.web.exposure.include={}",),
        ("--management.endpoint.health.group.a.include={}",),
        ("--info.x={}",),
        ("--management.metrics.tags.x={}",),
        ("--server.port={}",),
        ("--spring.cloud.stream.default-binder={}",),
    ],
    ids=lambda argv: argv[0][2:50],
)
def test_secret_part_of_value_is_masked(argv: tuple[str, ...], value: str) -> None:
    assert SECRET not in said(*(each.format(value) for each in argv))


@pytest.mark.parametrize("value", ADDRESSES)
def test_secret_part_of_text_is_masked(value: str) -> None:
    assert SECRET not in mask_text(f"x: {value!r} is no y")
    assert SECRET not in str(SettingsError(f'x: "{value}" is no y'))


@pytest.mark.parametrize(
    "text",
    [
        "spring.security.user.password (the command line) is not allowed: write --x.password=...",
        'server.port: "x" (environment variable SERVER_PORT) is not allowed; allowed is 0',
        "key.serializer=a.B sasl.login.class=x max.in.flight.requests.per.connection=5",
        "set spring.x.ssl: see https://host:80/docs, or a:b",
        "5 MB at 12:30",
    ],
)
def test_plain_text_is_left(text: str) -> None:
    assert mask_text(text) == text


# ---- words and names of the command line


@pytest.mark.parametrize(
    "word", [SECRET, f"{SECRET}==", f"x={SECRET}", f"-p{SECRET}", f"a.{SECRET}="]
)
@pytest.mark.parametrize("before", ["--spring.security.user.password", "--server.port=1"])
def test_bare_word_is_never_shown(before: str, word: str) -> None:
    line = refusal(before, word)
    assert "argument 2 of the command line is no option" in line
    assert SECRET not in line


@pytest.mark.parametrize("sign", [":", ": ", ":=", " ", ";"])
@pytest.mark.parametrize(
    "name",
    [
        "spring.security.user.password",
        "spring.kafka.ssl.key-store-password",
        "spring.kafka.ssl.keyStorePasword",
        "db.password",
        "some.foreign.name",
        "spring.some.name",
        "spring.cloud.stream.binders.b.thing",
        f"{INPUT}.destination[0]",
    ],
)
def test_name_ends_at_its_colon(name: str, sign: str) -> None:
    assert SECRET not in said(f"--{name}{sign}{SECRET}")
    document = json.dumps({f"{name}{sign}{SECRET}": "x"})
    assert SECRET not in said(environ={"SPRING_APPLICATION_JSON": document})


# ---- values of secret names


@pytest.mark.parametrize(
    "name",
    [
        "info.db.pass",
        "info.dbPass",
        "info.auth",
        "info.auth.value",
        "info.login",
        "info.dsn",
        "info.x.pin",
        "info.cookie",
        "info.connection",
        "info.connection-string",
        "info.private",
        f"{METADATA}.user.pass",
        f"{METADATA}.auth",
        "info.config.providers.vault.param.role",
    ],
)
def test_secret_name_masks_its_value(name: str) -> None:
    text = said(f"--{name}={SECRET}")
    assert SECRET not in text
    assert f"{name} = ******" in text


@pytest.mark.parametrize(
    "name",
    [
        *("key.serializer", "sasl.login.class", "connections.max.idle.ms", "PWD", "OLDPWD"),
        *("max.in.flight.requests.per.connection", "spring.kafka.ssl.key-store-location"),
        *("vcap.services.k.credentials.brokers", "author", "info.x.mapping", "info.keyboard"),
    ],
)
def test_other_names_are_no_secrets(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "secret",
    [
        "DB_PASS",
        "db.password",
        "vcap.services.k.credentials.pass",
        "vcap.services.k.credentials.thing",
        "app.secrets.first",
        "auth.value",
        "my.pin",
    ],
)
@pytest.mark.parametrize(
    "argv",
    [
        f"--{INPUT}.group=x-${{NAME}}",
        f"--{INPUT}.group=x-{SECRET}-y",
        f"--{BINDER}.brokers=${{NAME}}!",
        f"--{OUTPUT}.destination=/{SECRET}",
        f"--function=reverse:{SECRET}",
        "--info.a=${NAME}",
        f"--info.a={SECRET}",
        f"--info.{SECRET}=1",
        f"--spring.unknown.{SECRET}=1",
        f"--server.port={SECRET}",
        f"--management.metrics.tags.a=x{SECRET}",
    ],
)
def test_set_secret_is_masked_elsewhere(argv: str, secret: str) -> None:
    argument = argv.replace("NAME", secret)
    for written in ([f"--{secret}={SECRET}"], [f"--{secret}=${{a.b}}", f"--a.b={SECRET}"]):
        assert SECRET not in said(argument, *written)
    document = json.dumps({secret: SECRET})
    assert SECRET not in said(argument, environ={"SPRING_APPLICATION_JSON": document})


@pytest.mark.parametrize("secret", ["pa\\ss'w\"ord1", "two\nlines", "tab\there", "päss-w0rd"])
@pytest.mark.parametrize("name", [f"{OUTPUT}.destination", "server.port", f"{INPUT}.group"])
def test_secret_with_escapes_is_masked(name: str, secret: str) -> None:
    text = said(f"--{name}=x {secret} y", f"--db.password={secret}")
    for form in (secret, repr(secret)[1:-1], secret.encode("unicode_escape").decode()):
        assert form not in text


@pytest.mark.parametrize("length", range(100, 122))
@pytest.mark.parametrize("name", ["server.port", f"{INPUT}.group"])
def test_beginning_of_a_secret_is_masked(name: str, length: int) -> None:
    """Where a long value is cut, a part of the secret would be left."""
    text = said(f"--{name}={'/' * length}{SECRET}", f"--db.password={SECRET}")
    assert SECRET[:3] not in text


def test_password_of_a_url_is_masked_elsewhere() -> None:
    text = said(f"--{INPUT}.group=g-{SECRET}", f"--x.url=http://u:{SECRET}@host/")
    assert f"{INPUT}.group = g-******" in text
    assert SECRET not in text


@pytest.mark.parametrize("secret", ["true", "8080", "kafka", "input", "abc", "wrong"])
def test_words_of_names_are_not_masked(secret: str) -> None:
    """Masking them in every line would reveal them, and hide the names."""
    text = said("--server.port=8080", f"--{INPUT}.group=abcd", f"--db.password={secret}")
    assert f"{INPUT}.group = abcd" in text
    assert "server.port = 8080" in text


def test_own_property_with_secret_name(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("functions")
    (folder / "own_secret.py").write_text(
        "from python_processor import Properties, option\n\n\n"
        "class Options(Properties):\n"
        '    db_pass: str = option("", "A password.")\n'
        '    greeting: str = option("", "A word.")\n\n\n'
        "def run(value: bytes, options: Options) -> bytes:\n    return value\n"
    )
    argv = ["--function=own_secret:run", f"--python-processor.function-path={folder}"]
    text = said(*argv, f"--db-pass={SECRET}", "--greeting=hello")
    assert SECRET not in text
    assert "db-pass = ******" in text
    assert "greeting = hello" in text
    assert "write greeting=..." in said(*argv, "--greeting:hello")
    assert "the placeholder ${NOPE} is not resolved" in refusal(*argv, "--db-pass=${NOPE}")
