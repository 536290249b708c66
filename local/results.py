"""The result of each posted text, for the page of the http source.

A post has an id in a header of its record. The processor passes headers on, so that the output and
the dead letter have the id, too. Any thread may call any method.
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
MOST_OUTPUTS = 10  # of one row; a function may return any number of values
LONGEST_CHARS = 1000  # of each text on the page


class State(StrEnum):
    """The state of a row."""

    POSTED = "posted"
    OUT = "out"
    NO_OUTPUT = "no output"
    DEAD_LETTER = "dead letter"
    NOT_DELIVERED = "not delivered"


@dataclass
class Row:
    """A posted text and its result. The text is None for a record that was not posted here."""

    number: int
    text: str | None
    state: State = State.POSTED
    outputs: list[str] = field(default_factory=list)
    further_outputs: int = 0  # outputs that are only counted
    reason: str = ""  # of a dead letter or a failed delivery
    changed: int = 0

    def document(self) -> dict[str, Any]:
        """Return the row as JSON for the page."""
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
        self.run = secrets.token_hex(4)  # distinguishes ids and rows of one run from others
        self._rows = deque[Row](maxlen=MOST_ROWS)
        self._lock = Lock()
        self._posted = 0
        self._changes = 0

    def add_post(self, value: bytes) -> bytes:
        """Add a row for a posted value.

        Args:
            value: The record's value.

        Returns:
            The id, for the header POST_HEADER.
        """
        with self._lock:
            row = self._add(shorten(value))
            return f"{self.run}-{row.number}".encode()

    def add_output(self, post: bytes | None, text: str) -> None:
        """Add an output to its post, or as a row of its own.

        Records keep their order. So an earlier post without output has probably none.

        Args:
            post: The post's id; None without one.
            text: The text that the log sink prints.
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
        """Add a dead letter to its post, or as a row of its own.

        Args:
            post: The post's id; None without one.
            value: The dead letter's value.
            reason: The exception.
        """
        with self._lock:
            row = self._find(post) or self._add(shorten(value))
            row.state, row.reason = State.DEAD_LETTER, _cut(reason)
            self._touch(row)

    def fail_delivery(self, post: bytes, reason: str) -> None:
        """Note that a post's record was not delivered.

        Args:
            post: The post's id.
            reason: The error.
        """
        with self._lock:
            if row := self._find(post):
                row.state, row.reason = State.NOT_DELIVERED, _cut(reason)
                self._touch(row)

    def since(self, run: str, cursor: int) -> dict[str, Any]:
        """Return the rows that changed after `cursor`, the new cursor and the oldest row's number.

        Args:
            run: The run that the last call returned. The page of another run gets all rows.
            cursor: The cursor that the last call returned.
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
        at = int(number) - self._rows[0].number  # the numbers have no gaps
        return self._rows[at] if 0 <= at < len(self._rows) else None


def post_of(headers: Iterable[tuple[str, bytes | None]]) -> bytes | None:
    """Return the id of the post from which a record comes, or None."""
    value = dict(headers).get(POST_HEADER)
    return value and value.strip(b'"')  # a function that sets headers may write text as JSON


def shorten(value: bytes | None) -> str:
    """Return a value as text. Bytes that are not UTF-8 are replaced, and the end is cut off."""
    if value is None:
        return "(null)"
    return _cut(value[: 4 * (LONGEST_CHARS + 1)].decode("utf-8", "replace"))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_CHARS else f"{text[:LONGEST_CHARS]}…"
