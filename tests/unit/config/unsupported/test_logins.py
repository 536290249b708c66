"""Logins of other programs: the options of Strimzi and of Amazon."""

import config
from config.librdkafka import client_config
from tests.support.config.refusals import BINDER, refusal

OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"


def sasl(mechanism: str, login: str) -> list[str]:
    prefix = f"--{BINDER}.configuration"
    return [
        f"{prefix}.security.protocol=SASL_SSL",
        f"{prefix}.sasl.mechanism={mechanism}",
        f"{prefix}.sasl.jaas.config={login}",
    ]


def test_strimzis_options() -> None:
    login = (
        f'{OAUTH} required oauth.client.id="c" oauth.client.secret="s" '
        f'oauth.token.endpoint.uri="https://t/token" oauth.scope="x";'
    )
    given = client_config.consumer_config(config.load(sasl("OAUTHBEARER", login), {}))
    assert (given["sasl.oauthbearer.client.id"], given["sasl.oauthbearer.scope"]) == ("c", "x")
    assert given["sasl.oauthbearer.token.endpoint.url"] == "https://t/token"
    assert "oauth.refresh.token" in refusal(
        *sasl("OAUTHBEARER", f'{OAUTH} required oauth.refresh.token="r";')
    )


def test_amazons_mechanism() -> None:
    line = refusal(*sasl("AWS_MSK_IAM", "software.amazon.msk.auth.iam.IAMLoginModule required;"))
    assert "SCRAM-SHA-512" in line
