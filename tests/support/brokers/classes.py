"""Let a node of Kafka serve a processor once, and keep the classes it has loaded for all nodes that
start later (Java's CDS archive).

python -m tests.support.brokers.classes
"""

import tempfile
from pathlib import Path

from tests.support.brokers.java import CLASSES
from tests.support.brokers.kafka import Kafka
from tests.support.load.records import Record
from tests.support.settings import EXACTLY_ONCE
from tests.support.stream import Stream


def main() -> None:
    CLASSES.unlink(missing_ok=True)
    written = CLASSES.with_suffix(".new")  # renamed once it is whole
    with tempfile.TemporaryDirectory(prefix="classes-") as name:
        folder = Path(name)
        with Kafka(folder / "kafka", options=[f"-XX:ArchiveClassesAtExit={written}"]) as kafka:
            stream = Stream(kafka, folder, "classes")
            try:
                stream.create()
                stream.processor(EXACTLY_ONCE).start().running()
                stream.send(Record(b"any"))
                stream.await_arrivals(1)
            finally:
                stream.end()
            kafka.shut_down()
    written.rename(CLASSES)


if __name__ == "__main__":
    main()
