"""Checks the bindings' settings for contradictions."""

import re

from config.errors import SettingsError, mask, mask_secrets
from config.settings import Settings

_BINDING = "spring.cloud.stream.bindings"
_CONSUMER = f"{_BINDING}.input.consumer"
_KAFKA_CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer"
_KAFKA_PRODUCER = "spring.cloud.stream.kafka.bindings.output.producer"
_DEAD_LETTERS = f"{_KAFKA_CONSUMER}.dlq-producer-properties"
# Java's regular expressions that librdkafka lacks or reads differently.
_ONLY_JAVA = re.compile(r"\\[A-Za-z0-9]|\(\?|[*+?}][?+]|&&")
_LONGEST_PATTERN = 1000  # characters


def check_bindings(settings: Settings) -> None:
    """Check that the bindings' settings do not contradict each other.

    Spring Cloud Stream refuses most of these contradictions, too.

    Args:
        settings: The settings.

    Raises:
        SettingsError: Two settings contradict each other.
    """
    if settings.input_partitioned and not settings.group:
        raise SettingsError(
            f"{_CONSUMER}.partitioned: a consumer group is required for a partitioned input; "
            f"set {_BINDING}.input.group"
        )
    if settings.enable_dlq and not settings.group:
        raise SettingsError(
            f"{_KAFKA_CONSUMER}.enable-dlq: there are no dead letters for an anonymous group; "
            f"set {_BINDING}.input.group"
        )
    if (
        settings.group
        and not settings.auto_rebalance
        and settings.instance_index >= settings.instance_count
    ):
        raise SettingsError(
            f"{_KAFKA_CONSUMER}.auto-rebalance-enabled: without rebalancing "
            f"spring.cloud.stream.instance-index ({settings.instance_index}) "
            f"must be below spring.cloud.stream.instance-count ({settings.instance_count})"
        )
    if settings.destination_is_pattern:
        _check_patterns(settings)
    for prefix, replicas in (
        (_KAFKA_CONSUMER, settings.input_topic_replicas),
        (_KAFKA_PRODUCER, settings.output_topic_replicas),
        (_DEAD_LETTERS, settings.dlq_topic_replicas),
    ):
        if set(replicas) != set(map(str, range(len(replicas)))):
            raise SettingsError(
                f"{prefix}.topic.replicas-assignment is for the partitions "
                f"{', '.join(sorted(replicas))}; allowed is 0, 1, 2 and so on"
            )


def _check_patterns(settings: Settings) -> None:
    name = f"{_KAFKA_CONSUMER}.destination-is-pattern"
    if settings.multiplex or settings.enable_dlq or not settings.auto_rebalance:
        raise SettingsError(
            f"{name}: a pattern does not go with multiplex, enable-dlq=true or "
            f"auto-rebalance-enabled=false"
        )
    for pattern in settings.input_destinations:
        if len(pattern) > _LONGEST_PATTERN:
            raise SettingsError(
                f"{name}: a pattern of more than {_LONGEST_PATTERN} characters is not allowed"
            )
        try:
            re.compile(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            reason = error if isinstance(error, re.error) else "it is too deep"
            raise SettingsError(
                f"{name}: {mask_secrets('', pattern)} is no regular expression: {reason}"
            ) from None
        if found := _ONLY_JAVA.search(pattern):
            raise SettingsError(
                f"{name}: {found[0]!r} in {mask('', pattern)!r} is not understood; allowed are "
                f". [...] (...) | * + ? {{m,n}} and a backslash "
                "before one of these"
            )
