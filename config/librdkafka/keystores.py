"""Reads Java's key and trust stores into PEM text in memory. Nothing is written to disk."""

import stat
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.hazmat.primitives.serialization.pkcs12 import (
    PKCS12KeyAndCertificates,
    load_pkcs12,
)
from cryptography.x509 import Certificate, load_pem_x509_certificates

_PEM = b"-----BEGIN "
_LARGEST = 8 << 20  # bytes; Java's trust store of all public authorities has 0.2 MB
# The first bytes of JKS and JCEKS files.
_JKS = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")

_NO_PAIR = "the private key does not belong to the certificate; was only one of the two replaced?"


class Identity(NamedTuple):
    """A client's certificates, its own first, and private key, as PEM without a password."""

    certificates: str
    key: str


def trusted(location: str, password: str | None) -> str:
    """Return a trust store's certificates as PEM.

    Args:
        location: The store, PEM or PKCS12: a path, or `file:` and a path.
        password: The store's password; None without one.

    Raises:
        ValueError: The store cannot be used. The text is the reason.
    """
    path, content = _read(location)
    if _PEM in content:
        return certificates(content.decode("utf-8", "replace"))
    store = _pkcs12(path, content, password)
    found = [*([store.cert] if store.cert else []), *store.additional_certs]
    if not found:
        raise ValueError(f"{path} holds no certificate")
    return "".join(_pem(certificate.certificate) for certificate in found)


def certificates(text: str) -> str:
    """Return the certificates of a PEM text.

    Args:
        text: The text. Line breaks may be written as a backslash and `n`.

    Raises:
        ValueError: There is no valid certificate in the text.
    """
    try:
        return "".join(map(_pem, load_pem_x509_certificates(_lines(text))))
    except ValueError:
        raise ValueError("there is no valid PEM certificate in it") from None


def identity(location: str, password: str | None, key_password: str | None) -> Identity:
    """Return the private key and the certificates of a key store.

    Args:
        location: The store, PEM or PKCS12: a path, or `file:` and a path.
        password: The store's password; None without one.
        key_password: The key's password in a PEM store; None without one.

    Raises:
        ValueError: The store cannot be used. The text is the reason.
    """
    path, content = _read(location)
    if _PEM in content:
        text = content.decode("utf-8", "replace")
        return identity_of(text, text, key_password)
    store = _pkcs12(path, content, password)
    # The certificate is found by its key, not by an alias.
    if store.key and store.additional_certs and not store.cert:
        raise ValueError(_NO_PAIR)
    if not store.key or not store.cert:
        raise ValueError(f"{path} holds no private key with a certificate")
    chain = "".join(
        _pem(certificate.certificate) for certificate in (store.cert, *store.additional_certs)
    )
    return Identity(chain, _pem(store.key))


def identity_of(chain: str, key: str, key_password: str | None) -> Identity:
    """Return the private key and the certificates of PEM texts.

    Args:
        chain: The certificates, the client's own first.
        key: The private key.
        key_password: The key's password; None without one.

    Raises:
        ValueError: The texts cannot be used. The error has the reason.
    """
    encrypted = "ENCRYPTED" in key
    if encrypted and not key_password:
        raise ValueError("the private key has a password, and ssl.key.password is not set")
    try:
        private_key = load_pem_private_key(
            _lines(key), key_password.encode() if encrypted and key_password else None
        )
    except (ValueError, TypeError):
        raise ValueError(
            "there is no PEM private key in it, or ssl.key.password is wrong"
        ) from None
    own = load_pem_x509_certificates(certificates(chain).encode())[0]
    if _public(own) != _public(private_key):
        raise ValueError(_NO_PAIR)
    return Identity(certificates(chain), _pem(private_key))


def _lines(text: str) -> bytes:
    return text.replace("\\n", "\n").encode("utf-8", "replace")


def _read(location: str) -> tuple[str, bytes]:
    """Read a Spring resource: a path, or `file:` and a path."""
    scheme, colon, rest = location.partition(":")
    if colon and scheme in {"classpath", "http", "https"}:
        raise ValueError(
            f"{scheme}: locations cannot be read here; put the file into the container and give "
            f"its path"
        )
    path = Path(
        "/" + rest.lstrip("/")
        if scheme == "file" and rest.startswith("/")
        else rest
        if scheme == "file"
        else location
    )
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) and not stat.S_ISDIR(status.st_mode):
            raise ValueError(f"{path} is no regular file")
        if status.st_size > _LARGEST:
            raise ValueError(f"{path} is too large for a store")
        content = path.read_bytes()
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from None
    if content.startswith(_JKS):
        to = path.with_suffix(".p12")
        raise ValueError(
            f"{path} is a JKS store, which only Java reads; convert it with: keytool "
            f"-importkeystore -srckeystore {path} "
            f"-destkeystore {to} -deststoretype PKCS12, and set the location to {to}"
        )
    return str(path), content


def _pkcs12(path: str, content: bytes, password: str | None) -> PKCS12KeyAndCertificates:
    try:
        return load_pkcs12(content, password.encode() if password else None)
    except (ValueError, TypeError):
        raise ValueError(f"{path} is not a PKCS12 store, or its password is wrong") from None


def _public(item: object) -> bytes:
    """Return the public key of a certificate or a private key, in a form to compare."""
    encoded: bytes = item.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded


def _pem(item: object) -> str:
    """Return a certificate or a private key as PEM."""
    if isinstance(item, Certificate):
        return item.public_bytes(Encoding.PEM).decode()
    encoded: bytes = item.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]  # every key has private_bytes
    return encoded.decode()
