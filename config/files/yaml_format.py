"""Reads YAML files as Spring Boot does, within limits."""

from collections.abc import Iterator
from typing import Any

from config.files.document_error import MAX_ENTRIES, DocumentError
from config.spring.scalars import Converted, convert_scalar

_MAX_DEPTH = 64  # nested mappings and lists
_SCALAR_TAGS = frozenset({"str", "int", "float", "bool", "null"})
_TAG = "tag:yaml.org,2002:"
Node = Any  # text, None, or a dict or list of nodes


def parse_yaml(text: str) -> list[dict[str, str]]:
    """Return the flattened documents of a YAML file, with each scalar as Spring Boot's text.

    Args:
        text: The file's text.

    Raises:
        DocumentError: The text is no valid YAML, or passes a limit.
    """
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - has no types, and takes 20 ms that only those with a YAML file pay

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        reader = _YamlReader(yaml, yaml.parse(text, loader))
        return [flatten_document(document) for document in reader.documents()]
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DocumentError(
            f"is not valid YAML{f' at line {mark.line + 1}' if mark else ''}"
        ) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise (
            error if isinstance(error, DocumentError) else DocumentError("is not valid YAML")
        ) from None


class _YamlReader:
    """Builds the tree from the parser's events. Nothing is built that a limit refuses."""

    def __init__(self, yaml: Any, events: Iterator[Any]) -> None:
        self._yaml, self._events = yaml, events
        self._anchors: dict[str, Node] = {}

    def documents(self) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, self._yaml.DocumentStartEvent):
                self._anchors = {}
                yield self._node(next(self._events), 0)

    def _node(self, event: Any, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise DocumentError(
                f"has more than {_MAX_DEPTH} levels at line {event.start_mark.line + 1}"
            )
        if isinstance(event, self._yaml.AliasEvent):
            if event.anchor not in self._anchors:
                raise DocumentError(
                    f"is not valid YAML at line {event.start_mark.line + 1}: the alias has no "
                    f"anchor before it"
                )
            return self._anchors[event.anchor]
        if isinstance(event, self._yaml.ScalarEvent):
            node: Node = self._scalar(event)
        else:
            if event.tag and event.tag not in {f"{_TAG}map", f"{_TAG}seq", "!"}:
                raise DocumentError(
                    f"is not valid YAML: the tag at line {event.start_mark.line + 1} is not allowed"
                )
            mapping = isinstance(event, self._yaml.MappingStartEvent)
            node = self._mapping(depth) if mapping else self._sequence(depth)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _scalar(self, event: Any) -> str | None:
        line = event.start_mark.line + 1
        kind = (
            event.tag.removeprefix(_TAG)
            if event.tag not in {None, "!"}
            else None
            if event.implicit[0]
            else "str"
        )
        if kind is not None and kind not in _SCALAR_TAGS:
            raise DocumentError(f"is not valid YAML: the tag at line {line} is not allowed")
        if kind is None and event.value == "<<":
            raise DocumentError(f"is not valid YAML: << at line {line} merges nothing")
        try:
            return convert_scalar(str(event.value), kind)
        except ValueError:
            raise DocumentError(
                f"is not valid YAML: the scalar at line {line} is no number"
            ) from None

    def _sequence(self, depth: int) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self._events), self._yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _mapping(self, depth: int) -> dict[str, Node]:
        values: dict[str, Node] = {}
        merged: list[Node] = []
        while not isinstance(event := next(self._events), self._yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, self._yaml.ScalarEvent | self._yaml.AliasEvent):
                raise DocumentError(f"has a name at line {line} that is no text")
            merge = (
                isinstance(event, self._yaml.ScalarEvent)
                and event.implicit[0]
                and event.value == "<<"
            )
            name = None if merge else self._node(event, depth + 1)
            node = self._node(next(self._events), depth + 1)
            if merge:
                merged += node if isinstance(node, list) else [node]
                continue
            if not isinstance(name, str | None):
                raise DocumentError(f"has a name at line {line} that is no text")
            if name is None or isinstance(name, Converted):  # Spring Boot's name for such a key
                name = f"[{'null' if name is None else name}]"
            if name in values:
                raise DocumentError(
                    f"has the name {name[:60]!r} twice in one mapping, the second time at line "
                    f"{line}"
                )
            values[name] = node
        for each in merged:
            if not isinstance(each, dict):
                raise DocumentError("merges what is no mapping with <<")
            values = (
                each | values
                if len(merged) == 1
                else values | {key: node for key, node in each.items() if key not in values}
            )
        return values


def flatten_document(node: Node) -> dict[str, str]:
    """Return `{"a": {"b": ["x"]}}` as `a.b[0]`. Nulls and empty lists are empty values.

    Args:
        node: The document's tree.

    Raises:
        DocumentError: The document is no mapping, or passes a limit.
    """
    if node is None:
        return {}
    if not isinstance(node, dict):
        raise DocumentError("is not a YAML mapping of names to values")
    values: dict[str, str] = {}
    steps = 0
    waiting: list[tuple[str, Node]] = [("", node)]
    while waiting:
        path, each = waiting.pop()
        steps += 1
        if steps > MAX_ENTRIES or len(path) > _LONGEST_NAME:
            raise DocumentError(
                f"has more than {MAX_ENTRIES} properties, or a name of more than {_LONGEST_NAME} "
                f"characters"
            )
        if isinstance(each, dict):
            waiting += [(_name(path, key), below) for key, below in reversed(each.items())]
        elif isinstance(each, list) and each:
            waiting += [
                (f"{path}[{number}]", below) for number, below in reversed(list(enumerate(each)))
            ]
        elif isinstance(each, list | None):
            values[path] = ""
        else:
            values[path] = each
    return values


_LONGEST_NAME = 4000  # characters; the longest known property has 100


def _name(path: str, key: str) -> str:
    return f"{path}{key}" if not path or key.startswith("[") else f"{path}.{key}"
