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
    # Values, such as full names of Java classes, that mean what this program always does.
    accepted_values: tuple[str, ...] = ()

    def accepts(self, value: str) -> bool:
        """Return whether the value asks for what this program always does.

        Args:
            value: The value as it is set.
        """
        return value.lower() in map(str.lower, self.accepted_values)


def mapped(
    clients: str, kind: PropertyType[Any], native: str = "", producer: str = ""
) -> JavaProperty:
    """Return the row of a property that librdkafka has.

    Args:
        clients: "c", "p" and "a" for consumer, producer and admin client.
        kind: Parses the value.
        native: The name in librdkafka, if it differs.
        producer: The name in librdkafka's producer, if it differs.
    """
    return JavaProperty(Support.MAPPED, clients, native, kind, producer=producer)


def unmapped(verdict: Support, why: str, clients: str = "cpa") -> JavaProperty:
    """Return the row of a property that librdkafka does not have.

    Args:
        verdict: What becomes of the property.
        why: Why the client does not have it.
        clients: "c", "p" and "a" for consumer, producer and admin client.
    """
    return JavaProperty(verdict, clients, why=why)
