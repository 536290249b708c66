"""The properties that named functions declare (python_processor.Properties)."""

import inspect
import typing
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from catalog.errors import CatalogError
from catalog.lookup import Found, find_functions
from catalog.setup import find_setup, setup_options
from catalog.signature import read_signature
from config.errors import SettingsError
from config.spring import types
from config.spring.names import uniform
from config.spring.own_property import OwnProperty
from config.spring.property import Property
from config.spring.types import FLAG, LENIENT_BOOL, TEXT, PropertyType
from config.unsupported import spring_names
from python_processor import Properties
from python_processor.properties import DESCRIPTION, LENIENT, declared

# Variables of every container or shell. A property of such a name would get the variable's value.
_NAMES = "home host hostname lang logname mail oldpwd path pwd shell shlvl term tz user username"
_VARIABLES = frozenset(_NAMES.split())


def named(definition: str, folders: Sequence[str], origin: str) -> tuple[Found, ...]:
    """Return the functions that the property `function` names. Imports their modules.

    Args:
        definition: The property's value.
        folders: Further folders to look in.
        origin: Where the property is set, for the error.

    Raises:
        SettingsError: A function cannot be used.
    """
    try:
        return find_functions(definition, folders)
    except CatalogError as error:
        raise SettingsError(
            f"function: {definition!r} ({origin}) cannot be used: {error}"
        ) from None


def own_properties(
    functions: Sequence[Found], is_taken: Callable[[str], bool]
) -> tuple[OwnProperty, ...]:
    """Return the properties that the functions declare.

    Args:
        functions: The named functions.
        is_taken: Whether a uniform name is one of this program's own properties.

    Raises:
        SettingsError: A property's type is unknown, or its name is taken. The text has file and
            line of the class.
    """
    found: dict[str, OwnProperty] = {}
    for each in functions:
        try:
            signature = read_signature(each.function)
            setup = find_setup(signature)
            owners = dict.fromkeys(
                [*signature.options.values(), *(setup_options(setup).values() if setup else ())]
            )
        except CatalogError as error:
            raise SettingsError(f"function: {error}") from None
        for owner in owners:
            for own in _of_class(owner):
                form, where = uniform(own.name), _where(owner, own.field)
                if (
                    is_taken(form)
                    or spring_names.is_known(form)
                    or form.startswith(tuple(map(uniform, spring_names.PREFIXES)))
                ):
                    raise SettingsError(
                        f"{where}: the property {own.name} is one of this program's or of "
                        f"Spring's; give it another name"
                    )
                if form in _VARIABLES:
                    raise SettingsError(
                        f"{where}: the environment variable {form.upper()} would set {own.name}; "
                        f"give it another name"
                    )
                if form in found and found[form].owner is not owner:
                    raise SettingsError(
                        f"{where}: the property {own.name} is also in "
                        f"{found[form].owner.__name__}; give one a prefix"
                    )
                found[form] = own
    return tuple(found.values())


def checked_value(own: OwnProperty, value: Any) -> Any:
    """Return a property's value that a test has given, as its type has it.

    Args:
        own: The property.
        value: A value of the type, or its text.

    Raises:
        SettingsError: The value is not allowed.
    """
    try:
        return TypeAdapter(typing.get_type_hints(own.owner)[own.field]).validate_python(value)
    except ValidationError:
        raise SettingsError(
            f"{_where(own.owner, own.field)}: {own.name} cannot be {value!r}: it takes "
            f"{own.prop.kind.allowed}"
        ) from None


def _of_class(owner: type[Properties]) -> Iterator[OwnProperty]:
    try:
        hints = typing.get_type_hints(owner)
    except Exception as error:  # noqa: BLE001 - an annotation is any expression
        raise SettingsError(
            f"{_where(owner)}: its annotations cannot be resolved: {error}"
        ) from None
    for field, name, default, metadata in declared(owner):
        kind = _kind(hints[field], lenient=bool(metadata.get(LENIENT)))
        if kind is None:
            raise SettingsError(
                f"{_where(owner, field)}: the type of {field} is unknown: use bool, int, float, "
                f"str, tuple[str, ...] or Literal"
            )
        yield OwnProperty(
            Property(name, kind), field, owner, default, str(metadata.get(DESCRIPTION, ""))
        )


def _kind(hint: Any, *, lenient: bool) -> PropertyType[Any] | None:
    members = [each for each in typing.get_args(hint) if each is not type(None)]
    if type(None) in typing.get_args(hint) and len(members) == 1:
        hint = members[0]
    if typing.get_origin(hint) is Literal and all(
        isinstance(each, str) for each in typing.get_args(hint)
    ):
        words = typing.get_args(hint)
        return PropertyType(
            lambda text: words[words.index(text.strip())],
            "one of " + ", ".join(words),
            "java.lang.String",
            words,
        )
    if hint == tuple[str, ...]:
        return types.LIST
    kinds: dict[Any, PropertyType[Any]] = {
        bool: LENIENT_BOOL if lenient else FLAG,
        int: _INTEGER,
        float: _NUMBER,
        str: TEXT,
    }
    return kinds.get(hint)


def _number(text: str) -> float:
    found = float(text)
    if found != found or found in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN
        raise ValueError(text)
    return found


_INTEGER = PropertyType(types.integer, "a whole number", "java.lang.Long")
_NUMBER = PropertyType(_number, "a number", "java.lang.Double")


def _where(owner: type, field: str = "") -> str:
    """Return file and line of a class, or of a field in it."""
    try:
        lines, first = inspect.getsourcelines(owner)
        line = next(
            (n for n, text in enumerate(lines) if field and text.split(":")[0].strip() == field), 0
        )
        return f"{inspect.getsourcefile(owner)}:{first + line}"
    except (OSError, TypeError):
        return owner.__qualname__
