"""The type of a password that the actuator compares with a client's."""

import re

from pydantic import SecretStr

from config.spring.types import PropertyType

_ENCODED = re.compile(r"\{.+\}")  # Spring Security's id of an encoding, before the text


def _password(text: str) -> SecretStr:
    """Parse a password as Spring Boot does. Raises ValueError for encoded text."""
    plain = text.removeprefix("{noop}")
    if plain == text and _ENCODED.match(text):
        raise ValueError
    return SecretStr(plain)


PASSWORD = PropertyType(
    _password,
    "plain text, or {noop} and plain text; {bcrypt} and other encodings do not work here",
    "java.lang.String",
)
