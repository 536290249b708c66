"""The job of every system: copy one topic to another, the text reversed.

A peer gets the job as JSON, its only argument.

Peers run in an environment of their own, so this module and those it imports need nothing but the
standard library and `regex`.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

from connectors.records import messages
from connectors.records.forwarding import Forwarding
from text import reverse

# A list of (str, bytes or None), which each client calls something else.
Received = Sequence[tuple[str, bytes | str | None]]
Client = dict[str, str | int | float | bool]
COMMIT_SECONDS = 0.5  # between two commits, of every system that lets it be set


@dataclass(frozen=True)
class Job:
    """Topics, group, the port an app may listen on, and librdkafka's settings for both clients."""

    bootstrap: str
    source: str
    target: str
    group: str
    port: int
    consumer: Client
    producer: Client

    def argument(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def of_argument(cls) -> Self:
        return cls(**json.loads(sys.argv[1]))


def reversed_value(value: bytes | None, received: Received | None) -> bytes:
    """What the processor makes of a record's value."""
    return reverse(value or b"", messages.charset(received))  # type: ignore[arg-type]  # see Received


def sent_on(received: Received) -> Any:
    """What the processor makes of a record's headers."""
    return _FORWARDED(received)  # type: ignore[arg-type]  # see Received


_FORWARDED = Forwarding()
