"""A file, a folder, a tree of files or a variable from which settings are read."""

import codecs
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

from config.errors import SettingsError, mask_secrets
from config.files.document_error import DocumentError
from config.files.properties_format import parse_properties
from config.files.yaml_format import parse_yaml
from config.spring.sources.source import Source

_LARGEST_BYTES = 1 << 20  # of a file; a ConfigMap is not larger
MAX_FILES = 1000  # of a tree or a wildcard


class Location(NamedTuple):
    """One location as it is written."""

    text: str  # without optional:
    optional: bool
    origin: str  # where it is written, for error texts

    @classmethod
    def of(cls, text: str, origin: str) -> Self:
        """Parse a location of `spring.config.import` or a similar property.

        Args:
            text: The location, with or without `optional:`.
            origin: Where it is written.
        """
        optional = text.startswith("optional:")
        return cls(text.removeprefix("optional:"), optional, origin)

    def __str__(self) -> str:
        """Return the location for a message, and where it is written."""
        return f"{mask_secrets('', self.text)} ({self.origin})"


class Resource(NamedTuple):
    """A file, a tree or a variable to load. Those with the same path and kind are equal."""

    path: Path  # of a variable its name
    # "file", "tree", "variable", or "folder" for an existing folder without a file of settings
    kind: str
    ending: str = ""
    profile_specific: bool = False
    charset: str = ""  # of a .properties file, if its import names one
    content: str | None = None  # the text of a variable; None if it is not set

    @property
    def key(self) -> tuple[str, str]:
        """The path and the kind, which identify the resource."""
        return str(self.path), self.kind

    def warnings(self) -> list[str]:
        """Return lines for what is probably not read as it is meant."""
        if self.kind == "folder" and self.ending:
            # Kubernetes makes one for a subPath whose key is missing.
            return [f"{self.path} is not read: it is a folder, and a file is expected"]
        if self.kind != "file" or self.ending != ".properties":
            return []
        repeated: list[str] = []
        parse_properties(self._read_text(), repeated)
        lines = [
            f"{self.path} has the property {name[:60]!r} more than once: the last one counts"
            for name in dict.fromkeys(repeated)
        ]
        if not self.charset and _looks_like_utf_8(_bytes(self.path)):
            lines.append(
                f"{self.path} is read as ISO-8859-1, as Spring Boot reads it, and looks like "
                f"UTF-8: write its letters as \\u00e9, "
                "use YAML, or import the file with [encoding=utf-8] after its name"
            )
        return lines

    @property
    def _origin(self) -> str:
        kind = "environment variable" if self.kind == "variable" else "file"
        return f"{kind} {self.path}"

    def _read_text(self) -> str:
        if self.kind == "variable":
            if self.content is None:
                raise FileNotFoundError(self.path)
            return self.content
        if self.ending == ".properties":
            return _text(self.path, self.charset or "iso-8859-1")
        marked = _bytes(self.path)[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
        return _text(self.path, "utf-16" if marked else "utf-8-sig")

    def load(self) -> list[Source]:
        """Return the documents, in the file's order.

        Raises:
            SettingsError: The file cannot be read.
            FileNotFoundError: There is no such file or folder.
        """
        if self.kind == "folder":
            return []
        if self.kind == "tree":
            return [_tree(self.path)]
        where = self._origin if self.kind == "variable" else str(self.path)
        documents = read_documents(self._read_text(), self.ending, where)
        origins = [
            self._origin + (f", document {n}" if len(documents) > 1 else "")
            for n in range(1, len(documents) + 1)
        ]
        return [
            Source(f"Config resource '{origin}'", origin, values)
            for origin, values in zip(origins, documents, strict=True)
        ]


def _tree(root: Path) -> Source:
    """Read each file as a property: the path with dots is the name. Kubernetes' Secrets do so."""
    try:
        there = root.is_dir()
        paths = sorted(_regular_files(root)) if there else []
    except OSError as error:
        raise SettingsError(
            f"folder {error.filename or root} cannot be read: {error.strerror}"
        ) from None
    if not there:
        raise FileNotFoundError(root)
    values: dict[str, str] = {}
    for path in paths:
        # Another encoding, as a key store's, is refused only where the value is used.
        text = _bytes(path).decode("utf-8", "surrogateescape")
        if text.endswith("\n") and text.count("\n") == 1:
            text = text.removesuffix("\n").removesuffix("\r")
        values[".".join(path.relative_to(root).parts)] = text
    return Source(f"Config tree '{root}'", f"folder {root}", values)


def _regular_files(root: Path) -> Iterator[Path]:
    """Yield the regular files.

    A name that begins with `..` is left out: it is a link target of Kubernetes.
    """
    waiting, seen = [root], 0
    while waiting:
        for path in waiting.pop().iterdir():
            seen += 1
            if seen > MAX_FILES or len(path.parts) - len(root.parts) > 10:
                raise SettingsError(
                    f"folder {root} is too large for a configtree: more than {MAX_FILES} files or "
                    f"10 levels"
                )
            if path.name.startswith(".."):
                continue
            if path.is_dir():
                waiting.append(path)
            elif path.is_file():
                yield path


def is_there(path: Path) -> bool:
    """Whether there is a file.

    Raises SettingsError for a pipe or a device, and where nobody can know: in a folder that may
    not be read.
    """
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError as error:
        raise SettingsError(f"{path} cannot be read: {error.strerror}") from None
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise SettingsError(f"{path} cannot be read: it is no regular file")
    return stat.S_ISREG(mode)


def _looks_like_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except ValueError:
        return False
    return not content.isascii()


def _text(path: Path, charset: str = "utf-8") -> str:
    """Return the file's text. Raises SettingsError with the reason, or FileNotFoundError."""
    try:
        return _bytes(path).decode(charset)
    except ValueError:
        raise SettingsError(f"{path} cannot be read: it is not {charset.upper()}") from None


def _bytes(path: Path) -> bytes:
    """Return the file's bytes. Raises SettingsError with the reason, or FileNotFoundError."""
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise SettingsError(f"{path} is too large for a file of settings")
        return path.read_bytes()
    except FileNotFoundError:
        raise
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"{path} cannot be read: "
            f"{getattr(error, 'strerror', None) or 'its name is not allowed'}"
        ) from None


def read_documents(text: str, ending: str, where: str) -> list[dict[str, str]]:
    """Return a file's documents.

    Args:
        text: The file's text.
        ending: `.properties`; any other is read as YAML.
        where: The file, for the error.

    Raises:
        SettingsError: The file is not valid.
    """
    try:
        return parse_properties(text) if ending == ".properties" else parse_yaml(text)
    except DocumentError as error:
        raise SettingsError(f"{where} {error}") from None
