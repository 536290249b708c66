"""The answer to a property that Settings lacks: its row, placeholders that name it, entries."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple, Self

from config.errors import mask_secrets, shown_name
from config.loading.known_names import OURS, entry_below, unused_at
from config.spring.names import canonical, uniform
from config.spring.sources.source import Entry, Source
from config.spring.types import FALSE
from config.support import Support
from config.unsupported import spring_names
from config.unsupported.table import Unsupported

Answer = tuple[Support, str]  # the line is empty for a property that needs none

_PLACEHOLDER = re.compile(r"\$\{([^${}:]+)")
_WORDS = {
    Support.REJECTED: "is not allowed",
    Support.IGNORED: "is ignored",
    Support.NO_EFFECT: "has no effect",
}


def describe(entry: Entry) -> str:
    """Return the property with its masked value and origin, for a line.

    Args:
        entry: The property.
    """
    return f"{shown_name(entry.name)}: {mask_secrets(entry.name, entry.value)} ({entry.origin})"


def describe_name(entry: Entry) -> str:
    """Return the property without its value, which may be a secret.

    Args:
        entry: The property.
    """
    return f"{shown_name(entry.name)} ({entry.origin})"


def answer_of_row(row: Unsupported, value: str, described: str) -> Answer:
    """Return the answer of a row, and the line.

    A refused name is refused without a value, too: the value may stand behind a wrong sign.

    Args:
        row: The row of the property.
        value: The value with placeholders resolved.
        described: The property for the line.
    """
    asks = row.verdict is Support.REJECTED or row.is_asked_by_empty
    if value.strip().lower() in (*row.accepted_values, *(() if asks else ("",))):
        return Support.NO_EFFECT, f"{described} is what is done in any case"
    return row.verdict, f"{described} {_WORDS[row.verdict]}: {row.why}"


class Lookup(NamedTuple):
    """What the answer to a property depends on beside it."""

    sources: Sequence[Source]
    text: Callable[[Entry], str]  # returns a property's value with placeholders resolved
    # The names that placeholders have: as written, and uniform if canonical.
    placeholders: frozenset[str]

    @classmethod
    def of(cls, sources: Sequence[Source], text: Callable[[Entry], str]) -> Self:
        """Look for placeholders in all values.

        Args:
            sources: The sources, the highest first.
            text: Returns a property's value with placeholders resolved.
        """
        values = {value for each in sources for value in each.values.values() if "${" in value}
        names = {name.strip() for value in values for name in _PLACEHOLDER.findall(value)}
        forms = {uniform(name) for name in names if canonical(name)}
        return cls(sources, text, frozenset(names | forms))

    def answer(self, forms: Sequence[str], entry: Entry, *, variable: bool) -> Answer | None:
        """Return the answer that what is set beside a property gives, or None.

        Args:
            forms: The uniform names of the property.
            entry: The property.
            variable: Whether an environment variable has the name.

        Raises:
            SettingsError: A placeholder is not allowed.
        """
        if self._is_for_placeholder(forms, entry, variable=variable):
            return Support.NO_EFFECT, f"{describe_name(entry)} is read by placeholders only"
        if any(map(self._is_switched_off, forms)):
            return Support.NO_EFFECT, f"{describe_name(entry)} has no effect: it is switched off"
        return self._of_group(forms, entry, variable=variable)

    def _is_for_placeholder(self, forms: Sequence[str], entry: Entry, *, variable: bool) -> bool:
        """Return whether a placeholder reads the property, and Spring does not know its name."""
        return not self.placeholders.isdisjoint((entry.name, *forms)) and not any(
            unused_at(form)
            or _is_refused_part(form)
            or spring_names.is_known(form, variable=variable)
            for form in forms
        )

    def _is_switched_off(self, form: str) -> bool:
        """Return whether `enabled=false` of a refused part, or of one around it, is set."""
        while form := form.rpartition(".")[0]:
            if not _is_refused_part(form):
                break
            name = f"{form}.enabled"
            found = (source.placeholder(name) for source in self.sources)
            switch = next(filter(None, found), None)
            if switch and self.text(switch).strip().lower() in FALSE:
                return True
        return False

    def _of_group(self, forms: Sequence[str], entry: Entry, *, variable: bool) -> Answer | None:
        """Return the answer to a map or a group of properties: one text for it is refused."""
        if is_foreign(forms, variable=variable):
            return None
        below = (entry_below(form, variable=variable) for form in forms)
        example = next(filter(None, below), None)
        if not example:
            return None
        if not self.text(entry).strip():
            return Support.NO_EFFECT, f"{describe_name(entry)} has no entries"
        line = f"it is no single value; write each entry by itself, as in {example}=value"
        return Support.REJECTED, f"{describe_name(entry)} is not allowed: {line}"


def _is_refused_part(form: str) -> bool:
    """Return whether the name is that of a part, or of one of its properties, that is refused."""
    row = spring_names.rule(form)
    return row is not None and row.is_absent and row.verdict is Support.REJECTED


def is_foreign(forms: Sequence[str], *, variable: bool) -> bool:
    """Return whether an environment variable may be for another program.

    Args:
        forms: The uniform names of the property.
        variable: Whether an environment variable has the name.
    """
    return variable and not forms[0].startswith(("spring.", "management.", *OURS))
