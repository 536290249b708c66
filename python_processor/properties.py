"""Properties that a function declares for itself: a class with one field for each."""

from dataclasses import MISSING, dataclass, field, fields
from typing import Any, ClassVar, dataclass_transform

REQUIRED: Any = ...  # as an option's default: the option has to be set
DESCRIPTION = "description"
LENIENT = "lenient"


def option(default: Any, description: str, *, lenient: bool = False) -> Any:
    """Declare one property in a subclass of Properties.

    Args:
        default: The value of an unset property. `...` for a property that has to be set.
        description: One sentence for --help and Data Flow's `app info`.
        lenient: For a bool: any word that is neither true nor false is false, with a warning
            instead of an error.

    Raises:
        TypeError: The default can be changed.
    """
    if isinstance(default, list | dict | set):
        raise TypeError(
            f"{type(default).__name__} cannot be the type of an option; tuple[str, ...] can, with "
            f"a tuple as its default"
        )
    metadata = {DESCRIPTION: description, LENIENT: lenient}
    return (
        field(metadata=metadata)
        if default is REQUIRED
        else field(default=default, metadata=metadata)
    )


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(option,))
class Properties:
    """The base of a function's own properties.

        class Options(Properties):
            threshold: int = option(3, "Smallest total that passes.")

    The field `max_total` is the property `max-total`. With `class Options(Properties,
    prefix="orders")` it is `orders.max-total`. The function gets them as a parameter of this type.
    They cannot be changed.
    """

    _name_prefix: ClassVar[str] = ""  # `prefix` may be a field of the user's

    def __init_subclass__(cls, prefix: str = "", **kwargs: Any) -> None:
        """Make the class a frozen dataclass.

        Args:
            prefix: Goes before the name of each property.
            kwargs: For other base classes.
        """
        super().__init_subclass__(**kwargs)
        cls._name_prefix = prefix
        dataclass(frozen=True, kw_only=True)(cls)


def declared(kind: type[Properties]) -> list[tuple[str, str, Any, dict[str, Any]]]:
    """Return the properties that a class declares.

    Args:
        kind: The class.

    Returns:
        For each its field, name, default (`...` if it has to be set) and metadata.
    """
    found = []
    prefix = kind._name_prefix  # noqa: SLF001 - of this module
    for each in fields(kind):  # type: ignore[arg-type]  # each subclass is a dataclass
        name = each.name.replace("_", "-")
        default = REQUIRED if each.default is MISSING else each.default
        found.append(
            (
                each.name,
                f"{prefix}.{name}" if prefix else name,
                default,
                dict(each.metadata),
            )
        )
    return found
