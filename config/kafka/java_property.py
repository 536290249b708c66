"""A property of a Java client, and its counterpart in librdkafka."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from config.errors import SettingsError, mask_secrets
from config.spring.types import TEXT, PropertyType
from config.support import Support

Native = str | int | float | bool
Config = dict[str, Native]
T = TypeVar("T")


class ClientProperty(NamedTuple):
    """A Java client property as it is set."""

    name: str  # with its prefix, as it is set
    value: str
    origin: str

    def describe(self) -> str:
        """Return the property for an error: name, masked value, origin."""
        return f"{self.name}: {mask_secrets(self.name, self.value)} ({self.origin})"

    def parse(self, kind: PropertyType[T]) -> T:
        """Return the parsed value.

        Args:
            kind: Parses the value.

        Raises:
            SettingsError: The value is not of this kind.
        """
        try:
            return kind.parse(self.value)
        except ValueError:
            raise SettingsError(
                f"{self.describe()} is not allowed; allowed is {kind.allowed}"
            ) from None

    def used(self, use: Callable[[str], T]) -> T:
        """Return the result of `use` for the value.

        Args:
            use: Called with the value. A ValueError has the reason why the value cannot be used.

        Raises:
            SettingsError: The value cannot be used.
        """
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
    """One Java client property. `clients` has c(onsumer), p(roducer) and a(dmin)."""

    verdict: Support
    clients: str
    native: str = ""  # the name in librdkafka, if it differs
    kind: PropertyType[Any] = TEXT
    why: str = ""
    producer: str = ""  # the name in librdkafka's producer, if it differs
    # Java classes that do what this program always does. They cause no warning.
    accepted_values: tuple[str, ...] = ()
