"""Finds the property that a misspelt or shortened name may mean."""

import difflib
from collections.abc import Mapping
from functools import cache

from config.loading.known_names import OURS, read_names, spellings, without_index
from config.settings import properties
from config.spring.names import uniform
from config.unsupported import spring_names

# Misspelt names for which the nearest name is searched. Each search takes 10 ms.
MOST_NEAREST = 30
_LONGEST_NAME = 150  # characters of a misspelt name that is searched for


def nearest(
    forms: tuple[str, ...], budget: list[int], own: Mapping[str, str], *, variable: bool
) -> str | None:
    """Return the property that a name misspells: one that is read here, otherwise one of Spring's.

    Args:
        forms: The uniform names of the misspelt one.
        budget: How many searches are left, as a single item. Each search takes one off.
        own: The properties of functions, by their spellings.
        variable: Whether an environment variable has the name.

    Returns:
        The canonical name, or None if no name is near or the budget is spent.
    """
    form = forms[0]
    if not variable and (same := _same_letters(form)):
        return same
    if not form.startswith((*OURS, *spring_names.PREFIXES)):
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
def last_elements() -> dict[str, list[str]]:
    """Return the names that are read here, by their last elements in uniform form.

    Names of variables are left out: Data Flow sets `instance.index` beside `INSTANCE_INDEX`.
    """
    found: dict[str, list[str]] = {}
    variables: set[str] = set()
    for prop in properties().values():
        variables |= {uniform(name.replace("_", ".")) for name in prop.fallbacks}
        endings = {
            spelling.split(".", dots)[dots]
            for spelling in spellings(prop.name)
            for dots in range(1, spelling.count(".") + 1)
        }
        for ending in endings:
            found.setdefault(ending, []).append(prop.name)
    return {ending: names for ending, names in found.items() if ending not in variables}


@cache
def _candidates(first: str) -> dict[str, str]:
    """Return the names with this first element, by uniform form. Names that are read here win."""
    names = {uniform(name): name for name in spring_names.known().values()}
    names |= read_names(variable=True)[0]
    return {form: name for form, name in names.items() if form.startswith(f"{first}.")}


def _same_letters(form: str) -> str | None:
    """Return the name that differs only in its dots: `spring.kafka.bootstrap.servers`."""
    found = _by_letters().get(without_index(form).replace(".", ""))
    differs = found and uniform(found) != form and found.startswith(spring_names.PREFIXES)
    return found if differs else None


@cache
def _by_letters() -> dict[str, str]:
    read = read_names(variable=False)[0]
    return spring_names.known() | {form.replace(".", ""): read[form] for form in read}
