"""What is set and is no field of Settings: a warning, a notice or a refusal for each, with the
nearest name for a misspelt one.
"""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import get_origin

from config.errors import SettingsError, mask_secrets
from config.loading import binders
from config.settings import Settings, properties
from config.spring.names import is_critical, uniform
from config.spring.sources import JSON_PROPERTY, LIST_RULE, Entry, Environment, Source
from config.support import Support
from config.unsupported import spring_names
from config.unsupported.table import UNSUPPORTED, Unsupported

# Under these every name is known here, so that another one is a mistake; under all others a name
# belongs to somebody else.
_OURS = ("pythonprocessor.",)
_LISTS_READ = (
    "spring.profiles.active",
    "spring.profiles.default",
    "spring.profiles.include",
    "spring.config.activate.on-profile",
    "spring.config.import",
    "spring.config.location",
    "spring.config.additional-location",
    "spring.config.name",
)
_ALSO_READ = (
    *_LISTS_READ,
    JSON_PROPERTY,
    "spring.config.activate.on-cloud-platform",
    "spring.main.cloud-platform",
    "spring.config.on-not-found",
    *binders.READ,
)
_FLAGS = ("debug", "trace")  # without a value they are on
_MAPS_READ = (binders.READ_MAP, "spring.profiles.group")
# Misspelt names for which the nearest one is looked for, each of which takes 10 ms.
_MOST_NEAREST = 30
_LONGEST_NAME = 150  # characters of a misspelt name for which the nearest one is looked for
# config.loading.tls has refused them, or they are switched off.
_TLS = ("server.ssl.", "management.server.ssl.")
_TLS_OFF = Unsupported(Support.NO_EFFECT, "TLS is switched off")
# An unknown name below these that is critical by itself is refused also where it is near no name.
_WATCHED = ("spring.kafka.", "spring.cloud.stream.", "spring.boot.admin.", "server.", "management.")
_OTHER_BINDING = re.compile(
    r"spring\.cloud\.stream\.(?!kafka\.|binders?\.|default\.|bindings\.(?:input|output)\.)"
)
# A name of Spring Cloud Function's for a binding, in uniform form: uppercase-in-0, or
# UPPERCASE_IN_0 in a variable.
_FUNCTIONAL = re.compile(
    r"spring\.cloud\.stream\.(kafka\.)?bindings\.(?:[a-z0-9.]+?)\.?(in|out)\.?[0-9]+\.([a-z].*)"
)


def report_unknown(
    sources: Sequence[Source], text: Callable[[Entry], str], own: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """Warnings and notices, one line each. `text` resolves an entry's placeholders; `own`:
    functions' properties.

    Raises SettingsError for a refused property.
    """
    lines: dict[str, tuple[Support, str]] = {}
    budget = [_MOST_NEAREST]
    own_names = {spelling: name for name in own for spelling in _spellings(name)}
    for number, source in enumerate(sources):
        variable = isinstance(source, Environment)
        spelt = {form for written in source.values for form in source.forms(written)}
        for written in source.values:
            forms = tuple(source.forms(written))
            entry = source.entry(written)
            if any(
                _after_gap(form, spelt) and not _is_hidden(form, sources[:number]) for form in forms
            ):
                raise SettingsError(f"{_describe(entry)} is not allowed: {LIST_RULE}")
            if (
                forms[0] in lines
                or any(is_read(form, variable=variable) for form in forms)
                or not own_names.keys().isdisjoint(forms)
            ):
                continue
            lines[forms[0]] = (
                _of_single_value(forms, entry, variable=variable)
                or _of_function(forms, entry, sources)
                or _line(forms, entry, text, budget, own_names, variable=variable)
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
    """What becomes of the property, and the line that says so; no line for what is plainly somebody
    else's.
    """
    if unused := next(filter(None, map(unused_at, map(_without_index, forms))), None):
        # Not by a map, whose keys are the user's own.
        by_name = any(form in _unused_names()[0] for form in forms)
        return _answer(unused, entry, text, _describe(entry) if by_name else _describe_name(entry))
    below = (
        next(filter(None, map(spring_names.rule, forms)), None)
        if forms[0].startswith(spring_names.PREFIXES) or "." not in forms[0]
        else None
    )
    if any(form.startswith(_TLS) for form in forms):
        below = _TLS_OFF
    if below and (
        below.verdict is Support.REJECTED
        or any(spring_names.is_known(form, variable=variable) for form in forms)
    ):
        return _answer(below, entry, text, _describe_name(entry))
    if forms[0].startswith(tuple(f"{uniform(prefix)}." for prefix in spring_names.FREE)):
        return Support.NO_EFFECT, f"{_describe_name(entry)} is not used here"
    near = (None if variable else _same_letters(forms[0])) or _nearest(forms, budget, own)
    foreign = variable and not forms[0].startswith(("spring.", "management.", *_OURS))
    if (near and is_critical(near) and _matters(near)) or (
        not near and not foreign and _is_watched(entry.name, forms[0])
    ):
        hint = f"; did you mean {near}?" if near else ""
        raise SettingsError(
            f"{_describe_name(entry)} is not allowed: there is no such property{hint}"
        )
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


def _of_single_value(
    forms: Sequence[str], entry: Entry, *, variable: bool
) -> tuple[Support, str] | None:
    """The answer for a name below one that has a value and nothing below: `server.port[1]`."""
    names = _known(variable=variable)[0]
    found = next((names[name] for form in forms for name in _above(form) if name in names), None)
    if not found or not forms[0].startswith((*_OURS, *spring_names.PREFIXES)):
        return None
    if variable and not forms[0].startswith(("spring.", "management.", *_OURS)):
        return Support.NO_EFFECT, f"{_describe_name(entry)} is not used here"
    what = (
        "a list, whose items are [0], [1] and so on"
        if uniform(found) in _lists()
        else "one value, with nothing below"
    )
    return Support.REJECTED, f"{_describe_name(entry)} is not allowed: {found} is {what}"


def _is_watched(name: str, form: str) -> bool:
    """Whether a name that is near no other one is about security or an address of this program."""
    if not form.startswith(_WATCHED) or _OTHER_BINDING.match(form):
        return False
    kebab = re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).lower()
    return is_critical(kebab.replace("_", "-")) or is_critical(form)


def _above(form: str) -> Iterator[str]:
    while form := form.rpartition(".")[0]:
        yield form


def _without_index(form: str) -> str:
    name, _, index = form.rpartition(".")
    return name if name and index.isdecimal() else form


def _of_function(
    forms: tuple[str, ...], entry: Entry, sources: Sequence[Source]
) -> tuple[Support, str] | None:
    """The answer for a property of a binding that is called after a function in Java. Refused if it
    is critical and not set for ours.
    """
    found = next(filter(None, map(_FUNCTIONAL.fullmatch, forms)), None)
    if not found:
        return None
    binding = f"spring.cloud.stream.{found[1] or ''}bindings.{found[2]}put"
    form = f"{binding}.{found[3]}"
    name = _known(variable=True)[0].get(form, form)
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
    if text(entry).strip().lower() in (
        *(() if entry.name in _FLAGS else ("",)),
        *unused.accepted_values,
    ):
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
    if name not in _lists() or not index.isdecimal() or index == "0":
        return False
    return index.startswith("0") or f"{name}.{int(index[-9:]) - 1}" not in spelt


def _is_hidden(form: str, higher: Sequence[Source]) -> bool:
    """Whether a higher source has the list this is an item of."""
    name = _lists().get(form.rpartition(".")[0], "")
    return any(source.find(name) for source in higher)


@cache
def _lists() -> dict[str, str]:
    lists = (
        prop
        for field, prop in properties().items()
        if prop.kind.java.startswith("java.util.List") and not _is_map(field)
    )
    names = [*_LISTS_READ, *(name for prop in lists for name in (prop.name, *prop.fallbacks))]
    return {spelling: name for name in names for spelling in _spellings(name)}


def is_read(form: str, *, variable: bool = True) -> bool:
    """Whether a field of Settings, or the loader itself, reads the name.

    Args:
        form: The uniform name.
        variable: Whether it is one of an environment variable, in which a dash of the name may have
            become a dot.

    """
    names, maps = _known(variable=variable)
    item = _without_index(form)
    return form in names or (item in names and item in _lists()) or form.startswith(maps)


def unused_at(form: str) -> Unsupported | None:
    names, maps = _unused_names()
    return names.get(form) or next(
        (unused for prefix, unused in maps.items() if form.startswith(prefix)), None
    )


def _nearest(forms: tuple[str, ...], budget: list[int], own: Mapping[str, str]) -> str | None:
    """The property this one is a misspelling of: one that is read here, else one that Spring
    knows.
    """
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
    """The names that begin with this element, by their uniform form; those that are read here last,
    and so they count.
    """
    found = {uniform(name): name for name in spring_names.known().values()} | _known(variable=True)[
        0
    ]
    return {form: name for form, name in found.items() if form.startswith(f"{first}.")}


def _spellings(name: str) -> tuple[str, str]:
    """As written anywhere, and as environment variables have it whose dashes became underscores."""
    return uniform(name), uniform(name.replace("-", "."))


@cache
def _known(*, variable: bool) -> tuple[dict[str, str], tuple[str, ...]]:
    """Uniform names that are read, with their canonical form, and the uniform prefixes of maps."""
    names, maps = list(_ALSO_READ), list(_MAPS_READ)
    for field, prop in properties().items():
        roots = (prop.name, *prop.fallbacks)
        names += [f"{prop.name}.{key}" for key in prop.keys] if _is_map(field) else roots
        if _is_map(field) and (prop.inner or not prop.keys):
            maps += [f"{root}.{prop.inner}".removesuffix(".") for root in roots]
    spelt = _spellings if variable else lambda name: (uniform(name),)
    return {form: name for name in names for form in spelt(name)}, tuple(
        f"{form}." for name in maps for form in spelt(name)
    )


def _is_map(field: str) -> bool:
    return get_origin(Settings.model_fields[field].annotation) is dict


def _same_letters(form: str) -> str | None:
    """The name that has the same letters and digits, and other dots: SERVER_PORT in a file,
    `spring.kafka.bootstrap.servers`.
    """
    found = _by_letters().get(_without_index(form).replace(".", ""))
    return (
        found
        if found and uniform(found) != form and found.startswith(spring_names.PREFIXES)
        else None
    )


@cache
def _by_letters() -> dict[str, str]:
    read = _known(variable=False)[0]
    return spring_names.known() | {form.replace(".", ""): read[form] for form in read}


@cache
def _unused_names() -> tuple[dict[str, Unsupported], dict[str, Unsupported]]:
    """The table of unused properties by uniform name, and by uniform prefix for whole maps."""
    spelled = [
        (name, spelling, unused)
        for name, unused in UNSUPPORTED.items()
        for spelling in _spellings(name.removesuffix("*"))
    ]
    names = {spelling: unused for name, spelling, unused in spelled if not name.endswith("*")}
    return names, {
        f"{spelling}.": unused for name, spelling, unused in spelled if name.endswith("*")
    }
