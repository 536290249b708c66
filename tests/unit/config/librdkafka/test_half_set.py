"""Security that is written oddly or set in part is refused, or said to have no effect."""

from pathlib import Path

import pytest

import config
from config.librdkafka import client_config
from tests.support.config.clients import BINDER, consumer, warnings
from tests.support.config.security import OAUTH, PLAIN, SECRET, TOKENS, argv, given_to_all, refusal

LOGIN = f'{PLAIN} required username="u" password="{SECRET}";'


@pytest.mark.parametrize(
    "protocol", ['"SASL_SSL"', "'SSL'", "SASL_SSL;", "SASL-SSL", "(SSL)", "sasl ssl", "S.S.L"]
)
def test_protocol_is_one_of_four_words(protocol: str) -> None:
    """One reader of the word cannot see TLS where another one sees none."""
    line = refusal(
        argv(security__protocol=protocol, sasl__mechanism="PLAIN", sasl__jaas__config=LOGIN)
    )
    assert "allowed is one of plaintext, ssl, sasl_plaintext, sasl_ssl" in line


@pytest.mark.parametrize("end", ["\n", "\r\n", " ", "\t"])
def test_blanks_around_client_properties(end: str, tmp_path: Path) -> None:
    """Java's client drops them, too: a Secret made with echo ends in a line break."""
    given = given_to_all(
        argv(
            security__protocol=f"SASL_SSL{end}",
            sasl__mechanism=f"PLAIN{end}",
            sasl__jaas__config=f"{LOGIN}{end}",
        )
    )
    assert (given["security.protocol"], given["sasl.username"]) == ("sasl_ssl", "u")
    missing = tmp_path / "missing.pem"
    line = refusal(argv(security__protocol="SSL", ssl__truststore__location=f"{missing}{end}"))
    assert f"{missing} cannot be read: No such file" in line


@pytest.mark.parametrize(
    "given",
    [
        {"ssl__truststore__password": SECRET},
        {"ssl__keystore__password": SECRET},
        {"ssl__key__password": SECRET},
        {"ssl__keystore__certificate__chain": "x"},
        {"ssl__keystore__key": "x"},
        {"ssl__truststore__password": SECRET, "ssl__truststore__certificates": ""},
    ],
)
def test_tls_without_its_other_half(given: dict[str, str]) -> None:
    line = refusal(argv(security__protocol="SSL", **given))
    assert "has no effect without" in line or "is set to nothing" in line


@pytest.mark.parametrize(
    "given",
    [
        {"ssl__truststore__location": "/x", "ssl__truststore__certificates": "x"},
        {
            "ssl__keystore__location": "/x",
            "ssl__keystore__key": "x",
            "ssl__keystore__certificate__chain": "x",
        },
    ],
)
def test_two_stores_for_one_purpose(given: dict[str, str]) -> None:
    assert "are not allowed together" in refusal(argv(security__protocol="SASL_SSL", **given))


@pytest.mark.parametrize(
    "given",
    [
        {"ssl__enabled__protocols": "TLSv1.3"},
        {"ssl__cipher__suites": "TLS_AES_256_GCM_SHA384"},
    ],
)
def test_tls_that_cannot_be_narrowed(given: dict[str, str]) -> None:
    """OpenSSL would agree on TLS 1.2 with any suite."""
    assert "is not allowed" in refusal(argv(security__protocol="SSL", **given))


def test_tls_that_is_wide_enough() -> None:
    given_to_all(argv(security__protocol="SSL", ssl__enabled__protocols="TLSv1.2,TLSv1.3"))


@pytest.mark.parametrize("option", ["ssl.truststore.location", "sasl.oauthbearer.scope"])
def test_client_property_in_a_login(option: str) -> None:
    """Java reads the trust store of the token endpoint there."""
    login = f'{OAUTH} required clientId="me" clientSecret="{SECRET}" {option}="/x";'
    line = refusal(
        argv(
            security__protocol="SASL_SSL",
            sasl__mechanism="OAUTHBEARER",
            sasl__jaas__config=login,
            sasl__oauthbearer__token__endpoint__url=TOKENS,
        )
    )
    assert f"set {option} beside it" in line


@pytest.mark.parametrize(
    ("protocol", "given", "name"),
    [
        ("SSL", {"sasl__jaas__config": LOGIN}, "sasl.jaas.config"),
        (
            "SASL_PLAINTEXT",
            {
                "sasl__mechanism": "PLAIN",
                "sasl__jaas__config": LOGIN,
                "ssl__truststore__location": "/x",
            },
            "ssl.truststore.location",
        ),
    ],
)
def test_security_that_the_protocol_leaves_out(
    protocol: str, given: dict[str, str], name: str
) -> None:
    """Java drops it in silence."""
    [line] = warnings(*argv(security__protocol=protocol, **given))
    assert name in line
    assert line.endswith(f"has no effect: security.protocol is {protocol}")


@pytest.mark.parametrize(
    "native",
    [
        "metadata.broker.list",
        "enable.ssl.certificate.verification",
        "enable.sasl.oauthbearer.unsecure.jwt",
        "https.ca.location",
        "bootstrap.server.list",
        "sasl.username",
    ],
)
def test_security_in_librdkafkas_words(native: str) -> None:
    assert "Kafka's Java client has no such property" in refusal(
        [f"{BINDER}.configuration.{native}={SECRET}"]
    )


@pytest.mark.parametrize(
    ("argument", "client"),
    [
        (f"{BINDER}.producer-properties.session.timeout.ms=9", "producer"),
        (f"{BINDER}.consumer-properties.acks=0", "consumer"),
        ("--spring.kafka.consumer.properties.linger.ms=5", "consumer"),
        ("--spring.kafka.admin.properties.max.poll.records=5", "admin client"),
    ],
)
def test_property_of_another_client(argument: str, client: str) -> None:
    [line] = warnings(argument)
    assert line.endswith(f"is dropped: it is no property of the {client}")


def test_property_for_all_clients() -> None:
    """It counts where it can."""
    assert consumer(f"{BINDER}.configuration.session.timeout.ms=7000")["session.timeout.ms"] == 7000
    assert not warnings(f"{BINDER}.configuration.session.timeout.ms=7000")


@pytest.mark.parametrize(
    ("argument", "native", "number"),
    [
        ("transaction.timeout.ms=10", "transaction.timeout.ms", 1000),
        ("max.request.size=10", "message.max.bytes", 1000),
        (
            "socket.connection.setup.timeout.ms=10",
            "socket.connection.setup.timeout.ms",
            1000,
        ),
        ("compression.zstd.level=22", "compression.level", 12),
    ],
)
def test_number_that_the_client_cannot_have(argument: str, native: str, number: int) -> None:
    settings = config.load(
        [
            f"{BINDER}.producer-properties.{argument}",
            f"{BINDER}.producer-properties.compression.type=zstd",
        ],
        {},
    )
    assert client_config.producer_config(settings)[native] == number
    [line] = settings.warnings
    assert f"is {number} here" in line
