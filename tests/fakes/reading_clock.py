"""A clock of the test's own, and a consumer's statistics at its times."""

import time
from typing import Any

import pytest

import connectors.monitoring.reading_state
from connectors.monitoring.reading_state import ReadingState
from tests.fakes.statistics_documents import document

OURS = {("in", 0)}


class Clock:
    """Time, and the consumer's statistics, one document a second. The wall clock may step."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.step = 1000.0, 0.0
        self.ends: dict[tuple[str, int], int] = {}  # as brokers report them
        self.state = ReadingState(self.ends)
        self.state.begin()
        self.partition: dict[str, Any] = {}
        self.group: dict[str, Any] = {}
        self.delay = 0.0  # of the documents
        monkeypatch.setattr(connectors.monitoring.reading_state, "monotonic", lambda: self.now)
        monkeypatch.setattr(time, "time", lambda: self.now + self.step)

    def run(
        self,
        seconds: float,
        assigned: set[tuple[str, int]] = OURS,
        *,
        joins: bool = True,
        held: bool = False,
    ) -> str:
        """What is wrong after so many seconds."""
        for _ in range(round(seconds)):
            self.now += 1
            found = document("consumer")
            found["ts"] = (self.now - self.delay) * 1e6
            found["cgrp"] |= self.group
            found["topics"]["in"]["partitions"]["0"] |= self.partition
            self.state.observe(found)
            self.state.judge(assigned, joins=joins, held=held)
        return self.state.trouble.what if self.state.trouble else ""
