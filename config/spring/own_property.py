"""A property that a function declares for itself."""

from typing import Any, NamedTuple

from config.spring.property import Property
from python_processor import Properties


class OwnProperty(NamedTuple):
    """One property that a function declares."""

    prop: Property
    field: str
    owner: type[Properties]
    default: Any  # `...` if it has to be set
    description: str

    @property
    def name(self) -> str:
        """The canonical name."""
        return self.prop.name
