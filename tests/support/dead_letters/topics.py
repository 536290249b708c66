"""The dead letters of a stream in Kafka: made, counted and checked."""

from tests.support.dead_letters.letters import headers
from tests.support.load.records import Record, read, send
from tests.support.stream import Stream

PARTITIONS = 3


def parked(stream: Stream) -> list[Record]:
    return read(stream.kafka.bootstrap, f"{stream.dead_letters}.parked")


def letter(stream: Stream, number: int, **changes: bytes | None) -> Record:
    """A letter of ours, whose value is its number."""
    partition = number % PARTITIONS
    place = {
        "topic": stream.source.encode(),
        "partition": partition.to_bytes(4, "big"),
        "offset": number.to_bytes(8, "big"),
    }
    return Record(b"%06d" % number, b"k%d" % partition, headers(**(place | changes)), partition)


def create_letters(stream: Stream, number: int, **changes: bytes | None) -> None:
    """The topics of the stream, and so many letters."""
    stream.create(PARTITIONS)
    stream.topics.create(stream.dead_letters, PARTITIONS)
    send(
        stream.kafka.bootstrap,
        stream.dead_letters,
        (letter(stream, each, **changes) for each in range(number)),
    )


def written(stream: Stream) -> int:
    """Records in the source, with those of open and aborted transactions."""
    return sum(stream.topics.ends(stream.source).values())


def check_order(records: list[Record]) -> None:
    """The first arrivals of each partition are in the order of their numbers."""
    last: dict[int, int] = {}
    seen: set[bytes | None] = set()
    for record in records:
        if record.value not in seen:
            seen.add(record.value)
            assert int(record.value or b"") > last.get(record.partition, -1), record
            last[record.partition] = int(record.value or b"")


def read_numbers(stream: Stream) -> list[int]:
    return [int(record.value or b"") for record in read(stream.kafka.bootstrap, stream.source)]
