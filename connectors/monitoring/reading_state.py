"""Whether the consumer reads, by its statistics and errors of joining, and if not, why."""

import logging
import time
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from time import monotonic
from typing import Any, NamedTuple

from connectors.records.messages import TopicPartitionKey
from runtime.control.status import Issue

log = logging.getLogger("processor.group")

GRACE_S = 10.0  # a usual rebalance with its first fetch takes less
# Waiting records are usually fetched sooner, and most transactions end sooner.
STANDSTILL_S = 25.0
SILENCE_S = 15.0  # the client hands over its statistics once a second
# A document can be older if a function took long. It does not show the client's present state.
STALE_S = 3.0


class _Partition(NamedTuple):
    fetch_state: str
    delivered: int  # the offset after the last record that the client has returned
    # The next offset to fetch. It may be behind control records, which are never returned.
    next_offset: int
    end: int  # of committed records
    high_watermark: int  # the end of all records, also of open transactions
    # False if a topic that was created again lacks the partition. librdkafka's cooperative-sticky
    # assignor keeps it.
    exists: bool
    known_end: int  # as `end`, by the client's latest fetch


class Standstill(NamedTuple):
    """A partition with records that the client does not fetch."""

    key: TopicPartitionKey
    offset: int  # of the next record
    since: float  # monotonic seconds


class ReadingState:
    """The state of one consumer. On the task's thread."""

    def __init__(
        self, asked_ends: Mapping[TopicPartitionKey, int], *, newer_protocol: bool = False
    ) -> None:
        """Start without statistics.

        Args:
            asked_ends: Ends of partitions as brokers have answered. The client learns an end only
                with a fetch.
            newer_protocol: Whether the group uses KIP-848 (group.protocol=consumer).
        """
        self._asked_ends = asked_ends
        self._newer_protocol = newer_protocol
        # The coordinator's answers so far when the group was first seen up.
        self._coordinator_answers: int | None = None
        self._partitions: dict[TopicPartitionKey, _Partition] = {}
        # When the partition was last seen moving; monotonic seconds.
        self._moved_at: dict[TopicPartitionKey, float] = {}
        # When it was last seen without records of an open transaction; monotonic seconds.
        self._decided_at: dict[TopicPartitionKey, float] = {}
        self._observed_at = monotonic()  # when the latest document came
        self._refusal = ""  # the latest error of joining the group
        self._since = 0.0  # monotonic seconds since when it does not read; 0 if it reads
        self._shown_since = 0.0  # the same moment in epoch seconds, for display
        self._group_state = ""
        self.join_state = ""  # by the latest statistics, as librdkafka names it
        self.is_member = False  # of its group, by the latest statistics
        self.trouble: Issue | None = None
        self.standstill: Standstill | None = None

    def observe(self, statistics: Mapping[str, Any]) -> None:
        """Take the next statistics."""
        now = monotonic()
        silence, self._observed_at = now - self._observed_at, now
        group = statistics.get("cgrp", {})
        self._group_state, self.join_state = group.get("state", ""), group.get("join_state", "")
        self.is_member = self.join_state == "steady" or self._is_answered(statistics, group)
        if self.is_member:
            self._refusal = ""
        before = self._partitions
        is_stale = max(silence, now - statistics["ts"] / 1e6) > STALE_S
        self._partitions = {
            (topic, int(number)): _Partition(
                partition["fetch_state"],
                partition["app_offset"],
                partition["next_offset"],
                max(partition["ls_offset"], self._asked_ends.get((topic, int(number)), -1)),
                partition["hi_offset"],
                not partition["unknown"],
                partition["ls_offset"],
            )
            for topic, each in statistics["topics"].items()
            for number, partition in each["partitions"].items()
        }
        for key, partition in self._partitions.items():
            stands = (
                key in before
                and before[key][:3] == partition[:3]
                and 0 <= partition.next_offset < partition.end
            )
            if is_stale or not stands:
                self._moved_at[key] = now
            # A consumer with read_uncommitted reads such records.
            held_back = partition.high_watermark > partition.end >= partition.next_offset
            if is_stale or not held_back or key not in before or before[key].end != partition.end:
                self._decided_at[key] = now

    def _is_answered(self, statistics: Mapping[str, Any], group: Mapping[str, Any]) -> bool:
        """Whether the coordinator answers heartbeats.

        With the newer protocol, a member without partitions stays in `init`, as one that waits to
        join does. Only a member gets answers.
        """
        if not self._newer_protocol:
            return False
        if group.get("state") != "up" or group.get("join_state") != "init":
            self._coordinator_answers = None
            return False
        answers: int = sum(
            each.get("rx", 0)
            for name, each in statistics["brokers"].items()
            if name == "GroupCoordinator"
        )
        if self._coordinator_answers is None:
            self._coordinator_answers = answers
        return answers > self._coordinator_answers

    def report_refusal(self, why: str) -> None:
        """Note that the group has refused this member. The client, or a new one, tries again.

        The refusal counts until the coordinator answers again.
        """
        if why != self._refusal:
            log.warning("not a member of the group: %s; trying again, nothing is lost", why)
        self._coordinator_answers, self._refusal, self.is_member = None, why, False

    def begin(self) -> None:
        """Note that the group is joined now."""
        self._coordinator_answers, self._refusal, self.is_member = None, "", False
        self.rest()

    def rest(self) -> None:
        """Note that the input is not to be read, or that the reason is known already."""
        self.trouble, self.standstill, self._since = None, None, 0.0

    def at_end(self, assigned: AbstractSet[TopicPartitionKey]) -> set[TopicPartitionKey]:
        """Return the partitions that are read to the end that the client knows."""
        return {
            key
            for key in assigned & self._partitions.keys()
            if self._partitions[key].next_offset >= self._partitions[key].known_end
            and self._partitions[key].fetch_state == "active"
        }

    def topics_read(self, assigned: AbstractSet[TopicPartitionKey]) -> set[str]:
        """Return topics with an assigned partition that exists, as the client knows."""
        return {
            key[0] for key in assigned & self._partitions.keys() if self._partitions[key].exists
        }

    def judge(
        self,
        assigned: AbstractSet[TopicPartitionKey],
        *,
        joins: bool,
        held: bool,
        missing: str = "",
    ) -> None:
        """Bring `trouble` up to date.

        Args:
            assigned: The partitions of the consumer.
            joins: Whether partitions come from the group.
            held: Whether the input is paused.
            missing: Which input topic does not exist, or "".
        """
        now = monotonic()
        expected = {
            key
            for key in assigned
            if not joins or key not in self._partitions or self._partitions[key].exists
        }
        found = self._standstill(expected, held=held)
        found = self._idle(expected, joins=joins) or found
        found = (missing, now) if missing else found
        if not found:
            if self.trouble:
                log.info("the input is read again, after %.1f s", now - self._since)
            self.trouble, self._since = None, 0.0
            return
        why, since = found
        if not self._since or since < self._since:
            self._since, self._shown_since = since, time.time() - (now - since)
        if self._refusal or now - self._since > GRACE_S:
            if self.trouble is None:
                log.warning("the input is not read: %s", why)
            self.trouble = Issue(why, self._shown_since, unread=True)

    def _idle(
        self, assigned: AbstractSet[TopicPartitionKey], *, joins: bool
    ) -> tuple[str, float] | None:
        """Return why no partition is fetched, and since when (monotonic seconds)."""
        now = monotonic()
        if joins and not self.is_member:
            state = self._refusal or f"{self._group_state}, {self.join_state}"
            return f"the consumer is not a member of its group: {state}", now
        if now - self._observed_at > SILENCE_S:
            return "the Kafka client tells nothing of itself any more (statistics)", now
        for (topic, number), partition in self._partitions.items():
            if (topic, number) in assigned and partition.fetch_state != "active":
                return f"{topic}-{number} is not fetched (fetch state {partition.fetch_state})", now
        return None

    def _standstill(
        self, assigned: AbstractSet[TopicPartitionKey], *, held: bool
    ) -> tuple[str, float] | None:
        """Return which partition has records that do not arrive, and since when (monotonic)."""
        now = self._observed_at
        self.standstill = None
        for key, partition in self._partitions.items():
            if key not in assigned or partition.fetch_state != "active":
                continue
            place = f"{key[0]}-{key[1]}"
            if held:
                self._moved_at[key] = self._decided_at[key] = now
            elif now - self._moved_at.get(key, now) > STANDSTILL_S:
                self.standstill = Standstill(key, partition.next_offset, self._moved_at[key])
                return (
                    f"{place} stands still at offset {partition.next_offset} of {partition.end}",
                    self._moved_at[key],
                )
            elif now - self._decided_at.get(key, now) > STANDSTILL_S:
                what = (
                    f"{place} waits at offset {partition.end} for the end of a transaction "
                    f"that its writer keeps open"
                )
                return what, self._decided_at[key]
        return None
