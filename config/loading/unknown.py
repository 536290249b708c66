"""Answers set properties that Settings lacks with a warning, a notice or a refusal."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from config.errors import SettingsError
from config.loading.answers import (
    Answer,
    Lookup,
    answer_of_row,
    describe,
    describe_name,
    is_foreign,
)
from config.loading.known_names import (
    OURS,
    entry_below,
    is_read,
    list_names,
    read_names,
    spellings,
    unused_at,
    unused_names,
    without_index,
)
from config.loading.nearest_names import MOST_NEAREST, last_elements, nearest
from config.spring.names import is_critical, uniform
from config.spring.sources.source import LIST_RULE, Entry, Environment, Source
from config.support import Support
from config.unsupported import spring_names
from config.worker import VARIABLE

# Sources that no other program reads.
_FOR_THIS_PROGRAM = ("commandLineArgs", "spring.application.json")
_FOR_DATA_FLOW = ("app.", "deployer.")  # in a stream's deployment properties
_MOST_MEANT = 2  # names with equal last elements: a short name of more is too vague
# An unknown name below these is refused if it is critical, whatever it resembles.
_WATCHED = ("spring.kafka.", "spring.cloud.stream.", "spring.boot.admin.", "server.", "management.")
_OTHER_BINDING = re.compile(
    r"spring\.cloud\.stream\.(?!kafka\.|binders?\.|default\.|bindings\.(?:input|output)\.)"
)
# A binding named by Spring Cloud Function, in uniform form: uppercase-in-0 or UPPERCASE_IN_0.
_FUNCTIONAL = re.compile(
    r"spring\.cloud\.stream\.(kafka\.)?bindings\.(?:[a-z0-9.]+?)\.?(in|out)\.?[0-9]+\.([a-z].*)"
)


def report_unknown(
    sources: Sequence[Source], text: Callable[[Entry], str], own: Sequence[str] = ()
) -> tuple[list[str], list[str]]:
    """Return warnings and notices, one line each.

    Args:
        sources: The sources, the highest first.
        text: Returns a property's value with placeholders resolved.
        own: The properties of functions.

    Raises:
        SettingsError: A property is refused.
    """
    lines: dict[str, Answer] = {}
    budget = [MOST_NEAREST]
    lookup = Lookup.of(sources, text)
    own_names = {spelling: name for name in own for spelling in spellings(name)}
    for number, source in enumerate(sources):
        variable = isinstance(source, Environment)
        spelt = {form for written in source.values for form in source.forms(written)}
        for written in source.values:
            forms = tuple(source.forms(written))
            entry = source.entry(written)
            if any(
                _after_gap(form, spelt) and not _is_hidden(form, sources[:number]) for form in forms
            ):
                raise SettingsError(f"{describe(entry)} is not allowed: {LIST_RULE}")
            if (
                forms[0] in lines
                or written == VARIABLE
                or any(is_read(form, variable=variable) for form in forms)
                or not own_names.keys().isdisjoint(forms)
            ):
                continue
            lines[forms[0]] = (
                lookup.answer(forms, entry, variable=variable)
                or _of_single_value(forms, entry, variable=variable)
                or _of_function(forms, entry, sources)
                or _line(forms, entry, text, budget, own_names, variable=variable)
            )
            if source.name in _FOR_THIS_PROGRAM and lines[forms[0]] == (Support.NO_EFFECT, ""):
                lines[forms[0]] = _of_last_elements(forms[0], entry)
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
) -> Answer:
    """Return the answer to a property and its line. Properties of other programs have no line."""
    if unused := next(filter(None, map(unused_at, (*forms, *map(without_index, forms)))), None):
        # Without the value for a map: its keys are the user's, and its values may be secret.
        by_name = any(form in unused_names()[0] for form in forms)
        described = describe(entry) if by_name else describe_name(entry)
        return answer_of_row(unused, text(entry), described)
    below = (
        next(filter(None, map(spring_names.rule, forms)), None)
        if forms[0].startswith(spring_names.PREFIXES) or "." not in forms[0]
        else None
    )
    if below and (
        below.verdict is Support.REJECTED
        or any(spring_names.is_known(form, variable=variable) for form in forms)
    ):
        return answer_of_row(below, text(entry), describe_name(entry))
    if forms[0].startswith(tuple(f"{uniform(prefix)}." for prefix in spring_names.FREE)):
        return Support.NO_EFFECT, f"{describe_name(entry)} is not used here"
    near = nearest(forms, budget, own, variable=variable)
    foreign = is_foreign(forms, variable=variable)
    hint = f"; did you mean {near}?" if near else ""
    is_map = near and not foreign and entry_below(uniform(near))
    if (
        is_map
        or (near and is_critical(near) and _matters(near))
        or (not near and not foreign and _is_watched(entry.name, forms[0]))
    ):
        raise SettingsError(
            f"{describe_name(entry)} is not allowed: there is no such property{hint}"
        )
    if not near and foreign and forms[0].startswith(spring_names.PREFIXES):
        return Support.NO_EFFECT, f"{describe_name(entry)} is not used here"
    if near or forms[0].startswith((*OURS, *spring_names.PREFIXES)):
        line = f"{describe_name(entry)} is ignored: there is no such property{hint}"
        return Support.IGNORED, line
    return Support.NO_EFFECT, ""


def _of_single_value(forms: Sequence[str], entry: Entry, *, variable: bool) -> Answer | None:
    """Return the answer to a name below a property with a single value: `server.port[1]`."""
    names = read_names(variable=variable)[0]
    found = next((names[name] for form in forms for name in _above(form) if name in names), None)
    if not found or not forms[0].startswith((*OURS, *spring_names.PREFIXES)):
        return None
    if is_foreign(forms, variable=variable):
        return Support.NO_EFFECT, f"{describe_name(entry)} is not used here"
    what = (
        "a list, whose items are [0], [1] and so on"
        if uniform(found) in list_names()
        else "one value, with nothing below"
    )
    return Support.REJECTED, f"{describe_name(entry)} is not allowed: {found} is {what}"


def _above(form: str) -> Iterator[str]:
    while form := form.rpartition(".")[0]:
        yield form


def _is_watched(name: str, form: str) -> bool:
    """Return whether a name that resembles no other is about our security or addresses."""
    if not form.startswith(_WATCHED) or _OTHER_BINDING.match(form):
        return False
    kebab = re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).lower()
    return is_critical(kebab.replace("_", "-")) or is_critical(form)


def _of_function(forms: tuple[str, ...], entry: Entry, sources: Sequence[Source]) -> Answer | None:
    """Return the answer to a binding that Java names after a function.

    The name is refused if it is critical and our bindings do not set it.
    """
    found = next(filter(None, map(_FUNCTIONAL.fullmatch, forms)), None)
    if not found:
        return None
    binding = f"spring.cloud.stream.{found[1] or ''}bindings.{found[2]}put"
    form = f"{binding}.{found[3]}"
    name = read_names(variable=True)[0].get(form, form)
    why = f"the bindings here are called input and output: set {name}"
    is_set = any(source.find(name) for source in sources)
    if entry_below(form) or (is_critical(name) and _matters(name) and not is_set):
        return Support.REJECTED, f"{describe_name(entry)} is not allowed: {why}"
    return Support.IGNORED, f"{describe_name(entry)} is ignored: {why}"


def _of_last_elements(form: str, entry: Entry) -> Answer:
    """Return the answer to `max-attempts`, the end of a name that is read, or `app.<label>.x`."""
    meant = last_elements().get(form, ())
    line = f"{describe_name(entry)} is ignored: "
    if form.startswith(_FOR_DATA_FLOW):
        return Support.IGNORED, f"{line}Data Flow's server reads it, as it deploys a stream"
    if not 0 < len(meant) <= _MOST_MEANT:
        return Support.NO_EFFECT, ""
    near = " or ".join(meant)
    return Support.IGNORED, f"{line}there is no such property; did you mean {near}?"


def _matters(name: str) -> bool:
    """Return whether the property is read here, or is refused if it is set."""
    form = uniform(name)
    answer = unused_at(form) or spring_names.rule(form)
    return is_read(form) or (answer is not None and answer.verdict is Support.REJECTED)


def _after_gap(form: str, spelt: set[str]) -> bool:
    """Return whether this is an item of a list that lacks an earlier item."""
    name, _, index = form.rpartition(".")
    if name not in list_names() or not index.isdecimal() or index == "0":
        return False
    return index.startswith("0") or f"{name}.{int(index[-9:]) - 1}" not in spelt


def _is_hidden(form: str, higher: Sequence[Source]) -> bool:
    """Return whether a higher source has the list of this item."""
    name = list_names().get(form.rpartition(".")[0], "")
    return any(source.find(name) for source in higher)
