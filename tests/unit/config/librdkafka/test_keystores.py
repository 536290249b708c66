"""Key and trust stores."""

import datetime as dt
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from tests.support.config.security import OAUTH, SECRET, TOKENS, argv, given_to_all, refusal


class Party(NamedTuple):
    """Somebody with a key and a certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def key_pem(self, encryption: KeySerializationEncryption | None = None) -> str:
        return self.key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption()
        ).decode()


def party(name: str, issuer: Party | None = None) -> Party:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
    )
    builder = builder.public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
    builder = builder.add_extension(
        x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True
    )
    return Party(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))


AUTHORITY = party("authority")
CLIENT = party("client", AUTHORITY)
LOCK = BestAvailableEncryption(SECRET.encode())


@pytest.fixture
def stores(tmp_path: Path) -> Path:
    """A folder with stores of every kind."""
    trusted = [
        pkcs12.PKCS12Certificate(AUTHORITY.certificate, b"ca"),
        pkcs12.PKCS12Certificate(CLIENT.certificate, b"other"),
    ]
    chain = [AUTHORITY.certificate]
    contents = {
        "trust.p12": pkcs12.serialize_java_truststore(trusted, LOCK),
        "plain.p12": pkcs12.serialize_key_and_certificates(
            None, None, None, [AUTHORITY.certificate], NoEncryption()
        ),
        "trust.pem": f"# the authority\n{AUTHORITY.pem()}".encode(),
        "client.p12": pkcs12.serialize_key_and_certificates(
            b"me", CLIENT.key, CLIENT.certificate, chain, LOCK
        ),
        "client.pem": f"{CLIENT.key_pem()}{CLIENT.pem()}{AUTHORITY.pem()}".encode(),
        "locked.pem": f"{CLIENT.key_pem(LOCK)}{CLIENT.pem()}{AUTHORITY.pem()}".encode(),
        "old.jks": b"\xfe\xed\xfe\xed\x00\x00\x00\x02",
        "rubbish.p12": b"\x30\x82rubbish",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("scheme", ["", "file:", "file://"])
@pytest.mark.parametrize(
    ("name", "password"), [("trust.p12", SECRET), ("plain.p12", ""), ("trust.pem", "")]
)
def test_truststore_becomes_pem(stores: Path, name: str, password: str, scheme: str) -> None:
    given = given_to_all(
        argv(
            security__protocol="SSL",
            ssl__truststore__location=f"{scheme}{stores / name}",
            ssl__truststore__password=password,
        )
    )
    assert AUTHORITY.pem() in str(given["ssl.ca.pem"])


@pytest.mark.parametrize(
    ("name", "properties"),
    [
        ("client.p12", {"ssl__keystore__password": SECRET}),
        ("client.pem", {}),
        ("client.pem", {"ssl__key__password": SECRET}),
        ("locked.pem", {"ssl__key__password": SECRET}),
    ],
)
def test_keystore_becomes_pem(stores: Path, name: str, properties: dict[str, str]) -> None:
    given = given_to_all(
        argv(security__protocol="SSL", ssl__keystore__location=str(stores / name), **properties)
    )
    assert given["ssl.certificate.pem"] == CLIENT.pem() + AUTHORITY.pem()
    assert given["ssl.key.pem"] == CLIENT.key_pem()


@pytest.mark.parametrize("line_break", ["\n", "\\n"])
def test_pem_texts_in_spring_boots_names(line_break: str) -> None:
    texts = {
        "trust-store-certificates": AUTHORITY.pem(),
        "key-store-key": CLIENT.key_pem(LOCK),
        "key-store-certificate-chain": CLIENT.pem(),
        "key-password": SECRET,
    }
    arguments = [
        f"--spring.kafka.ssl.{name}={text.replace(chr(10), line_break)}"
        for name, text in texts.items()
    ]
    assert given_to_all(["--spring.kafka.security.protocol=SSL", *arguments]) == {
        "security.protocol": "ssl",
        "ssl.ca.pem": AUTHORITY.pem(),
        "ssl.certificate.pem": CLIENT.pem(),
        "ssl.key.pem": CLIENT.key_pem(),
    }


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"ssl__truststore__location": "none.p12"}, "cannot be read: No such file or directory"),
        ({"ssl__truststore__location": "."}, "cannot be read: Is a directory"),
        (
            {"ssl__truststore__location": "trust.p12", "ssl__truststore__password": "wrong"},
            "or its password is wrong",
        ),
        ({"ssl__truststore__location": "rubbish.p12"}, "is not a PKCS12 store"),
        (
            {"ssl__truststore__location": "classpath:trust.p12"},
            "classpath: locations cannot be read here",
        ),
        (
            {"ssl__keystore__location": "trust.p12", "ssl__keystore__password": SECRET},
            "holds no private key",
        ),
        ({"ssl__keystore__location": "trust.pem"}, "there is no PEM private key in it"),
        ({"ssl__keystore__location": "locked.pem"}, "ssl.key.password is not set"),
        (
            {"ssl__keystore__location": "locked.pem", "ssl__key__password": "wrong"},
            "or ssl.key.password is wrong",
        ),
        ({"ssl__truststore__certificates": "rubbish"}, "there is no valid PEM certificate in it"),
        ({"ssl__endpoint__identification__algorithm": "ldap"}, "allowed is https, or nothing"),
    ],
)
def test_bad_store_is_one_line(
    stores: Path, monkeypatch: pytest.MonkeyPatch, properties: dict[str, str], words: str
) -> None:
    monkeypatch.chdir(stores)
    assert words in refusal(argv(security__protocol="SSL", **properties))


def test_jks_store_refusal_shows_conversion(stores: Path) -> None:
    store = stores / "old.jks"
    assert (
        f"keytool -importkeystore -srckeystore {store} -destkeystore {stores / 'old.p12'} "
        f"-deststoretype PKCS12, "
        f"and set the location to {stores / 'old.p12'}"
    ) in refusal(
        argv(
            security__protocol="SSL",
            ssl__truststore__location=str(store),
            ssl__truststore__type="PKCS12",
        )
    )


def test_token_endpoint_uses_same_store(stores: Path) -> None:
    arguments = argv(
        security__protocol="SASL_SSL",
        sasl__mechanism="OAUTHBEARER",
        sasl__jaas__config=f'{OAUTH} required clientId="me" clientSecret="{SECRET}";',
        sasl__oauthbearer__token__endpoint__url=TOKENS,
        ssl__truststore__location=str(stores / "trust.pem"),
    )
    assert given_to_all(arguments)["https.ca.pem"] == AUTHORITY.pem()
