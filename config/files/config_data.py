"""Spring Boot's config data: files and trees, imports, conditions, and profiles.

The procedure is Boot's, so that the same documents apply in the same order. Documents that need no
profile are loaded first. They say which profiles are active. Then the documents of these profiles
are loaded.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from config.errors import SettingsError, hide
from config.files.active_profiles import find_profiles
from config.files.document import (
    ON_PROFILE,
    Context,
    Document,
    Values,
    describe,
)
from config.files.locations import SEARCHED, find_resources
from config.files.platforms import find_platform
from config.files.profiles import listed
from config.files.resource import Location
from config.spring.sources.application_json import JSON_PROPERTY
from config.spring.sources.source import Entry, Source

_ABOVE_FILES = (
    "spring.config.location",
    "spring.config.additional-location",
    "spring.config.name",
    "spring.config.on-not-found",
    JSON_PROPERTY,
)
_OLD_CONDITION = "spring.profiles"
_NOT_FOR_PROFILES = ("spring.profiles.include", "spring.profiles.active", "spring.profiles.default")
_MAX_DOCUMENTS = 1000


class ConfigData:
    """The documents that apply, and the active profiles."""

    def __init__(self, above: Sequence[Source], environ: Mapping[str, str], seed: str) -> None:
        """Read the files.

        Args:
            above: The sources with precedence over all files, the highest first.
            environ: The environment, which shows the platform. Imports with env: read it, too.
            seed: The seed of `${random.*}`, equal for all processes of one start.

        Raises:
            SettingsError: A file, a location or a property is not allowed. The text is one line.
        """
        self._values = Values(above, (), random.Random(seed))  # noqa: S311 - the seed is secret and long
        self.warnings: list[str] = []
        self._environ = environ
        try:
            self._load()
        except SettingsError as error:
            raise SettingsError(hide(str(error), self._values.secrets)) from None

    def _load(self) -> None:
        self._names = self._listed("spring.config.name") or ("application",)
        if any("*" in name or "/" in name for name in self._names):
            raise SettingsError(
                "spring.config.name is not allowed: a file's name without its ending has no * and "
                "no /"
            )
        self._optional = self._ignores_what_is_missing()
        outside = [
            *self._locations("spring.config.import"),
            *self._locations("spring.config.additional-location"),
        ]
        searched = self._locations("spring.config.location") or [Location.of(SEARCHED, "default")]
        self._values.roots = [
            Document(None, None, [location]) for location in (*outside, *searched)
        ]
        self._loaded: set[tuple[str, str]] = set()
        # Texts of locations, without optional: as Boot compares them so.
        self._satisfied: set[str] = set()
        # Folders without a file that needs no profile, by the texts of their locations.
        self._without_file: dict[str, Path] = {}
        self._process("before")
        platform = find_platform(self._values.platform(), self._environ)
        self._values.context = Context(platform, None)
        self._process("before")
        self.profiles = find_profiles(self._values)
        self._values.context = Context(platform, self.profiles.accepted)
        self._process("after")
        self._check()
        self.warnings += self._nothing_found()

    def sources(self) -> list[Source]:
        """Return the documents that apply, the highest first."""
        documents = self._values.documents()
        return [
            each.source
            for each in documents
            if each.source and each.is_active(self._values.context)
        ]

    def _listed(self, name: str) -> tuple[str, ...]:
        entry = next(filter(None, (source.find(name) for source in self._values.above)), None)
        return listed(name, self._values.text(entry), entry) if entry else ()

    def _locations(self, name: str) -> list[Location]:
        """Return the locations that a property outside the files names, the highest first."""
        return [Location.of(text, f"{name}") for text in reversed(self._listed(name))]

    def _ignores_what_is_missing(self) -> bool:
        word = ",".join(self._listed("spring.config.on-not-found")).lower() or "fail"
        if word not in {"fail", "ignore"}:
            raise SettingsError(
                "spring.config.on-not-found is not allowed; allowed is fail or ignore"
            )
        return word == "ignore"

    def _process(self, phase: str) -> None:
        """Bind and import documents until nothing is left to do in this phase."""
        while document := next(
            filter(lambda each: self._is_due(each, phase), self._values.documents()), None
        ):
            if not document.bound:
                document.bind(self._values)
                continue
            document.children[phase] = list(self._imported(document))
            if phase == "after":
                _move_up(document)
            if sum(1 for _ in self._values.documents()) > _MAX_DOCUMENTS:
                raise SettingsError(
                    f"spring.config.import leads to more than {_MAX_DOCUMENTS} documents"
                )

    def _is_due(self, document: Document, phase: str) -> bool:
        if not document.bound:
            return True
        return (
            bool(document.imports)
            and phase not in document.children
            and document.is_active(self._values.context)
        )

    def _imported(self, importer: Document) -> Iterator[Document]:
        """Yield the documents that are imported, the highest first."""
        parent = (
            importer.resource.path.parent
            if importer.resource and importer.resource.kind == "file"
            else None
        )
        profiles = self._values.context.profiles if self._values.context else None
        found = [
            (location, resource)
            for location in importer.imports
            for resource in find_resources(location, parent, self._names, profiles, self._environ)
        ]
        for location, resource in reversed(found):
            if resource.key in self._loaded:
                self._satisfied.add(location.text)
                continue
            try:
                sources = resource.load()
            except FileNotFoundError:
                if not location.optional and not self._optional:
                    raise SettingsError(
                        f"spring.config: {location} does not exist; write optional: before it "
                        f"to start without it"
                    ) from None
                continue
            self._loaded.add(resource.key)
            self._satisfied.add(location.text)
            self.warnings += resource.warnings()
            if resource.kind == "folder" and not resource.ending and not location.optional:
                self._without_file[str(location)] = resource.path
            for source in reversed(sources):
                document = Document(source, resource)
                document.location = location
                yield document

    def _check(self) -> None:
        """Refuse missing locations, and properties that Spring Boot refuses or silently ignores."""
        if entry := self._old_condition():
            raise SettingsError(f"{describe(entry)} is not allowed: it is called {ON_PROFILE}")
        for document in self._values.documents():
            source = document.source
            for name in (
                _NOT_FOR_PROFILES
                if document.resource and document.resource.profile_specific
                else ()
            ):
                if source and source.find(name):
                    raise SettingsError(
                        f"{name} ({source.origin}) is not allowed in a file that is for a profile "
                        f"itself"
                    )
            for name in _ABOVE_FILES:
                if source and source.find(name) and document.is_active(self._values.context):
                    raise SettingsError(
                        f"{name} ({source.origin}) is not allowed in a file: set it on the "
                        f"command line or in the environment"
                    )
            if document.is_active(self._values.context) and not self._optional:
                for location in document.imports:
                    if not location.optional and location.text not in self._satisfied:
                        raise SettingsError(
                            f"spring.config: {location} does not exist; write optional: "
                            f"before it to start without it"
                        )

    def _nothing_found(self) -> Iterator[str]:
        """Return a line for each place to read from, set from outside, that has no file."""
        files = [Path(path) for path, kind in self._loaded if kind == "file"]
        for location, folder in self._without_file.items():
            if not any(file.parent == folder for file in files):
                yield f"spring.config: {location} has no file {self._names[0]}.yml or .properties"
        if self._listed("spring.config.name") and not any(
            file.name.startswith(self._names) for file in files
        ):
            yield f"spring.config.name: there is no file {self._names[0]}.yml or .properties"

    def _old_condition(self) -> Entry | None:
        documents = [each.source for each in self._values.documents() if each.source]
        sources = (*self._values.above, *documents)
        return next(filter(None, (source.find(_OLD_CONDITION) for source in sources)), None)


def _move_up(document: Document) -> None:
    """Move imports for a profile of the document's imports above all others, as Boot does."""
    moved: list[Document] = []
    for child in document.children.get("before", ()):
        for phase in ("before", "after"):
            for grandchild in [
                each for each in child.children.get(phase, ()) if _for_profile(each)
            ]:
                child.children[phase].remove(grandchild)
                grandchild.moved_up = True
                moved.append(grandchild)
    document.children["after"][:0] = moved


def _for_profile(document: Document) -> bool:
    return bool(document.resource and document.resource.profile_specific and not document.moved_up)
