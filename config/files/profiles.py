"""Spring's profiles and their expressions: `prod`, `!prod`, `prod & cloud`."""

import re
from collections.abc import Collection, Mapping, Sequence

from config.errors import SettingsError, mask_secrets
from config.spring.sources.source import Entry
from config.spring.types import items

_TOKEN = re.compile(r"[()&|!]|[^\s()&|!](?:[^()&|!]*[^\s()&|!])?")

_NAME = re.compile(r"[^\W_](?:[\w.@+-]{0,98}[^\W_])?")  # a profile is part of a file's name


def listed(name: str, text: str, entry: Entry) -> tuple[str, ...]:
    """Return the items of a comma-separated list.

    Args:
        name: The property, for the error.
        text: The list, with placeholders resolved.
        entry: The property as written; its origin is for the error.

    Raises:
        SettingsError: The text is no list.
    """
    try:
        return items(text)
    except ValueError:
        raise SettingsError(
            f"{name}: {mask_secrets(name, text)} ({entry.origin}) is not allowed; allowed is a "
            f"comma-separated list"
        ) from None


def profile_names(name: str, text: str, entry: Entry) -> tuple[str, ...]:
    """Return the profiles that a property lists.

    Args:
        name: The property, for the error.
        text: The list, with placeholders resolved.
        entry: The property as written; its origin is for the error.

    Raises:
        SettingsError: The text is no list of names.
    """
    names = listed(name, text, entry)
    if not all(map(_NAME.fullmatch, names)):
        allowed = "a comma-separated list of names"
        raise SettingsError(
            f"{name}: {mask_secrets(name, text)} ({entry.origin}) is not allowed; allowed is "
            f"{allowed}"
        )
    return names


def expand_profiles(
    profiles: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> tuple[str, ...]:
    """Return each profile once, followed by the members of its group. The last one wins.

    Args:
        profiles: The profiles.
        groups: The members of each group.
    """
    waiting, expanded = [*reversed(profiles)], dict[str, None]()
    while waiting:
        if (name := waiting.pop()) not in expanded:
            expanded[name] = None
            waiting += reversed(groups.get(name, ()))
    return tuple(expanded)


def accepts(expression: str, active: Collection[str]) -> bool:
    """Return whether a document with this condition applies.

    Args:
        expression: The condition.
        active: The active profiles.

    Raises:
        ValueError: The text is no expression.
    """
    tokens = _TOKEN.findall(expression)[::-1]
    accepted = _expression(tokens, active)
    if tokens:
        raise ValueError(expression)
    return accepted


def _expression(tokens: list[str], active: Collection[str]) -> bool:
    """Evaluate an expression. Its tokens are taken from the end of the list.

    `&` and `|` do not mix without parentheses.
    """
    operands, operators = [_operand(tokens, active)], set()
    while tokens and tokens[-1] in {"&", "|"}:
        operators.add(tokens.pop())
        operands.append(_operand(tokens, active))
    if len(operators) > 1:
        raise ValueError(operators)
    return any(operands) if operators == {"|"} else all(operands)


def _operand(tokens: list[str], active: Collection[str]) -> bool:
    word = tokens.pop() if tokens else ")"
    if word == "!":
        return not _operand(tokens, active)
    if word == "(":
        inner = _expression(tokens, active)
        if not tokens or tokens.pop() != ")":
            raise ValueError(word)
        return inner
    if word in {")", "&", "|"}:
        raise ValueError(word)
    return word in active
