"""TLS and SASL as Spring users write them, in librdkafka's words; and no secret in any line."""

import json

import pytest

import config
from config.errors import SettingsError
from config.librdkafka import client_config
from tests.support.config.security import (
    KERBEROS,
    OAUTH,
    PLAIN,
    SCRAM,
    SECRET,
    TOKENS,
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


def test_oauth_client_credentials() -> None:
    login = (
        f'{OAUTH} required clientId="me" clientSecret="{SECRET}" scope="a b" '
        f'extension_cluster="lkc-1" extension_pool="p";'
    )
    arguments = argv(
        security__protocol="SASL_SSL",
        sasl__mechanism="OAUTHBEARER",
        sasl__jaas__config=login,
        sasl__oauthbearer__token__endpoint__url=TOKENS,
        sasl__login__callback__handler__class="org.apache.kafka.common.security.oauthbearer.secured.OAuthBearerLoginCallbackHandler",
    )
    assert given_to_all(arguments) == {
        "security.protocol": "sasl_ssl",
        "sasl.mechanism": "OAUTHBEARER",
        "sasl.oauthbearer.method": "oidc",
        "sasl.oauthbearer.client.id": "me",
        "sasl.oauthbearer.client.secret": SECRET,
        "sasl.oauthbearer.scope": "a b",
        "sasl.oauthbearer.extensions": "cluster=lkc-1,pool=p",
        "sasl.oauthbearer.token.endpoint.url": "https://idp.example.com/token",
    }
    newer = argv(
        security__protocol="SASL_SSL",
        sasl__mechanism="OAUTHBEARER",
        sasl__jaas__config=f"{OAUTH} required;",
        sasl__oauthbearer__client__credentials__client__id="me",
        sasl__oauthbearer__client__credentials__client__secret=SECRET,
        sasl__oauthbearer__token__endpoint__url=TOKENS,
    )
    assert given_to_all(newer)["sasl.oauthbearer.client.secret"] == SECRET


def test_unsecured_token_for_tests() -> None:
    login = f'{OAUTH} required unsecuredLoginStringClaim_sub="me";'
    given = given_to_all(
        argv(
            security__protocol="SASL_PLAINTEXT",
            sasl__mechanism="OAUTHBEARER",
            sasl__jaas__config=login,
        )
    )
    assert (given["enable.sasl.oauthbearer.unsecure.jwt"], given["sasl.oauthbearer.config"]) == (
        True,
        "principal=me",
    )


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


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({}, "it needs clientId and clientSecret"),
        ({"client__credentials__client__id": "me"}, "it needs clientId and clientSecret"),
        ({"client__credentials__client__secret": SECRET}, "it needs clientId and clientSecret"),
        ({"grant__type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}, "assertion.file beside"),
        ({"grant__type": "password"}, "allowed is one of client_credentials, urn:"),
        (
            {
                "client__credentials__client__id": "me",
                "client__credentials__client__secret": SECRET,
                "assertion__algorithm": "none",
            },
            "allowed is one of RS256, ES256",
        ),
    ],
)
def test_token_needs_credentials(properties: dict[str, str], words: str) -> None:
    """The client would not start."""
    arguments = argv(
        security__protocol="SASL_SSL",
        sasl__mechanism="OAUTHBEARER",
        sasl__jaas__config=f"{OAUTH} required;",
        sasl__oauthbearer__token__endpoint__url=TOKENS,
        **{f"sasl__oauthbearer__{name}": value for name, value in properties.items()},
    )
    assert words in refusal(arguments)


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


def test_option_of_higher_source_counts() -> None:
    """Strimzi and Kafka have two names for one option."""
    boot = "spring.kafka.jaas"
    lower = {
        f"{boot}.login-module": OAUTH,
        f"{boot}.enabled": True,
        f"{boot}.options.oauth.client.id": "low",
        f"{boot}.options.clientSecret": SECRET,
    }
    arguments = argv(
        security__protocol="SASL_SSL",
        sasl__mechanism="OAUTHBEARER",
        sasl__oauthbearer__token__endpoint__url=TOKENS,
    )
    arguments.append(f"--{boot}.options.clientId=high")
    settings = config.load(arguments, {"SPRING_APPLICATION_JSON": json.dumps(lower)})
    found = client_config.producer_config(settings)
    assert found["sasl.oauthbearer.client.id"] == "high"
