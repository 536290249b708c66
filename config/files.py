"""application.properties and application.yml, with profiles, where Spring Boot looks for them."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from config.convert import items
from config.errors import SettingsError, shown
from config.names import uniform
from config.profiles import accepts
from config.sources import Source, flatten

# The last is where the indexed pods of a partitioned stream find their number; in the image, whose working directory is /, it is the first.
FOLDERS = (Path("config"), Path(), Path("/config"))
_ENDINGS = (".properties", ".yml", ".yaml")  # the first wins within a folder
_ON_PROFILE = "spring.config.activate.onprofile"
_LARGEST = 1 << 20  # bytes; a file of settings is a few kilobytes


def file_sources(profiles: Sequence[str], folders: Sequence[Path] = FOLDERS) -> list[Source]:
    """The documents of all files that apply under `profiles`, the highest first: later profiles, then files without one.

    Raises SettingsError for a file that cannot be read.
    """
    names = [f"application-{profile}" for profile in reversed(profiles)] + ["application"]
    paths = dict.fromkeys((folder / (name + ending)).absolute() for name in names for folder in folders for ending in _ENDINGS)
    return [source for path in paths if path.is_file() for source in _documents(path, profiles)]


def _documents(path: Path, profiles: Sequence[str]) -> Iterator[Source]:
    """The documents of one file, the last (which is the highest) first."""
    try:
        if path.stat().st_size > _LARGEST:
            raise SettingsError(f"{path} is too large for a file of settings")
        text = path.read_text("utf-8")
    except (OSError, ValueError) as error:
        raise SettingsError(f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not UTF-8'}") from None
    documents = list(_properties(text) if path.suffix == ".properties" else _yaml(text, path))
    for number, values in reversed(list(enumerate(documents, 1))):
        origin = f"file {path}" + (f", document {number}" if len(documents) > 1 else "")
        conditions = {name: value for name, value in values.items() if uniform(name) == _ON_PROFILE}
        if all(_applies(name, condition, origin, profiles) for name, condition in conditions.items()):
            yield Source(f"Config resource '{origin}'", origin, values)


def _applies(name: str, condition: str, origin: str, profiles: Sequence[str]) -> bool:
    """A list of expressions, of which one is enough."""
    try:
        return max([accepts(expression, profiles) for expression in items(condition)], default=True)
    except (ValueError, RecursionError):
        allowed = "profile names, with !, & or |, and parentheses where & and | are mixed"
        raise SettingsError(f"{name}: {shown(name, condition)} ({origin}) is not allowed; allowed is {allowed}") from None


def _properties(text: str) -> Iterator[dict[str, str]]:
    r"""Java's format: `name=value`, `name: value`, `#` and `!` comments, `\` at a line's end joins lines, `#---` ends a document."""
    values: dict[str, str] = {}
    lines = iter(text.splitlines())
    for line in lines:
        if line.rstrip() in {"#---", "!---"}:
            yield values
            values = {}
        logical = line.lstrip(" \t\f")
        if not logical or logical[0] in "#!":
            continue
        while re.search(r"(?<!\\)(\\\\)*\\$", logical):
            logical = logical[:-1] + next(lines, "").lstrip(" \t\f")
        name, value = re.fullmatch(r"((?:\\.|[^\\=:\s])*)\s*[=:]?\s*(.*)", logical, re.DOTALL).groups()  # type: ignore[union-attr]  # matches any text
        values[_unescaped(name)] = _unescaped(value)
    yield values


def _unescaped(text: str) -> str:
    def character(match: re.Match[str]) -> str:
        body = match[1]
        return chr(int(body[1:], 16)) if len(body) > 1 else {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}.get(body, body)

    return re.sub(r"\\(u[0-9A-Fa-f]{4}|.)", character, text, flags=re.DOTALL)


def _yaml(text: str, path: Path) -> Iterator[dict[str, str]]:
    import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - has no types, and takes 20 ms that only those with a YAML file pay

    class Loader(yaml.SafeLoader):  # type: ignore[misc]  # likewise
        """Every scalar is text, as written, but for null."""

        yaml_implicit_resolvers = {  # noqa: RUF012 - this is how PyYAML has it
            first: [(tag, pattern) for tag, pattern in resolvers if tag.endswith((":null", ":merge"))]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

        def compose_mapping_node(self, anchor: Any) -> Any:
            """A name twice in one mapping is somebody's mistake."""
            node = super().compose_mapping_node(anchor)
            names = [name.value for name, _ in node.value if isinstance(name, yaml.ScalarNode) and name.value != "<<"]
            if len({*names}) < len(names):
                raise yaml.composer.ComposerError(problem_mark=node.start_mark)
            return node

    try:
        for document in yaml.load_all(text, Loader):
            if not isinstance(document, dict | None):
                raise SettingsError(f"{path} is not a YAML mapping of names to values")
            yield dict(flatten(document)) if document else {}
    except yaml.MarkedYAMLError as error:
        raise SettingsError(f"{path} is not valid YAML at line {error.problem_mark.line + 1}") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise SettingsError(f"{path} is not valid YAML") from None
