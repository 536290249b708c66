"""Sources of properties, with Spring Boot's relaxed names. The loader orders them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from config.errors import SettingsError, shown_name
from config.spring.names import canonical, map_key, uniform
from config.spring.sources.service_links import is_service_link

MAX_ENTRIES = 10_000  # properties of one source; usual is a hundred
MAX_DEPTH = 64  # nested objects and arrays
_PASSED_OVER = ("", "--", "$@")
# An item of a list: `[0]`, or `.0` in a variable.
_ITEM = re.compile(r"(.+?)(?:\[([0-9]{1,9})\]|\.([0-9]{1,9}))")
LIST_RULE = "the items of a list are counted from 0, without a gap"


class Entry(NamedTuple):
    """A property as it is written."""

    name: str  # as it is spelled
    value: str
    origin: str  # for messages: "the command line", "environment variable SERVER_PORT"


@dataclass(frozen=True)
class Source:
    """The properties of one origin. Of several spellings the canonical one wins, else the first."""

    name: str  # in /actuator/env
    origin: str
    values: Mapping[str, str]

    def __post_init__(self) -> None:
        """Index the names by their uniform spelling."""
        index: dict[str, list[str]] = {}
        for written in self.values:
            for form in dict.fromkeys(self.forms(written)):
                index.setdefault(form, []).append(written)
        object.__setattr__(self, "_index", index)

    def forms(self, written: str) -> Iterator[str]:
        """Yield the uniform names of a written name, the best first.

        Args:
            written: The name as written.
        """
        yield uniform(written)

    def entry(self, written: str) -> Entry:
        """Return the property of a written name, with its origin.

        Args:
            written: The name as written.
        """
        return Entry(written, self.values[written], self.origin)

    def literal(self, name: str) -> Entry | None:
        """Return the property that is written exactly so, or None.

        Args:
            name: The name.
        """
        return self.entry(name) if name in self.values else None

    def placeholder(self, name: str) -> Entry | None:
        """Return the property that a placeholder names, or None.

        As in Spring, a canonical name is found in any spelling, and another name only as it is
        written.

        Args:
            name: The placeholder's name.
        """
        return self.find(name) if canonical(name) else self.literal(name)

    def find(self, name: str) -> Entry | None:
        """Return the property in any spelling, or None. An indexed list is one value with commas.

        Args:
            name: The canonical name (lower-case kebab).
        """
        if name in self.values:
            return self.entry(name)
        if spellings := self._spellings(uniform(name)):
            return self.entry(spellings[0])
        items: list[str] = []
        while spellings := self._spellings(f"{uniform(name)}.{len(items)}"):
            items.append(self.values[spellings[0]])
        return Entry(name, ",".join(items), self.origin) if items else None

    def alike(self, name: str) -> list[Entry]:
        """Return the property `name` (canonical) in each spelling of this source."""
        forms = (uniform(name), f"{uniform(name)}.0")
        return [self.entry(written) for form in forms for written in self._spellings(form)]

    def _spellings(self, form: str) -> list[str]:
        index: dict[str, list[str]] = self._index  # type: ignore[attr-defined]  # set in __post_init__, which dataclasses cannot declare
        return index.get(form, [])

    def entries(self, prefix: str) -> Iterator[tuple[str, Entry]]:
        """Yield the keys of a map in their own spelling, and their properties.

        Args:
            prefix: The canonical name of the map.
        """
        for written in self.values:
            if (key := map_key(written, uniform(prefix))) is not None:
                yield key, self.entry(written)

    def lists(self, prefix: str) -> dict[str, Entry]:
        """Return a map whose values may be lists. `a[0]` and `a[1]` become `a`, joined by a comma.

        Args:
            prefix: The canonical name of the map.

        Raises:
            SettingsError: A list lacks an item.
        """
        found: dict[str, Entry] = {}
        items: dict[str, dict[int, Entry]] = {}
        for key, entry in self.entries(prefix):
            if item := _ITEM.fullmatch(key):
                name = item[1].removeprefix("[").removesuffix("]")
                items.setdefault(name, {})[int(item[2] or item[3])] = entry
            else:
                found[key] = entry
        for key, each in items.items():
            if key in found:
                continue
            first = next(iter(each.values())).name
            if sorted(each) != list(range(len(each))):
                raise SettingsError(
                    f"{shown_name(first)} ({self.origin}) is not allowed: {LIST_RULE}"
                )
            found[key] = Entry(first, ",".join(each[n].value for n in sorted(each)), self.origin)
        return found


@dataclass(frozen=True)
class Environment(Source):
    """Environment variables: A_BC_D and the old form A_B_C_D for `a.b-c.d`, and dotted names."""

    # Variables that set no property. A placeholder may name them.
    service_links: Mapping[str, str] = field(default_factory=dict)

    def placeholder(self, name: str) -> Entry | None:
        """Return the property that a placeholder names, or a variable of a Kubernetes Service."""
        link = self.service_links.get(name)
        return super().placeholder(name) or (
            Entry(name, link, f"environment variable {name}") if link else None
        )

    def forms(self, written: str) -> Iterator[str]:
        """Yield the uniform names. The one with underscores as dots comes first."""
        yield uniform(written.replace("_", "."))
        yield uniform(written)

    def entry(self, written: str) -> Entry:
        """Return the variable as a property. Its name is the origin."""
        return Entry(written, self.values[written], f"environment variable {written}")

    def literal(self, name: str) -> Entry | None:
        """Return the property that is written exactly so, or as A_B for `a.b` and `a-b`."""
        upper = re.sub(r"[.-]", "_", name).upper()
        return super().literal(name) or (self.entry(upper) if upper in self.values else None)

    def find(self, name: str) -> Entry | None:
        """Return the property in any spelling, also with dots in place of dashes.

        Args:
            name: The canonical name (lower-case kebab).
        """
        return super().find(name) or (super().find(name.replace("-", ".")) if "-" in name else None)

    def alike(self, name: str) -> list[Entry]:
        """As in Source, also with dots in place of dashes."""
        dotted = super().alike(name.replace("-", ".")) if "-" in name else []
        return [*super().alike(name), *dotted]

    def entries(self, prefix: str) -> Iterator[tuple[str, Entry]]:
        """Yield the keys of a map and their properties.

        Keys of variables without dots are in lower case, with `_` as a dot.

        Args:
            prefix: The canonical name of the map.
        """
        prefixes = {uniform(prefix), uniform(prefix.replace("-", "."))}
        for written in self.values:
            dotted = written.replace("_", ".")
            # The prefix may be one of a variable, with a key in its own letters:
            # SPRING_KAFKA_PROPERTIES_sasl.jaas.config.
            names = (written, dotted) if "." in written else (dotted.lower(),)
            keys = (map_key(name, form) for name in names for form in prefixes)
            if key := next(filter(None, keys), None):
                yield key, self.entry(written)


def command_line(argv: Sequence[str]) -> Source:
    """Return the properties `--name=value` as a source.

    `--name` has an empty value. A repeated name becomes a list. The image of Spring's sample puts a
    bare `--` and a literal `$@` before all arguments. Both are ignored.

    Args:
        argv: The arguments, without the program's name.

    Raises:
        SettingsError: A word is no option. Its value is not shown.
    """
    values: dict[str, list[str]] = {}
    for number, argument in enumerate(argv, 1):
        name, _, value = argument.removeprefix("--").partition("=")
        if argument.startswith("--") and name:
            values.setdefault(name, []).append(value)
        elif argument not in _PASSED_OVER:
            # Without the word: it may be the value of a password before it.
            raise SettingsError(
                f"argument {number} of the command line is no option; options are --name=value"
            )
    return Source(
        "commandLineArgs",
        "the command line",
        {name: ",".join(each) for name, each in values.items()},
    )


def environment(environ: Mapping[str, str]) -> Environment:
    """Return the environment as a source. Kubernetes' variables for Services set no property.

    Otherwise a Service called `server` would set `server.port` to `tcp://10.0.0.1:80`.

    Args:
        environ: The environment.
    """
    links = {name: value for name, value in environ.items() if is_service_link(name, environ)}
    own = {name: value for name, value in environ.items() if name not in links}
    return Environment("systemEnvironment", "the environment", own, links)
