"""Types of values that librdkafka spells or limits differently. Each type parses Java's value."""

import re
import stat
from pathlib import Path

from config.spring.types import PropertyType, bounded_integer, choice, integer, items


def _acks(text: str) -> str:
    word = text.strip().lower()
    if word not in {"all", "-1", "0", "1"}:
        raise ValueError(text)
    return "all" if word == "-1" else word


def _offset_reset(text: str) -> str:
    word = text.strip().lower()
    if word not in {"earliest", "latest", "none"}:
        raise ValueError(text)
    return "error" if word == "none" else word


def _partitioner(text: str) -> str:
    if text.rpartition(".")[2].strip().lower() not in {
        "defaultpartitioner",
        "uniformstickypartitioner",
    }:
        raise ValueError(text)
    return "murmur2_random"


def _buffer(text: str) -> int:
    """Parse the bytes of a socket buffer. Java's -1 and librdkafka's 0 are the system's default."""
    return max(0, bounded_integer(-1, 100_000_000).parse(text))


def _level(text: str) -> int:
    """Parse a compression level, limited to librdkafka's range."""
    return min(max(integer(text), -1), 12)


def _identification(text: str) -> str:
    """Parse the check of the host name. In Java an empty value switches it off."""
    return choice("https", "none").parse(text.strip() or "none")


def _cipher_suites(text: str) -> str:
    """Return OpenSSL's names of Java's TLS 1.2 suites.

    TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 is ECDHE-RSA-AES128-GCM-SHA256.

    Those of TLS 1.3 (without WITH) are left out: OpenSSL has them on in any case. A list of
    nothing else would leave all suites of TLS 1.2 on.
    """
    names = [name.upper().removeprefix("TLS_") for name in items(text)]
    suites = [
        name.removeprefix("RSA_WITH_").replace("_WITH_", "_") for name in names if "WITH_" in name
    ]
    words = [
        re.sub(r"AES_(\d+)", r"AES\1", suite)
        .replace("AES128_CBC", "AES128")
        .replace("AES256_CBC", "AES256")
        for suite in suites
    ]
    if not words:
        raise ValueError(text)
    return ":".join(word.replace("POLY1305_SHA256", "POLY1305").replace("_", "-") for word in words)


def _kilobytes(text: str) -> int:
    if (number := integer(text)) < 1:
        raise ValueError(text)
    return max(1, min(number // 1024, 2**31 - 1))


def _file(text: str) -> str:
    """Check a file that librdkafka reads itself. A pipe or a device could block it for ever."""
    try:
        mode = Path(text).stat().st_mode
    except OSError:
        return text
    if not stat.S_ISREG(mode):
        raise ValueError(text)
    return text


FILE = PropertyType(_file, "the path of a regular file", "java.lang.String")
MILLISECONDS = bounded_integer(0)
TIMEOUT = bounded_integer(1)
PARTITIONER = PropertyType(
    _partitioner, "DefaultPartitioner or UniformStickyPartitioner", "java.lang.Class"
)
# Java's 0 means no batches, which is librdkafka's 1.
BATCH = PropertyType(
    lambda text: max(1, bounded_integer(0).parse(text)),
    bounded_integer(0).allowed,
    "java.lang.Integer",
)
BUFFER = PropertyType(_kilobytes, "a whole number of bytes from 1 up", "java.lang.Long")
LEVEL = PropertyType(_level, "a whole number", "java.lang.Integer", nearest=True)
# Java allows less; librdkafka wants this much at least, and a fetch may be larger than asked for in
# any case.
FETCH = PropertyType(
    lambda text: max(1_000_000, bounded_integer(0, 2_147_483_135).parse(text)),
    bounded_integer(0, 2_147_483_135).allowed,
    "java.lang.Integer",
    nearest=True,
)
SOCKET = PropertyType(
    _buffer,
    "a whole number of bytes from -1 (the system's default) to 100000000",
    "java.lang.Integer",
)
OFFSET_RESET = PropertyType(_offset_reset, "earliest, latest or none", "java.lang.String")
ACKS = PropertyType(_acks, "all, 1 or 0", "java.lang.String")
IDENTIFICATION = PropertyType(
    _identification, "https, or nothing for no check of the host name", "java.lang.String"
)
CIPHER_SUITES = PropertyType(
    _cipher_suites,
    "Java's names of cipher suites, at least one of them of TLS 1.2, whose names have WITH",
    "java.util.List",
)
