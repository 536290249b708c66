"""The headers that a produced record gets from the received one, by the rules of Spring Kafka."""

from connectors.records.messages import (
    CONTENT_TYPE,
    STRING,
    TYPES,
    Headers,
    header_name,
    last_header,
    last_index,
    last_values,
    listing,
    types_of,
)

# Headers of a dead letter that was sent back or parked. Only its next dead letter needs them.
REPLAYS = "python-processor-replays"  # how often the record has been replayed, as decimal digits
PARKED = "python-processor-parked"  # why the letter has been parked
# The same, and headers about the received record or the Java process, as in Spring Kafka.
NEVER_FORWARDED = frozenset(
    [
        "id",
        "timestamp",
        "deliveryAttempt",
        "scst_nativeHeadersPresent",
        "kafka_acknowledgment",
        "kafka_consumer",
        "kafka_messageKey",
        "kafka_offset",
        "kafka_partitionId",
        "kafka_data",
        "kafka_receivedMessageKey",
        "kafka_receivedPartitionId",
        "kafka_receivedTimestamp",
        "kafka_receivedTopic",
        "kafka_timestamp",
        "kafka_timestampType",
        "kafka_batchConvertedHeaders",
        "kafka_nativeHeaders",
        "kafka_topic",
        "kafka_deliveryAttempt",
        "kafka_listenerInfo",
        "kafka_groupId",
        REPLAYS,
        PARKED,
    ]
)


def forward(headers: Headers, content_type: bytes | None = None) -> Headers:
    """Return the headers to send, in order, without headers that Spring never forwards.

    contentType and its entry in spring_json_header_types go together. A reader that finds
    application/json without the entry, such as the stock log sink, fails the record and loses it.
    So a missing entry is added.

    Args:
        headers: The headers of the received record.
        content_type: For a record without contentType. None adds no contentType.
    """
    names = dict(headers)  # the last of equal names counts
    if not NEVER_FORWARDED.isdisjoint(names):
        headers = [header for header in headers if header[0] not in NEVER_FORWARDED]
    if content_type is not None and CONTENT_TYPE not in names:
        headers = [*headers, (CONTENT_TYPE, content_type)]
        names[CONTENT_TYPE] = content_type
    if CONTENT_TYPE in names and not _is_listed(names.get(TYPES)):
        headers = [header for header in headers if header[0] != TYPES]
        headers.append((TYPES, listing(names.get(TYPES), CONTENT_TYPE, STRING)))
    return headers


def with_content_type(headers: Headers, content_type: bytes) -> Headers:
    """Return the headers with a contentType and its Java class.

    Headers that have both already are returned as the same list.

    Args:
        headers: The headers of one record.
        content_type: Such as b"application/json".
    """
    if (
        last_header(headers, CONTENT_TYPE) == content_type
        and types_of(last_header(headers, TYPES)).get(CONTENT_TYPE) == STRING
    ):
        return headers
    kept = [header for header in headers if header[0] not in (CONTENT_TYPE, TYPES)]
    return [
        *kept,
        (CONTENT_TYPE, content_type),
        (TYPES, listing(last_header(headers, TYPES), CONTENT_TYPE, STRING)),
    ]


class Forwarding:
    """Caches `forward`, as most records of a stream have the same header names and types.

    Only these decide whether headers are sent unchanged. Comparing them takes a third of the time.
    """

    def __init__(self, content_type: bytes | None = None) -> None:
        """Start without cached headers.

        Args:
            content_type: As for forward().
        """
        self._content_type = content_type
        self._names: list[str] | None = None  # of the last headers that were sent unchanged
        self._types: tuple[str, bytes | None] | None = None  # the last TYPES header among them
        self._place = 0  # the index of that header

    def __call__(self, headers: Headers) -> Headers:
        """Return the headers to send. It is the same list if no header changes."""
        names = list(map(header_name, headers))
        if names == self._names and (self._types is None or headers[self._place] == self._types):
            return headers
        result = forward(headers, self._content_type)
        if result is headers:
            self._names, self._types = names, None
            if TYPES in names:
                self._place = last_index(names, TYPES)
                self._types = headers[self._place]
        return result

    def keeps_all(self, names: list[str], each: list[Headers]) -> bool:
        """Return whether the headers of all records are sent unchanged. False if unknown.

        Args:
            names: The result of common_names().
            each: The headers of each record of a batch.
        """
        if self(each[0]) is not each[0]:
            return False
        if TYPES not in names:
            return True
        # A set would hash each of these long values.
        types = last_values(names, TYPES, each)
        return types.count(types[0]) == len(types)


def _is_listed(types: bytes | None) -> bool:
    """Return whether spring_json_header_types has an entry for contentType."""
    return CONTENT_TYPE in types_of(types)
