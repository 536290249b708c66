"""The report of --check: warnings, values with origins, client properties. Secrets are masked."""

from typing import NamedTuple

from config.errors import one_line
from config.librdkafka import client_config
from config.settings import Settings, properties


class Resolved(NamedTuple):
    """The present value of a property."""

    name: str
    value: str  # masked if secret; "" without a value and a default
    origin: str  # "default" for an unset property


def resolve(settings: Settings) -> list[Resolved]:
    """Return every supported property, in the model's order. Maps come key by key.

    Args:
        settings: The settings.
    """
    found: list[Resolved] = []
    for field, prop in properties().items():
        value = getattr(settings, field)
        named = (
            {f"{prop.name}.{key}": each for key, each in value.items()}
            if isinstance(value, dict)
            else {prop.name: value}
        )
        for name, each in named.items():
            entry = settings.origins.get(name)
            found.append(
                Resolved(
                    name, settings.shown(name, _text(each)), entry.origin if entry else "default"
                )
            )
    for own in settings.own:
        entry = settings.origins.get(own.name)
        value = settings.shown(own.name, _text(settings.own_values[own.name]))
        found.insert(0, Resolved(own.name, value, entry.origin if entry else "default"))
    return found


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return ",".join(value)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def warning_lines(settings: Settings) -> list[str]:
    """Return the warnings, which --check prints first.

    Args:
        settings: The settings.
    """
    return (
        [
            one_line(settings.clean(line))
            for line in ("Warnings", *(f"  {warning}" for warning in settings.warnings))
        ]
        if settings.warnings
        else []
    )


def changed_lines(settings: Settings) -> list[str]:
    """Return the lines of the properties that are set.

    Args:
        settings: The settings.
    """
    changed = [
        f"  {name} = {value} ({origin})"
        for name, value, origin in resolve(settings)
        if origin != "default"
    ]
    title = (
        "Settings that differ from the defaults (--check --all prints all, and what Kafka's "
        "clients are given)"
    )
    return [one_line(settings.clean(line)) for line in (title, *(changed or ["  none"]))]


def lines(settings: Settings) -> list[str]:
    """Return the lines of all settings and of the Kafka clients' properties.

    Args:
        settings: The settings.
    """
    report = ["Settings"]
    report += (f"  {name} = {value} ({origin})" for name, value, origin in resolve(settings))
    for title, config in (
        ("consumer", client_config.consumer_config(settings)),
        ("producer", client_config.producer_config(settings)),
        ("admin client", client_config.admin_config(settings)),
    ):
        report.append(f"What librdkafka's {title} is given")
        report += (
            f"  {name} = {value}"
            for name, value in sorted(client_config.masked_config(config).items())
        )
    return [one_line(settings.clean(line)) for line in report]
