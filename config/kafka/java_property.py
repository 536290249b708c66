"""A property of a Java client, and what becomes of it in librdkafka."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from config.errors import SettingsError, mask_secrets
from config.spring.types import TEXT, PropertyType
from config.support import Support

Native = str | int | float | bool
Config = dict[str, Native]
T = TypeVar("T")


class ClientProperty(NamedTuple):
    """A Java client property as someone set it."""

    name: str  # with the prefix it was found under
    value: str
    origin: str

    def describe(self) -> str:
        """Return the property for an error: name, masked value, origin."""
        return f"{self.name}: {mask_secrets(self.name, self.value)} ({self.origin})"

    def parse(self, kind: PropertyType[T]) -> T:
        """Raises SettingsError if the value is not of this kind."""
        try:
            return kind.parse(self.value)
        except ValueError:
            raise SettingsError(
                f"{self.describe()} is not allowed; allowed is {kind.allowed}"
            ) from None

    def used(self, use: Callable[[str], T]) -> T:
        """Raises SettingsError with the reason that `use` gives in a ValueError."""
        try:
            return use(self.value)
        except ValueError as reason:
            raise SettingsError(f"{self.describe()} cannot be used: {reason}") from None
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001 - a panic of cryptography's Rust code is no Exception
            raise SettingsError(
                f"{self.describe()} cannot be used: it is damaged, or of a kind that is not known "
                f"here"
            ) from None


class JavaProperty(NamedTuple):
    """One Java client property. `clients` it applies to: c(onsumer), p(roducer), a(dmin)."""

    verdict: Support
    clients: str
    native: str = ""  # the name in librdkafka, if another
    kind: PropertyType[Any] = TEXT
    why: str = ""
    producer: str = ""  # the name in librdkafka's producer, if another
    # Java classes that do what is done here in any case: no reason to warn.
    accepted_values: tuple[str, ...] = ()
