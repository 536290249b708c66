"""What became of each posted text, for the page of the http source.

A post has an id, which travels in a header of its record. The processor hands headers on, so the
output and the dead letter have the id too. All methods may be called on any thread.
"""

import secrets
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from threading import Lock
from typing import Any

POST_HEADER = "local-post"
MOST_ROWS = 200
MOST_OUTPUTS = 10  # of one row: a function may give any number of values
LONGEST_CHARS = 1000  # of each text that the page shows


class State(StrEnum):
    """What is known of a row."""

    POSTED = "posted"
    OUT = "out"
    NO_OUTPUT = "no output"
    DEAD_LETTER = "dead letter"
    NOT_DELIVERED = "not delivered"


@dataclass
class Row:
    """A posted text and what became of it. Without a text: a record that nobody posted here."""

    number: int
    text: str | None
    state: State = State.POSTED
    outputs: list[str] = field(default_factory=list)
    further_outputs: int = 0  # those that are counted alone
    reason: str = ""  # of a dead letter or a failed delivery
    changed: int = 0

    def document(self) -> dict[str, Any]:
        """Return the row as the page reads it."""
        return {
            "number": self.number,
            "text": self.text,
            "state": self.state,
            "outputs": self.outputs,
            "furtherOutputs": self.further_outputs,
            "reason": self.reason,
        }


class Results:
    """The newest rows, in the order of their posts."""

    def __init__(self) -> None:
        """Start without rows."""
        self.run = secrets.token_hex(4)  # tells the ids and the rows of one run from another's
        self._rows = deque[Row](maxlen=MOST_ROWS)
        self._lock = Lock()
        self._posted = 0
        self._changes = 0

    def add_post(self, value: bytes) -> bytes:
        """Add a row for this value. Returns the id for the header POST_HEADER."""
        with self._lock:
            row = self._add(shorten(value))
            return f"{self.run}-{row.number}".encode()

    def add_output(self, post: bytes | None, text: str) -> None:
        """Add a text of the log to its post, or as a row of its own.

        Records keep their order, so an earlier post without output may have none.
        """
        with self._lock:
            row = self._find(post) or self._add(None)
            row.state = State.OUT
            if len(row.outputs) < MOST_OUTPUTS:
                row.outputs.append(_cut(text))
            else:
                row.further_outputs += 1
            self._touch(row)
            for earlier in self._rows:
                if earlier.number < row.number and earlier.state is State.POSTED:
                    earlier.state = State.NO_OUTPUT
                    self._touch(earlier)

    def add_dead_letter(self, post: bytes | None, value: bytes | None, reason: str) -> None:
        """Add a dead letter to its post, or as a row of its own with the dead letter's value."""
        with self._lock:
            row = self._find(post) or self._add(shorten(value))
            row.state, row.reason = State.DEAD_LETTER, _cut(reason)
            self._touch(row)

    def fail_delivery(self, post: bytes, reason: str) -> None:
        """Say of a post that its record is not in the topic."""
        with self._lock:
            if row := self._find(post):
                row.state, row.reason = State.NOT_DELIVERED, _cut(reason)
                self._touch(row)

    def since(self, run: str, cursor: int) -> dict[str, Any]:
        """Return the rows that changed after `cursor`, the new cursor and the oldest row's number.

        Args:
            run: What the call before returned. All rows are returned to the page of another run.
            cursor: What the call before returned.

        """
        after = cursor if run == self.run else 0
        with self._lock:
            rows = [row.document() for row in self._rows if row.changed > after]
            oldest = self._rows[0].number if self._rows else 1
            return {"run": self.run, "cursor": self._changes, "oldest": oldest, "rows": rows}

    def _add(self, text: str | None) -> Row:
        self._posted += 1
        row = Row(self._posted, text)
        self._rows.append(row)
        self._touch(row)
        return row

    def _touch(self, row: Row) -> None:
        self._changes += 1
        row.changed = self._changes

    def _find(self, post: bytes | None) -> Row | None:
        run, _, number = (post or b"").partition(b"-")
        if run != self.run.encode() or not number.isdigit() or not self._rows:
            return None
        at = int(number) - self._rows[0].number  # numbers have no gaps
        return self._rows[at] if 0 <= at < len(self._rows) else None


def post_of(headers: Iterable[tuple[str, bytes | None]]) -> bytes | None:
    """Return the id of the post that a record comes from."""
    value = dict(headers).get(POST_HEADER)
    return value and value.strip(b'"')  # a function that sets headers may write text as JSON


def shorten(value: bytes | None) -> str:
    """Return a value as text: what is no UTF-8 is replaced, and the end is cut off."""
    if value is None:
        return "(null)"
    return _cut(value[: 4 * (LONGEST_CHARS + 1)].decode("utf-8", "replace"))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CHARS else f"{text[:LONGEST_CHARS]}…"
