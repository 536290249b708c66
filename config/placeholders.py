"""Spring's placeholders: `${name}`, `${name:default}`, nested in each other."""

from collections.abc import Callable

from config.errors import SettingsError

_MOST = 1000  # placeholders in one value: some that double each other would otherwise go on for ever
_DEEPEST = 50  # placeholders inside placeholders; people write two


def resolve(text: str, lookup: Callable[[str], str | None]) -> str:
    """`text` with every placeholder replaced by what `lookup` finds, else by its default; one without either stays as it is.

    A value found is resolved in turn. Raises SettingsError for a placeholder that leads back to itself.
    """
    return _Resolution(lookup).text(text, ())


class _Resolution:
    def __init__(self, lookup: Callable[[str], str | None]) -> None:
        self._lookup = lookup
        self._count = 0

    def text(self, text: str, within: tuple[str, ...]) -> str:
        """`text` resolved; `within` names the placeholders that are being resolved around it."""
        done: list[str] = []
        position = 0
        while (start := text.find("${", position)) >= 0:
            if text[position:start].endswith("\\"):  # an escaped one stands for itself
                done += text[position : start - 1], "${"
                position = start + 2
                continue
            end = _closing(text, start + 2)
            if end < 0:
                break
            done += text[position:start], self._value(text[start + 2 : end], within)
            position = end + 1
        return "".join(done) + text[position:]

    def _value(self, body: str, within: tuple[str, ...]) -> str:
        """What `${body}` stands for."""
        self._count += 1
        if self._count > _MOST or len(within) > _DEEPEST:
            raise SettingsError(f"too many placeholders inside each other, around ${{{body[:60]}}}")
        name, colon, default = _parted(body)
        name = self.text(name, (*within, body))
        for key in dict.fromkeys((f"{name}{colon}{default}", name)):  # a property's own name may hold a colon
            if key in within:
                raise SettingsError(f"placeholder ${{{key}}} leads back to itself")
            if (found := self._lookup(key)) is not None:
                return self.text(found, (*within, key))
        return self.text(default, (*within, body)) if colon else f"${{{name}}}"


def _parted(body: str) -> tuple[str, str, str]:
    """The name, the colon if there is one, and the default; a colon of a placeholder inside does not count."""
    position = 0
    while position < len(body):
        if body[position] == ":":
            return body[:position], ":", body[position + 1 :]
        inner = _closing(body, position + 2) if body.startswith("${", position) else -1
        position = max(position, inner) + 1
    return body, "", ""


def _closing(text: str, position: int) -> int:
    """The position of the brace that closes a placeholder whose body starts at `position`, or -1. Plain braces nest as well."""
    depth = 0
    for index in range(position, len(text)):
        if text[index] == "{":
            depth += 1
        elif text[index] == "}":
            if not depth:
                return index
            depth -= 1
    return -1
