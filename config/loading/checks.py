"""Checks settings together: contradictions are refused, and missing features are reported."""

import re
from collections.abc import Iterator

from pydantic import SecretStr

from config.errors import SettingsError, mask, mask_secrets
from config.loading.binding_checks import check_bindings
from config.sections.management import ENDPOINTS, SHOW, endpoint_id
from config.settings import Settings
from config.spring.names import uniform
from config.spring.sources.source import Entry

_INPUT = "spring.cloud.stream.bindings.input"
_OUTPUT = "spring.cloud.stream.bindings.output"
_KAFKA_INPUT = "spring.cloud.stream.kafka.bindings.input.consumer"
_GROUP = "management.endpoint.health.group"
_ADMIN = "spring.cloud.streamapp.security"
_TOPIC = re.compile(r"[a-zA-Z0-9._-]{1,249}")
_TOPIC_RULE = "Kafka allows ASCII letters, digits, '.', '_' and '-', 249 at most"
_OPTIONS = frozenset({"include", "exclude", "showdetails", "showcomponents"})
# The components of health, and their parts.
_COMPONENTS = frozenset(
    {"binders", "binders/kafka", "diskSpace", "livenessState", "readinessState", "ping", "*"}
)
_BOOT_ADMIN = "spring.boot.admin.client"
# The fields of the brokers' addresses, and their properties. The first that is set is used.
_BROKERS = {
    "binder_brokers": "spring.cloud.stream.kafka.binder.brokers",
    "bootstrap_servers": "spring.kafka.bootstrap-servers",
}


def check(settings: Settings) -> None:
    """Check that the settings do not contradict each other and can be fulfilled.

    Args:
        settings: The settings.

    Raises:
        SettingsError: They do or cannot. The text is one line.
    """
    check_bindings(settings)
    _check_brokers(settings)
    _check_logins(settings)
    for name, topics in _topics(settings):
        for topic in topics:
            if not is_topic_name(topic):
                raise SettingsError(
                    f"{name}: {mask(name, topic)!r} is no topic name: {_TOPIC_RULE}"
                )
    if settings.enable_dlq and (unusable := _unusable_dead_letter_topic(settings)):
        raise SettingsError(
            f"{_KAFKA_INPUT}.enable-dlq: {mask('', unusable)!r} is no topic name: {_TOPIC_RULE}; "
            f"set {_KAFKA_INPUT}.dlq-name"
        )
    for key, value in settings.health_groups.items():
        # A variable has dots in place of dashes: SHOW_DETAILS is show.details.
        option = uniform(key.partition(".")[2]).replace(".", "")
        if option not in _OPTIONS:
            raise SettingsError(
                f"{_GROUP}.{key} is not allowed: a group has include, exclude, show-details and "
                f"show-components"
            )
        if option in {"include", "exclude"}:
            _check_members(settings, key, value)
        elif value.strip():
            _check_shown(settings, key, value)


def warnings(settings: Settings) -> Iterator[str]:
    """Yield a line for each feature that does not work with these settings.

    Args:
        settings: The settings.
    """
    if settings.enable_dlq is None and (unusable := _unusable_dead_letter_topic(settings)):
        yield (
            f"there are no dead letters: {mask_secrets('', unusable)}, made of the topic and "
            f"{_INPUT}.group, is no topic name ({_TOPIC_RULE}); set "
            f"{_KAFKA_INPUT}.dlq-name, or enable-dlq=false"
        )
    for name, ids in (
        ("include", settings.exposure_include),
        ("exclude", settings.exposure_exclude),
    ):
        for unknown in (each for each in ids if each != "*" and endpoint_id(each) not in ENDPOINTS):
            full = f"management.endpoints.web.exposure.{name}"
            yield (
                f"{full}: {mask_secrets(full, unknown)} has no effect: there is no such "
                f"endpoint here; there are {', '.join(ENDPOINTS)}"
            )
    for key in (each for each in settings.path_mapping if endpoint_id(each) not in ENDPOINTS):
        yield (
            f"management.endpoints.web.path-mapping.{key} has no effect: there is no such "
            f"endpoint here; there are {', '.join(ENDPOINTS)}"
        )
    if settings.destination_is_pattern and settings.dlq_name:
        yield (
            f"{_KAFKA_INPUT}.dlq-name is ignored: with destination-is-pattern there are no dead "
            f"letters, as in the Kafka binder"
        )
    if settings.dlq_name and settings.enable_dlq is False:
        yield f"{_KAFKA_INPUT}.dlq-name is ignored: enable-dlq is false"


def without_unusable_dead_letters(settings: Settings) -> Settings:
    """Return the settings, without dead letters if their topic cannot exist and is not asked for.

    Args:
        settings: The settings.
    """
    if settings.enable_dlq is None and _unusable_dead_letter_topic(settings):
        return settings.model_copy(update={"enable_dlq": False})
    return settings


def is_topic_name(topic: str) -> bool:
    """Return whether Kafka allows the name for a topic."""
    return bool(_TOPIC.fullmatch(topic)) and topic not in {".", ".."}


def _topics(settings: Settings) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not settings.destination_is_pattern:
        yield f"{_INPUT}.destination", settings.input_destinations
    yield f"{_OUTPUT}.destination", (settings.output_destination,)
    if (
        settings.dlq_name
        and not settings.destination_is_pattern
        and settings.enable_dlq is not False
    ):
        yield f"{_KAFKA_INPUT}.dlq-name", (settings.dlq_name,)


def _unusable_dead_letter_topic(settings: Settings) -> str | None:
    if settings.dlq_name:
        return None
    topics = filter(None, map(settings.dead_letter_topic, settings.input_destinations))
    return next((topic for topic in topics if not is_topic_name(topic)), None)


def _check_brokers(settings: Settings) -> None:
    """Refuse empty addresses. localhost would be used in their place."""
    for field, name in _BROKERS.items():
        if field in settings.model_fields_set:
            return
        if entry := _entry(settings, name):
            raise SettingsError(
                f"{name} ({entry.origin}) is set to nothing: set the brokers as host:port, or "
                f"leave it out"
            )


def _check_logins(settings: Settings) -> None:
    """Refuse a user without a password, which a missing key of a Secret causes."""
    logins: list[tuple[str, str, str | None, SecretStr | None]] = []
    if settings.boot_admin_user or settings.boot_admin_password:
        logins.append(
            (_BOOT_ADMIN, "username", settings.boot_admin_user, settings.boot_admin_password)
        )
    if settings.security_enabled:
        # A name that is set needs a password, even if it is the default one.
        name = settings.user_name if "user_name" in settings.model_fields_set else None
        logins += [
            (_ADMIN, "admin-user", settings.admin_user, settings.admin_password),
            ("spring.security.user", "name", name, settings.user_password),
        ]
    for prefix, user, name, secret in logins:
        names = (
            f"{prefix}.{user}",
            f"{prefix}.{'admin-password' if user == 'admin-user' else 'password'}",
        )
        values = (name or "").strip(), secret.get_secret_value() if secret else ""
        set_empty = [
            each
            for each, value in zip(names, values, strict=True)
            if not value and _is_set(settings, each) and (each != names[0] or user != "name")
        ]
        missing = [each for each, value in zip(names, values, strict=True) if not value]
        # The default name of Spring Boot's user counts as set.
        defaulted = user == "name" and values[1] and not _is_set(settings, names[0])
        if (any(values) or len(set_empty) == 1) and missing and not defaulted:
            raise SettingsError(
                f"{missing[-1]} is not set, or set to nothing: set {names[0]} and {names[1]}, or "
                f"neither"
            )


def _is_set(settings: Settings, name: str) -> bool:
    return _entry(settings, name) is not None


def _entry(settings: Settings, name: str) -> Entry | None:
    return next(filter(None, (source.placeholder(name) for source in settings.sources)), None)


def _check_shown(settings: Settings, key: str, value: str) -> None:
    name = f"{_GROUP}.{key}"
    try:
        SHOW.parse(value)
    except ValueError:
        entry = settings.origins.get(name)
        origin = f" ({entry.origin})" if entry else ""
        raise SettingsError(
            f"{name}: {mask_secrets(name, value)}{origin} is not allowed; allowed is {SHOW.allowed}"
        ) from None


def _check_members(settings: Settings, key: str, value: str) -> None:
    """Refuse members of a health group that are no components. A path names a part of one."""
    for member in filter(None, map(str.strip, value.split(","))):
        if member not in _COMPONENTS:
            name = f"{_GROUP}.{key}"
            entry = settings.origins.get(name)
            origin = f" ({entry.origin})" if entry else ""
            allowed = ", ".join(sorted(_COMPONENTS))
            raise SettingsError(
                f"{name}: {mask_secrets(name, member)}{origin} is not allowed: there is no such "
                f"component; allowed is {allowed}"
            )
