"""The one list of the properties that this program supports, as a frozen, typed model.

A field has the value of one property. A Python property follows from several fields. The help text,
the README's table and the image's metadata are made from this list.
"""

import re
import uuid
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import ConfigDict, Field

from catalog.lookup import Found
from config.errors import MASK, hide, is_secret, mask, mask_text
from config.kafka.java_properties import row_of
from config.sections.application import Application
from config.sections.bindings import Bindings
from config.sections.boot_admin import AdminClient
from config.sections.delivery import Delivery
from config.sections.health import Health
from config.sections.kafka_clients import CLIENT_MAPS, KafkaClients
from config.sections.management import Management
from config.sections.member_id import stable_member_id
from config.sections.topic_properties import TopicProvisioning
from config.spring.own_property import OwnProperty
from config.spring.property import Property, property_of
from config.spring.sources.source import Entry, Source
from config.worker import WorkerSlot
from python_processor import Properties

_PLACEHOLDER = re.compile(r"\$\{([^${}:]*)")


class Settings(
    KafkaClients,
    Application,
    TopicProvisioning,
    Bindings,
    Delivery,
    Health,
    Management,
    AdminClient,
):
    """Every supported property. Times are in seconds. Made by config.loading.loader."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    # These fields are no properties. They say where the values come from.
    instance_id: str = Field(default_factory=lambda: str(uuid.uuid4()))  # names the anonymous group
    # This process's slot among those of `concurrency`. None for the only process, and for the
    # parent.
    worker_slot: WorkerSlot | None = None
    functions: tuple[Found, ...] = Field(default=(), repr=False)  # that `function` names
    own: tuple[OwnProperty, ...] = Field(default=(), repr=False)  # that functions declare
    own_values: Mapping[str, Any] = Field(default={}, repr=False)  # their values by name
    pod: str | None = None  # the Kubernetes pod that this process runs in
    # Canonical name -> the entry that set it. Unset properties are left out.
    origins: Mapping[str, Entry] = Field(default={}, repr=False)
    sources: tuple[Source, ...] = Field(default=(), repr=False)  # highest first, as written
    # The profiles with those of their groups, as /actuator/env shows them.
    active_profiles: tuple[str, ...] = ()
    default_profiles: tuple[str, ...] = ("default",)
    # Canonical names of the properties that ${random.*} has set. Other processes have other values.
    random_names: frozenset[str] = Field(default=frozenset(), repr=False)
    warnings: tuple[str, ...] = ()  # one line each, for the log
    # The values of all properties with the name of a secret, and secrets inside other values. No
    # text shows them.
    secrets: tuple[str, ...] = Field(default=(), repr=False)
    notices: tuple[str, ...] = ()  # one line each, logged at DEBUG: properties without effect

    def origin_of(self, name: str) -> str:
        """Return where a property was set, or "default".

        Args:
            name: The canonical name.
        """
        return self.origins[name].origin if name in self.origins else "default"

    @property
    def input_group(self) -> str:
        """The consumer group, with a generated name if it is anonymous."""
        return self.group or f"anonymous.{self.instance_id}"

    @property
    def input_anonymous(self) -> bool:
        """Whether the group is anonymous."""
        return not self.group

    @property
    def has_fixed_partitions(self) -> bool:
        """Whether the instance's index decides the partitions instead of a consumer group."""
        return not self.auto_rebalance and not self.input_anonymous

    @property
    def transactional_id(self) -> str | None:
        """The producer's transactional.id, or None for at least once.

        Raises SettingsError if instances cannot be distinguished.
        """
        # With fixed partitions two pods of one index must share the id, so that one fences the
        # other.
        pod = None if self.has_fixed_partitions else self.pod
        found = self.transactional_id_of(self._known_index, self.instance_count, pod)
        return found and f"{found}{self.suffix}"

    @property
    def stable_member_id(self) -> str | None:
        """The default group.instance.id if it outlives the process, or None."""
        return stable_member_id(self.pod, self._known_index, self.application_guid)

    @property
    def _known_index(self) -> int | None:
        """The instance's index, or None if it is not set."""
        return self.instance_index if "spring.cloud.stream.instance-index" in self.origins else None

    @property
    def suffix(self) -> str:
        """The end of client ids if there are several processes, as in Spring Kafka."""
        return f"-{self.worker_slot.number}" if self.worker_slot else ""

    def dead_letter_topic(self, source: str) -> str | None:
        """Return the dead letter topic of an input topic, or None if dead letters are off.

        An anonymous group has none.

        Args:
            source: The input topic.
        """
        if self.enable_dlq is False or self.input_anonymous or self.destination_is_pattern:
            return None
        return self.dlq_name or f"error.{source}.{self.group}"

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """Yield the fields with their values; secrets are masked."""
        named = properties()
        for field, value in super().__repr_args__():
            name = named[field].name if field in named else ""
            if isinstance(value, dict):
                yield (
                    field,
                    {
                        self.clean(key): self.shown(f"{name}.{key}", str(text))
                        for key, text in value.items()
                    },
                )
            elif isinstance(value, str):
                yield field, self.shown(name, value)
            elif isinstance(value, tuple):
                yield field, tuple(self.shown(name, str(each)) for each in value)
            else:
                yield field, value

    def options(self, owner: type[Properties]) -> Properties:
        """Return the values of the properties that a function declares in one class.

        Args:
            owner: The class.
        """
        return owner(
            **{each.field: self.own_values[each.name] for each in self.own if each.owner is owner}
        )

    def shown(self, name: str, value: str) -> str:
        """Return a property's value without anything that may be a secret.

        Args:
            name: The property's canonical name.
            value: Its value.
        """
        private = name and (self.names_secret(name) or not self._is_public(name))
        return MASK if value and private else self.clean(mask(name, value))

    def clean(self, text: str) -> str:
        """Return a text, such as a line, without anything that may be a secret.

        Args:
            text: The text.
        """
        return hide(mask_text(text), self.secrets)

    def names_secret(self, name: str) -> bool:
        """Return whether a placeholder in a property's value names a secret.

        Args:
            name: The property's canonical name.
        """
        entry = self.origins.get(name)
        return entry is not None and any(map(is_secret, _PLACEHOLDER.findall(entry.value)))

    def _is_public(self, name: str) -> bool:
        """Return whether the name is known here. The value of another name may be a secret."""
        return any(name == own.name for own in self.own) or any(
            name == prop.name
            or (
                name.startswith(f"{prop.name}.")
                and _is_public_key(field, prop, name.removeprefix(f"{prop.name}."))
            )
            for field, prop in properties().items()
        )


def _is_public_key(field: str, prop: Property, key: str) -> bool:
    """Return whether a key of a map is known, or the user's own as those of info.* are."""
    if key in prop.keys or (not prop.inner and field not in CLIENT_MAPS):
        return True
    return row_of(key.removeprefix(f"{prop.inner}.")) is not None


@cache
def properties() -> dict[str, Property]:
    """Return the property of each field that has one, in the model's order."""
    return {
        name: found
        for name, field in Settings.model_fields.items()
        if (found := property_of(field))
    }
