"""The partition of a record by partition-key-expression, as in a Java application."""

from typing import Any

from confluent_kafka import Message

from config import Settings
from config.spring.spel import Expression
from connectors.errors.exceptions import PartitionKeyError
from connectors.produce import java_values
from connectors.produce.spel import ask, evaluate, header
from connectors.records.messages import TYPES, Headers, last_header, listing
from formats.caching import remember_short
from text import charset_of

# Spring Cloud Stream passes the partition to its binder in this header. It is sent with the record.
PARTITION = "scst_partition"
OVERRIDE = "scst_partitionOverride"  # set by an application that chooses the partition itself
_INTEGER = "java.lang.Integer"


class Partitioner:
    """Chooses partitions as Spring Cloud Stream does, so that Java and Python producers agree.

    The partition is the Java hash code of the partition key, modulo a number. That is the number of
    the output's partitions, or partition-count if that is larger. A null value (a tombstone) has no
    payload, so Kafka chooses by the record's key. In Java its partition is arbitrary.
    """

    def __init__(self, settings: Settings, key: Expression) -> None:
        """Prepare for the number of partitions in the settings.

        Args:
            settings: Has partition-selector-expression and partition-count.
            key: The partition-key-expression.
        """
        self._key = key
        self._selector = settings.partition_selector_expression
        self._charset = charset_of(settings.input_content_type)
        self._least = self._count = settings.output_partition_count

    def found(self, partitions: int) -> None:
        """Note how many partitions the output topic has.

        Args:
            partitions: The number.
        """
        self._count = max(self._least, partitions)

    def with_partition(
        self, message: Message, received: Headers, arguments: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """Return the arguments of Producer.produce with the partition in them.

        Args:
            message: The record that was read.
            received: The record's headers.
            arguments: Topic, value and key. The eighth argument, if any, has the headers.

        Raises:
            PartitionKeyError: The record has no usable partition key.
        """
        topic, value, key = arguments[:3]
        partition = self.partition(message, value, received)
        if partition < 0:
            return arguments
        headers = arguments[7] if len(arguments) > 3 else []
        return topic, value, key, partition, None, None, 0, _with_partition(headers, partition)

    def partition(self, message: Message, value: Any, received: Headers) -> int:
        """Return the partition, or -1 if Kafka has to choose.

        Args:
            message: The record that was read.
            value: The value to produce.
            received: The record's headers.

        Raises:
            PartitionKeyError: The record has no usable partition key.
        """
        if (override := header(message, received, OVERRIDE)) is not None:
            return self._existing(_number(override, OVERRIDE))
        if value is None and self._key.root == "payload":
            return -1
        found = evaluate(self._key, message, value, received, self._charset)
        if found is None:
            raise PartitionKeyError(f"the partition key ({self._key}) is null")
        if self._selector is None:
            code = java_values.hash_code(found)
            return 0 if code == -(1 << 31) else abs(code) % self._count
        chosen = ask(self._selector, found)
        return abs(_number(chosen, str(self._selector))) % self._count

    def _existing(self, partition: int) -> int:
        """Check the partition. The client might fail at the delivery and so end the process."""
        if 0 <= partition < self._count:
            return partition
        raise PartitionKeyError(
            f"{OVERRIDE} is {partition}, and the output has {self._count} partitions"
        )


class MessageKey:
    """Gives records the key that message-key-expression finds, before a partition is chosen."""

    def __init__(
        self, settings: Settings, key: Expression, partitioner: Partitioner | None
    ) -> None:
        """Prepare.

        Args:
            settings: The settings.
            key: The message-key-expression.
            partitioner: Chooses partitions; None if Kafka does.
        """
        self._key = key
        self._charset = charset_of(settings.input_content_type)
        self._partitioner = partitioner

    def found(self, partitions: int) -> None:
        """Note how many partitions the output topic has.

        Args:
            partitions: The number.
        """
        if self._partitioner:
            self._partitioner.found(partitions)

    def with_partition(
        self, message: Message, received: Headers, arguments: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        """Return the arguments of Producer.produce with the key, and with a partition if chosen.

        Args:
            message: The record that was read.
            received: The record's headers.
            arguments: Topic, value and key. The eighth argument, if any, has the headers.

        Raises:
            PartitionKeyError: The record has no usable key.
        """
        topic, value, _, *rest = arguments
        key = evaluate(self._key, message, value, received, self._charset)
        try:
            text = None if key is None else java_values.to_text(key)
        except ValueError:
            raise PartitionKeyError(
                f"{self._key}: a number of this kind or size has no text that is known here"
            ) from None
        arguments = (
            topic,
            value,
            None if text is None else text.encode("utf-8", "surrogatepass"),
            *rest,
        )
        return (
            self._partitioner.with_partition(message, received, arguments)
            if self._partitioner
            else arguments
        )


def partitioner(settings: Settings) -> Partitioner | MessageKey | None:
    """Return the object that chooses keys and partitions.

    Args:
        settings: The settings.

    Returns:
        The object, or None if records keep their keys and Kafka chooses by the keys.
    """
    key = settings.partition_key_expression
    found = Partitioner(settings, key) if key else None
    return (
        MessageKey(settings, settings.message_key_expression, found)
        if settings.message_key_expression
        else found
    )


def _number(value: java_values.Scalar | None, what: str) -> int:
    """Return the Integer that Spring makes of a value."""
    try:
        if isinstance(value, int | str) and not isinstance(value, bool):
            return java_values.whole_number(value, 32)
    except ValueError:
        pass
    raise PartitionKeyError(f"{what} is no whole number of 32 bits")


def _with_partition(headers: Headers, partition: int) -> Headers:
    """Return the headers to send: with the partition as an Integer, and without an override."""
    types = last_header(headers, TYPES)
    kept: Headers = [pair for pair in headers if pair[0] not in (PARTITION, OVERRIDE, TYPES)]
    return [*kept, (PARTITION, b"%d" % partition), (TYPES, _listing(types))]


@remember_short(2048)  # records of one source have the same types
def _listing(types: bytes | None) -> bytes:
    return listing(types, PARTITION, _INTEGER)
