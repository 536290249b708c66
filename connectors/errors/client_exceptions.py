"""Exceptions of the Kafka clients. The text of each is a line of the log."""

from typing import ClassVar

from confluent_kafka import KafkaError

from connectors.errors.exceptions import ConnectorError
from connectors.errors.lookup import cause, look_at, reason
from connectors.errors.table import PERSON
from runtime.exit_codes import Exit


class PermissionDeniedError(ConnectorError):
    """The broker denies this user a permission. As with Spring Kafka, the process ends."""

    NEEDED: ClassVar = {
        code: PERSON[code]
        for code in (
            KafkaError.TOPIC_AUTHORIZATION_FAILED,
            KafkaError.GROUP_AUTHORIZATION_FAILED,
            KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
        )
    }

    def __init__(self, error: KafkaError, topic_needed: str = "") -> None:
        """Name the permission that is needed.

        Args:
            error: The client's error, with a code of NEEDED.
            topic_needed: The permission and its topic, if known.
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
        """Describe the error and what to look at.

        Args:
            error: The client's error.
        """
        code = cause(error)
        see = f"; see {look_at(error)}" if code in PERSON else ""
        super().__init__(
            f"the Kafka client has failed: {reason(error)} ({KafkaError(code).name()}){see}"
        )


class ProducerError(ClientError):
    """The producer cannot go on. A new producer may replace it."""

    def __init__(self, error: KafkaError) -> None:
        """Describe the error and keep it.

        Args:
            error: The client's error.
        """
        super().__init__(error)
        self.error = error


class BrokersForgottenError(ProducerError):
    """The producer has lost its brokers or a leader for good. A new one finds them.

    Renewed key and trust stores need a new producer, too.
    """


class FencedError(ConnectorError):
    """Another process has taken over this process's transactional.id."""

    exit_code = Exit.FENCED

    def __init__(self, error: KafkaError) -> None:
        """Name the settings that keep processes apart.

        Args:
            error: The client's error.
        """
        super().__init__(
            f"another process uses this transactional.id and has taken over ({error.name()}): "
            "each instance needs a spring.cloud.stream.instance-index, or a "
            "spring.cloud.application.guid, of its own"
        )


class InstanceFencedError(ConnectorError):
    """Another member has taken over this member's group.instance.id."""

    exit_code = Exit.FENCED

    def __init__(self, error: KafkaError) -> None:
        """Name the setting that keeps members apart.

        Args:
            error: The client's error.
        """
        super().__init__(
            f"another process uses this group.instance.id and has taken over "
            f"({KafkaError(cause(error)).name()}): "
            "each instance needs one of its own"
        )


class CommitTimeoutError(ConnectorError):
    """The client does not answer although a broker is up (librdkafka issue 5511, after outages)."""

    exit_code = Exit.STUCK

    def __init__(self, seconds: float) -> None:
        """Say how long the commit is unanswered.

        Args:
            seconds: python-processor.client-call-timeout.
        """
        super().__init__(
            f"the Kafka client has not answered a commit for {seconds:g} s "
            f"(python-processor.client-call-timeout); the next start reads on from the last commit"
        )


class CallbackError(ConnectorError):
    """A call inside a callback of the same client. It would abort or hang the process."""

    def __init__(self, call: str) -> None:
        """Name the call.

        Args:
            call: The method of the client.
        """
        super().__init__(
            f"{call} is refused inside a callback of the same Kafka client: that is a mistake in "
            f"python-processor, please report it; "
            "nothing more is committed, and a restart goes on from the last commit"
        )


class OffsetOutOfRangeError(ConnectorError):
    """A partition has no committed offset, and the settings forbid to choose one."""

    def __init__(self, topic: str, partition: int, error: KafkaError) -> None:
        """Name the partition that has no start offset.

        Args:
            topic: The topic.
            partition: The number of the partition.
            error: The client's error.
        """
        super().__init__(
            f"no offset to read {topic}-{partition} from, and auto.offset.reset is none: "
            f"{error.str()} ({error.name()}); commit an offset for the group, or set "
            f"auto.offset.reset to earliest or latest"
        )


class ConsumerError(ConnectorError):
    """The consumer never goes on with one partition. A new consumer does."""


class StaleLeaderError(ConsumerError):
    """The consumer does not notice that a partition has a leader again (librdkafka issue 5430)."""

    def __init__(self, partition: str) -> None:
        """Name the partition.

        Args:
            partition: `topic-number`.
        """
        super().__init__(f"the consumer has overlooked that {partition} has a leader again")


class FetchStalledError(ConsumerError):
    """The consumer does not look up a start offset (librdkafka issue 5586), or does not fetch."""

    def __init__(self, partition: str, seconds: float) -> None:
        """Name the partition.

        Args:
            partition: `topic-number`.
            seconds: How long it was not read (python-processor.client-call-timeout).
        """
        super().__init__(
            f"the consumer has not read {partition} for {seconds:g} s "
            f"(python-processor.client-call-timeout)"
        )


class MissedRejoinError(ConsumerError):
    """The consumer has given partitions away, and has not joined its group again."""

    def __init__(self) -> None:
        """Set the text."""
        super().__init__("the consumer has not joined its group again after a rebalance")


class StoresChangedError(ConsumerError):
    """The key or trust store has changed, and a broker has refused the former one."""

    WHY = "the key or trust store has changed"

    def __init__(self) -> None:
        """Set the text."""
        super().__init__(self.WHY)


class TopicDeletedError(ConnectorError):
    """A topic that existed was deleted."""

    def __init__(self, topic: str) -> None:
        """Name the topic and the remedy.

        Args:
            topic: The topic.
        """
        super().__init__(
            f"the topic {topic} does not exist any more: nothing is lost; a restart creates it "
            f"again, "
            "unless spring.cloud.stream.kafka.binder.auto-create-topics is false"
        )
