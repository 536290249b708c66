"""Other forms of a dead letter that is refused, one after the other."""

from typing import Any

import pytest
from confluent_kafka import KafkaError, Message

from config import Settings
from connectors.errors.exceptions import DeadLetterError, DeliveryError
from connectors.failures.dead_letter_forms import next_form
from connectors.failures.dead_letters import DeadLetterQueue

TOO_LARGE = DeliveryError("dead", KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
INVALID = DeliveryError("dead", KafkaError(KafkaError.INVALID_RECORD))
NO_PARTITION = DeliveryError("dead", KafkaError(KafkaError._UNKNOWN_PARTITION))


def letter_of(message: Message, text: str = "x" * 1000) -> tuple[Any, ...]:
    letters = DeadLetterQueue(Settings(group="g"))
    letters.found("error.in.g", 9)
    return letters.record(message, ValueError(text))


def received(**parts: Any) -> Message:
    default: dict[str, Any] = {
        "topic": "in",
        "partition": 3,
        "offset": 7,
        "key": b"k",
        "value": b"v",
        "headers": [("h", b"1")],
    }
    return Message(**(default | parts))


def omitted(letter: tuple[Any, ...]) -> Any:
    return dict(letter[7])["x-dead-letter-omitted"]


def test_least_useful_goes_first() -> None:
    message = received()
    letter = letter_of(message)
    seen = []
    sizes = [len(str(letter))]
    with pytest.raises(
        DeadLetterError, match=r"in-3@7 is refused in its smallest form.*enable-dlq=false"
    ):
        while letter := next_form(message, letter, TOO_LARGE):
            seen.append((omitted(letter), letter[1], letter[2]))
            sizes.append(len(str(letter)))
    assert seen == [
        (b"stacktrace", b"v", b"k"),
        (b"stacktrace,message,headers", b"v", b"k"),
        (b"stacktrace,message,headers,value", None, b"k"),
        (b"stacktrace,message,headers,value,key", None, None),
    ]
    assert dict(letter[7])["x-original-offset"] == (7).to_bytes(8, "big")
    assert sizes[0] > sizes[1] > sizes[2]


def test_omitted_value_is_logged_as_error(caplog: pytest.LogCaptureFixture) -> None:
    message = received(headers=[])
    letter = next_form(
        message, next_form(message, letter_of(message, "short"), TOO_LARGE), TOO_LARGE
    )
    assert omitted(letter) == b"stacktrace,value"
    first, second = caplog.records
    assert (first.levelname, second.levelname) == ("WARNING", "ERROR")
    assert "in-3@7" in second.getMessage()


def test_compacted_topic_gets_key() -> None:
    message = received(key=None)
    letter = next_form(message, letter_of(message), INVALID)
    assert letter[1:3] == (b"v", b"in-3@7")
    assert omitted(next_form(message, letter, INVALID)) == b"stacktrace"


def test_missing_partition_is_left_to_client() -> None:
    message = received()
    letter = letter_of(message)
    assert letter[3] == 3
    assert next_form(message, letter, NO_PARTITION)[3] == -1


@pytest.mark.parametrize(
    "rejections", [[INVALID, TOO_LARGE], [NO_PARTITION, INVALID, TOO_LARGE], [TypeError()]]
)
def test_number_of_forms_is_finite(rejections: list[Exception]) -> None:
    message = received(key=None)
    letter = letter_of(message)
    with pytest.raises(DeadLetterError):
        for number in range(100):
            letter = next_form(message, letter, rejections[number % len(rejections)])
