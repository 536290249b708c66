"""One document of Spring Boot's config data: conditions, imports, and lookups."""

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from config.errors import SettingsError, mask_secrets
from config.files.platforms import PLATFORMS, uniform_platform
from config.files.profiles import accepts, listed
from config.files.resource import Location, Resource
from config.spring.placeholders import Resolution
from config.spring.random_values import PREFIX, random_value
from config.spring.sources.source import Entry, Source

IMPORT = "spring.config.import"
ON_PROFILE = "spring.config.activate.on-profile"
_ON_PLATFORM = "spring.config.activate.on-cloud-platform"
_PLATFORM = "spring.main.cloud-platform"


class Context(NamedTuple):
    """The facts on which a document's conditions depend."""

    platform: str | None
    profiles: tuple[str, ...] | None  # None while they are not known


class Document:
    """One document or location, with the documents that it imports in both phases."""

    def __init__(
        self, source: Source | None, resource: Resource | None, imports: Sequence[Location] = ()
    ) -> None:
        """Make a document.

        Args:
            source: The document's properties; None for a location without a file.
            resource: The file or tree; None for a location.
            imports: Locations that the document imports.
        """
        self.source, self.resource = source, resource
        self.imports = tuple(imports)
        self.location: Location | None = None  # the location that names the resource
        self.moved_up = False
        self.bound = source is None
        self.children: dict[str, list[Document]] = {}
        self._expressions: tuple[str, ...] = ()
        self._platform: str | None = None
        self._conditional = False

    def walk(self) -> "Iterator[Document]":
        """Yield this document and all that it imports, the highest first."""
        for phase in ("after", "before"):
            for child in self.children.get(phase, ()):
                yield from child.walk()
        yield self

    def bind(self, values: "Values") -> None:
        """Read the document's own imports and conditions.

        Args:
            values: Resolves placeholders.

        Raises:
            SettingsError: A property is not allowed.
        """
        if not self.source:
            return
        if entry := self.source.find(ON_PROFILE):
            self._conditional = True
            self._expressions = listed(ON_PROFILE, values.text(entry, self), entry)
        if entry := self.source.find(_ON_PLATFORM):
            self._conditional = True
            self._platform = uniform_platform(values.text(entry, self))
            if not self._platform:
                raise SettingsError(
                    f"{describe(entry)} is not allowed; allowed is one of {', '.join(PLATFORMS)}"
                )
        if entry := self.source.find(IMPORT):
            self.imports = tuple(
                Location.of(text, self.source.origin)
                for text in listed(IMPORT, values.text(entry, self), entry)
            )
        self.bound = True

    def is_active(self, context: Context | None) -> bool:
        """Return whether the document's conditions hold. An unbound document is not active.

        Args:
            context: The platform and the profiles; None before both are known.
        """
        if not self.bound:
            return False
        if not self._conditional:
            return True
        if context is None or (self._platform and self._platform != context.platform):
            return False
        if not self._expressions:
            return True
        return context.profiles is not None and max(
            self._accepts(each, context.profiles) for each in self._expressions
        )

    def _accepts(self, expression: str, profiles: Sequence[str]) -> bool:
        try:
            return accepts(expression, profiles)
        except (ValueError, RecursionError):
            allowed = "profile names, with !, & or |, and parentheses where & and | are mixed"
            origin = self.source.origin if self.source else ""
            raise SettingsError(
                f"{ON_PROFILE}: {mask_secrets(ON_PROFILE, expression)} ({origin}) is not allowed; "
                f"allowed is {allowed}"
            ) from None


class Values:
    """Looks up properties in the sources above all files and in the documents."""

    def __init__(
        self, above: Sequence[Source], roots: Sequence[Document], chance: random.Random
    ) -> None:
        """Prepare to look up.

        Args:
            above: Sources with precedence over every document, the highest first.
            roots: The documents, the highest first.
            chance: The generator for ${random.*}.
        """
        self.above, self.roots = above, roots
        self._chance = chance
        self.secrets: dict[str, None] = {}  # values of secrets that placeholders have copied
        self.context: Context | None = None

    def documents(self) -> Iterator[Document]:
        """Yield every document, the highest first."""
        for root in self.roots:
            yield from root.walk()

    def text(self, entry: Entry, reader: Document | None = None) -> str:
        """Return the entry's text with its placeholders resolved.

        Args:
            entry: A property.
            reader: The document that reads it. Its own values may be used before it is active.

        Raises:
            SettingsError: A placeholder names a value of a document that does not apply.
        """
        resolution = Resolution(lambda name: self._lookup(name, reader))
        text = resolution.text(entry.value)
        self.secrets |= dict.fromkeys(resolution.secrets)
        return text

    def first(self, name: str) -> Entry | None:
        """Return the property of the highest source that has it, without regard to conditions.

        Args:
            name: The property's canonical name.
        """
        documents = (each.source for each in self.documents() if each.source)
        return next(filter(None, (source.find(name) for source in (*self.above, *documents))), None)

    def platform(self) -> str:
        """Return spring.main.cloud-platform, or "".

        Raises:
            SettingsError: A document with a condition has it, or it is no platform.
        """
        for document in self.documents():
            if not document.is_active(self.context):
                refuse_in_conditional(document, _PLATFORM)
        entry = self.first(_PLATFORM)
        text = self.text(entry) if entry else ""
        if entry and text.strip() and not uniform_platform(text):
            raise SettingsError(
                f"{describe(entry)} is not allowed; allowed is one of {', '.join(PLATFORMS)}"
            )
        return text

    def _lookup(self, name: str, reader: Document | None) -> str | None:
        found = next(filter(None, (source.placeholder(name) for source in self.above)), None)
        for document in self.documents():
            entry = document.source.literal(name) if document.source else None
            if entry and document is not reader and not self._applies(document):
                refuse_in_conditional(document, name)
            found = found or entry
        if found:
            return found.value
        return random_value(name, self._chance) if name.startswith(PREFIX) else None

    def _applies(self, document: Document) -> bool:
        """Return whether the document applies.

        As in Boot, an unbound document sees only its own properties.
        """
        if document.bound:
            return document.is_active(self.context)
        alone = Document(document.source, document.resource)
        values = Values((), [alone], self._chance)
        alone.bind(values)
        self.secrets |= values.secrets
        return alone.is_active(self.context)


def refuse_in_conditional(document: Document, *names: str) -> None:
    """Raise if a document with a condition has one of these properties.

    Args:
        document: The document.
        names: The properties' canonical names.

    Raises:
        SettingsError: It has one.
    """
    for name in names:
        source = document.source
        if source and (source.find(name) or source.literal(name)):
            raise SettingsError(
                f"{name} ({source.origin}) is not allowed there: the document has a condition, or "
                f"applies only later"
            )


def describe(entry: Entry) -> str:
    """Return the entry for an error: name, masked value, origin.

    Args:
        entry: The property.
    """
    return f"{entry.name}: {mask_secrets(entry.name, entry.value)} ({entry.origin})"
