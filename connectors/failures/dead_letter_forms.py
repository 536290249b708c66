"""Other forms of a rejected dead letter: smaller, with a key, or for any partition.

A dead letter is larger than its record by eight headers. If it does not fit, the least important
parts are left out first. The order is the stack trace, then the record's headers and the end of the
message, then the value, then the key. A header names what is omitted.
"""

import logging
from typing import Any

from confluent_kafka import KafkaError, Message

from connectors.errors.exceptions import DeadLetterError, DeliveryError
from connectors.failures.dead_letters import MESSAGE, OMITTED, OWN, STACKTRACE
from connectors.records.messages import Headers

log = logging.getLogger("processor.records")

Letter = tuple[Any, ...]  # the arguments of Producer.produce
SHORT_MESSAGE_BYTES = 500


def next_form(message: Message, letter: Letter, refusal: BaseException) -> Letter:
    """Return the form to try after a rejected one. Logs the change.

    Args:
        message: The record.
        letter: The rejected form: arguments of Producer.produce.
        refusal: Why it was rejected.

    Raises:
        DeadLetterError: There is no other form.
    """
    record = f"{message.topic()}-{message.partition()}@{message.offset()}"
    following = other_form(message, letter, refusal)
    omitted = _omitted(following)
    if len(omitted) == len(_omitted(letter)):
        log.warning(
            "the dead letter of %s is refused by %s, it is written in another form: %s",
            record,
            letter[0],
            _reason(refusal),
        )
    elif omitted[-1] in ("value", "key"):
        log.error(
            "the dead letter of %s does not fit into %s, it is written without the %s of the "
            "record, which is in %s-%s alone: %s",
            *(
                record,
                letter[0],
                omitted[-1],
                message.topic(),
                message.partition(),
                _reason(refusal),
            ),
        )
    else:
        parts = " and ".join(omitted[len(_omitted(letter)) :])
        log.warning(
            "the dead letter of %s does not fit into %s, it is written without its %s",
            record,
            letter[0],
            parts,
        )
    return following


def other_form(message: Message, letter: Letter, refusal: BaseException) -> Letter:
    """Return the form to try after a rejected one, without a log line.

    Args:
        message: The record.
        letter: The rejected form: arguments of Producer.produce.
        refusal: Why it was rejected.

    Raises:
        DeadLetterError: There is no other form.
    """
    topic, value, key, partition, *between, headers = letter
    code = refusal.code if isinstance(refusal, DeliveryError) else None
    if code == KafkaError.INVALID_RECORD and not key:  # a compacted topic requires a key
        return topic, value, b"%s-%d@%d" % _place(message), partition, *between, headers
    if code == KafkaError._UNKNOWN_PARTITION and partition >= 0:
        return topic, value, key, -1, *between, headers
    done, own = _omitted(letter), dict(headers)
    if STACKTRACE in own:
        kept = [header for header in headers if header[0] != STACKTRACE]
        return topic, value, key, partition, *between, _without(kept, done, "stacktrace")
    cut = [
        (name, part[:SHORT_MESSAGE_BYTES] if name == MESSAGE else part)
        for name, part in headers
        if name in OWN
    ]
    if parts := _parts(headers, cut):
        return topic, value, key, partition, *between, _without(cut, done, *parts)
    if value:
        return topic, None, key, partition, *between, _without(headers, done, "value")
    if key and "key" not in done:
        return topic, value, None, partition, *between, _without(headers, done, "key")
    raise DeadLetterError(*_record(message), _reason(refusal))


def _parts(headers: Headers, cut: Headers) -> list[str]:
    """Return the names of the parts that `headers` has and `cut` lacks."""
    parts = ["message"] if dict(headers).get(MESSAGE) != dict(cut).get(MESSAGE) else []
    return [*parts, "headers"] if len(cut) < len(headers) else parts


def _without(headers: Headers, done: list[str], *parts: str) -> Headers:
    return [
        *(header for header in headers if header[0] != OMITTED),
        (OMITTED, ",".join([*done, *parts]).encode()),
    ]


def _omitted(letter: Letter) -> list[str]:
    return [part for part in (dict(letter[7]).get(OMITTED) or b"").decode().split(",") if part]


def _reason(refusal: BaseException) -> str:
    return str(refusal) if isinstance(refusal, DeliveryError) else type(refusal).__name__


def _record(message: Message) -> tuple[str, int, int]:
    return str(message.topic()), int(message.partition() or 0), int(message.offset() or 0)


def _place(message: Message) -> tuple[bytes, int, int]:
    topic, partition, offset = _record(message)
    return topic.encode(), partition, offset
