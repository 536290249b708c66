"""Java's key and trust stores, read into PEM text in memory: nothing is written to disk."""

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
_LARGEST = 8 << 20  # bytes; Java's own trust store, with every public authority, has 0.2 MB
# What JKS and JCEKS files begin with, whatever they are called.
_JKS = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce")

_NO_PAIR = "the private key does not belong to the certificate; was only one of the two replaced?"


class Identity(NamedTuple):
    """A client's certificates (its own, then the chain) and private key, as PEM, no password."""

    certificates: str
    key: str


def trusted(location: str, password: str | None) -> str:
    """Return a trust store's certificates (PEM or PKCS12) as PEM. Raises ValueError."""
    path, content = _read(location)
    if _PEM in content:
        return certificates(content.decode("utf-8", "replace"))
    store = _pkcs12(path, content, password)
    found = [*([store.cert] if store.cert else []), *store.additional_certs]
    if not found:
        raise ValueError(f"{path} holds no certificate")
    return "".join(_pem(certificate.certificate) for certificate in found)


def certificates(text: str) -> str:
    r"""Return the certificates in a PEM text, with line breaks or `\n`. Raises ValueError."""
    try:
        return "".join(map(_pem, load_pem_x509_certificates(_lines(text))))
    except ValueError:
        raise ValueError("there is no valid PEM certificate in it") from None


def identity(location: str, password: str | None, key_password: str | None) -> Identity:
    """Return the key and certificates of a key store (PEM or PKCS12). Raises ValueError."""
    path, content = _read(location)
    if _PEM in content:
        text = content.decode("utf-8", "replace")
        return identity_of(text, text, key_password)
    store = _pkcs12(path, content, password)
    # Whatever the aliases say, a certificate is found by its key.
    if store.key and store.additional_certs and not store.cert:
        raise ValueError(_NO_PAIR)
    if not store.key or not store.cert:
        raise ValueError(f"{path} holds no private key with a certificate")
    chain = "".join(
        _pem(certificate.certificate) for certificate in (store.cert, *store.additional_certs)
    )
    return Identity(chain, _pem(store.key))


def identity_of(chain: str, key: str, key_password: str | None) -> Identity:
    """The same of PEM texts. Raises ValueError with the reason."""
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
    """A Spring resource: a path, or `file:` and a path."""
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
    """The public key of a certificate or a private key, in one form for comparison."""
    encoded: bytes = item.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)  # type: ignore[attr-defined]
    return encoded


def _pem(item: object) -> str:
    """A certificate or a private key as PEM."""
    if isinstance(item, Certificate):
        return item.public_bytes(Encoding.PEM).decode()
    encoded: bytes = item.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())  # type: ignore[attr-defined]  # every key has it
    return encoded.decode()
