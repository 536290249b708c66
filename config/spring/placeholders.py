"""Spring's placeholders, also nested: `${name}`, `${name:default}`."""

import re
from collections.abc import Callable

from config.errors import SettingsError, is_secret

_LONGEST = 4_000_000  # characters of all resolved texts together; a value has 1 MB at most
_NAME = re.compile(r"[A-Za-z0-9_.\[\]-]{1,120}")
# Placeholders in one value. Some refer to each other twice, and their number would grow without
# end.
_MOST = 1000
_DEEPEST = 50  # nested placeholders; usual is two


class Resolution:
    """Resolves one value. `found` has the values of placeholders, `unresolved` the others."""

    def __init__(self, lookup: Callable[[str], str | None]) -> None:
        """Prepare to resolve one value.

        Args:
            lookup: Returns the value of a name, or None.
        """
        self._lookup = lookup
        self._count = 0
        self._characters = 0
        self.found: dict[str, str] = {}
        self.unresolved: dict[str, None] = {}

    @property
    def secrets(self) -> list[str]:
        """The values that were found for names of secrets."""
        return [value for name, value in self.found.items() if value and is_secret(name, value)]

    def text(self, text: str, within: tuple[str, ...] = ()) -> str:
        """Return the text with its placeholders resolved.

        Args:
            text: The text.
            within: The placeholders that are being resolved around it.

        Raises:
            SettingsError: A placeholder leads back to itself, or a limit is passed.
        """
        done: list[str] = []
        position = 0
        while (start := text.find("${", position)) >= 0:
            if text[position:start].endswith("\\"):  # an escaped ${ stays as it is
                done += text[position : start - 1], "${"
                position = start + 2
                continue
            end = _closing(text, start + 2)
            if end < 0:  # not closed; placeholders inside still count
                self._characters += len(text) - start
                self.unresolved[text[start + 2 :]] = None
                done += text[position:start], "${"
                position = start + 2
                self._refuse_too_many()
                continue
            done += text[position:start], self._value(text[start + 2 : end], within)
            position = end + 1
        resolved = "".join(done) + text[position:]
        self._characters += len(resolved)
        self._refuse_too_many()
        return resolved

    def _refuse_too_many(self) -> None:
        if self._characters > _LONGEST:
            raise SettingsError(f"placeholders make a value of more than {_LONGEST} characters")

    def _value(self, body: str, within: tuple[str, ...]) -> str:
        """Return the value of `${body}`."""
        self._count += 1
        if self._count > _MOST or len(within) > _DEEPEST:
            raise SettingsError("too many placeholders inside each other")
        name, colon, default = _parted(body)
        name = self.text(name, (*within, body)).replace("\\:", ":")
        # A property's name may contain a colon.
        for key in dict.fromkeys((f"{name}{colon}{default}", name)):
            if key in within:
                raise SettingsError(f"placeholder {shown_placeholder(key)} leads back to itself")
            if (found := self._lookup(key)) is not None:
                self.found[key] = value = self.text(found, (*within, key))
                return value
        if colon:
            return self.text(default, (*within, body))
        self.unresolved[name] = None
        return f"${{{name}}}"


def shown_placeholder(name: str) -> str:
    """Return `${name}` for a message. Text that is no property's name may be part of a secret.

    Args:
        name: The text between the braces.
    """
    return f"${{{name}}}" if _NAME.fullmatch(name) else "${...}"


def _parted(body: str) -> tuple[str, str, str]:
    """Return name, colon and default. The colon of an inner placeholder does not count."""
    position = 0
    while position < len(body):
        # An escaped colon is part of the name.
        if body[position] == ":" and body[position - 1 : position] != "\\":
            return body[:position], ":", body[position + 1 :]
        inner = _closing(body, position + 2) if body.startswith("${", position) else -1
        position = max(position, inner) + 1
    return body, "", ""


def _closing(text: str, position: int) -> int:
    """Return the position of the closing brace, or -1. Plain braces nest, too."""
    depth = 0
    for index in range(position, len(text)):
        if text[index] == "{":
            depth += 1
        elif text[index] == "}":
            if not depth:
                return index
            depth -= 1
    return -1
