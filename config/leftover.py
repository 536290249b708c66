"""What is set and is no field of Settings: a warning, a notice or a refusal for each, with the nearest name for a misspelt one."""

import difflib
from collections.abc import Callable, Sequence
from functools import cache
from typing import get_origin

from config.errors import SettingsError, shown
from config.names import uniform
from config.settings import Settings, properties
from config.sources import JSON_PROPERTY, Entry, Source
from config.unused import UNUSED, Unused
from config.verdict import Verdict

# Under these every name is known here, so that another one is a mistake; under all others a name belongs to somebody else.
_OURS = ("pythonprocessor.", "spring.cloud.stream.", "spring.kafka.", "spring.cloud.function.")
_ALSO_READ = (JSON_PROPERTY, "spring.profiles.active", "spring.config.activate.on-profile", "help", "check")
_SPRING = ("spring", "management", "server.", "logging", "endpoints.", "wavefront")  # worth a line at DEBUG
_SHORT = ("reversestring",)  # names of our own without a prefix


def leftovers(sources: Sequence[Source], text: Callable[[Entry], str]) -> tuple[list[str], list[str]]:
    """Warnings and notices, one line each. `text` resolves an entry's placeholders. Raises SettingsError for a refused property."""
    lines: dict[str, tuple[Verdict, str]] = {}
    for source in sources:
        spelt = {form for written in source.values for form in source.forms(written)}
        for written in source.values:
            forms = tuple(source.forms(written))
            if any(_after_gap(form, spelt) for form in forms):
                raise SettingsError(
                    f"{_told(source.entry(written))} is not allowed: the items of a list are counted from 0, without a gap"
                )
            if forms[0] not in lines and not any(map(_honoured, forms)):
                lines[forms[0]] = _line(forms, source.entry(written), text)
    told: dict[Verdict, list[str]] = {Verdict.IGNORED: [], Verdict.NEEDLESS: []}
    for verdict, line in lines.values():
        if verdict is Verdict.REFUSED:
            raise SettingsError(line)
        told[verdict] += [line] if line else []
    return told[Verdict.IGNORED], told[Verdict.NEEDLESS]


def _line(forms: tuple[str, ...], entry: Entry, text: Callable[[Entry], str]) -> tuple[Verdict, str]:
    """What becomes of the property, and the line that says so; no line for what is plainly somebody else's."""
    told = _told(entry)
    if unused := next(filter(None, map(_unused, forms)), None):
        if text(entry).strip().lower() in ("", *unused.harmless):
            return Verdict.NEEDLESS, f"{told} is what is done in any case"
        words = {Verdict.REFUSED: "is not allowed", Verdict.IGNORED: "is ignored", Verdict.NEEDLESS: "has no effect"}
        return unused.verdict, f"{told} {words[unused.verdict]}: {unused.why}"
    if near := _nearest(forms[0]):
        return Verdict.IGNORED, f"{told} is ignored: there is no such property; did you mean {near}?"
    if forms[0].startswith(_OURS):
        return Verdict.IGNORED, f"{told} is ignored: there is no such property"
    return Verdict.NEEDLESS, f"{told} is not used here" if entry.name.lower().startswith(_SPRING) else ""


def _told(entry: Entry) -> str:
    return f"{entry.name}: {shown(entry.name, entry.value)} ({entry.origin})"


def _after_gap(form: str, spelt: set[str]) -> bool:
    """Whether this is an item of a list that has none before it."""
    name, _, index = form.rpartition(".")
    return name in _lists() and index.isdecimal() and index.strip("0") != "" and f"{name}.{int(index[-9:]) - 1}" not in spelt


@cache
def _lists() -> set[str]:
    return {
        spelling
        for prop in properties().values()
        if prop.kind.java.startswith("java.util.List")
        for spelling in _spellings(prop.name)
    }


def _honoured(form: str) -> bool:
    """Whether a field of Settings, or the loader itself, reads the name."""
    names, maps = _known()
    return form in names or form.rstrip("0123456789").rstrip(".") in names or form.startswith(maps)


def _unused(form: str) -> Unused | None:
    names, maps = _unused_names()
    return names.get(form) or next((unused for prefix, unused in maps.items() if form.startswith(prefix)), None)


def _nearest(form: str) -> str | None:
    """The property this one is a misspelling of, if it is under a prefix of ours or a short name."""
    candidates = _known()[0]
    if form.startswith(_OURS):
        near = difflib.get_close_matches(form, candidates, 1, 0.9)
    else:
        near = difflib.get_close_matches(form, _SHORT, 1, 0.85) if "." not in form else []
    return candidates[near[0]] if near else None


def _spellings(name: str) -> tuple[str, str]:
    """As written anywhere, and as environment variables have it whose dashes became underscores."""
    return uniform(name), uniform(name.replace("-", "."))


@cache
def _known() -> tuple[dict[str, str], tuple[str, ...]]:
    """Uniform names that are read, with their canonical form, and the uniform prefixes of maps."""
    names = {spelling: name for name in _ALSO_READ for spelling in _spellings(name)}
    maps: list[str] = []
    for field, prop in properties().items():
        roots = (prop.name, *prop.fallbacks)
        if get_origin(Settings.model_fields[field].annotation) is not dict:
            names |= {spelling: name for name in roots for spelling in _spellings(name)}
            continue
        names |= {spelling: f"{prop.name}.{key}" for key in prop.keys for spelling in _spellings(f"{prop.name}.{key}")}
        if prop.inner or not prop.keys:
            inner = f".{prop.inner}" if prop.inner else ""
            maps += (f"{spelling}." for root in roots for spelling in _spellings(root + inner))
    return names, tuple(maps)


@cache
def _unused_names() -> tuple[dict[str, Unused], dict[str, Unused]]:
    """The table of unused properties by uniform name, and by uniform prefix for whole maps."""
    spelled = [(name, spelling, unused) for name, unused in UNUSED.items() for spelling in _spellings(name.removesuffix("*"))]
    names = {spelling: unused for name, spelling, unused in spelled if not name.endswith("*")}
    return names, {f"{spelling}.": unused for name, spelling, unused in spelled if name.endswith("*")}
