"""The events of a sequence."""

from collections import Counter

from confluent_kafka import KafkaError, KafkaException

from tests.guarantees.sequences.quiet import QuietWorld
from tests.guarantees.sequences.world import MAX_PARTITIONS
from tests.support.brokers.topics import SECONDS
from tests.support.waiting import let_pass, wait_for


class EventfulWorld(QuietWorld):
    """A world in which things happen."""

    def grow(self) -> None:
        """Add partitions; records arrive there before any client has seen them."""
        if self._partitions >= MAX_PARTITIONS:
            return
        before, self._partitions = self._partitions, self._partitions + self.rng.choice((1, 2))
        self._note(f"grow to {self._partitions}")
        self.stream.topics.grow(self.stream.source, self._partitions)
        wait_for(lambda: self._led(self.stream.source), SECONDS, "leaders of the new partitions")
        self.send(20, list(range(before, self._partitions)))
        if self.shape.start == "fixed":
            self._restart_all()  # partitions are counted at a start

    def recreate(self) -> None:
        """Delete the input topic and create it again; unread records of the old one are gone."""
        self.arrivals.poll()
        self.owed.excuse(self.arrivals.missing(self.owed))
        pause = self.rng.choice((0.0, 0.3, 1.0, 10.0))
        if self.shape.start != "fixed":
            self._partitions = self.rng.choice(
                (1, self._partitions, min(MAX_PARTITIONS, self._partitions + 1))
            )
        before = sum(self.stream.topics.ends(self.stream.source).values())
        records, count = self.rng.choice(
            (("fewer", before // 3), ("as many", before), ("more", 2 * before + 20))
        )
        count = max(1, min(count, 2000))
        self._note(f"recreate with {self._partitions}, {records} records after {pause:g} s")
        self._in_topic.clear()
        self.stream.topics.delete(self.stream.source)
        wait_for(
            lambda: self.stream.source not in self.stream.topics.names(),
            SECONDS,
            "the input topic deleted",
        )
        let_pass(pause)
        try:
            self.stream.topics.create(self.stream.source, self._partitions)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise
            # A processor that was starting made it.
            self._partitions = self.stream.topics.partitions(self.stream.source)
        self.send(count)

    def freeze(self) -> None:
        """A process is frozen, shorter or longer than its session."""
        index = self.rng.choice(range(self.shape.processes))
        seconds = self.rng.choice((0.3, 3.5, 8.0))
        self._note(f"freeze {index} for {seconds:g} s")
        self.send(50)
        with self._processors[index].frozen():
            let_pass(seconds)

    def kill(self) -> None:
        index = self.rng.choice(range(self.shape.processes))
        self._note(f"kill {index}")
        self.send(50)
        let_pass(self.rng.random() * 0.3)
        self._processors[index].kill()
        self._start_again(index)

    def restart(self) -> None:
        """An orderly stop and a new start."""
        index = self.rng.choice(range(self.shape.processes))
        self._note(f"restart {index}")
        self.send(50)
        self._terminate(index)
        self._start_again(index)

    def rebalance(self) -> None:
        """A member leaves for a while."""
        self._note("rebalance")
        self._terminate(1)
        self.send(50)
        let_pass(self.rng.random())
        self._start_again(1)

    def pause(self) -> None:
        index = self.rng.choice(range(self.shape.processes))
        self._note(f"pause {index}")
        self._change_state(index, "PAUSED", "paused")
        self.send(50)
        let_pass(self.rng.random())
        self._change_state(index, "RESUMED", "running")

    def stop_binding(self) -> None:
        index = self.rng.choice(range(self.shape.processes))
        self._note(f"stop binding {index}")
        self._change_state(index, "STOPPED", "stopped")
        # A group without a name of its own loses its offsets: no process joins it again.
        if self.shape.start == "anonymous":
            self.arrivals.poll()
        self.send(50)
        self._change_state(index, "STARTED", "running")

    def refuse(self) -> None:
        """A record that the output topic does not take, among others."""
        self.send(self.rng.randrange(1, 30))
        self.send(1, large=True)
        self.send(self.rng.randrange(1, 30))

    def fill_queue(self) -> None:
        """More at once than the producer's queue has room for."""
        self.send(200, size=1000)

    def hand_over(self) -> None:
        """All processes stop; records arrive that nobody reads; all start."""
        self._note("stop all")
        self._stop_all()
        self.send(100)
        self._note("start all")
        self._start_all()

    def pile_up(self) -> None:
        """All processes pause once all is read.

        What arrives then is the lag, to them and to the broker.
        """
        self.check_quiet()
        self._note("pile up")
        for index in range(self.shape.processes):
            self._change_state(index, "PAUSED", "paused")
        count = self.rng.randrange(1, 100)
        self.send(count)
        if self.shape.start != "anonymous":
            assert self.stream.behind() == count, (
                f"the group is {self.stream.behind()} behind, {count} were sent"
            )
        for index, one in enumerate(self._processors):
            wait_for(
                lambda one=one: one.get("/actuator/health")["status"] == "UP",  # type: ignore[misc]
                20,
                f"paused process {index} UP",
            )
        wait_for(
            lambda: sum(map(self._lag, self._processors)) == count,
            20,
            f"the lag gauges at {count} together",
        )
        for index in range(self.shape.processes):
            self._change_state(index, "RESUMED", "running")

    def expire(self) -> None:
        """The group stops, and its offsets expire: it begins again as one that never was."""
        self._note("expire")
        self._stop_all()
        self._follow()
        self._drain()
        wait_for(
            lambda: not self.stream.topics.group(self.stream.group).members,
            SECONDS,
            "a group without members",
        )
        self._delete_offsets()
        if self.rng.random() < 0.5:
            self.send(self.rng.randrange(1, 50))
        if self.shape.start == "latest":
            self.owed.excuse(
                {n for n in self._in_topic if not (self.arrivals.out[n] or self.arrivals.dead[n])}
            )
        else:
            together = self.arrivals.out + self.arrivals.dead
            self.owed.repeat(
                Counter({number: together[number] for number in self._in_topic if together[number]})
            )
        self._start_all()

    def expire_fixed(self) -> None:
        """Offsets of fixed partitions expire under running processes, which commit them again."""
        self.check_quiet()
        self._note("expire fixed")
        self._delete_offsets()
        if self.rng.random() < 0.5:
            self.send(20, [self.rng.randrange(self._partitions)])
        wanted = self.stream.topics.ends(self.stream.source)

        def committed_again() -> bool:
            found = self.stream.topics.committed(self.stream.group, self.stream.source)
            # An empty partition has an offset if its topic was created again.
            return wanted == dict.fromkeys(wanted, 0) | found

        wait_for(committed_again, 40, f"committed {wanted}")
        self._restart_all()

    def _delete_offsets(self) -> None:
        self.stream.topics.delete_offsets(self.stream.group)
        found = self.stream.topics.committed(self.stream.group, self.stream.source)
        assert not found or self.shape.start == "fixed", (
            f"committed {found} after the offsets were deleted"
        )
