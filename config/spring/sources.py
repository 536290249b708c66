"""Where properties come from. Each source answers for a name in Spring Boot's relaxed way; the
order of sources is load.py's.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from config.errors import SettingsError
from config.spring.names import canonical, is_critical, map_key, uniform
from config.spring.scalars import parse_json
from config.spring.service_links import is_service_link

JSON_PROPERTY = "spring.application.json"
_MAX_ENTRIES = 10_000  # properties of one source; people set a hundred
_MAX_DEPTH = 64  # objects and arrays inside each other
_PASSED_OVER = ("", "--", "$@")
# Of a list, as `[0]`, or as `.0` where a variable has it.
_ITEM = re.compile(r"(.+?)(?:\[([0-9]{1,9})\]|\.([0-9]{1,9}))")
LIST_RULE = "the items of a list are counted from 0, without a gap"
_JAVA_VARIABLES = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS")
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,120}")


class Entry(NamedTuple):
    """A property as someone wrote it."""

    name: str  # in their spelling
    value: str
    origin: str  # for people: "the command line", "environment variable SERVER_PORT"


@dataclass(frozen=True)
class Source:
    """Properties of one origin, as written. The first of several spellings of one name wins, a
    canonical spelling before all.
    """

    name: str  # as /actuator/env calls it
    origin: str
    values: Mapping[str, str]

    def __post_init__(self) -> None:
        index: dict[str, str] = {}
        for written in self.values:
            for form in self.forms(written):
                index.setdefault(form, written)
        object.__setattr__(self, "_index", index)

    def forms(self, written: str) -> Iterator[str]:
        """The uniform names `written` answers to, the best first."""
        yield uniform(written)

    def entry(self, written: str) -> Entry:
        return Entry(written, self.values[written], self.origin)

    def literal(self, name: str) -> Entry | None:
        """The property written exactly so."""
        return self.entry(name) if name in self.values else None

    def placeholder(self, name: str) -> Entry | None:
        """A canonical name in any spelling, another one only as it is written: Spring's rule for
        placeholders.
        """
        return self.find(name) if canonical(name) else self.literal(name)

    def find(self, name: str) -> Entry | None:
        """The property `name` (canonical: lower-case kebab) in any spelling; an indexed list comes
        as one comma-separated value.
        """
        if name in self.values:
            return self.entry(name)
        index: dict[str, str] = self._index  # type: ignore[attr-defined]  # set in __post_init__, which dataclasses cannot declare
        if written := index.get(uniform(name)):
            return self.entry(written)
        items: list[str] = []
        while written := index.get(f"{uniform(name)}.{len(items)}"):
            items.append(self.values[written])
        return Entry(name, ",".join(items), self.origin) if items else None

    def entries(self, prefix: str) -> Iterator[tuple[str, Entry]]:
        """Everything in the map `prefix` (canonical): the key in its own spelling, and the
        entry.
        """
        for written in self.values:
            if (key := map_key(written, uniform(prefix))) is not None:
                yield key, self.entry(written)

    def lists(self, prefix: str) -> dict[str, Entry]:
        """Everything in a map whose values may be lists: `a[0]` and `a[1]` come as `a`, with a
        comma between them.

        Raises SettingsError for a list with a gap.
        """
        found: dict[str, Entry] = {}
        items: dict[str, dict[int, Entry]] = {}
        for key, entry in self.entries(prefix):
            if item := _ITEM.fullmatch(key):
                items.setdefault(item[1].removeprefix("[").removesuffix("]"), {})[
                    int(item[2] or item[3])
                ] = entry
            else:
                found[key] = entry
        for key, each in items.items():
            if key not in found:
                found[key] = Entry(
                    next(iter(each.values())).name,
                    ",".join(each[n].value for n in sorted(each)),
                    self.origin,
                )
                if sorted(each) != list(range(len(each))):
                    raise SettingsError(
                        f"{found[key].name} ({self.origin}) is not allowed: {LIST_RULE}"
                    )
        return found


@dataclass(frozen=True)
class Environment(Source):
    """Environment variables: A_BC_D and the legacy A_B_C_D for `a.b-c.d`, and names with dots or
    dashes as ordinary names.
    """

    # Set no property; a placeholder may name them.
    service_links: Mapping[str, str] = field(default_factory=dict)

    def placeholder(self, name: str) -> Entry | None:
        link = self.service_links.get(name)
        return super().placeholder(name) or (
            Entry(name, link, f"environment variable {name}") if link else None
        )

    def forms(self, written: str) -> Iterator[str]:
        yield uniform(written.replace("_", "."))
        yield uniform(written)

    def entry(self, written: str) -> Entry:
        return Entry(written, self.values[written], f"environment variable {written}")

    def literal(self, name: str) -> Entry | None:
        upper = re.sub(r"[.-]", "_", name).upper()
        return super().literal(name) or (self.entry(upper) if upper in self.values else None)

    def find(self, name: str) -> Entry | None:
        return super().find(name) or (super().find(name.replace("-", ".")) if "-" in name else None)

    def entries(self, prefix: str) -> Iterator[tuple[str, Entry]]:
        """Keys of variables without dots are lower-cased, and `_` is read as a dot: only so can a
        dotted key be told.
        """
        prefixes = {uniform(prefix), uniform(prefix.replace("-", "."))}
        for written in self.values:
            name = written if "." in written else written.lower().replace("_", ".")
            for key in filter(None, (map_key(name, form) for form in prefixes)):
                yield key, self.entry(written)


def command_line(argv: Sequence[str]) -> Source:
    """`--name=value`; `--name` alone has an empty value; a repeated one becomes a list.

    The old sample's image puts a bare `--` and a literal `$@` before all arguments: both are passed
    over. Raises SettingsError for any other word, without showing its value.
    """
    values: dict[str, list[str]] = {}
    for number, argument in enumerate(argv, 1):
        name, equals, value = argument.removeprefix("--").partition("=")
        if argument.startswith("--") and name:
            values.setdefault(name, []).append(value)
        elif argument not in _PASSED_OVER:
            word = name.removeprefix("-D").lstrip("-")
            hint = f": write --{word}=..." if equals and _WORD.fullmatch(word) else ""
            raise SettingsError(
                f"argument {number} of the command line is no option{hint}; options are "
                f"--name=value"
            )
    return Source(
        "commandLineArgs",
        "the command line",
        {name: ",".join(each) for name, each in values.items()},
    )


def java_options(argv: Sequence[str]) -> tuple[Source, Sequence[str]]:
    """What `-Dname=value` sets, and the arguments: Data Flow's local deployer starts `<options>
    -jar <file> <arguments>`.
    """
    at = list(argv).index("-jar") if "-jar" in argv else -1
    options = (
        option.removeprefix("-D").partition("=")
        for option in argv[: max(at, 0)]
        if option.startswith("-D")
    )
    return Source(
        "systemProperties", "the command line", {name: value for name, _, value in options if name}
    ), argv[at + 2 if at >= 0 else 0 :]


def java_variables(environ: Mapping[str, str]) -> list[str]:
    """A warning for each variable with options of a Java machine that sets one of Spring's
    properties: there is no Java here.

    Raises SettingsError where the property is about security, an address or a place of settings.
    """
    warnings: list[str] = []
    for variable in _JAVA_VARIABLES:
        for name in re.findall(
            r"(?:^|\s)['\"]?-D([A-Za-z0-9_.-]{1,150})=", environ.get(variable, "")
        ):
            if uniform(name).startswith(("spring.", "server.", "management.", "logging.")):
                line = f"environment variable {variable}: -D{name}"
                if is_critical(name):
                    raise SettingsError(
                        f"{line} is not allowed: there is no Java here; write --{name}=..."
                    )
                warnings.append(f"{line} is ignored: there is no Java here; write --{name}=...")
    return warnings


def application_json(text: str, origin: str) -> Source:
    """The properties of SPRING_APPLICATION_JSON: nested objects become dotted names, arrays indexed
    ones, a null is absent.
    """
    try:
        document = parse_json(text)
        if not isinstance(document, dict):
            raise SettingsError(
                f'{JSON_PROPERTY} ({origin}) is not a JSON object such as {{"reversestring": '
                f'"true"}}'
            )
        values = dict(islice(flatten(document), _MAX_ENTRIES + 1))
        if len(values) > _MAX_ENTRIES:
            raise SettingsError(
                f"{JSON_PROPERTY} ({origin}) has more than {_MAX_ENTRIES} properties"
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
    """`{"a": {"b": [1, true]}}` -> `a.b[0]`: "1", `a.b[1]`: "true"; empty objects and arrays stay
    as empty values.

    Raises ValueError for what is nested too deep.
    """
    if depth > _MAX_DEPTH:
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


def environment(environ: Mapping[str, str]) -> Environment:
    """The environment, in which the variables that Kubernetes sets for every service in the
    namespace set no property.

    A service called `server` would otherwise set `server.port` to `tcp://10.0.0.1:80`.
    """
    links = {name: value for name, value in environ.items() if is_service_link(name, environ)}
    own = {name: value for name, value in environ.items() if name not in links}
    return Environment("systemEnvironment", "the environment", own, links)


def cloud_foundry(environ: Mapping[str, str]) -> tuple[list[Source], list[str]]:
    """VCAP_APPLICATION as `vcap.application.*`, VCAP_SERVICES as `vcap.services.<name>.*`; a
    warning for one that is not JSON.
    """
    values: dict[str, str] = {}
    warnings: list[str] = []
    for variable, named in (("VCAP_APPLICATION", _application), ("VCAP_SERVICES", _services)):
        try:
            if variable in environ:
                values |= islice(named(parse_json(environ[variable])), _MAX_ENTRIES)
        except (ValueError, TypeError, AttributeError, RecursionError):
            warnings.append(
                f"environment variable {variable} is dropped: it is not the JSON that Cloud "
                f"Foundry sets"
            )
    return [
        Source("vcap", "VCAP_APPLICATION and VCAP_SERVICES", values)
    ] if values else [], warnings


def _application(document: dict[str, object]) -> Iterator[tuple[str, str]]:
    return _vcap(document, "vcap.application")


def _services(document: dict[str, list[dict[str, object]]]) -> Iterator[tuple[str, str]]:
    """Services are listed by kind; Spring Boot names them by their own name, else by their
    label.
    """
    for kind, services in document.items():
        for service in services:
            name = service.get("name") or service.get("label") or kind
            if not isinstance(name, str):
                raise TypeError(name)
            yield from _vcap(service, f"vcap.services.{name}")


def _vcap(node: Mapping[str, object], path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """As Spring Boot flattens these: a list is there as a whole, with commas, and by its items; a
    null is an empty text.
    """
    if depth > _MAX_DEPTH:
        raise ValueError(depth)
    for key, value in node.items():
        name = f"{path}{key}" if key.startswith("[") else f"{path}.{key}"
        if isinstance(value, dict):
            yield from _vcap(value, name, depth + 1)
        elif isinstance(value, list):
            yield name, ",".join(map(_java_text, value))
            yield from _vcap(
                {f"[{index}]": item for index, item in enumerate(value)}, name, depth + 1
            )
        else:
            yield name, "" if value is None else _java_text(value)


def _java_text(value: object) -> str:
    """What Java's toString makes of a value."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java_text, value)) + "]"
    return (
        "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )
