"""What can go wrong in a lane. The text of each error is the one line for the log: never a payload,
never a secret.
"""

from typing import ClassVar

from confluent_kafka import KafkaError, Message

from connectors.errors.lookup import cause, codes, look_at, reason, remedy
from connectors.errors.table import PERSON, Client, Remedy
from runtime.errors import ProcessorError
from runtime.exit_codes import Exit

# What Kafka says of a record; all other codes are about the topic, the producer or the cluster.
RECORD_CODES = frozenset(code for code in codes() if remedy(code, Client.PRODUCER) is Remedy.RECORD)


class ConnectorError(ProcessorError):
    """Ends the process with its exit code and nothing committed past it; the next start repeats the
    work.
    """

    exit_code = Exit.FAILED
    about_the_record = False  # see record_errors.is_about_record


class FunctionError(ConnectorError):
    """The function of a step raised, or returned what cannot be a record's value."""

    def __init__(self, step: str, topic: str, partition: int, offset: int, problem: str) -> None:
        super().__init__(f"{step}: the record {topic}-{partition}@{offset} failed: {problem}")


class DeliveryError(ConnectorError):
    """A record was refused for good, by the client or by the broker."""

    def __init__(self, topic: str, error: KafkaError, *, by_client: bool = False) -> None:
        """`by_client`: the client has refused it, no broker was asked."""
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
    """One of the values that a record was divided into is refused, and others are produced already:
    none of them may go out.
    """

    def __init__(self, message: Message, cause: BaseException) -> None:
        super().__init__(
            f"a value of the record {message.topic()}-{message.partition()}@{message.offset()} is "
            f"refused"
        )
        self.message = message
        self.cause = cause


class PermissionDeniedError(ConnectorError):
    """The broker says that this user may not do what the processor has to do; as with Spring Kafka
    that ends it.
    """

    NEEDED: ClassVar = {
        code: PERSON[code]
        for code in (
            KafkaError.TOPIC_AUTHORIZATION_FAILED,
            KafkaError.GROUP_AUTHORIZATION_FAILED,
            KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        )
    }

    def __init__(self, error: KafkaError, topic_needed: str = "") -> None:
        """`error` is one of NEEDED; `topic_needed`: what is needed on which topic, where the caller
        knows.
        """
        code = cause(error)
        about_a_topic = code == KafkaError.TOPIC_AUTHORIZATION_FAILED
        needed = topic_needed if topic_needed and about_a_topic else self.NEEDED[code]
        super().__init__(
            f"not allowed, {needed} is needed: {reason(error)} ({KafkaError(code).name()})"
        )


class ClientError(ConnectorError):
    """The Kafka client cannot go on."""

    def __init__(self, error: KafkaError) -> None:
        code = cause(error)
        see = f"; see {look_at(error)}" if code in PERSON else ""
        super().__init__(
            f"the Kafka client has failed: {reason(error)} ({KafkaError(code).name()}){see}"
        )


class ProducerError(ClientError):
    """The producer cannot go on; a new one may take its place."""

    def __init__(self, error: KafkaError) -> None:
        super().__init__(error)
        self.error = error


class BrokersForgottenError(ProducerError):
    """The producer knows of no broker any more, or not of a leader, and never will (see Known and
    Leaders): a new one does.
    """


class FencedError(ConnectorError):
    """Another process has taken over this one's transactional.id."""

    exit_code = Exit.FENCED

    def __init__(self, error: KafkaError) -> None:
        super().__init__(
            f"another process uses this transactional.id and has taken over ({error.name()}): "
            "each instance needs a spring.cloud.stream.instance-index, or a "
            "spring.cloud.application.guid, of its own"
        )


class InstanceFencedError(ConnectorError):
    """Another member has taken over this one's group.instance.id."""

    exit_code = Exit.FENCED

    def __init__(self, error: KafkaError) -> None:
        super().__init__(
            f"another process uses this group.instance.id and has taken over "
            f"({KafkaError(cause(error)).name()}): "
            "each instance needs one of its own"
        )


class CommitTimeoutError(ConnectorError):
    """The client does not answer, though a broker is there: seen after outages of every broker
    (librdkafka issue 5511).
    """

    exit_code = Exit.STUCK

    def __init__(self, seconds: float) -> None:
        super().__init__(
            f"the Kafka client has not answered a commit for {seconds:g} s "
            f"(python-processor.client-call-timeout)"
        )


class CallbackError(ConnectorError):
    """A client was called inside one of its own callbacks, where that call would abort the process
    or never return.
    """

    def __init__(self, call: str) -> None:
        super().__init__(
            f"{call} is refused inside a callback of the same Kafka client: that is a mistake in "
            f"python-processor, please report it; "
            "nothing more is committed, and a restart goes on from the last commit"
        )


class OffsetOutOfRangeError(ConnectorError):
    """There is nothing to begin a partition with, and the settings forbid to choose."""

    def __init__(self, topic: str, partition: int, error: KafkaError) -> None:
        super().__init__(
            f"no offset to read {topic}-{partition} from, and auto.offset.reset is none: "
            f"{error.str()} ({error.name()})"
        )


class ConsumerError(ConnectorError):
    """The consumer is well but for a partition that it will never read on from: another one in its
    place does.
    """


class StaleLeaderError(ConsumerError):
    """It takes no notice of a leader (librdkafka issue 5430)."""

    def __init__(self, partition: str) -> None:
        super().__init__(f"the consumer has overlooked that {partition} has a leader again")


class FetchStalledError(ConsumerError):
    """The client does not ask where to begin (librdkafka issue 5586), or does not fetch what it is
    to.
    """

    def __init__(self, partition: str, seconds: float) -> None:
        super().__init__(
            f"the consumer has not read {partition} for {seconds:g} s "
            f"(python-processor.client-call-timeout)"
        )


class StoresChangedError(ConsumerError):
    """The key or trust store has changed, and a connection made with the one before was refused."""

    WHY = "the key or trust store has changed"

    def __init__(self) -> None:
        super().__init__(self.WHY)


class TopicDeletedError(ConnectorError):
    """A topic that was there is not any more."""

    def __init__(self, topic: str) -> None:
        super().__init__(
            f"the topic {topic} does not exist any more: nothing is lost; a restart creates it "
            f"again, "
            "unless spring.cloud.stream.kafka.binder.auto-create-topics is false"
        )


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
    """A record's value is not what the function's annotation says: another attempt would not
    help.
    """

    about_the_record = True

    def __init__(self, why: str) -> None:
        """`why`: which field and pydantic's code, never the value."""
        super().__init__(f"its value is not what the function takes: {why}")


class UnreadableHeadersError(UnreadableRecordError):
    """The client cannot read a record's headers: a name is no UTF-8, most likely. Reading them
    again crashes the process.
    """

    _PROBLEM = "its headers cannot be read: is a name no UTF-8?"


class UnsafeStepError(ConnectorError):
    """A step that would break the guarantees was put into the flow."""


class FunctionRefusedError(ConnectorError):
    """A step was given what cannot be the function of a step."""


class ResultError(ConnectorError):
    """A function has given back what cannot be a record's value. Without the value: only its
    type.
    """

    about_the_record = True


class UnforeseenError(ConnectorError):
    """Something was raised where no record can be the reason: by a timer that a function has left
    behind, or by a fault of ours.
    """

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
    """A stop or a revoke ended a wait; what is in hand is dropped uncommitted, and the next owner
    reads it again.
    """
