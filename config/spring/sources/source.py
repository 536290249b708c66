"""Sources of properties, each with Spring Boot's relaxed names; the loader orders them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from config.errors import SettingsError
from config.spring.names import canonical, map_key, uniform
from config.spring.sources.service_links import is_service_link

MAX_ENTRIES = 10_000  # properties of one source; people set a hundred
MAX_DEPTH = 64  # objects and arrays inside each other
_PASSED_OVER = ("", "--", "$@")
# An item of a list, as `[0]`, or as `.0` where a variable has it.
_ITEM = re.compile(r"(.+?)(?:\[([0-9]{1,9})\]|\.([0-9]{1,9}))")
LIST_RULE = "the items of a list are counted from 0, without a gap"
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9._-]{0,120}")


class Entry(NamedTuple):
    """A property as someone wrote it."""

    name: str  # in their spelling
    value: str
    origin: str  # for people: "the command line", "environment variable SERVER_PORT"


@dataclass(frozen=True)
class Source:
    """Properties of one origin, as written. A canonical spelling wins, else the first one."""

    name: str  # as /actuator/env calls it
    origin: str
    values: Mapping[str, str]

    def __post_init__(self) -> None:
        """Index the names by their uniform spelling."""
        index: dict[str, str] = {}
        spellings: dict[str, list[str]] = {}
        for written in self.values:
            for form in dict.fromkeys(self.forms(written)):
                index.setdefault(form, written)
                spellings.setdefault(form, []).append(written)
        object.__setattr__(self, "_index", index)
        object.__setattr__(self, "_spellings", spellings)

    def forms(self, written: str) -> Iterator[str]:
        """The uniform names `written` answers to, the best first."""
        yield uniform(written)

    def entry(self, written: str) -> Entry:
        """Return the property as `written`, with its origin."""
        return Entry(written, self.values[written], self.origin)

    def literal(self, name: str) -> Entry | None:
        """The property written exactly so."""
        return self.entry(name) if name in self.values else None

    def placeholder(self, name: str) -> Entry | None:
        """Return a canonical name in any spelling, another as written, as Spring does."""
        return self.find(name) if canonical(name) else self.literal(name)

    def find(self, name: str) -> Entry | None:
        """Return the property `name` (lower-case kebab) in any spelling.

        An indexed list is one comma-separated value.
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

    def alike(self, name: str) -> list[Entry]:
        """Return the property `name` (canonical) in each spelling of this source."""
        spellings: dict[str, list[str]] = self._spellings  # type: ignore[attr-defined]  # as _index
        forms = (uniform(name), f"{uniform(name)}.0")
        return [self.entry(written) for form in forms for written in spellings.get(form, ())]

    def entries(self, prefix: str) -> Iterator[tuple[str, Entry]]:
        """Return the map `prefix` (canonical): keys in their own spelling, and entries."""
        for written in self.values:
            if (key := map_key(written, uniform(prefix))) is not None:
                yield key, self.entry(written)

    def lists(self, prefix: str) -> dict[str, Entry]:
        """Return a map whose values may be lists: `a[0]` and `a[1]` as `a`, joined by a comma.

        Raises SettingsError for a list with a gap.
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
                raise SettingsError(f"{first} ({self.origin}) is not allowed: {LIST_RULE}")
            found[key] = Entry(first, ",".join(each[n].value for n in sorted(each)), self.origin)
        return found


@dataclass(frozen=True)
class Environment(Source):
    """Environment variables: A_BC_D and the legacy A_B_C_D for `a.b-c.d`, and dotted names."""

    # Set no property; a placeholder may name them.
    service_links: Mapping[str, str] = field(default_factory=dict)

    def placeholder(self, name: str) -> Entry | None:
        """As in Source, and the variables of Kubernetes' Services."""
        link = self.service_links.get(name)
        return super().placeholder(name) or (
            Entry(name, link, f"environment variable {name}") if link else None
        )

    def forms(self, written: str) -> Iterator[str]:
        """Yield the uniform names, underscores as dots first."""
        yield uniform(written.replace("_", "."))
        yield uniform(written)

    def entry(self, written: str) -> Entry:
        """Return the variable, whose name is the origin."""
        return Entry(written, self.values[written], f"environment variable {written}")

    def literal(self, name: str) -> Entry | None:
        """As in Source; A_B stands for `a.b` and `a-b`."""
        upper = re.sub(r"[.-]", "_", name).upper()
        return super().literal(name) or (self.entry(upper) if upper in self.values else None)

    def find(self, name: str) -> Entry | None:
        """As in Source, also with dots in place of dashes."""
        return super().find(name) or (super().find(name.replace("-", ".")) if "-" in name else None)

    def alike(self, name: str) -> list[Entry]:
        """As in Source, also with dots in place of dashes."""
        dotted = super().alike(name.replace("-", ".")) if "-" in name else []
        return [*super().alike(name), *dotted]

    def entries(self, prefix: str) -> Iterator[tuple[str, Entry]]:
        """Lower-case the keys of variables without dots, and read `_` as a dot."""
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
    """Return the properties `--name=value`. `--name` alone has an empty value; a repeated one
    becomes a list.

    The image of Spring's sample puts a bare `--` and a literal `$@` before all arguments. Both are
    passed over.

    Args:
        argv: The arguments, without the program.

    Raises:
        SettingsError: A word is no option. Its value is not shown.
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


def environment(environ: Mapping[str, str]) -> Environment:
    """Return the environment; Kubernetes' variables for Services set no property.

    A service called `server` would otherwise set `server.port` to `tcp://10.0.0.1:80`.
    """
    links = {name: value for name, value in environ.items() if is_service_link(name, environ)}
    own = {name: value for name, value in environ.items() if name not in links}
    return Environment("systemEnvironment", "the environment", own, links)
