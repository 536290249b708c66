"""SPRING_APPLICATION_JSON, with nested names flattened as Spring Boot does."""

import json
from collections.abc import Iterator
from itertools import islice

from config.errors import SettingsError
from config.spring.scalars import parse_json
from config.spring.sources.source import MAX_DEPTH, MAX_ENTRIES, Source

JSON_PROPERTY = "spring.application.json"


def application_json(text: str, origin: str) -> Source:
    """Return the properties of SPRING_APPLICATION_JSON.

    Nested objects become dotted names, and arrays indexed ones. A null is absent.

    Args:
        text: The JSON.
        origin: Where it is set, for messages.

    Raises:
        SettingsError: The text is no JSON object.
    """
    try:
        document = parse_json(text)
        if not isinstance(document, dict):
            raise SettingsError(
                f'{JSON_PROPERTY} ({origin}) is not a JSON object such as {{"reversestring": '
                f'"true"}}'
            )
        values = dict(islice(flatten(document), MAX_ENTRIES + 1))
        if len(values) > MAX_ENTRIES:
            raise SettingsError(
                f"{JSON_PROPERTY} ({origin}) has more than {MAX_ENTRIES} properties"
            )
        return Source("spring.application.json", origin, values)
    except (ValueError, RecursionError) as error:
        where = (
            f" at line {error.lineno}, column {error.colno}"
            if isinstance(error, json.JSONDecodeError)
            else ""
        )
        raise SettingsError(
            f"{JSON_PROPERTY} ({origin}) is not valid JSON{where}; a JSON object is allowed"
        ) from None


def flatten(node: object, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield `a.b[0]`: "1" and `a.b[1]`: "true" for `{"a": {"b": [1, true]}}`.

    Empty objects and arrays are empty values. Raises ValueError for too deep nesting.
    """
    if depth > MAX_DEPTH:
        raise ValueError(depth)
    if isinstance(node, dict) and node:
        for key, value in node.items():
            yield from flatten(value, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(node, list) and node:
        for index, value in enumerate(node):
            yield from flatten(value, f"{path}[{index}]", depth + 1)
    elif isinstance(node, bool):
        yield path, str(node).lower()
    elif node is not None:
        yield path, "" if isinstance(node, (dict, list)) else str(node)
