"""The error of this package, and how a value is shown in its text."""

import re
from collections.abc import Iterable

from config.secrets import is_secret_name, is_secret_value, secret_parts

_NAME_END = re.compile(r"[:;,=\s]")  # the first sign that belongs to no name
_CUT = '..."'  # at the end of a longer value
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
            message: For the user. Texts that look like secrets are masked.
        """
        super().__init__(one_line(mask_text(message)))


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
    return is_secret_name(name) or is_secret_value(value)


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
            text = _hide_beginning(text, secret) if _CUT in text else text
    return text


def _hide_beginning(text: str, secret: str) -> str:
    """Return the text without the beginning of a secret at the end of a value that is cut."""
    parts = text.split(_CUT)
    for number, part in enumerate(parts[:-1]):
        shown = next((n for n in range(len(secret) - 1, 2, -1) if part.endswith(secret[:n])), 0)
        parts[number] = part[: len(part) - shown] + (MASK if shown else "")
    return _CUT.join(parts)


def mask_text(text: str) -> str:
    """Return a text with asterisks in place of what looks like a secret in it.

    Args:
        text: Any text, such as a line for the user.
    """
    shown, position = [], 0
    for start, end in sorted(secret_parts(text)):
        if end > position:
            shown += [] if start < position else [text[position:start], MASK]
            position = end
    return "".join(shown) + text[position:]


def shown_name(name: str) -> str:
    """Return a property's name for a line. What follows a colon or a blank may be the value.

    Args:
        name: The name as written.
    """
    return _NAME_END.split(name, maxsplit=1)[0]


def mask_secrets(name: str, value: str) -> str:
    """Return the value as a line for the user shows it: masked, quoted, cut.

    Args:
        name: The property's name; may be empty.
        value: The property's value.
    """
    text = mask(name, value)
    return f'"{text[:_SHOWN]}{_CUT}' if len(text) > _SHOWN else f'"{text}"'
