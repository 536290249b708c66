r"""JAAS login configuration, the text Java's Kafka clients take their credentials from.

org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="a \"quoted\"
word";
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

# The tokens of Java's StreamTokenizer as Kafka's JaasConfig sets it up: words, quoted text with
# escapes, signs, comments. It reads a digit, a dot or a minus at the beginning as a number.
_TOKEN = re.compile(
    r"""(?P<nothing>[\0- ]+ | //[^\r\n]* | /\*.*?(?:\*/|\Z))
    | (?P<quote>["'])(?P<quoted>(?:\\.|(?!(?P=quote))[^\\\r\n])*)(?P=quote)
    | (?P<sign>[=;])
    | (?P<word>[A-Za-z_$\xa0-\U0010ffff][A-Za-z0-9_$.\xa0-\U0010ffff-]*)""",
    re.VERBOSE | re.DOTALL,
)
# At most \377, as in Java.
_ESCAPE = re.compile(r"\\([0-3][0-7]{0,2}|[0-7]{1,2}|.)", re.DOTALL)
_FLAGS = {"required", "requisite", "sufficient", "optional"}
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "a": "\a", "v": "\v"}
_QUOTES = (
    "a value that is no word of letters, digits, '.', '_', '-' and '$', a letter first, needs "
    "double quotes"
)


class Login(NamedTuple):
    """The login module of a configuration. Kafka's clients take exactly one."""

    module: str  # Java class
    options: dict[str, str]


class _Token(NamedTuple):
    text: str
    sign: bool  # whether the text is = or ;


def parse(text: str) -> Login:
    """Parse a JAAS configuration.

    Args:
        text: The configuration.

    Raises:
        ValueError: The text is not valid. The error does not quote it, as it has a password.
    """
    tokens = _tokens(text)
    module, flag = next(tokens, None), next(tokens, None)
    if not module or module.sign or not flag or flag.text.lower() not in _FLAGS:
        raise ValueError(
            "it does not begin with a login module and one of required, requisite, sufficient, "
            "optional"
        )
    options: dict[str, str] = {}
    for name in tokens:
        if name == (";", True):
            if next(tokens, None):
                raise ValueError(
                    "text follows the semicolon that ends its login module: exactly one module is "
                    f"allowed, and {_QUOTES}"
                )
            return Login(module.text, options)
        equals, value = next(tokens, None), next(tokens, None)
        if name.sign or equals != ("=", True) or not value or value.sign:
            raise ValueError(f"its option number {len(options) + 1} is not <name>=<value>")
        options[name.text] = value.text
    raise ValueError("the semicolon at its end is missing")


def written(login: Login) -> str:
    """Return the configuration that `parse` reads as this login.

    Args:
        login: The module and its options.
    """
    options = "".join(f" {_quoted(name)}={_quoted(value)}" for name, value in login.options.items())
    return f"{_quoted(login.module)} required{options};"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            if text[position] in "\"'":
                raise ValueError("a quotation mark in it is not closed on its line")
            raise ValueError(f"its character {position + 1} is not allowed there: {_QUOTES}")
        position = match.end()
        if match["quote"]:
            yield _Token(_ESCAPE.sub(_unescaped, match["quoted"]), sign=False)
        elif not match["nothing"]:
            yield _Token(match[0], sign=match["sign"] is not None)


def _unescaped(match: re.Match[str]) -> str:
    body = match[1]
    return chr(int(body, 8)) if body[0] in "01234567" else _ESCAPES.get(body, body)
