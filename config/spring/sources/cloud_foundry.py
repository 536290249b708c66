"""Cloud Foundry's variables VCAP_APPLICATION and VCAP_SERVICES, flattened as in Spring Boot."""

from collections.abc import Iterator, Mapping
from itertools import islice

from config.spring.scalars import parse_json
from config.spring.sources.source import MAX_DEPTH, MAX_ENTRIES, Source


def cloud_foundry(environ: Mapping[str, str]) -> tuple[list[Source], list[str]]:
    """Return VCAP_APPLICATION and VCAP_SERVICES as a source, and a warning for each without JSON.

    The names are `vcap.application.*` and `vcap.services.<name>.*`.

    Args:
        environ: The environment.
    """
    values: dict[str, str] = {}
    warnings: list[str] = []
    for variable, named in (("VCAP_APPLICATION", _application), ("VCAP_SERVICES", _services)):
        try:
            if variable in environ:
                values |= islice(named(parse_json(environ[variable])), MAX_ENTRIES)
        except (ValueError, TypeError, AttributeError, RecursionError):
            warnings.append(
                f"environment variable {variable} is dropped: it is not the JSON that Cloud "
                f"Foundry sets"
            )
    return [
        Source("vcap", "VCAP_APPLICATION and VCAP_SERVICES", values)
    ] if values else [], warnings


def _application(document: dict[str, object]) -> Iterator[tuple[str, str]]:
    return _vcap(document, "vcap.application")


def _services(document: dict[str, list[dict[str, object]]]) -> Iterator[tuple[str, str]]:
    """Name the services by their own name, otherwise by their label, as Spring Boot does."""
    for kind, services in document.items():
        for service in services:
            name = service.get("name") or service.get("label") or kind
            if not isinstance(name, str):
                raise TypeError(name)
            yield from _vcap(service, f"vcap.services.{name}")


def _vcap(node: Mapping[str, object], path: str, depth: int = 0) -> Iterator[tuple[str, str]]:
    """Flatten as Spring Boot does: a list as a whole and by its items, a null as ""."""
    if depth > MAX_DEPTH:
        raise ValueError(depth)
    for key, value in node.items():
        name = f"{path}{key}" if key.startswith("[") else f"{path}.{key}"
        if isinstance(value, dict):
            yield from _vcap(value, name, depth + 1)
        elif isinstance(value, list):
            yield name, ",".join(map(_java_text, value))
            yield from _vcap(
                {f"[{index}]": item for index, item in enumerate(value)}, name, depth + 1
            )
        else:
            yield name, "" if value is None else _java_text(value)


def _java_text(value: object) -> str:
    """Return a value as Java's toString writes it."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_java_text(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_java_text, value)) + "]"
    return (
        "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    )
