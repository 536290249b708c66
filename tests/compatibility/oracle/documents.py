"""Files nobody thought of.

Documents with conditions, profiles, imports, lists, maps, placeholders, random values and bare
scalars.
"""

import random

import yaml  # type: ignore[import-untyped]  # has no types

from tests.compatibility.oracle.cases import Case
from tests.compatibility.oracle.document_parts import (
    BARE,
    BASES,
    EXPRESSIONS,
    FORMS,
    IMPORTED,
    LISTS,
    NAMES,
    ONE_LINE,
    PLATFORMS,
    PROFILES,
    RANDOM,
    TREES,
    VALUES,
)
from tests.compatibility.oracle.scalars import random_scalar


def without_random_part(text: str) -> str:
    """The text without random values that match the form and range of their placeholder."""
    return FORMS.sub("#", text)


def document_case(source: random.Random, *, encodings: bool) -> Case:
    """Some files, and what starts the application beside them.

    With encodings of imported files, which Spring Boot 4 knows.
    """
    files: dict[str, str] = {}
    names = [
        base + (f"-{source.choice(PROFILES)}" if source.random() < 0.35 else "")
        for base in BASES
        for _ in range(2)
    ]
    names += [
        name + (f"-{source.choice(PROFILES)}" if source.random() < 0.4 else "") for name in IMPORTED
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
    for tree in source.sample(TREES, source.choice((0, 0, 1, 2))):
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
        environ["SPRING_PROFILES_INCLUDE"] = source.choice(PROFILES)
    return Case(argv, environ, files)


def _above(source: random.Random) -> dict[str, str]:
    given: dict[str, str] = {}
    if source.random() < 0.5:
        given["spring.profiles.active"] = ",".join(source.sample(PROFILES, source.randint(1, 2)))
    if source.random() < 0.1:
        given["spring.main.cloud-platform"] = source.choice(PLATFORMS)
    if source.random() < 0.1:
        given["spring.config.on-not-found"] = "ignore"
    if source.random() < 0.2:
        given[source.choice(NAMES)] = source.choice(VALUES)
    return given


def _document(source: random.Random, *, may_import: bool, encodings: bool) -> dict[str, str]:
    """Spring Boot refuses what a file below a wildcard imports by a relative path.

    That is read here.
    """
    values = {name: _value(source) for name in source.sample(NAMES, source.randint(1, 4))}
    if source.random() < 0.25:
        values["spring.config.activate.on-profile"] = source.choice(EXPRESSIONS)
    if source.random() < 0.1:
        values["spring.config.activate.on-cloud-platform"] = source.choice(PLATFORMS)
    if may_import and source.random() < 0.3:
        values["spring.config.import"] = _imports(source, encodings=encodings)
    if source.random() < 0.07:
        values["spring.profiles.active"] = source.choice((*PROFILES, "${info.a:prod}", "prod,eu"))
    if source.random() < 0.04:
        values["spring.profiles.include"] = source.choice(PROFILES)
    if source.random() < 0.04:
        values["spring.profiles.default"] = source.choice(PROFILES)
    if source.random() < 0.08:
        values[f"spring.profiles.group.{source.choice(PROFILES)}"] = ",".join(
            source.sample(PROFILES, 2)
        )
    if source.random() < 0.02:
        values["spring.profiles"] = "prod"
    if source.random() < 0.2:
        values |= {
            f"{source.choice(LISTS)}[{n}]": item
            for n, item in enumerate(source.sample(("a", "b", "c"), 2))
        }
    return values


def _value(source: random.Random) -> str:
    """A text.

    In one of five a random value, in one of five a scalar that YAML has without quotation
    marks.
    """
    match source.randint(0, 4):
        case 0:
            return source.choice(RANDOM)
        case 1:
            return f"bare-{source.randrange(1000)}-scalar"
        case _:
            return source.choice(VALUES)


def _bare(text: str) -> str:
    """The scalars in place of what `_value` has left for them.

    One of those written, or a random one by its number.
    """
    return BARE.sub(lambda found: _scalar(int(found[1])), text)


def _scalar(number: int) -> str:
    return ONE_LINE[number] if number < len(ONE_LINE) else random_scalar(random.Random(number))  # noqa: S311 - the same each time


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
