"""What hostile records are made of: names of charsets and headers, texts that join, numbers that
few programs expect.
"""

import encodings
import pkgutil
from encodings.aliases import aliases
from pathlib import Path

# Names and aliases of Java 17.
JAVA_CHARSETS = Path(__file__).with_name("java_charsets.txt").read_text().split()
PYTHON_CHARSETS = sorted(
    {
        *aliases,
        *aliases.values(),
        *(module.name for module in pkgutil.iter_modules(encodings.__path__)),
    }
)
NO_CHARSETS = [
    "",
    "x",
    "../x",
    "os",
    "utf-8.",
    "UTF 8",
    "\N{KELVIN SIGN}oi8-r",
    "\uff55\uff54\uff46-8",
    "\0",
    "utf-8\0",
    "${HOME}",
    "a" * 60,
]
NO_CHARSETS += [
    "\xad" * 3000,
    "x" * 3000,
    "-",
    "_",
    "...",
    "utf-8;charset=utf-16",
    '"utf-8',
    "'",
    "%s%n",
    "\ud800",
    "None",
    "mbcs",
]

# Characters of each class that joins (Unicode Standard Annex 29), and of those that do not.
JOINING = {
    "marks": "a\u0300\u0301\u20e3\u0489",
    "zwj": "\U0001f468\u200d\U0001f469\u2764\ufe0f",
    "regional indicators": "\U0001f1e9\U0001f1ea",
    "prepend": "\u0600\u0605\u06dd\u0d4e\U000110bd\u0661",
    "spacing marks": "\u0903\u0915\u0e33\u0bbe",
    "hangul": "\u1100\u1161\u11a8\uac00\uac01",
    "indic": "\u0915\u094d\u0937\u200d\u0924",
    "emoji modifiers": "\U0001f44d\U0001f3ff\U0001f469",
    "controls": "\r\n\r\x00\x85\u2028\u200b",
    "tags": "\U0001f3f4\U000e0067\U000e007f",
    "astral": "\U00020000\U0010ffff\U0001f600",
    "latin": "abc \xe9\xdf\u0130.",
}

NUMBERS = [
    "1e999",
    "-1e999",
    "1e300",
    "1e-400",
    "NaN",
    "-Infinity",
    "-0.0",
    "-0",
    "0.1",
    "2147483648",
    "-9223372036854775809",
]
NUMBERS += [
    "1" + "0" * 5000,
    "1" * 4301,
    "-" + "9" * 400,
    "1." + "0" * 5000 + "1",
    "1e" + "9" * 5000,
    "01",
    "1_0",
    "\u0661",
    "0x10",
]
CLASSES = [
    "String",
    "Integer",
    "Short",
    "Byte",
    "Long",
    "Float",
    "Double",
    "Boolean",
    "Character",
    "Object",
    "",
]
JSON_TYPES = [f"java.lang.{name}" for name in CLASSES] + [
    "java.math.BigInteger",
    "[B",
    "byte[]",
    "java.util.ArrayList",
    "\ud800",
]
HEADER_NAMES = [
    b"contentType",
    b"spring_json_header_types",
    b"x",
    b"scst_partition",
    b"scst_partitionOverride",
    b"id",
    b"timestamp",
    b"",
]
HEADER_NAMES += [
    b"kafka_receivedMessageKey",
    b"kafka_offset",
    b"deliveryAttempt",
    b"contenttype",
    b"content-type",
    b"X",
    b"a",
    b"\0",
]
HEADER_NAMES += [
    b"x-original-topic",
    b"x-original-offset",
    b"x-original-partition",
    b"x-original-timestamp",
    b"x-exception-message",
]
HEADER_NAMES += [
    b"x-exception-stacktrace",
    b"x-exception-fqcn",
    b"x\0y",
    "größe".encode(),
    "\U0001f1e9".encode(),
    b"n" * 5000,
]
UNREADABLE_NAMES = [
    b"caf\xe9",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xc0\x80",
    b"x\x80",
    b"contentType\xff",
    b"\xf4\x90\x80\x80",
    b"\xe9" * 3000,
]
