"""Quiet moments of a sequence: what the processes say is what the broker says."""

from typing import Any

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tests.guarantees.sequences.world import World
from tests.support.processor import Processor
from tests.support.waiting import wait_for

QUIET_TIMEOUT_S = 60  # for everything to have come to rest after the last event
LAG = "spring_cloud_stream_binder_kafka_offset"
RECORDS_LAG = "kafka_consumer_fetch_manager_records_lag"  # of each partition


class QuietWorld(World):
    """A world that can be compared with the broker."""

    def check_quiet(self) -> None:
        """Wait for rest, then compare what the processes say with what the broker says.

        Raises:
            AssertionError: A record is missing or doubled, or health, bindings or lag are not what
                the observer sees.
        """
        self._note("quiet")
        self._await_running()
        self._follow()

        def arrived() -> bool:
            self.arrivals.poll()
            return not self.arrivals.missing(self.owed)

        def all_committed() -> bool:
            if self.shape.start == "anonymous":
                return True
            # Also no offset of a former topic, beyond the end of the present one.
            topics, ends = self.stream.topics, self.stream.topics.ends(self.stream.source)
            committed = topics.committed(self.stream.group, self.stream.source)
            return all(committed.get(partition, 0) == end for partition, end in ends.items())

        try:
            wait_for(arrived, QUIET_TIMEOUT_S, "all records")
        except AssertionError:
            missing = sorted(self.arrivals.missing(self.owed))
            raise AssertionError(f"LOST {len(missing)}: {missing[:10]}; {self._where()}") from None
        wait_for(
            all_committed, QUIET_TIMEOUT_S, f"the group at the end of its input; {self._where()}"
        )
        self.arrivals.poll(1.0)
        if self.shape.mode == "exactly-once":
            doubled = sorted(self.arrivals.doubled(self.owed))
            places = [(number, self.arrivals.places[number]) for number in doubled[:10]]
            assert not doubled, f"DOUBLED {len(doubled)}, number with its places: {places}"
        both = {n for n in self.arrivals.dead if self.arrivals.out[n]}
        assert not both, f"BOTH out and dead {sorted(both)[:10]}"
        # first: a process that is about to join may be UP until GRACE_S is over.
        if self.shape.start not in {"anonymous", "fixed"}:
            wait_for(
                self._is_shared,
                30,
                f"{self.shape.processes} members with {self._partitions} partitions in the group",
            )
        for one in self._processors:
            self._check_status(one)

    def _is_shared(self) -> bool:
        """Whether each process is a member of the group, and each partition has one owner."""
        group = self.stream.topics.group(self.stream.group)
        assigned = [
            each.partition
            for one in group.members
            if one.assignment
            for each in one.assignment.topic_partitions
        ]
        # Librdkafka keeps those of a former topic.
        present = sorted(number for number in assigned if number < self._partitions)
        return len(group.members) == self.shape.processes and present == list(
            range(self._partitions)
        )

    def _check_status(self, one: Processor) -> None:
        one.assert_alive()
        wait_for(lambda: one.get("/actuator/health")["status"] == "UP", 20, "health UP")
        assert one.request("GET", "/actuator/health/readiness")[0] == 200
        assert one.binding()["state"] == "running"
        try:
            wait_for(lambda: self._lag(one) == 0, 20, "the lag gauge at 0")
        except AssertionError as error:
            by_partition = [(each.labels, each.value) for each in self._samples(one, RECORDS_LAG)]
            raise AssertionError(
                f"{error}: {self._lag(one)}, to be read {by_partition}; {self._where()}"
            ) from None

    def _lag(self, one: Processor) -> float:
        return sum(sample.value for sample in self._samples(one, LAG))

    def _samples(self, one: Processor, name: str) -> list[Sample]:
        text: Any = one.get("/actuator/prometheus")
        return [
            sample
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == name
        ]

    def _where(self) -> str:
        topics, stream = self.stream.topics, self.stream
        reported = (
            ""
            if self.shape.start == "anonymous"
            else f", committed {topics.committed(stream.group, stream.source)}"
        )
        return f"input ends at {topics.ends(stream.source)}{reported}"
