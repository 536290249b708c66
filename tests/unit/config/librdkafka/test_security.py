"""TLS and SASL as Spring users write them, in librdkafka's words; and no secret in any line."""

import pytest

import config
from config.errors import SettingsError
from tests.support.config.security import (
    KERBEROS,
    OAUTH,
    PLAIN,
    SCRAM,
    SECRET,
    argv,
    given_to_all,
    refusal,
)


@pytest.mark.parametrize(
    ("mechanism", "module"),
    [("PLAIN", PLAIN), ("plain", PLAIN), ("SCRAM-SHA-256", SCRAM), ("SCRAM-SHA-512", SCRAM)],
)
def test_name_and_password(mechanism: str, module: str) -> None:
    login = f'{module} required username="me" password="{SECRET} \\"x\\"";'
    for protocol in ("SASL_PLAINTEXT", "SASL_SSL"):
        assert given_to_all(
            argv(security__protocol=protocol, sasl__mechanism=mechanism, sasl__jaas__config=login)
        ) == {
            "security.protocol": protocol.lower(),
            "sasl.mechanism": mechanism.upper(),
            "sasl.username": "me",
            "sasl.password": f'{SECRET} "x"',
        }


@pytest.mark.parametrize(
    "given",
    [
        {"sasl__mechanism": "PLAIN"},
        {"ssl__truststore__location": "/none"},
        {"sasl__jaas__config": "x"},
    ],
)
def test_security_without_protocol(given: dict[str, str]) -> None:
    """Java drops these in silence; here PLAINTEXT has to be said."""
    with pytest.raises(SettingsError, match=r"has no effect without security\.protocol"):
        config.load(argv(**given), {})
    assert given_to_all(argv(**given, security__protocol="PLAINTEXT")) == {
        "security.protocol": "plaintext"
    }


@pytest.mark.parametrize(
    "arguments",
    [
        [
            "--spring.kafka.jaas.enabled=true",
            f"--spring.kafka.jaas.login-module={PLAIN}",
            "--spring.kafka.jaas.options.username=me",
            f"--spring.kafka.jaas.options.password={SECRET}",
        ],
        [
            f"--spring.cloud.stream.kafka.binder.jaas.loginModule={PLAIN}",
            "--spring.cloud.stream.kafka.binder.jaas.options.username=me",
            f"--spring.cloud.stream.kafka.binder.jaas.options.password={SECRET}",
        ],
    ],
)
def test_springs_own_logins(arguments: list[str]) -> None:
    sasl = argv(security__protocol="SASL_PLAINTEXT", sasl__mechanism="PLAIN")
    assert given_to_all([*sasl, *arguments])["sasl.password"] == SECRET
    login = f'{PLAIN} required username="other" password="{SECRET}";'
    assert (
        given_to_all([*sasl, *arguments, *argv(sasl__jaas__config=login)])["sasl.username"]
        == "other"
    )


def test_boot_jaas_login_must_be_enabled() -> None:
    arguments = [
        f"--spring.kafka.jaas.login-module={PLAIN}",
        "--spring.kafka.jaas.options.username=me",
    ]
    line = refusal([*arguments, *argv(security__protocol="SASL_SSL", sasl__mechanism="PLAIN")])
    assert "has no effect without spring.kafka.jaas.enabled: set it to true, or to false" in line


@pytest.mark.parametrize(
    ("mechanism", "login", "words"),
    [
        ("GSSAPI", f'{KERBEROS} required keyTab="/k";', "Kerberos needs libraries"),
        ("", "", "Kerberos needs libraries"),
        ("PLAIN", f"{KERBEROS} required;", "Kerberos needs libraries"),
        (
            "AWS_MSK_IAM",
            "software.amazon.msk.auth.iam.IAMLoginModule required;",
            "usable mechanisms are PLAIN, SCRAM-SHA-256",
        ),
        ("PLAIN", "", "set sasl.jaas.config beside it"),
        (
            "PLAIN",
            f'{SCRAM} required username="u" password="{SECRET}";',
            f"PLAIN goes with {PLAIN}, not {SCRAM}",
        ),
        ("PLAIN", f'my.own.Module required password="{SECRET}";', "not my.own.Module"),
        ("PLAIN", f'"{SECRET}" required username="u" password="p";', "not another text"),
        *(
            (
                mechanism,
                f'{module} required username="u" password="vault:x" clientId="c" clientSecret="s";',
                f"not {module}",
            )
            for mechanism, simple in (
                ("PLAIN", "PlainLoginModule"),
                ("SCRAM-SHA-256", "ScramLoginModule"),
                ("OAUTHBEARER", "OAuthBearerLoginModule"),
            )
            for module in (simple, f"com.acme.vault.{simple}")
        ),
        ("PLAIN", f'{PLAIN} required username="u" password={SECRET};x;', "text follows"),
        (
            "PLAIN",
            f'{PLAIN} required username="u" password="{SECRET}"',
            "the semicolon at its end is missing",
        ),
        ("PLAIN", f'{PLAIN} required password="{SECRET}";', "it needs username and password"),
        (
            "SCRAM-SHA-512",
            f'{SCRAM} required username="u" password="{SECRET}" tokenauth="true";',
            "delegation tokens",
        ),
        (
            "OAUTHBEARER",
            f'{OAUTH} required clientId="u" clientSecret="{SECRET}";',
            "set sasl.oauthbearer.token.endpoint.url",
        ),
    ],
)
def test_impossible_login_fails(mechanism: str, login: str, words: str) -> None:
    assert words in refusal(
        argv(security__protocol="SASL_SSL", sasl__mechanism=mechanism, sasl__jaas__config=login)
    )


def test_check_of_host_names() -> None:
    assert given_to_all(argv(security__protocol="SSL")) == {"security.protocol": "ssl"}
    for value in ("", "none"):
        given = given_to_all(
            argv(security__protocol="SSL", ssl__endpoint__identification__algorithm=value)
        )
        assert given["ssl.endpoint.identification.algorithm"] == "none"


@pytest.mark.parametrize(
    ("java", "openssl"),
    [
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
        (
            "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_AES_128_GCM_SHA256",
            "ECDHE-ECDSA-AES256-GCM-SHA384",
        ),
        ("TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"),
        ("TLS_DHE_RSA_WITH_AES_256_GCM_SHA384", "DHE-RSA-AES256-GCM-SHA384"),
        ("TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "ECDHE-RSA-AES256-SHA384"),
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", "AES128-GCM-SHA256"),
    ],
)
def test_cipher_suites(java: str, openssl: str) -> None:
    assert (
        given_to_all(argv(security__protocol="SSL", ssl__cipher__suites=java))["ssl.cipher.suites"]
        == openssl
    )
