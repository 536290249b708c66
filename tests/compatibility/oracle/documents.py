"""Files nobody thought of: documents with conditions, profiles, imports, lists, maps, placeholders,
random values and bare scalars.
"""

import random
import re

import yaml  # type: ignore[import-untyped]  # has no types

from tests.compatibility.oracle.cases import Case
from tests.compatibility.oracle.scalars import WRITTEN, random_scalar

_PROFILES = ("prod", "cloud", "eu")
_BASES = ("application", "config/application", "config/extra/application")
_IMPORTED = ("more", "sub/more", "config/more")
_EXPRESSIONS = (
    "prod",
    "!prod",
    "prod & cloud",
    "prod | eu",
    "(prod | eu) & !cloud",
    "default",
    "cloud, eu",
    "prod & eu | cloud",
    "!(prod)",
)
_PLATFORMS = ("kubernetes", "cloud_foundry", "none", "Kubernetes", "heroku")
_VALUES = (
    "1",
    "2",
    "x y",
    "a,b",
    "${info.b}",
    "${info.z:d}",
    "${no.such:e}",
    "${no.such}",
    "${ENV_X:y}",
    "",
    "${info.${info.k:b}:f}",
    "é",
)
# Each begins with its kind, so that `without_chance` knows what to take out.
_RANDOM = (
    "value ${random.value}",
    "value ${random.what.ever}",
    "uuid ${random.uuid}",
    "int ${random.int}",
    "below ${random.int(10)}",
    "range ${random.long[5,9]}",
    "long ${random.long}",
    "${random.int[7,8]}",
    "${random.int(1)}",
    "${random.long(2,3)}",
)
_FORMS = re.compile(
    r"(?<=value )[0-9a-f]{32}(?![0-9a-f])|(?<=uuid "
    r")[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    r"|(?<=int )-?\d{1,10}(?!\d)|(?<=below )\d(?!\d)|(?<=range )[5-8](?!\d)|(?<=long "
    r")-?\d{1,19}(?!\d)"
)
_BARE = re.compile(r"bare-(\d+)-scalar")
_ONE_LINE = tuple(
    each for each in WRITTEN if "\n" not in each and not each.startswith(("&", "*", "<<"))
)
_NAMES = (
    "info.a",
    "info.b",
    "info.c.d",
    "info.z",
    "info.k",
    "management.metrics.tags.x",
    "management.metrics.tags.y-z",
)
_LISTS = ("spring.kafka.bootstrap-servers", "management.endpoints.web.exposure.include")
_TREES = ("tree", "config/tree")


def without_chance(text: str) -> str:
    """The text without random values that have the form and are in the range that their placeholder
    asks for.
    """
    return _FORMS.sub("#", text)


def document_case(source: random.Random, *, encodings: bool) -> Case:
    """Some files, and what starts the application beside them; with encodings of imported files,
    which Spring Boot 4 knows.
    """
    files: dict[str, str] = {}
    names = [
        base + (f"-{source.choice(_PROFILES)}" if source.random() < 0.35 else "")
        for base in _BASES
        for _ in range(2)
    ]
    names += [
        name + (f"-{source.choice(_PROFILES)}" if source.random() < 0.4 else "")
        for name in _IMPORTED
    ]
    for name in source.sample(names, source.randint(1, 5)):
        documents = [
            _document(source, may_import="extra" not in name, encodings=encodings)
            for _ in range(source.choice((1, 1, 1, 2, 3)))
        ]
        ending, write = source.choice(
            ((".yml", _as_yaml), (".properties", _as_properties), (".yaml", _as_yaml))
        )
        files[name + ending] = write(documents, source)
    for tree in source.sample(_TREES, source.choice((0, 0, 1, 2))):
        files[f"{tree}/info.b"] = source.choice(("tree", "tree\n", "two\nlines\n"))
        files[f"{tree}/info/z"] = "nested"
    argv = [f"--{name}={value}" for name, value in _above(source).items()]
    environ = {"ENV_X": "env"} if source.random() < 0.3 else {}
    if source.random() < 0.2:
        environ |= source.choice(
            (
                {"KUBERNETES_SERVICE_HOST": "h", "KUBERNETES_SERVICE_PORT": "1"},
                {"VCAP_APPLICATION": "{}"},
                {"DYNO": "d"},
            )
        )
    if source.random() < 0.1:
        environ["SPRING_PROFILES_INCLUDE"] = source.choice(_PROFILES)
    return Case(argv, environ, files)


def _above(source: random.Random) -> dict[str, str]:
    given: dict[str, str] = {}
    if source.random() < 0.5:
        given["spring.profiles.active"] = ",".join(source.sample(_PROFILES, source.randint(1, 2)))
    if source.random() < 0.1:
        given["spring.main.cloud-platform"] = source.choice(_PLATFORMS)
    if source.random() < 0.1:
        given["spring.config.on-not-found"] = "ignore"
    if source.random() < 0.2:
        given[source.choice(_NAMES)] = source.choice(_VALUES)
    return given


def _document(source: random.Random, *, may_import: bool, encodings: bool) -> dict[str, str]:
    """Spring Boot refuses what a file below a wildcard imports by a relative path; that is read
    here.
    """
    values = {name: _value(source) for name in source.sample(_NAMES, source.randint(1, 4))}
    if source.random() < 0.25:
        values["spring.config.activate.on-profile"] = source.choice(_EXPRESSIONS)
    if source.random() < 0.1:
        values["spring.config.activate.on-cloud-platform"] = source.choice(_PLATFORMS)
    if may_import and source.random() < 0.3:
        values["spring.config.import"] = _imports(source, encodings=encodings)
    if source.random() < 0.07:
        values["spring.profiles.active"] = source.choice((*_PROFILES, "${info.a:prod}", "prod,eu"))
    if source.random() < 0.04:
        values["spring.profiles.include"] = source.choice(_PROFILES)
    if source.random() < 0.04:
        values["spring.profiles.default"] = source.choice(_PROFILES)
    if source.random() < 0.08:
        values[f"spring.profiles.group.{source.choice(_PROFILES)}"] = ",".join(
            source.sample(_PROFILES, 2)
        )
    if source.random() < 0.02:
        values["spring.profiles"] = "prod"
    if source.random() < 0.2:
        values |= {
            f"{source.choice(_LISTS)}[{n}]": item
            for n, item in enumerate(source.sample(("a", "b", "c"), 2))
        }
    return values


def _value(source: random.Random) -> str:
    """A text; in one of five a random value, in one of five a scalar that YAML has without
    quotation marks.
    """
    match source.randint(0, 4):
        case 0:
            return source.choice(_RANDOM)
        case 1:
            return f"bare-{source.randrange(1000)}-scalar"
        case _:
            return source.choice(_VALUES)


def _bare(text: str) -> str:
    """The scalars in place of what `_value` has left for them: one of those written, or a random
    one by its number.
    """
    return _BARE.sub(lambda found: _scalar(int(found[1])), text)


def _scalar(number: int) -> str:
    return _ONE_LINE[number] if number < len(_ONE_LINE) else random_scalar(random.Random(number))  # noqa: S311 - the same each time


def _imports(source: random.Random, *, encodings: bool) -> str:
    names = (
        "more.yml",
        "more.properties",
        "sub/more.yml",
        "../more.yml",
        "more.yaml",
        "sub/",
        "no-such.yml",
        "tree/",
        "./config/",
    )
    chosen = []
    for name in source.sample(names, source.choice((1, 1, 2))):
        optional = "optional:" if source.random() < 0.75 else ""
        known = encodings and not name.endswith("/")
        encoding = (
            source.choice(("utf-8", "iso-8859-1", "UTF8"))
            if known and source.random() < 0.3
            else ""
        )
        chosen.append(f"{optional}{name}" + (f"[encoding={encoding}]" if encoding else ""))
    if source.random() < 0.1:
        chosen.append(f"optional:more{source.choice(('.yml', '-${info.a}.yml', ''))}")
    return source.choice((",", ",", ";")).join(chosen)


def _as_properties(documents: list[dict[str, str]], source: random.Random) -> str:
    separator = source.choice(
        ("#---\n", "!---\n", "#---\n# a comment\n", "# a comment\n#---\n", "#--- \n")
    )
    return _bare(
        separator.join(
            "".join(f"{name}={value}\n" for name, value in document.items())
            for document in documents
        )
    )


def _as_yaml(documents: list[dict[str, str]], source: random.Random) -> str:
    nested = source.random() < 0.5
    written = (
        yaml.safe_dump(
            _nested(each) if nested else each, default_flow_style=False, allow_unicode=True
        )
        for each in documents
    )
    return _bare("---\n".join(written))


def _nested(values: dict[str, str]) -> dict[str, object]:
    """Dotted names as nested mappings where that can be."""
    root: dict[str, object] = {}
    for name, value in values.items():
        if "[" in name or name == "spring.profiles":
            root[name] = value
            continue
        *path, last = name.split(".")
        node: object = root
        for step in path:
            node = node.setdefault(step, {}) if isinstance(node, dict) else None
        if isinstance(node, dict):
            node[last] = value
        else:
            root[name] = value
    return root
