"""Three answers for whatever is set: honoured, refused in one line, or reported once.

Values of unknown names are never shown.
"""

import time
from pathlib import Path

import pytest

import config
from actuator.app import exposed
from config import report
from config.reference.help import VERSION, version_text
from config.reference.spring_names_page import answer_of, names_page
from config.spring.names import uniform
from config.support import Support
from config.unsupported import spring_names
from tests.support.config.refusals import BINDER, refusal

# ---- security that is asked for


@pytest.mark.parametrize(
    "argv",
    [
        (
            "--spring.cloud.streamapp.security.admin-user=joe",
            "--spring.cloud.streamapp.security.admin-password=",
        ),
        ("--spring.cloud.streamapp.security.admin-user=joe",),
        (
            "--spring.cloud.streamapp.security.admin-user=",
            "--spring.cloud.streamapp.security.admin-password=x",
        ),
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
    login = (
        'org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="";'
    )
    argv = (
        f"{BINDER}.configuration.security.protocol=SASL_SSL",
        f"{BINDER}.configuration.sasl.mechanism=PLAIN",
    )
    line = refusal(
        *(f"--{each}" for each in (*argv, f"{BINDER}.configuration.sasl.jaas.config={login}"))
    )
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
def test_security_settings_are_never_dropped(name: str) -> None:
    refusal(f"--{name}=x")
    refusal(**{name.upper().replace(".", "_").replace("-", "_"): "x"})


# ---- names


def test_metadata_names_are_all_answered() -> None:
    answers = {name: answer_of(name) for name, _ in spring_names.known_names()}
    assert len(answers) > 2900
    assert {verdict for verdict, _ in answers.values()} == {
        "honoured",
        "ignored",
        "needless",
        "refused",
    }
    for name, (verdict, why) in answers.items():
        assert verdict == "honoured" or why, name
        if ".ssl." in f"{name}." and name.startswith(
            ("server.", "management.server.", "spring.ssl.", "spring.kafka.")
        ):
            assert verdict in {"honoured", "refused", "needless"}, name


@pytest.mark.parametrize(
    "prefix",
    [
        "server",
        "management",
        "logging",
        "spring.main",
        "spring.datasource",
        "spring.kafka",
        "spring.cloud.stream",
    ],
)
def test_loader_follows_the_table(prefix: str) -> None:
    names = [name for name, _ in spring_names.known_names() if name.startswith(f"{prefix}.")][::7]
    assert names
    for name in names:
        verdict, _ = answer_of(name)
        argument = f"--{name}=17"
        if verdict == Support.REJECTED:
            refusal(argument)
        elif verdict == Support.IGNORED:
            assert [line for line in config.load([argument], {}).warnings if name in line], name
        elif verdict == Support.NO_EFFECT:
            assert not config.load([argument], {}).warnings, name


def test_unknown_binding_charset() -> None:
    for binding in ("input", "output"):
        name = f"spring.cloud.stream.bindings.{binding}.content-type"
        assert name in refusal(f"--{name}=text/plain;charset=nope")
        assert config.load([f"--{name}=text/plain;charset=latin1"], {}).warnings == ()


def test_cors_is_reported_once() -> None:
    argv = [
        f"--management.endpoints.web.cors.{each}=*"
        for each in ("allowed-origins", "allowed-methods")
    ]
    for warning, argument in zip(config.load(argv, {}).warnings, argv, strict=True):
        assert warning.startswith(argument[2:-2])
        assert "browsers get no CORS headers" in warning


@pytest.mark.parametrize("list_of", ["include", "exclude"])
def test_exposure_ids_may_be_spelt_either_way(list_of: str) -> None:
    """Spring Boot's ids have inner capitals or dashes.

    One of an endpoint that is not here is reported once.
    """
    name = f"management.endpoints.web.exposure.{list_of}"
    known = ["threadDump", "thread-dump", "threaddump", "config-props", "HEALTH", "*"]
    assert config.load([f"--{name}={','.join(known)}"], {}).warnings == ()
    [warning] = config.load([f"--{name}=health,beans,threadDump"], {}).warnings
    assert warning.startswith(
        f'{name}: "beans" has no effect: there is no such endpoint here; there are bindings, '
    )
    included = config.load(
        ["--management.endpoints.web.exposure.include=thread-Dump,configProps"], {}
    )
    assert [exposed(each, included) for each in ("threaddump", "configprops", "health")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    "name",
    [
        "management.metrics.export.prometheus.rsocket.enabled",
        "management.influx.metrics.export.enabled",
        "management.metrics.export.wavefront.enabled",
        "management.wavefront.api-token",
    ],
)
def test_pushed_metrics(name: str) -> None:
    [warning] = config.load([f"--{name}=true"], {}).warnings
    assert "nothing is pushed" in warning
    if name.endswith("enabled"):
        assert config.load([f"--{name}=false"], {}).warnings == ()


def test_many_unknown_names_take_no_time() -> None:
    began = time.process_time()
    config.load([f"--spring.nope{n}.x{n}=1" for n in range(3000)], {})
    assert time.process_time() - began < 20


def test_options_of_a_java_command() -> None:
    assert (
        config.load(["-Xmx1g", "-Dserver.port=81", "-jar", "/x.jar", "--info.a=1"], {}).server_port
        == 81
    )


def test_report_of_what_differs() -> None:
    lines = report.changed_lines(config.load(["--server.port=81"], {}))
    assert lines[1:] == ["  server.port = 81 (the command line)"]


def test_version_is_the_projects() -> None:
    text = (Path(__file__).parents[4] / "pyproject.toml").read_text()
    assert f'version = "{VERSION}"' in text
    assert VERSION in version_text()


def test_property_page_is_current() -> None:
    page = Path(__file__).parents[4] / "docs" / "spring-names.md"
    assert page.read_text() == names_page() + "\n", "run: make docs"
    assert uniform("server.port") in {uniform(name) for name, _ in spring_names.known_names()}
