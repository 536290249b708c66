"""Settings of TLS and SASL."""

import confluent_kafka
import pytest

import config
from config.errors import SettingsError
from config.kafka.java_property import Config
from config.librdkafka import client_config
from config.report import lines

CONFIGURATION = "--spring.cloud.stream.kafka.binder.configuration"
PLAIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
SCRAM = "org.apache.kafka.common.security.scram.ScramLoginModule"
OAUTH = "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule"
KERBEROS = "com.sun.security.auth.module.Krb5LoginModule"
TOKENS = "https://idp.example.com/token"
SECRET = "s3cr3t-Pa55"  # noqa: S105 - what must not appear anywhere


def argv(**properties: str) -> list[str]:
    """`sasl__mechanism="PLAIN"` as a property of the binder's configuration."""
    return [
        f"{CONFIGURATION}.{name.replace('__', '.')}={value}" for name, value in properties.items()
    ]


def given_to_all(arguments: list[str]) -> Config:
    """What consumer, producer and admin client are given alike."""
    settings = config.load(arguments, {})
    configs = [
        client_config.consumer_config(settings),
        client_config.producer_config(settings),
        client_config.admin_config(settings),
    ]
    same = {
        name: value
        for name, value in configs[0].items()
        if name.startswith(("ssl.", "sasl.", "https.", "security.", "enable.sasl"))
    }
    assert all(each.items() >= same.items() for each in configs)
    confluent_kafka.Producer(configs[1] | {"log_level": 0})
    assert SECRET not in "\n".join(
        [repr(settings), *lines(settings), *settings.warnings, *settings.notices]
    )
    return same


def refusal(arguments: list[str]) -> str:
    with pytest.raises(SettingsError) as caught:
        config.load(arguments, {})
    assert SECRET not in str(caught.value)
    assert "\n" not in str(caught.value)
    return str(caught.value)
