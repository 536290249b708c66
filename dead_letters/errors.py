"""How a command can fail."""

from confluent_kafka import KafkaError

from connectors.errors.lookup import cause, look_at, reason
from connectors.errors.table import PERSON
from runtime.errors import ProcessorError


class CommandError(ProcessorError):
    """The command cannot go on. The text is one line. The same command continues later."""


class ClusterInterruptedError(Exception):
    """A request failed with an error that may pass. The run continues with new clients."""


class RecordRejectedError(Exception):
    """The broker or the client rejects a record, alone or with the others of its batch."""

    def __init__(self, error: KafkaError) -> None:
        """Keep the error.

        Args:
            error: What the client reported.
        """
        super().__init__(f"{reason(error)} ({error.name()})")


class OutdatedProgressError(CommandError):
    """Another run has committed offsets meanwhile."""

    def __init__(self, topic: str) -> None:
        """Name the topic.

        Args:
            topic: The dead letter topic.
        """
        super().__init__(
            f"another replay or park of {topic} is at work: this one ends, and the other one goes "
            f"on; run one at a time"
        )


def describe(error: KafkaError, what: str) -> CommandError:
    """Return an error that waiting does not cure, with the property or permission to look at.

    Args:
        error: The client's error.
        what: What was tried, for the text.
    """
    see = f"; see {look_at(error)}" if cause(error) in PERSON else ""
    return CommandError(f"{what}: {reason(error)} ({error.name()}){see}")
