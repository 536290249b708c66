"""The locations of Spring Boot's config data: files, folders, trees of files, variables."""

import codecs
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from config.errors import SettingsError
from config.files.resource import MAX_FILES, Location, Resource, is_there

# Spring Boot's own locations. /config is ./config in the image, whose working directory is /.
SEARCHED = "optional:file:/config/;optional:file:/config/*/;optional:file:./;optional:file:./config/;optional:file:./config/*/"  # noqa: E501 - one text
_ENCODINGS = ("utf-8", "iso8859-1")
_ENDINGS = (".yaml", ".yml", ".properties")  # the last is the highest


_VARIABLE = "env:"
_HINT = re.compile(r"(.*)\[(\.\w+)\]", re.DOTALL)  # `[.yml]`: how to read what has no ending
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_USABLE = (
    "a file or a folder (which ends in /) by its path or with file:, configtree: and a folder, or "
    "env: and a variable, each with optional: or without"
)


def find_resources(
    location: Location,
    parent: Path | None,
    names: Sequence[str],
    profiles: Sequence[str] | None,
    environ: Mapping[str, str],
) -> list[Resource]:
    """Return the resources of a location, the highest last.

    Args:
        location: One or several paths with `;` between them.
        parent: The folder of the file that names the location; None outside a file.
        names: Names of configuration files, without ending.
        profiles: The active profiles; None before they are known.
        environ: The environment, whose variables env: names.

    Raises:
        SettingsError: The location cannot be read here. Or it has a wildcard, is not optional, and
            finds nothing.
    """
    if location.text.startswith(_VARIABLE):
        return [_variable(location, environ)]
    parts = [Location.of(part, location.origin) for part in _split(location)]
    if any(part.text.startswith("configtree:") for part in parts):
        return [resource for part in parts for resource in _trees(part)]
    found = [resource for part in parts for resource in _files(part, parent, names, "")]
    if not found:
        found = [
            Resource(folder, "folder")
            for part in parts
            for folder in _folders(_path(part, parent), part)
            if os.path.isdir(folder)  # noqa: PTH112 - Path.is_dir raises for some folders
        ]
    for profile in profiles or ():
        found += [resource for part in parts for resource in _files(part, parent, names, profile)]
    return found


def _split(location: Location) -> Iterator[str]:
    text = f"optional:{location.text}" if location.optional else location.text
    return (part for part in text.split(";") if part)


def _files(
    part: Location, parent: Path | None, names: Sequence[str], profile: str
) -> Iterator[Resource]:
    if part.text.startswith("classpath:"):
        if not part.optional:
            raise SettingsError(
                f"spring.config: {part} is not allowed: there is no class path here; allowed is "
                f"{_USABLE}"
            )
        return
    part, charset = _with_charset(part)
    path = _path(part, parent)
    suffix = f"-{profile}" if profile else ""
    if path.endswith("/"):
        yield from _files_in(path, part, [f"{name}{suffix}" for name in names], profile)
        return
    hint = _HINT.fullmatch(path)
    ending = (
        hint[2]
        if hint
        else next((ending for ending in _ENDINGS if path.lower().endswith(ending)), "")
    )
    if part.optional and not ending and not os.path.exists(path):  # noqa: PTH110 - as above
        return
    if ending not in _ENDINGS or "*" in path:
        raise SettingsError(
            f"spring.config: {part} is not allowed; allowed is {_USABLE}; a file's name ends in "
            f".yml, .yaml or .properties"
        )
    root, shown_ending = (hint[1], "") if hint else (path[: -len(ending)], path[-len(ending) :])
    file = Path(f"{root}{suffix}{shown_ending}")
    there = is_there(file) or os.path.isdir(file)  # noqa: PTH112 - as above
    if there or not (profile or part.optional):
        yield Resource(file, "file", ending, bool(profile), charset)


def _variable(location: Location, environ: Mapping[str, str]) -> Resource:
    """Return the variable of `env:NAME` or `env:NAME[.yml]`. Its text is read as a file's is.

    Raises SettingsError for another ending, and without a name.
    """
    text = location.text.removeprefix(_VARIABLE)
    hint = _HINT.fullmatch(text)
    name, ending = (hint[1], hint[2].lower()) if hint else (text, ".properties")
    if not name or ending not in _ENDINGS:
        raise SettingsError(
            f"spring.config: {location} is not allowed; allowed is env: and a variable that has "
            f"properties, or YAML with [.yml] or [.yaml] behind its name"
        )
    return Resource(Path(name), "variable", ending, content=environ.get(name))


def _with_charset(part: Location) -> tuple[Location, str]:
    """Return the location without `[encoding=utf-8]`, and Python's name of that charset.

    Raises SettingsError for another charset.
    """
    found = re.fullmatch(r"(.*)\[encoding=([^\]]*)\]", part.text, re.DOTALL)
    if not found:
        return part, ""
    try:
        name = codecs.lookup(found[2]).name
        "".encode(name)
    except (LookupError, ValueError, UnicodeError):
        raise SettingsError(
            f"spring.config: {part} is not allowed: the encoding is not known; allowed is utf-8 "
            f"or iso-8859-1"
        ) from None
    if name not in _ENCODINGS or found[1].endswith("/"):
        raise SettingsError(
            f"spring.config: {part} is not allowed: a file can have [encoding=utf-8] or "
            f"[encoding=iso-8859-1]"
        )
    return part._replace(text=found[1]), name


def _files_in(path: str, part: Location, names: Sequence[str], profile: str) -> Iterator[Resource]:
    for folder in _folders(path, part):
        for name in names:
            for ending in _ENDINGS:
                if is_there(file := folder / f"{name}{ending}"):
                    yield Resource(file, "file", ending, bool(profile))
                elif os.path.isdir(file):  # noqa: PTH112 - as above
                    yield Resource(file, "folder", ending, bool(profile))
            if is_there(xml := folder / f"{name}.xml"):
                raise SettingsError(
                    f"{xml} is not allowed: XML is not read here; allowed is {', '.join(_ENDINGS)}"
                )


def _path(part: Location, parent: Path | None) -> str:
    """Return an absolute path. A folder has a / at its end."""
    text = part.text.removeprefix("resource:")
    scheme = _SCHEME.match(text)
    if text.startswith("file:"):
        text = re.sub(r"^file:(?://(?=/))?", "", text)
        parent = None
    elif scheme and not text.startswith("classpath:"):
        raise SettingsError(f"spring.config: {part} is not allowed; allowed is {_USABLE}")
    if not text or "\0" in text:
        raise SettingsError(f"spring.config: {part} is not allowed; allowed is {_USABLE}")
    path = Path(parent or Path.cwd(), text)
    return f"{path}/" if text.endswith("/") or text in {".", ".."} else str(path)


def _folders(path: str, part: Location) -> list[Path]:
    """Return the folder, or for a path that ends in /*/ the folders below, by name."""
    if not path.endswith("/"):
        return []
    if "*" not in path:
        return [Path(path)]
    if not path.endswith("/*/") or path.count("*") > 1:
        raise SettingsError(
            f"spring.config: {part} is not allowed: one * can be the last folder of a location, "
            f"as in config/*/"
        )
    above = Path(path.removesuffix("*/"))
    try:
        found = sorted(
            folder
            for folder in above.iterdir()
            if folder.is_dir() and not folder.name.startswith("..")
        )
    except (FileNotFoundError, NotADirectoryError):
        found = []
    except OSError as error:
        raise SettingsError(
            f"spring.config: {part} cannot be read: {error.filename or above}: {error.strerror}"
        ) from None
    if not found and not part.optional:
        raise SettingsError(f"spring.config: {part} does not exist: it has no folder")
    return found[:MAX_FILES]


def _trees(part: Location) -> Iterator[Resource]:
    if not part.text.startswith("configtree:"):
        raise SettingsError(f"spring.config: {part} is not allowed beside configtree:")
    text = part.text.removeprefix("configtree:")
    if not text.endswith("/"):
        raise SettingsError(f"spring.config: {part} is not allowed: a configtree: ends in /")
    for folder in _folders(_path(part._replace(text=text), None), part):
        yield Resource(folder, "tree")
