"""What a processor says that cannot bind."""

from tests.support.processor import Processor
from tests.support.stream import Stream
from tests.support.waiting import wait_for


def error(processor: Processor) -> str:
    """The error of a binding that cannot be made yet."""
    return str(
        wait_for(
            lambda: processor.binding().get("error"), 20, "a binding that says what is the matter"
        )
    )


def bound(processor: Processor, stream: Stream, *topics: str) -> None:
    """Wait until it runs, and until every node knows the topics that it has created."""
    processor.running()
    for topic in (stream.source, stream.target, *topics):
        wait_for(lambda topic=topic: stream.topics.partitions(topic), 10, f"topic {topic}")  # type: ignore[misc]  # bound per round


def last_words(processor: Processor) -> str:
    """The one line that says why it ended, with exit code 1."""
    assert processor.exit_code() == 1
    [line] = [line for line in processor.output.splitlines() if " INFO " not in line]
    return line
