"""Settings that have no effect beside others, or without them. Spring drops them in silence."""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

from config.errors import SettingsError, mask_secrets
from config.exception_names import bases_of, names_class
from config.settings import Settings

_BINDING = "spring.cloud.stream.bindings"
_KAFKA_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
_RETRYABLE = f"{_BINDING}.input.consumer.retryable-exceptions"
_ADDRESS = "management.server.address"
_FUNCTION_PATH = "python-processor.function-path"


def refuse_without_effect(settings: Settings) -> None:
    """Raise SettingsError for an address, or a place to read from, that would not be used."""
    if (
        settings.management_address
        and settings.own_management_port is None
        and settings.management_address != settings.server_address
    ):
        raise SettingsError(
            f"{_ADDRESS} ({settings.origin_of(_ADDRESS)}) has no effect: the actuator is on "
            f"server.port; set a management.server.port of its own, or server.address"
        )
    for folder in settings.function_path:
        if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises for some folders
            raise SettingsError(
                f"{_FUNCTION_PATH}: {mask_secrets('', folder)} "
                f"({settings.origin_of(_FUNCTION_PATH)}) is no folder that can be read"
            )


def without_effect(settings: Settings) -> Iterator[str]:
    """Return one line for each setting that has no effect, or a surprising one."""
    if settings.management_context_path and settings.own_management_port is None:
        yield (
            "management.server.base-path is ignored: the actuator is on server.port; set a "
            "management.server.port of its own, or management.endpoints.web.base-path"
        )
    if settings.bootstrap_servers and settings.is_hidden_by_binder:
        name = "spring.kafka.bootstrap-servers"
        yield (
            f"{name} ({settings.origin_of(name)}) is ignored: "
            f"spring.cloud.stream.kafka.binder.brokers names other brokers, and counts"
        )
    if settings.input_anonymous:
        for name, value in (
            ("dlq-name", settings.dlq_name),
            ("dlq-partitions", settings.dlq_partitions),
        ):
            if value:
                yield (
                    f"{_KAFKA_CONSUMER}.{name} is ignored: an anonymous group has no dead "
                    f"letters; set {_BINDING}.input.group"
                )
    yield from _unknown_exceptions(settings)
    yield from _loops(settings)


def _unknown_exceptions(settings: Settings) -> Iterator[str]:
    """Yield a line for each key of retryable-exceptions that no exception can have."""
    kinds = _loaded_exceptions() if settings.retryable_exceptions else []
    for name in settings.retryable_exceptions:
        if any(names_class(name, kind) for kind in kinds):
            continue
        module = name.rpartition(".")[0]
        if not module or module in sys.modules:
            why = "no loaded exception has this name"
        elif not _is_importable(module):
            why = "there is no such module"
        else:  # a function may import it later
            continue
        full = f"{_RETRYABLE}.{name}"
        yield (
            f"{full} ({settings.origin_of(full)}) has no effect: {why}. Only names of Python's "
            f"exceptions count, such as ValueError or json.JSONDecodeError"
        )


def _loaded_exceptions() -> list[type]:
    """Return the exceptions of Python, of the functions and of what they import, with bases."""
    found: dict[int, type] = {}  # by id, as a class of the user's code may have no hash
    waiting: list[type] = [BaseException]
    while waiting:
        kind = waiting.pop()
        if id(kind) not in found:
            found[id(kind)] = kind
            waiting += type.__subclasses__(kind)
    return list({id(base): base for kind in found.values() for base in bases_of(kind)}.values())


def _is_importable(module: str) -> bool:
    """Return whether a class can have this module, which is not so for Java's packages.

    Imports nothing. An exception of the user's functions is in a module that is imported.
    """
    top, dot, _ = module.partition(".")
    try:
        spec = find_spec(top)
    except ValueError:  # a module without a spec, such as __main__
        return True
    return spec is not None and (not dot or spec.submodule_search_locations is not None)


def _loops(settings: Settings) -> Iterator[str]:
    """Topics that are read and written."""
    if settings.destination_is_pattern:
        return
    written = {f"{_BINDING}.output.destination": settings.output_destination}
    if settings.dlq_name and settings.enable_dlq is not False and not settings.input_anonymous:
        written[f"{_KAFKA_CONSUMER}.dlq-name"] = settings.dlq_name
    for name, topic in written.items():
        if topic in settings.input_destinations:
            yield (
                f"{name}: {topic!r} is also {_BINDING}.input.destination: what is written there "
                f"is read again, without end; set another topic"
            )
