"""Certificates made for a test, and the stores that Java users keep them in."""

import datetime as dt
import ipaddress
import subprocess
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

STORE_PASSWORD = "store-Pa55"  # noqa: S105 - of stores that live as long as a test


class Party(NamedTuple):
    """Somebody with a key and a certificate."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)

    def key_pem(self, password: str = "") -> bytes:
        lock = BestAvailableEncryption(password.encode()) if password else NoEncryption()
        return self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock)

    def p12(self) -> bytes:
        """A PKCS12 store as OpenSSL makes it."""
        lock = BestAvailableEncryption(STORE_PASSWORD.encode())
        return pkcs12.serialize_key_and_certificates(b"me", self.key, self.certificate, None, lock)

    def p12_without_own(self, *others: x509.Certificate) -> bytes:
        """A PKCS12 store of the key and certificates of others, as Java makes it of a pair that is
        none.
        """
        lock = BestAvailableEncryption(STORE_PASSWORD.encode())
        return pkcs12.serialize_key_and_certificates(b"me", self.key, None, others, lock)


def party(name: str, issuer: Party | None = None, days: float = 1) -> Party:
    """A new one; without an issuer an authority. The certificate is for 127.0.0.1, and for no host
    by name; it ends in `days`.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    end = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - dt.timedelta(days=3))
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(address, critical=False)
    )
    return Party(key, builder.sign(issuer.key if issuer else key, hashes.SHA256()))


def write_stores(folder: Path) -> None:
    """Into `folder`: what a broker and a client have, each in time and expired, and what a stranger
    has.

    Stores that end in .p12 or .jks have STORE_PASSWORD; trust.p12, old.jks and client.p12 are made
    by Java's own keytool.
    """
    authority, stranger = party("authority"), party("another authority")
    broker, client = party("broker", authority), party("client", authority)
    late_broker, late_client = (
        party("broker", authority, days=-1),
        party("client", authority, days=-1),
    )
    unknown_client = party("client", stranger)
    folder.mkdir(parents=True)
    contents = {
        "authority.pem": authority.key_pem() + authority.pem,
        "broker.pem": broker.key_pem() + broker.pem + authority.pem,
        "broker-expired.pem": late_broker.key_pem() + late_broker.pem + authority.pem,
        "trust.pem": authority.pem,
        "trust-stranger.pem": stranger.pem,
        "client-locked.pem": client.key_pem(STORE_PASSWORD) + client.pem,
        "client-stranger.pem": unknown_client.key_pem() + unknown_client.pem,
        "client-expired.p12": late_client.p12(),
        "client-openssl.p12": client.p12(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    for kind, store in (("PKCS12", "trust.p12"), ("JKS", "old.jks")):
        trusted: list[str | Path] = ["-file", folder / "trust.pem", "-alias", "ca", "-noprompt"]
        keytool("-importcert", *trusted, "-keystore", folder / store, "-storetype", kind)
    given: list[str | Path] = [
        "-srckeystore",
        folder / "client-openssl.p12",
        "-srcstorepass",
        STORE_PASSWORD,
    ]
    keytool(
        "-importkeystore",
        *given,
        "-destkeystore",
        folder / "client.p12",
        "-deststoretype",
        "PKCS12",
    )


def write_client_store(stores: Path, path: Path, days: float) -> None:
    """A client's PKCS12 store, whose certificate ends in `days`, by the authority of `stores`."""
    text = (stores / "authority.pem").read_bytes()
    key = load_pem_private_key(text, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    path.write_bytes(party("client", Party(key, x509.load_pem_x509_certificate(text)), days).p12())


def keytool(*arguments: str | Path) -> None:
    """Java's keytool, with STORE_PASSWORD for the store it writes."""
    password = "-deststorepass" if arguments[0] == "-importkeystore" else "-storepass"
    command = ["keytool", *map(str, arguments), password, STORE_PASSWORD]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
