"""Which errors are about one record."""

import asyncio

import pytest
from confluent_kafka import KafkaError, KafkaException

from connectors.errors.client_exceptions import (
    ClientError,
    FencedError,
    PermissionDeniedError,
    ProducerError,
    TopicDeletedError,
)
from connectors.errors.exceptions import (
    DeliveryError,
    FunctionError,
    HalfWrittenError,
    Interrupted,
    PartitionKeyError,
    UnreadableHeadersError,
    UnreadableRecordError,
)
from connectors.errors.record_errors import is_about_record
from tests.fakes.messages import message

BROKEN = KafkaError(KafkaError._ALL_BROKERS_DOWN)


class HidingError(Exception):
    """Cannot be asked for its class."""

    @property  # type: ignore[misc]
    def __class__(self) -> type:
        raise OSError


@pytest.mark.parametrize(
    "error",
    [
        *(
            ValueError(),
            RecursionError(),
            MemoryError(),
            SystemExit(),
            KeyboardInterrupt(),
            asyncio.CancelledError(),
        ),
        *(
            PartitionKeyError("key"),
            UnreadableRecordError("E"),
            UnreadableHeadersError("E"),
            KafkaException(),
        ),
        *(
            KafkaException(KafkaError(code))
            for code in (KafkaError.MSG_SIZE_TOO_LARGE, KafkaError._UNKNOWN_PARTITION)
        ),
        DeliveryError("out", KafkaError(KafkaError.INVALID_RECORD)),
    ],
    ids=lambda error: type(error).__name__,
)
def test_record_errors_are_known(error: BaseException) -> None:
    assert is_about_record(error)


@pytest.mark.parametrize(
    "error",
    [
        *(
            Interrupted(),
            ClientError(BROKEN),
            ProducerError(BROKEN),
            FencedError(BROKEN),
            TopicDeletedError("out"),
            KafkaException(BROKEN),
        ),
        *(
            DeliveryError("out", BROKEN),
            PermissionDeniedError(KafkaError(KafkaError.TOPIC_AUTHORIZATION_FAILED)),
        ),
        *(FunctionError("s", "in", 0, 0, "why"), HalfWrittenError(message(b""), ValueError())),
    ],
    ids=lambda error: type(error).__name__,
)
def test_other_errors_are_known(error: BaseException) -> None:
    assert not is_about_record(error)


def test_error_class_is_not_read() -> None:
    assert is_about_record(HidingError())
