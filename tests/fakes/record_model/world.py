"""Random records, a flow for them, and what its functions do with each."""

import json
from dataclasses import dataclass, field
from typing import Any

from connectors.records.messages import TYPES, Headers

MAX_BYTES = 1000


LARGE = "x" * MAX_BYTES


ATTEMPTS = 3


JSON = b"application/json"


UNREADABLE, UNKNOWN = "unreadable", "unknown charset"


HEADERS: dict[str, Headers | None] = {
    "none": None,
    "plain": [("h", b"1")],
    "doubled": [("h", b"1"), ("h", None)],
    "latin": [("contentType", b"text/plain;charset=ISO-8859-1")],
    "typed": [("n", b"5"), (TYPES, b'{"n":"java.lang.Integer"}')],
    UNKNOWN: [("contentType", b"text/plain;charset=klingon")],
    UNREADABLE: [],
}


ACTIONS = ["drop", "fail", "fail once", "fail twice", "wrong", "large"]


WANTS_CODEC = {"charset", "text", "record", "record of json", "split record"}


KINDS = [*sorted(WANTS_CODEC), "bytes", "json", "keep", "keep json", "split", "split json"]
KINDS += ["async bytes", "async json", "async record", "async keep", "async split json"]


Out = tuple[bytes | None, bytes | None, Headers]  # key, value, headers


@dataclass(frozen=True)
class Given:
    partition: int
    is_null: bool
    key: bytes | None
    headers: str


@dataclass
class World:
    records: list[Given]
    flow: list[str]
    # By step and record: the action, and the end of the values it is for.
    plan: dict[tuple[int, int], tuple[str, str]]
    # By batch and step: at which call of the function the time is up.
    cuts: dict[tuple[int, int], int]
    late: set[int]  # batches whose time is up at the first retry
    batch_size: int
    limit: int = 1  # calls of async functions that overlap
    batches: int = 0
    is_time_up: bool = False
    calls: int = 0
    attempts: dict[tuple[int, int, str], int] = field(default_factory=dict)
    armed: list[Any] = field(default_factory=list)
    charsets: set[str] = field(default_factory=set)  # that functions were called with

    def action(self, step: int, record: int, trail: str) -> str:
        action, end = self.plan.get((step, record), ("", ""))
        return action if trail.endswith(end) else ""

    def called(self, step: int, record: int, trail: str) -> str:
        """A function is called: what it does. It may raise, and its time may be up."""
        self.calls += 1
        if self.cuts.get((self.batches, step)) == self.calls:
            self.armed.clear()
            self.is_time_up = True
        action = self.action(step, record, trail)
        self.attempts[step, record, trail] = attempt = (
            self.attempts.get((step, record, trail), 0) + 1
        )
        if attempt <= {"fail": ATTEMPTS, "fail once": 1, "fail twice": 2}.get(action, 0):
            raise ValueError
        return action


def made(record: int, trail: str) -> bytes:
    return json.dumps({"record": record, "trail": trail}, separators=(",", ":")).encode()


def read(value: Any) -> tuple[int, str]:
    found = value if isinstance(value, dict) else json.loads(value)
    return found["record"], found["trail"]
