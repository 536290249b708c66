"""Exceptions of a task. Each text is one line of the log, without payloads and secrets."""

from confluent_kafka import KafkaError, Message

from connectors.errors.lookup import codes, remedy
from connectors.errors.table import Client, Remedy
from runtime.errors import ProcessorError
from runtime.exit_codes import Exit

# Codes about one record. All other codes are about the topic, the producer or the cluster.
RECORD_CODES = frozenset(code for code in codes() if remedy(code, Client.PRODUCER) is Remedy.RECORD)


class ConnectorError(ProcessorError):
    """Ends the process with its exit code. The next start reads uncommitted records again."""

    exit_code = Exit.FAILED
    about_the_record = False  # see record_errors.is_about_record


class FunctionError(ConnectorError):
    """The function of a step raised, or returned a result that no record can have as its value."""

    def __init__(self, step: str, topic: str, partition: int, offset: int, problem: str) -> None:
        """Name the step and the record, never the payload.

        Args:
            step: The step's name.
            topic: The record's topic.
            partition: The record's partition.
            offset: The record's offset.
            problem: The function's mistake, without a value.
        """
        super().__init__(f"{step}: the record {topic}-{partition}@{offset} failed: {problem}")


class DeliveryError(ConnectorError):
    """A record was rejected for good, by the client or by the broker."""

    def __init__(self, topic: str, error: KafkaError, *, by_client: bool = False) -> None:
        """Describe the rejection.

        Args:
            topic: The topic of the record.
            error: The client's error.
            by_client: Whether the client rejected the record without asking a broker.
        """
        self.code = error.code()
        self.about_the_record = self.code in RECORD_CODES
        problem = error.str()
        # librdkafka's text says "Broker" in both cases.
        if error.code() == KafkaError.MSG_SIZE_TOO_LARGE:
            limit = (
                "max.request.size of the producer allows, or its buffer.memory"
                if by_client
                else "max.message.bytes of the topic allows, or its batch is"
            )
            problem = f"it is larger than {limit}"
        super().__init__(f"a record could not be delivered to {topic}: {problem} ({error.name()})")


class DeadLetterError(ConnectorError):
    """The smallest form of a dead letter is rejected, too."""

    def __init__(self, topic: str, partition: int, offset: int, reason: str) -> None:
        """Name the record and the remedies.

        Args:
            topic: The record's topic.
            partition: The record's partition.
            offset: The record's offset.
            reason: Why the dead letter is rejected.
        """
        super().__init__(
            f"the dead letter of {topic}-{partition}@{offset} is refused in its smallest form: "
            f"{reason}. "
            "Raise that limit or see to that topic, or let such records be skipped: "
            "spring.cloud.stream.kafka.bindings.input.consumer.enable-dlq=false"
        )


class HalfWrittenError(ConnectorError):
    """A value of a divided record is rejected after others were produced.

    No offset may be committed.
    """

    def __init__(self, message: Message, cause: BaseException) -> None:
        """Keep the record and the reason.

        Args:
            message: The record.
            cause: Why one of its values is rejected.
        """
        super().__init__(
            f"a value of the record {message.topic()}-{message.partition()}@{message.offset()} is "
            f"refused"
        )
        self.message = message
        self.cause = cause


class PartitionKeyError(ConnectorError):
    """A record has no usable partition key."""

    about_the_record = True


class UnreadableRecordError(ConnectorError):
    """A record's contentType cannot be used. A retry would not help."""

    about_the_record = True
    _PROBLEM = "its contentType cannot be read"

    def __init__(self, cause: str) -> None:
        """Name the problem.

        Args:
            cause: The name of an exception's class.
        """
        super().__init__(f"{self._PROBLEM} ({cause})")


class SetupError(ConnectorError):
    """The `setup` of an async function has raised, or has ended by itself."""

    def __init__(self, setup: str, problem: str) -> None:
        """Name the setup and its problem.

        Args:
            setup: Name, file and line of the function `setup`.
            problem: What has happened to it.
        """
        super().__init__(f"{setup}, which an async function needs, has failed: {problem}")


class InvalidValueError(ConnectorError):
    """A record's value does not match the function's annotation. A retry would not help."""

    about_the_record = True

    def __init__(self, why: str) -> None:
        """Name the problem, never the value.

        Args:
            why: The field and pydantic's code.
        """
        super().__init__(f"its value is not what the function takes: {why}")


class UnreadableHeadersError(UnreadableRecordError):
    """The client cannot read a record's headers, probably because a name is no UTF-8.

    Reading them again crashes the process.
    """

    _PROBLEM = "its headers cannot be read: is a name no UTF-8?"


class UnsafeStepError(ConnectorError):
    """The flow has a step that would break the delivery guarantees."""


class FunctionRefusedError(ConnectorError):
    """A step was given an object that is no function of one value."""


class ResultError(ConnectorError):
    """A function has returned a result that no record can have. The text names only its type."""

    about_the_record = True


class UnforeseenError(ConnectorError):
    """An error that no record explains: a timer of a function, or a bug of this program."""

    def __init__(self, problem: str) -> None:
        """Describe the error, and name a likely reason.

        Args:
            problem: The exception's class and place.
        """
        super().__init__(
            f"unforeseen {problem}; nothing more is committed, and the next start goes on from "
            f"the last commit. "
            "Does a function leave a timer or a signal handler behind that raises?"
        )


class LostBatchError(ConnectorError):
    """A batch did not go from the source to the sink exactly once."""

    def __init__(self, what: str) -> None:
        """Say what has happened, and how to find the step.

        Args:
            what: What has happened to the batch.
        """
        super().__init__(
            f"{what}: a step of the flow has dropped, copied, replaced or kept a batch. Nothing "
            f"more is committed. "
            "Have flow() return guarded(dataflow), which names the step"
        )


class Interrupted(Exception):  # noqa: N818 - not an error: a wait was ended early
    """A stop or a rebalance has ended a wait. The batch is read again."""
