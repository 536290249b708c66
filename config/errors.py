"""The error of this package, and how a value is shown in its text."""

import re
from collections.abc import Iterable

_SECRET_NAME = re.compile(
    r"pas+[-_. "
    r"]?wo?r?d|passphrase|pwd|secret|token(?![._]endpoint)|credential|jaas|private-?key|api-?key|access-?key|key$"
    r"|(key|certificate)\.pem$|user[-_.]?info"
    r"|spring[._]application[._]json|vcap[._]services",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(
    r"password|secret|loginmodule|private key"
    # A user's password before a host, with or without a scheme; a token in a URL's query.
    r"|:[^\s@]{1,500}@|[?&][^\s=&]{0,50}(?:token|key|sig|auth|pwd|pass|code)[^\s=&]{0,50}=",
    re.IGNORECASE,
)
_SHOWN = 120  # characters of a value in a line, enough to recognize it
# Characters from which a secret is masked inside other texts. A shorter secret is part of many
# words and numbers, and masking it there would reveal it. It is masked if it is the whole text.
SHORTEST_SECRET = 4
MASK = "******"  # Spring Boot's mask


class SettingsError(Exception):
    """The settings cannot be used. The text is one line: property, masked value, origin, remedy."""

    def __init__(self, message: str) -> None:
        """Keep the message as one line.

        Args:
            message: For the user, without secrets.
        """
        super().__init__(one_line(message))


def one_line(text: str) -> str:
    """Return the text with line breaks and other control characters as escapes.

    Args:
        text: Any text.
    """
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def is_secret(name: str, value: str = "") -> bool:
    """Return whether the name of a property, or a value, looks like a secret.

    Args:
        name: The property's name; may be empty.
        value: The property's value.
    """
    return bool(_SECRET_NAME.search(name) or _SECRET_VALUE.search(value))


def mask(name: str, value: str) -> str:
    """Return the value, or asterisks if the name or the value looks like a secret.

    Args:
        name: The property's name; may be empty.
        value: The property's value.
    """
    return MASK if value and is_secret(name, value) else value


def hide(text: str, secrets: Iterable[str]) -> str:
    """Return the text with asterisks in place of secrets.

    Args:
        text: Any text.
        secrets: The secrets. One of less than SHORTEST_SECRET characters is masked only if it is
            the whole text.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if text == secret or text.strip() == secret.strip():
            return MASK
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    return text


def mask_secrets(name: str, value: str) -> str:
    """Return the value as a line for the user shows it: masked, quoted, cut.

    Args:
        name: The property's name; may be empty.
        value: The property's value.
    """
    text = mask(name, value)
    return f'"{text[:_SHOWN]}..."' if len(text) > _SHOWN else f'"{text}"'
