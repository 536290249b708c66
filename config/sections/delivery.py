"""The properties of the delivery guarantees: transactions, retries, dead letters."""

import re

from pydantic import BaseModel

from config.errors import SettingsError
from config.spring.property import prop, prop_map
from config.spring.types import FLAG, TEXT, PropertyType, bounded_integer, duration

_CONSUMER = "spring.cloud.stream.bindings.input.consumer"
_KAFKA_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"


def _multiplier(text: str) -> float:
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{0,20})?", text.strip()):
        raise ValueError(text)
    return max(1.0, float(text))


_MULTIPLIER = PropertyType(_multiplier, "a number from 1", "java.lang.Double")


class Delivery(BaseModel):
    """The fields of Settings for delivery."""

    commit_interval: float | None = prop(
        "python-processor.commit-interval",
        duration(0.01, 60),
        "How often delivered records are committed; 500 ms by default, 100 ms with transactions.",
        default=None,
    )
    transaction_id_prefix: str = prop(
        "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix",
        TEXT,
        "Begins each instance's transactional.id. Set, it makes delivery exactly once: output and "
        "offsets are committed together.",
        default="",
    )
    application_guid: str = prop(
        "spring.cloud.application.guid",
        TEXT,
        "Identity of this instance; Data Flow's deployers set it.",
        default="",
    )
    client_call_timeout: float = prop(
        "python-processor.client-call-timeout",
        duration(1, 3600),
        "How long a call of the Kafka client may take while a broker answers, before the process "
        "ends, to be started again; and how long a partition may go unread "
        "before another consumer takes over.",
        default=120.0,
    )
    max_attempts: int = prop(
        f"{_CONSUMER}.max-attempts",
        bounded_integer(1, 1000),
        "How often a record is tried before it is a dead letter; 1 is no retry.",
        default=3,
    )
    back_off_initial_interval: float = prop(
        f"{_CONSUMER}.back-off-initial-interval",
        duration(0, 3600),
        "Wait before the first retry.",
        default=1.0,
    )
    back_off_max_interval: float = prop(
        f"{_CONSUMER}.back-off-max-interval",
        duration(0, 3600),
        "Longest wait before a retry.",
        default=10.0,
    )
    back_off_multiplier: float = prop(
        f"{_CONSUMER}.back-off-multiplier",
        _MULTIPLIER,
        "Each wait is so many times the one before.",
        default=2.0,
    )
    default_retryable: bool = prop(
        f"{_CONSUMER}.default-retryable",
        FLAG,
        "Whether exceptions that retryable-exceptions does not name are retried.",
        default=True,
    )
    retryable_exceptions: dict[str, bool] = prop_map(
        f"{_CONSUMER}.retryable-exceptions",
        "Whether an exception is retried, by class name (ValueError, json.JSONDecodeError).",
        kind=FLAG,
    )
    enable_dlq: bool | None = prop(
        f"{_KAFKA_CONSUMER}.enable-dlq",
        FLAG,
        "Whether records that cannot be processed go to a dead letter topic. Unset: yes, if the "
        "group is named and the topic can be had.",
        default=None,
    )
    dlq_name: str | None = prop(
        f"{_KAFKA_CONSUMER}.dlq-name",
        TEXT,
        "The dead letter topic; error.<topic>.<group> if unset.",
        default=None,
    )
    dlq_partitions: int | None = prop(
        f"{_KAFKA_CONSUMER}.dlq-partitions",
        bounded_integer(1, 100_000),
        "Partitions of the dead letter topic; as many as the input has if unset. With 1 all dead "
        "letters go to partition 0.",
        default=None,
    )
    dead_letter_stacktrace: int = prop(
        "python-processor.dead-letter-stacktrace",
        bounded_integer(0, 1_000_000),
        "Most characters of the stack trace that a dead letter carries; longer ones are cut in "
        "the middle.",
        default=4000,
    )

    def transactional_id_of(self, index: int | None, instances: int, pod: str | None) -> str | None:
        """Return the prefix with the identity of this instance, or None without a prefix.

        Args:
            index: The instance's index; None if it is not set.
            instances: How many instances there are.
            pod: The Kubernetes pod's name if the group assigns the partitions. A new pod runs
                beside the old one of the same index for a while. With one id for both, each restart
                would fence one.

        Raises:
            SettingsError: This instance has no id of its own.
        """
        if not self.transaction_id_prefix:
            return None
        if pod:  # the guid is the pod's uid; both outlive a restart of the container
            return f"{self.transaction_id_prefix}{self.application_guid or pod}"
        if index is not None:
            return f"{self.transaction_id_prefix}{index}"
        if self.application_guid:
            return f"{self.transaction_id_prefix}{self.application_guid}"
        if instances == 1:
            return f"{self.transaction_id_prefix}0"
        raise SettingsError(
            "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix: with "
            f"{instances} instances each needs a spring.cloud.stream.instance-index (or a "
            f"spring.cloud.application.guid) of its own"
        )
