"""Set properties that Settings has not: a warning, a notice or a refusal for each."""

import difflib
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from config.errors import SettingsError, mask_secrets
from config.loading.known_names import (
    is_read,
    list_names,
    read_names,
    spellings,
    unused_at,
    unused_names,
)
from config.spring.names import is_critical, uniform
from config.spring.sources import Entry, Environment, Source
from config.support import Support
from config.unsupported import spring_names
from config.unsupported.table import Unsupported

# Under these every name is known here, so that another one is a mistake; under all others a name
# belongs to somebody else.
_OURS = ("pythonprocessor.",)
# Misspelt names for which the nearest one is looked for, each of which takes 10 ms.
_MOST_NEAREST = 30
_LONGEST_NAME = 150  # characters of a misspelt name for which the nearest one is looked for
# config.loading.tls has refused them, or they are switched off.
_TLS = ("server.ssl.", "management.server.ssl.")
_TLS_OFF = Unsupported(Support.NO_EFFECT, "TLS is switched off")
# A name of Spring Cloud Function's for a binding, in uniform form: uppercase-in-0, or
# UPPERCASE_IN_0 in a variable.
_FUNCTIONAL = re.compile(
    r"spring\.cloud\.stream\.(kafka\.)?bindings\.(?:[a-z0-9.]+?)\.?(in|out)\.?[0-9]+\.([a-z].*)"
)


def report_unknown(
    sources: Sequence[Source], text: Callable[[Entry], str], own: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """Return warnings and notices, one line each.

    `text` resolves an entry's placeholders; `own` has the properties of functions.

    Raises SettingsError for a refused property.
    """
    lines: dict[str, tuple[Support, str]] = {}
    budget = [_MOST_NEAREST]
    own_names = {spelling: name for name in own for spelling in spellings(name)}
    for number, source in enumerate(sources):
        spelt = {form for written in source.values for form in source.forms(written)}
        for written in source.values:
            forms = tuple(source.forms(written))
            if any(
                _after_gap(form, spelt) and not _is_hidden(form, sources[:number]) for form in forms
            ):
                raise SettingsError(
                    f"{_describe(source.entry(written))} is not allowed: the items of a list are "
                    f"counted from 0, without a gap"
                )
            if (
                forms[0] not in lines
                and not any(map(is_read, forms))
                and own_names.keys().isdisjoint(forms)
            ):
                entry = source.entry(written)
                lines[forms[0]] = _of_function(forms, entry, sources) or _line(
                    forms, entry, text, budget, own_names, variable=isinstance(source, Environment)
                )
    reported: dict[Support, list[str]] = {Support.IGNORED: [], Support.NO_EFFECT: []}
    for verdict, line in lines.values():
        if verdict is Support.REJECTED:
            raise SettingsError(line)
        reported[verdict] += [line] if line else []
    return reported[Support.IGNORED], reported[Support.NO_EFFECT]


def _line(
    forms: tuple[str, ...],
    entry: Entry,
    text: Callable[[Entry], str],
    budget: list[int],
    own: Mapping[str, str],
    *,
    variable: bool,
) -> tuple[Support, str]:
    """Return the verdict on a property and its line; no line for another program's property."""
    if unused := next(filter(None, map(unused_at, forms)), None):
        # Not by a map, whose keys are the user's own.
        by_name = any(form in unused_names()[0] for form in forms)
        return _answer(unused, entry, text, _describe(entry) if by_name else _describe_name(entry))
    below = (
        next(filter(None, map(spring_names.rule, forms)), None)
        if forms[0].startswith(spring_names.PREFIXES) or "." not in forms[0]
        else None
    )
    if any(form.startswith(_TLS) for form in forms):
        below = _TLS_OFF
    if below and (below.verdict is Support.REJECTED or any(map(spring_names.is_known, forms))):
        return _answer(below, entry, text, _describe_name(entry))
    if forms[0].startswith(tuple(f"{uniform(prefix)}." for prefix in spring_names.FREE)):
        return Support.NO_EFFECT, f"{_describe_name(entry)} is not used here"
    near = _nearest(forms, budget, own)
    if near and is_critical(near) and _matters(near):
        raise SettingsError(
            f"{_describe_name(entry)} is not allowed: there is no such property; did you mean "
            f"{near}?"
        )
    foreign = variable and not forms[0].startswith(("spring.", "management.", *_OURS))
    if not near and foreign and forms[0].startswith(spring_names.PREFIXES):
        return Support.NO_EFFECT, f"{_describe_name(entry)} is not used here"
    if near or forms[0].startswith((*_OURS, *spring_names.PREFIXES)):
        return (
            Support.IGNORED,
            (
                f"{_describe_name(entry)} is ignored: there is no such "
                f"property{f'; did you mean {near}?' if near else ''}"
            ),
        )
    return Support.NO_EFFECT, ""


def _of_function(
    forms: tuple[str, ...], entry: Entry, sources: Sequence[Source]
) -> tuple[Support, str] | None:
    """Return the answer for a binding named after a function in Java.

    Refused if it is critical and not set for our bindings.
    """
    found = next(filter(None, map(_FUNCTIONAL.fullmatch, forms)), None)
    if not found:
        return None
    binding = f"spring.cloud.stream.{found[1] or ''}bindings.{found[2]}put"
    form = f"{binding}.{found[3]}"
    name = read_names()[0].get(form, form)
    why = f"the bindings here are called input and output: set {name}"
    if is_critical(name) and _matters(name) and not any(source.find(name) for source in sources):
        return Support.REJECTED, f"{_describe_name(entry)} is not allowed: {why}"
    return Support.IGNORED, f"{_describe_name(entry)} is ignored: {why}"


def _matters(name: str) -> bool:
    """Whether the property is read here, or refused where it is set."""
    form = uniform(name)
    answer = unused_at(form) or spring_names.rule(form)
    return is_read(form) or (answer is not None and answer.verdict is Support.REJECTED)


def _answer(
    unused: Unsupported, entry: Entry, text: Callable[[Entry], str], reported: str
) -> tuple[Support, str]:
    if text(entry).strip().lower() in ("", *unused.accepted_values):
        return Support.NO_EFFECT, f"{reported} is what is done in any case"
    words = {
        Support.REJECTED: "is not allowed",
        Support.IGNORED: "is ignored",
        Support.NO_EFFECT: "has no effect",
    }
    return unused.verdict, f"{reported} {words[unused.verdict]}: {unused.why}"


def _describe(entry: Entry) -> str:
    return f"{entry.name}: {mask_secrets(entry.name, entry.value)} ({entry.origin})"


def _describe_name(entry: Entry) -> str:
    """Without the value: whether it is a secret nobody knows."""
    return f"{entry.name} ({entry.origin})"


def _after_gap(form: str, spelt: set[str]) -> bool:
    """Whether this is an item of a list that has none before it."""
    name, _, index = form.rpartition(".")
    return (
        name in list_names()
        and index.isdecimal()
        and index.strip("0") != ""
        and f"{name}.{int(index[-9:]) - 1}" not in spelt
    )


def _is_hidden(form: str, higher: Sequence[Source]) -> bool:
    """Whether a higher source has the list this is an item of."""
    name = list_names().get(form.rpartition(".")[0], "")
    return any(source.find(name) for source in higher)


def _nearest(forms: tuple[str, ...], budget: list[int], own: Mapping[str, str]) -> str | None:
    """Return the property that this one misspells: one read here, else one of Spring's."""
    form = forms[0]
    if not form.startswith((*_OURS, *spring_names.PREFIXES)):
        near = difflib.get_close_matches(form, own, 1, 0.85) if "." not in form else []
        return own[near[0]] if near else None
    if len(form) > _LONGEST_NAME or budget[0] <= 0:
        return None
    budget[0] -= 1
    candidates = _candidates(form.partition(".")[0])
    near = next(
        filter(None, (difflib.get_close_matches(each, candidates, 1, 0.88) for each in forms)), []
    )
    return candidates[near[0]] if near else None


@cache
def _candidates(first: str) -> dict[str, str]:
    """Return the names that begin with this element, by uniform form; those read here win."""
    found = {uniform(name): name for name in spring_names.known().values()} | read_names()[0]
    return {form: name for form, name in found.items() if form.startswith(f"{first}.")}
