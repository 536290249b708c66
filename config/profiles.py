"""Spring's profile expressions: `prod`, `!prod`, `prod & cloud`, `(prod | test) & !cloud`."""

import re
from collections.abc import Collection

_TOKEN = re.compile(r"[()&|!]|[^\s()&|!](?:[^()&|!]*[^\s()&|!])?")


def accepts(expression: str, active: Collection[str]) -> bool:
    """Whether a document with this condition applies. Raises ValueError for what is no such expression."""
    tokens = _TOKEN.findall(expression)[::-1]
    accepted = _expression(tokens, active)
    if tokens:
        raise ValueError(expression)
    return accepted


def _expression(tokens: list[str], active: Collection[str]) -> bool:
    """Takes its tokens from the end of the list. `&` and `|` do not mix without parentheses."""
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
