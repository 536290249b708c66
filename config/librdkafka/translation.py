"""The Java properties of one Kafka client, merged in the binder's order and translated."""

import difflib

from config.errors import SettingsError
from config.kafka import boot_names
from config.kafka.java_properties import TABLE, row_of
from config.kafka.java_property import ClientProperty, Config, JavaProperty
from config.librdkafka import jaas
from config.librdkafka.half_set import refuse_references, unused_security
from config.librdkafka.security import protocol_of, security
from config.settings import Settings, properties
from config.spring.names import is_critical
from config.spring.types import FLAG, integer
from config.support import Support

# The layers of a client's properties after spring.kafka itself: Spring Boot's section for the
# client, then the binder's maps.
_LAYERS: dict[str, tuple[str, boot_names.Table, tuple[str, ...]]] = {
    "c": (
        "boot_consumer",
        boot_names.CONSUMER,
        ("binder_configuration", "binder_consumer_properties", "input_configuration"),
    ),
    "p": (
        "boot_producer",
        boot_names.PRODUCER,
        ("binder_configuration", "binder_producer_properties", "output_configuration"),
    ),
    "a": ("boot_admin", boot_names.ADMIN, ("binder_configuration",)),
}
_CLIENTS = {"c": "consumer", "p": "producer", "a": "admin client"}
# Set by the binder: above everything else, or as defaults.
_BEFORE = {"p": {"required_acks": "acks"}, "c": {}, "a": {}}
_UNLESS = {
    "p": {
        "producer_buffer_size": "batch.size",
        "producer_batch_timeout": "linger.ms",
        "producer_compression": "compression.type",
    },
    "c": {},
    "a": {},
}
# A name that begins so is about security or an address, also where only librdkafka has it.
_SECURITY = (
    *("ssl.", "sasl.", "security.", "https.", "enable.ssl.", "enable.sasl."),
    *("metadata.broker.", "bootstrap."),
)
# Java's client drops these from the end of a value: a Secret made with echo ends in a line break.
_BLANKS = "".join(map(chr, range(ord(" ") + 1)))
# Spring's default login module.
_KERBEROS = "com.sun.security.auth.module.Krb5LoginModule"


class Translation:
    """One client's properties: `java` as set, `config` for librdkafka, `warnings` for others."""

    def __init__(self, client: str, settings: Settings) -> None:
        """Translate the properties of one client.

        Args:
            client: "c" for the consumer, "p" for the producer, "a" for the admin client.
            settings: The settings.

        Raises:
            SettingsError: A property cannot be used.
        """
        self.java = _merged(client, settings)
        own = _set_for(client, settings)
        refused: list[str] = []
        self.warnings: list[str] = []
        self.config: Config = {}
        for name, given in self.java.items():
            row = row_of(name)
            if row is None:
                near = difflib.get_close_matches(name.lower(), TABLE, 1, 0.85)
                hint = f"; did you mean {near[0]}?" if near else ""
                if (near and is_critical(near[0])) or name.lower().startswith(_SECURITY):
                    raise SettingsError(
                        f"{given.name} ({given.origin}) is not allowed: Kafka's Java client has "
                        f"no such property{hint}"
                    )
                self.warnings.append(
                    f"{given.name} ({given.origin}) is dropped: Kafka's Java client has no such "
                    f"property{hint}"
                )
            elif row.verdict is Support.REJECTED and not row.accepts(given.value):
                refused.append(f"{given.describe()} is not allowed: {row.why}")
            elif client in row.clients and given.value:
                self._take(client, name, row, given)
            elif given.value and name in own:
                self.warnings.append(
                    f"{given.name} ({given.origin}) is dropped: it is no property of the "
                    f"{_CLIENTS[client]}"
                )
        refuse_references(self.java)
        self.config |= security(self.java)
        if refused:  # later than security(), which knows a mechanism by its name
            raise SettingsError(refused[0])
        if "security.protocol" in self.config:
            # The trust store counts for the token endpoint, too.
            own_trust = "ssl.truststore." if "https.ca.pem" in self.config else None
            used = {
                name: given
                for name, given in self.java.items()
                if given.value and not (own_trust and name.startswith(own_trust))
            }
            self.warnings += unused_security(used, protocol_of(used))

    def _take(self, client: str, name: str, row: JavaProperty, given: ClientProperty) -> None:
        if row.verdict is Support.IGNORED and not row.accepts(given.value):
            # The value of a map's key may be a secret.
            described = given.describe() if name in TABLE else f"{given.name} ({given.origin})"
            self.warnings.append(f"{described} is dropped: {row.why}")
        # security() translates TLS and SASL properties together.
        elif row.verdict is Support.MAPPED and not name.startswith(("ssl.", "sasl.")):
            codec = self.java.get("compression.type")
            if row.native != "compression.level" or (
                codec and name == f"compression.{codec.value.lower()}.level"
            ):
                self.config[(client == "p" and row.producer) or row.native or name] = value = (
                    given.parse(row.kind)
                )
                self._note_nearest(row, given, value)
        elif row.verdict is Support.SUPPORTED:
            self._note_nearest(row, given, given.parse(row.kind))

    def _note_nearest(self, row: JavaProperty, given: ClientProperty, value: int) -> None:
        """Say so where the client cannot have the number that is asked for."""
        # 0 and -1 are words, "none" or "at once", which the client has as another number.
        if row.kind.nearest and (wanted := integer(given.value)) not in {value, 0, -1}:
            which = "most" if wanted > value else "least"
            self.warnings.append(
                f"{given.describe()} is {value} here, which is the {which} that the client can do"
            )


def _set_for(client: str, settings: Settings) -> frozenset[str]:
    """Return the properties that are set for this client alone."""
    section, table, fields = _LAYERS[client]
    alone = (_map(settings, field) for field in fields if field != "binder_configuration")
    return frozenset(_boot(settings, section, table)).union(*alone)


def _merged(client: str, settings: Settings) -> dict[str, ClientProperty]:
    """Return the properties by Java's names. Later layers override earlier ones."""
    section, table, fields = _LAYERS[client]
    java = (
        _set(settings, _BEFORE[client])
        | _boot(settings, "boot_common", boot_names.COMMON)
        | _boot(settings, section, table)
    )
    for field in fields:
        java |= _map(settings, field)
    java = _set(settings, _UNLESS[client]) | java
    if client == "c":
        java |= _set(settings, {"start_offset": "auto.offset.reset"})
    if "sasl.jaas.config" not in java and (login := _login(settings)):
        java["sasl.jaas.config"] = login
    return java


def _set(settings: Settings, fields: dict[str, str]) -> dict[str, ClientProperty]:
    """Return the set ones of these fields, by Java's names."""
    found = {
        java: (properties()[field].name, getattr(settings, field)) for field, java in fields.items()
    }
    return {
        java: _property(settings, name, str(value))
        for java, (name, value) in found.items()
        if value is not None
    }


def _map(settings: Settings, field: str) -> dict[str, ClientProperty]:
    """Return the map in `field`, whose keys are Java's names."""
    prefix = properties()[field].name
    values: dict[str, str] = getattr(settings, field)
    return {key: _property(settings, f"{prefix}.{key}", value) for key, value in values.items()}


def _boot(settings: Settings, field: str, table: boot_names.Table) -> dict[str, ClientProperty]:
    """Return a map of Spring Boot's names by Java's names. Its `properties.*` have Java's names."""
    java: dict[str, ClientProperty] = {}
    for key, given in _map(settings, field).items():
        name, kind = table.get(key, (key.removeprefix("properties."), None))
        java[name] = given._replace(value=given.parse(kind)) if kind and given.value else given
    return java


def _login(settings: Settings) -> ClientProperty | None:
    """Return sasl.jaas.config as the binder or Spring Boot spells it, or None."""
    for field in ("binder_jaas", "boot_jaas"):
        given: dict[str, str] = getattr(settings, field)
        if given and (field == "binder_jaas" or _is_login_enabled(settings, given)):
            options = {
                key.removeprefix("options."): value
                for key, value in given.items()
                if key.startswith("options.")
            }
            login = jaas.Login(given.get("login-module") or _KERBEROS, options)
            name = next(f"{properties()[field].name}.{key}" for key in given)
            return _property(settings, name, jaas.written(login))._replace(
                name=f"{properties()[field].name}.*"
            )
    return None


def _is_login_enabled(settings: Settings, given: dict[str, str]) -> bool:
    """Return whether spring.kafka.jaas.enabled is true.

    Raises SettingsError if it is unset, because Spring Boot would silently drop the login.
    """
    prefix = properties()["boot_jaas"].name
    enabled = _property(settings, f"{prefix}.enabled", given.get("enabled", ""))
    if enabled.value.strip():
        return enabled.parse(FLAG)
    first = _property(settings, f"{prefix}.{next(iter(given))}", "")
    raise SettingsError(
        f"{first.name} ({first.origin}) has no effect without {enabled.name}: set it to true, or "
        f"to false"
    )


def _property(settings: Settings, name: str, value: str) -> ClientProperty:
    return ClientProperty(name, value.strip(_BLANKS), settings.origin_of(name))
