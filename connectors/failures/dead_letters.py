"""Dead letters: failed records, written as Spring's Kafka binder writes them."""

from typing import Any

from confluent_kafka import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, Message

from config import Settings
from connectors.errors.exceptions import UnreadableHeadersError
from connectors.functions import exception_text
from connectors.records.messages import Headers, read_headers

_TIMESTAMP_TYPES = {
    TIMESTAMP_CREATE_TIME: b"CreateTime",
    TIMESTAMP_LOG_APPEND_TIME: b"LogAppendTime",
}
OWN = [
    "x-original-topic",
    "x-original-partition",
    "x-original-offset",
    "x-original-timestamp",
    "x-original-timestamp-type",
]
OWN += [
    FQCN := "x-exception-fqcn",
    MESSAGE := "x-exception-message",
    STACKTRACE := "x-exception-stacktrace",
]
# A header of this program's own. It names the parts of the record that the dead letter lacks.
OMITTED = "x-dead-letter-omitted"
OWN.append(OMITTED)


class DeadLetterQueue:
    """Names dead letter topics and makes dead letters. A binding finds out which topics exist."""

    def __init__(self, settings: Settings) -> None:
        """Start without topics.

        Args:
            settings: The settings.
        """
        self.wanted = (
            settings.enable_dlq is not False
            and not settings.input_anonymous
            and not settings.destination_is_pattern
        )
        # The user has asked for dead letters. Without them the processor does not start.
        self.required = bool(settings.enable_dlq)
        self.available = False
        self._name = settings.dlq_name
        self._group = settings.input_group
        self._only_partition = settings.dlq_partitions == 1
        self._longest_trace = settings.dead_letter_stacktrace
        self._partitions: dict[str, int] = {}

    def topic(self, source: str) -> str:
        """Return the dead letter topic of an input topic.

        Args:
            source: The input topic.
        """
        return self._name or f"error.{source}.{self._group}"

    def found(self, topic: str, partitions: int) -> None:
        """Note that a dead letter topic exists.

        Args:
            topic: The topic's name.
            partitions: How many partitions it has.
        """
        self._partitions[topic] = partitions
        self.available = True

    def record(self, message: Message, error: BaseException) -> tuple[Any, ...]:
        """Return the arguments of Producer.produce for a dead letter.

        Args:
            message: The record.
            error: Why it has failed.
        """
        source, partition = str(message.topic()), int(message.partition() or 0)
        topic = self.topic(source)
        if self._only_partition:
            partition = 0
        elif partition >= self._partitions.get(topic, 0):
            # The dead letter topic has fewer partitions than the input. The client chooses one.
            partition = -1
        return (
            topic,
            message.value(),
            message.key(),
            partition,
            None,
            None,
            0,
            self._headers(message, error),
        )

    def _headers(self, message: Message, error: BaseException) -> Headers:
        """Return the record's headers and eight more, in the binder's encodings.

        Text is UTF-8. Numbers are big-endian.
        """
        kind, milliseconds = message.timestamp()
        original = _original(message, error)
        text = exception_text.message(error)
        return [
            *(original or ()),
            ("x-original-topic", str(message.topic()).encode()),
            ("x-original-partition", int(message.partition() or 0).to_bytes(4, "big")),
            ("x-original-offset", int(message.offset() or 0).to_bytes(8, "big")),
            ("x-original-timestamp", milliseconds.to_bytes(8, "big", signed=True)),
            ("x-original-timestamp-type", _TIMESTAMP_TYPES.get(kind, b"NoTimestampType")),
            (FQCN, _utf8(exception_text.class_name(error))),
            *([(MESSAGE, _utf8(text))] if text else []),
            (STACKTRACE, _utf8(self._trace(error))),
            *([(OMITTED, b"headers")] if original is None else []),
        ]

    def _trace(self, error: BaseException) -> str:
        trace, longest = exception_text.stack_trace(error), self._longest_trace
        if len(trace) <= longest:
            return trace
        half = max(0, (longest - 5) // 2)
        return (trace[:half] + "\n...\n" + trace[-half:])[:longest] if half else trace[:longest]


def _original(message: Message, error: BaseException) -> Headers | None:
    """Return the record's headers, without an earlier dead letter's; None if unreadable."""
    if issubclass(type(error), UnreadableHeadersError):
        return None
    try:
        found = read_headers(message)
    except BaseException:  # noqa: BLE001 - a header name that is no UTF-8 raises SystemError
        return None
    return [header for header in found if header[0] not in OWN]


def _utf8(text: str) -> bytes:
    # An exception's text may contain surrogates, which UTF-8 cannot encode.
    return text.encode("utf-8", "backslashreplace")
