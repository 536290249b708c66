"""A property of a Java client, and what becomes of it in librdkafka."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from config.convert import TEXT, Kind
from config.errors import SettingsError, shown
from config.verdict import Verdict

Native = str | int | float | bool
Config = dict[str, Native]
T = TypeVar("T")


class ClientProperty(NamedTuple):
    """A Java client property as someone set it."""

    name: str  # with the prefix it was found under
    value: str
    origin: str

    def told(self) -> str:
        return f"{self.name}: {shown(self.name, self.value)} ({self.origin})"

    def parsed(self, kind: Kind[T]) -> T:
        """Raises SettingsError if the value is not of this kind."""
        try:
            return kind.parse(self.value)
        except ValueError:
            raise SettingsError(f"{self.told()} is not allowed; allowed is {kind.allowed}") from None

    def used(self, use: Callable[[str], T]) -> T:
        """Raises SettingsError with the reason that `use` gives in a ValueError."""
        try:
            return use(self.value)
        except ValueError as reason:
            raise SettingsError(f"{self.told()} cannot be used: {reason}") from None
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException:  # noqa: BLE001 - a panic of cryptography's Rust code is no Exception
            raise SettingsError(f"{self.told()} cannot be used: it is damaged, or of a kind that is not known here") from None


class Row(NamedTuple):
    """One Java client property. `clients` are those it applies to: c(onsumer), p(roducer), a(dmin)."""

    verdict: Verdict
    clients: str
    native: str = ""  # the name in librdkafka, if another
    kind: Kind[Any] = TEXT
    why: str = ""
    producer: str = ""  # the name in librdkafka's producer, if another
    harmless: tuple[str, ...] = ()  # Java classes that do what is done here in any case: no reason to warn
