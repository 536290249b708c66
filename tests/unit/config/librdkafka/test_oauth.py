"""Logins with OAuth tokens as Spring users write them, in librdkafka's words."""

import json

import pytest

import config
from config.librdkafka import client_config
from tests.support.config.security import OAUTH, SECRET, TOKENS, argv, given_to_all, refusal


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
