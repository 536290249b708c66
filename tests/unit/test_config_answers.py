"""Three answers for whatever is set: honoured, refused in one line, or reported once; values of unknown names are never shown."""

import base64
import datetime as dt
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

import config
from actuator.app import exposed
from config import kafka, reference, report, springnames
from config.errors import SettingsError
from config.names import uniform
from config.verdict import Verdict

INPUT = "spring.cloud.stream.bindings.input"
KAFKA_INPUT = "spring.cloud.stream.kafka.bindings.input.consumer"
KAFKA_OUTPUT = "spring.cloud.stream.kafka.bindings.output.producer"
BINDER = "spring.cloud.stream.kafka.binder"
SECRET = "hunter2hunter2"  # noqa: S105 - planted


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def refusal(*argv: str, **environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        config.load(argv, environ)
    assert str(caught.value).isprintable()
    return str(caught.value)


# ---- E6: security that is asked for


@pytest.mark.parametrize(
    "argv",
    [
        ("--spring.cloud.streamapp.security.admin-user=joe", "--spring.cloud.streamapp.security.admin-password="),
        ("--spring.cloud.streamapp.security.admin-user=joe",),
        ("--spring.cloud.streamapp.security.admin-user=", "--spring.cloud.streamapp.security.admin-password=x"),
        ("--spring.cloud.streamapp.security.admin-password=x",),
        ("--spring.security.user.name=joe", "--spring.security.user.password=${PW:}"),
        ("--spring.security.user.name=joe",),
        ("--spring.security.user.password=",),
        ("--spring.boot.admin.client.username=joe", "--spring.boot.admin.client.password="),
    ],
)
def test_user_without_a_password(argv: tuple[str, ...]) -> None:
    assert "or neither" in refusal(*argv)


def test_empty_kafka_password() -> None:
    login = 'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="";'
    argv = (f"{BINDER}.configuration.security.protocol=SASL_SSL", f"{BINDER}.configuration.sasl.mechanism=PLAIN")
    line = refusal(*(f"--{each}" for each in (*argv, f"{BINDER}.configuration.sasl.jaas.config={login}")))
    assert "neither of them empty" in line


@pytest.mark.parametrize(
    "name",
    [
        "server.ssl.key-store",
        "server.ssl.bundle",
        "management.server.ssl.certificate",
        "spring.ssl.bundle.pem.x.keystore.certificate",
        "spring.kafka.ssl.bundle",
        "spring.kafka.consumer.ssl.bundle",
        "spring.security.oauth2.resourceserver.jwt.issuer-uri",
        "management.endpoint.health.roles",
        "spring.cloud.config.uri",
        "spring.cloud.vault.uri",
    ],
)
def test_security_and_sources_are_never_dropped(name: str) -> None:
    refusal(f"--{name}=x")
    refusal(**{name.upper().replace(".", "_").replace("-", "_"): "x"})


# ---- E12, E13, E18: names


def test_every_name_of_the_metadata_has_an_answer() -> None:
    answers = {name: reference.answer_of(name) for name, _ in springnames.known_names()}
    assert len(answers) > 2900
    assert {verdict for verdict, _ in answers.values()} == {"honoured", "ignored", "needless", "refused"}
    for name, (verdict, why) in answers.items():
        assert verdict == "honoured" or why, name
        if ".ssl." in f"{name}." and name.startswith(("server.", "management.server.", "spring.ssl.", "spring.kafka.")):
            assert verdict in {"honoured", "refused", "needless"}, name


@pytest.mark.parametrize(
    "prefix", ["server", "management", "logging", "spring.main", "spring.datasource", "spring.kafka", "spring.cloud.stream"]
)
def test_loader_answers_as_the_table_says(prefix: str) -> None:
    names = [name for name, _ in springnames.known_names() if name.startswith(f"{prefix}.")][::7]
    assert names
    for name in names:
        verdict, _ = reference.answer_of(name)
        argument = f"--{name}=17"
        if verdict == Verdict.REFUSED:
            refusal(argument)
        elif verdict == Verdict.IGNORED:
            assert [line for line in config.load([argument], {}).warnings if name in line], name
        elif verdict == Verdict.NEEDLESS:
            assert not config.load([argument], {}).warnings, name


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("management.endpoint.health.show-detail", "management.endpoint.health.show-details"),
        ("logging.structured.format.consol", "logging.structured.format.console"),
        ("spring.lifecycle.timeout-per-shutdown-phas", "spring.lifecycle.timeout-per-shutdown-phase"),
        ("spring.datasource.urll", "spring.datasource.url"),
    ],
)
def test_misspelt_name(written: str, meant: str) -> None:
    [warning] = config.load([f"--{written}={SECRET}"], {}).warnings
    assert warning == f"{written} (the command line) is ignored: there is no such property; did you mean {meant}?"


@pytest.mark.parametrize(
    "written",
    [
        *("server.prot", "spring.boot.admin.client.urls", "spring.security.user.pasword", "spring.kafka.bootstrap-server"),
        *("spring.kafka.security.protocl", "spring.kafka.ssl.trust-store-locatoin", "management.endpoints.web.exposure.includes"),
        *("spring.cloud.streamapp.security.admin-pasword", "spring.cloud.stream.kafka.binder.broker", "spring.config.imports"),
        *("server.ssl.enabeld", "spring.cloud.stream.kafka.binder.configuration.ssl.truststore.locatoin"),
        *("spring.kafka.properties.sasl.mechansim", "spring.kafka.properties.security.protocoll"),
        *(f"{INPUT}.destinaton", f"{INPUT}.gruop", "spring.cloud.stream.bindings.orders.destination", f"{KAFKA_INPUT}.dlq-nam"),
    ],
)
def test_misspelt_security_or_address(written: str) -> None:
    """What is nearly a name about security, an address or a place of settings is refused."""
    assert "is not allowed" in refusal(f"--{written}={SECRET}")


@pytest.mark.parametrize("binding", ["uppercase-in-0", "in-in-0", "a.b-in-12"])
@pytest.mark.parametrize("rest", ["destination", "group"])
def test_address_of_a_functional_binding(binding: str, rest: str) -> None:
    name = f"spring.cloud.stream.bindings.{binding}.{rest}"
    line = f"{name} (the command line) is {{}}: the bindings here are called input and output: set {INPUT}.{rest}"
    assert refusal(f"--{name}=x") == line.format("not allowed")
    assert config.load([f"--{name}=x", f"--{INPUT}.{rest}=y"], {}).warnings == (line.format("ignored"),)
    assert f"set {INPUT}.{rest}" in refusal(**{name.upper().replace(".", "_").replace("-", "_"): "x"})
    assert f"set {INPUT}.{rest}" in refusal(**{name.upper().replace(".", "_").replace("-", ""): "x"})


def test_other_settings_of_a_functional_binding() -> None:
    [warning] = config.load(["--spring.cloud.stream.bindings.f-in-0.consumer.max-attempts=2"], {}).warnings
    assert warning.endswith(f"is ignored: the bindings here are called input and output: set {INPUT}.consumer.max-attempts")
    for rest in ("consumer.configuration.security.protocol", "consumer.dlq-name"):
        assert f"set {INPUT.replace('stream', 'stream.kafka')}.{rest}" in refusal(
            f"--spring.cloud.stream.kafka.bindings.f-in-0.{rest}=SSL"
        )


def test_names_for_functional_bindings() -> None:
    name = "--spring.cloud.stream.function.bindings.f"
    assert config.load([f"{name}-in-0=input", f"{name}-out-0=output"], {}).warnings == ()
    assert "called input and output" in refusal(f"{name}-in-0=orders")


def test_unknown_charset_of_a_binding() -> None:
    for binding in ("input", "output"):
        name = f"spring.cloud.stream.bindings.{binding}.content-type"
        assert name in refusal(f"--{name}=text/plain;charset=nope")
        assert config.load([f"--{name}=text/plain;charset=latin1"], {}).warnings == ()


def test_cors_is_reported_once() -> None:
    argv = [f"--management.endpoints.web.cors.{each}=*" for each in ("allowed-origins", "allowed-methods")]
    for warning, argument in zip(config.load(argv, {}).warnings, argv, strict=True):
        assert warning.startswith(argument[2:-2])
        assert "browsers get no CORS headers" in warning


@pytest.mark.parametrize("list_of", ["include", "exclude"])
def test_exposure_ids(list_of: str) -> None:
    """Spring Boot's ids have inner capitals or dashes; one of an endpoint that is not here is reported once."""
    name = f"management.endpoints.web.exposure.{list_of}"
    known = ["threadDump", "thread-dump", "threaddump", "config-props", "HEALTH", "*"]
    assert config.load([f"--{name}={','.join(known)}"], {}).warnings == ()
    [warning] = config.load([f"--{name}=health,beans,threadDump"], {}).warnings
    assert warning.startswith(f'{name}: "beans" has no effect: there is no such endpoint here; there are bindings, ')
    included = config.load(["--management.endpoints.web.exposure.include=thread-Dump,configProps"], {})
    assert [exposed(each, included) for each in ("threaddump", "configprops", "health")] == [True, True, False]


@pytest.mark.parametrize(
    "name",
    [
        "management.metrics.export.prometheus.rsocket.enabled",
        "management.influx.metrics.export.enabled",
        "management.metrics.export.wavefront.enabled",
        "management.wavefront.api-token",
    ],
)
def test_metrics_that_are_to_be_pushed(name: str) -> None:
    [warning] = config.load([f"--{name}=true"], {}).warnings
    assert "nothing is pushed" in warning
    if name.endswith("enabled"):
        assert config.load([f"--{name}=false"], {}).warnings == ()


def test_many_unknown_names_take_no_time() -> None:
    began = time.process_time()
    config.load([f"--spring.nope{n}.x{n}=1" for n in range(3000)], {})
    assert time.process_time() - began < 20


# ---- F4: what is shown


@pytest.mark.parametrize(
    "name",
    [
        "spring.kafka.properties.basic.auth.user.info",
        f"{BINDER}.configuration.my.pwd",
        f"{BINDER}.configuration.schema.registry.thing",
        "spring.kafka.consumer.properties.foo",
        "spring.whatever.thing",
        "python-processor.unknown",
        "management.unknown",
        "spring.rabbitmq.thing",
    ],
)
def test_value_of_an_unknown_name_is_not_shown(name: str) -> None:
    settings = config.load([f"--{name}={SECRET}"], {})
    said = [*settings.warnings, *settings.notices, *report.lines(settings), *report.changed_lines(settings), repr(settings)]
    assert SECRET not in "\n".join(said)


@pytest.mark.parametrize(
    "name",
    ["server.port", f"{INPUT}.group", f"{INPUT}.destination", "spring.kafka.client-id", "info.a", "management.metrics.tags.a"],
)
@pytest.mark.parametrize("value", ["${db.password}", "x${db.password}y", "${indirect}"])
def test_secret_in_a_wrong_property_is_masked(name: str, value: str) -> None:
    argv = [f"--{name}={value}", f"--db.password={SECRET}", "--indirect=${db.password}"]
    try:
        settings = config.load(argv, {})
    except SettingsError as error:
        assert SECRET not in str(error)  # noqa: PT017 - any line will do
        return
    said = [*settings.warnings, *settings.notices, *report.lines(settings), *report.changed_lines(settings), repr(settings)]
    assert SECRET not in "\n".join(said)


# ---- E9, E24: groups and topics


@pytest.mark.parametrize("group", ["orders:v1", "team/a", "x" * 245, 'say "hi"'])
def test_group_that_is_no_part_of_a_topic_name(group: str) -> None:
    settings = config.load([f"--{INPUT}.group={group}"], {})
    [warning] = settings.warnings
    assert "there are no dead letters" in warning
    assert (settings.input_group, settings.dead_letter_topic("input")) == (group, None)
    assert config.load([f"--{INPUT}.group={group}", f"--{KAFKA_INPUT}.dlq-name=dead"], {}).warnings == ()
    assert "is no topic name" in refusal(f"--{INPUT}.group={group}", f"--{KAFKA_INPUT}.enable-dlq=true")


def test_topic_name_is_refused_before_the_start() -> None:
    assert "'a b' is no topic name" in refusal(f"--{INPUT}.destination=a b")
    assert "'a/b' is no topic name" in refusal("--spring.cloud.stream.bindings.output.destination=a/b")


def test_message_key_expression() -> None:
    assert str(config.load([f"--{KAFKA_OUTPUT}.messageKeyExpression=headers['id']"], {}).message_key_expression) == "headers['id']"
    refusal(f"--{KAFKA_OUTPUT}.messageKeyExpression=T(java.lang.System).exit(0)")


def test_dead_letter_name_with_a_pattern() -> None:
    argv = [f"--{KAFKA_INPUT}.destination-is-pattern=true", f"--{KAFKA_INPUT}.dlq-name=dead", f"--{INPUT}.destination=a.*"]
    assert "dlq-name is ignored" in "".join(config.load(argv, {}).warnings)


# ---- E10, E11, E15, E16: single properties


def test_what_is_done_in_any_case_is_accepted() -> None:
    assert config.load([f"--{INPUT}.consumer.headerMode=none"], {"BYTEWAX_DATAFLOW_API_ENABLED": "0"}).warnings == ()
    refusal(BYTEWAX_DATAFLOW_API_ENABLED="1")
    refusal(f"--{KAFKA_OUTPUT}.headerPatterns=!secret,*")


def test_members_of_health_groups() -> None:
    name = "management.endpoint.health.group.readiness.include"
    assert config.load([f"--{name}=readinessState,binders/kafka"], {}).warnings == ()
    assert '"db"' in refusal(f"--{name}=readinessState,binders/kafka,db")


@pytest.mark.parametrize(
    "argument",
    [
        "logging.level.foo=bogus",
        "management.endpoints.web.path-mapping.health=<x",
        "management.endpoints.web.base-path=/<path:x>/",
        "server.servlet.context-path=/a b",
        f"{KAFKA_INPUT}.destination-is-pattern=true",
    ],
)
def test_odd_value_is_one_line(argument: str) -> None:
    refusal(f"--{argument}", f"--{INPUT}.destination={'(' * 3000 + ')' * 3000}")


def test_level_off_as_yaml_has_it() -> None:
    assert config.load(["--logging.level.foo=false", "--logging.level.root=OFF"], {}).logging_levels == {
        "foo": "off",
        "root": "off",
    }


@pytest.mark.parametrize(
    ("name", "value", "native", "given"),
    [
        ("max.poll.interval.ms", "2147483647", "max.poll.interval.ms", 86_400_000),
        ("request.timeout.ms", "305000", "socket.timeout.ms", 300_000),
        ("connections.max.idle.ms", "-1", "connections.max.idle.ms", 0),
        ("connections.max.idle.ms", "9223372036854775807", "connections.max.idle.ms", 2_147_483_647),
        ("metadata.max.age.ms", "86400000", "topic.metadata.refresh.interval.ms", 3_600_000),
        ("fetch.min.bytes", "2147483647", "fetch.min.bytes", 100_000_000),
        ("retry.backoff.ms", "0", "retry.backoff.ms", 1),
    ],
)
def test_numbers_outside_the_clients_range(name: str, value: str, native: str, given: int) -> None:
    settings = config.load([f"--{BINDER}.consumer-properties.{name}={value}"], {})
    assert kafka.consumer_config(settings)[native] == given
    assert bool(settings.warnings) == (int(value) > given)


def test_damaged_certificate(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    der = builder.not_valid_before(now).not_valid_after(now).sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    protocol = "--spring.kafka.security.protocol=SSL"
    for at in range(0, len(der), 3):
        damaged = der[:at] + bytes([der[at] ^ 0xFF]) + der[at + 1 :]
        pem = b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(damaged) + b"-----END CERTIFICATE-----\n"
        (tmp_path / "ca.pem").write_bytes(pem)
        try:
            kafka.consumer_config(config.load([protocol, f"--spring.kafka.ssl.trust-store-location={tmp_path}/ca.pem"], {}))
        except SettingsError as error:
            assert "cannot be used" in str(error)  # noqa: PT017 - a line, whatever is damaged


# ---- E21: logins

OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"


def sasl(mechanism: str, login: str) -> list[str]:
    prefix = f"--{BINDER}.configuration"
    return [f"{prefix}.security.protocol=SASL_SSL", f"{prefix}.sasl.mechanism={mechanism}", f"{prefix}.sasl.jaas.config={login}"]


def test_strimzis_options() -> None:
    login = (
        f'{OAUTH} required oauth.client.id="c" oauth.client.secret="s" oauth.token.endpoint.uri="https://t/token" oauth.scope="x";'
    )
    given = kafka.consumer_config(config.load(sasl("OAUTHBEARER", login), {}))
    assert (given["sasl.oauthbearer.client.id"], given["sasl.oauthbearer.scope"]) == ("c", "x")
    assert given["sasl.oauthbearer.token.endpoint.url"] == "https://t/token"
    assert "oauth.refresh.token" in refusal(*sasl("OAUTHBEARER", f'{OAUTH} required oauth.refresh.token="r";'))


def test_amazons_mechanism() -> None:
    line = refusal(*sasl("AWS_MSK_IAM", "software.amazon.msk.auth.iam.IAMLoginModule required;"))
    assert "SCRAM-SHA-512" in line


# ---- E19, G4: the command line


@pytest.mark.parametrize(
    "word", ["reversestring=true", "-reversestring=true", "-Dserver.port=1", f"password={SECRET}", SECRET, "-x"]
)
def test_word_without_dashes(word: str) -> None:
    line = refusal("--server.port=1", word)
    assert "argument 2 of the command line is no option" in line
    assert SECRET not in line


def test_options_of_a_java_command() -> None:
    assert config.load(["-Xmx1g", "-Dserver.port=81", "-jar", "/x.jar", "--info.a=1"], {}).server_port == 81


def test_report_of_what_differs() -> None:
    lines = report.changed_lines(config.load(["--server.port=81"], {}))
    assert lines[1:] == ["  server.port = 81 (the command line)"]


def test_version_is_that_of_the_project() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    assert f'version = "{reference.VERSION}"' in text
    assert reference.VERSION in reference.version_text()


def test_page_of_all_names() -> None:
    page = Path(__file__).parents[2] / "docs" / "spring-names.md"
    assert page.read_text() == reference.names_page() + "\n", "run: make docs"
    assert uniform("server.port") in {uniform(name) for name, _ in springnames.known_names()}
