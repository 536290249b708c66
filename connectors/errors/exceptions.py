"""Exceptions of a task. Each text is one line of the log, without payloads and secrets."""

from confluent_kafka import KafkaError, Message

from connectors.errors.lookup import codes, remedy
from connectors.errors.table import Client, Remedy
from runtime.errors import ProcessorError
from runtime.exit_codes import Exit

# What Kafka says of a record; all other codes are about the topic, the producer or the cluster.
RECORD_CODES = frozenset(code for code in codes() if remedy(code, Client.PRODUCER) is Remedy.RECORD)


class ConnectorError(ProcessorError):
    """Ends the process with its exit code. Nothing is committed; the next start repeats."""

    exit_code = Exit.FAILED
    about_the_record = False  # see record_errors.is_about_record


class FunctionError(ConnectorError):
    """The function of a step raised, or returned what cannot be a record's value."""

    def __init__(self, step: str, topic: str, partition: int, offset: int, problem: str) -> None:
        super().__init__(f"{step}: the record {topic}-{partition}@{offset} failed: {problem}")


class DeliveryError(ConnectorError):
    """A record was refused for good, by the client or by the broker."""

    def __init__(self, topic: str, error: KafkaError, *, by_client: bool = False) -> None:
        """Describe the refusal.

        Args:
            topic: The topic of the record.
            error: What the client reported.
            by_client: Whether the client refused the record, and no broker was asked.
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
    """A dead letter is refused in its smallest form as well."""

    def __init__(self, topic: str, partition: int, offset: int, reason: str) -> None:
        super().__init__(
            f"the dead letter of {topic}-{partition}@{offset} is refused in its smallest form: "
            f"{reason}. "
            "Raise that limit or see to that topic, or let such records be skipped: "
            "spring.cloud.stream.kafka.bindings.input.consumer.enable-dlq=false"
        )


class HalfWrittenError(ConnectorError):
    """A value of a divided record is refused after others were produced: none may be committed."""

    def __init__(self, message: Message, cause: BaseException) -> None:
        super().__init__(
            f"a value of the record {message.topic()}-{message.partition()}@{message.offset()} is "
            f"refused"
        )
        self.message = message
        self.cause = cause


class PartitionKeyError(ConnectorError):
    """There is no telling which partition a record goes to."""

    about_the_record = True


class UnreadableRecordError(ConnectorError):
    """What a record's contentType says cannot be used: another attempt would not help."""

    about_the_record = True
    _PROBLEM = "its contentType cannot be read"

    def __init__(self, cause: str) -> None:
        """`cause`: the name of an exception's class."""
        super().__init__(f"{self._PROBLEM} ({cause})")


class SetupError(ConnectorError):
    """The `setup` of an async function has raised, or has ended by itself."""

    def __init__(self, setup: str, problem: str) -> None:
        super().__init__(f"{setup}, which an async function needs, has failed: {problem}")


class InvalidValueError(ConnectorError):
    """A record's value does not match the function's annotation: retries would not help."""

    about_the_record = True

    def __init__(self, why: str) -> None:
        """`why`: which field and pydantic's code, never the value."""
        super().__init__(f"its value is not what the function takes: {why}")


class UnreadableHeadersError(UnreadableRecordError):
    """The client cannot read a record's headers, probably because a name is no UTF-8.

    Reading them again crashes the process.
    """

    _PROBLEM = "its headers cannot be read: is a name no UTF-8?"


class UnsafeStepError(ConnectorError):
    """A step that would break the guarantees was put into the flow."""


class FunctionRefusedError(ConnectorError):
    """A step was given what cannot be the function of a step."""


class ResultError(ConnectorError):
    """A function has returned what cannot be a record's value. The text names only its type."""

    about_the_record = True


class UnforeseenError(ConnectorError):
    """An error that no record explains: a timer left by a function, or a fault of ours."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            f"unforeseen {problem}; nothing more is committed, and the next start goes on from "
            f"the last commit. "
            "Does a function leave a timer or a signal handler behind that raises?"
        )


class LostBatchError(ConnectorError):
    """A batch went another way than from the source to the sink, once."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what}: a step of the flow has dropped, copied, replaced or kept a batch. Nothing "
            f"more is committed. "
            "Have flow() return guarded(dataflow), which names the step"
        )


class Interrupted(Exception):  # noqa: N818 - not an error: a wait was ended early
    """A stop or a revoke ended a wait. The batch is dropped, and the next owner reads it again."""
