"""One random sequence of events in the life of a stream, checked against the broker alone."""

from collections.abc import Callable

from confluent_kafka import KafkaException

from tests.guarantees.sequences.events import EventfulWorld


class Sequence(EventfulWorld):
    """Runs events against real processes.

    Everything is called from one thread, which lives as long as the sequence.
    """

    def run(self, events: int) -> None:
        """Start the processes, let events happen, and check at every quiet moment.

        Raises:
            AssertionError: The promise was broken; the message has the history.
        """
        try:
            if self.rng.random() < 0.5:
                self.send(self.rng.randrange(1, 30))
                if self.shape.start in {"latest", "anonymous"}:
                    self.owed.excuse(set(range(self.owed.sent)))
            for index in range(self.shape.processes):
                self.start(index)
            self._await_running()
            for _ in range(2):
                for _ in range(events):
                    self._event()
                self.check_quiet()
            self._stop_all()
        except AssertionError as error:
            tails = "\n".join(
                f"--- process {n}\n{one.tail(60)}" for n, one in enumerate(self._processors)
            )
            raise AssertionError(
                f"{self.shape}\n{' > '.join(self.history)}\n{error}\n{tails}"
            ) from error

    def end(self) -> None:
        """Stop what runs and delete the topics."""
        self.stream.end()
        self.arrivals.close()
        for topic in (self.stream.source, self.stream.target, self.stream.dead_letters):
            try:
                self.stream.topics.delete(topic)
            except KafkaException:
                continue  # not there

    def _event(self) -> None:
        shape = self.shape
        events: list[tuple[int, Callable[[], None]]] = [
            (5, lambda: self.send(self.rng.randrange(1, 300))),
            (2, self.grow),
            (2, self.recreate),
            (2, self.freeze),
            (2, self.kill),
            (2, self.restart),
            (2, self.pause),
            (1, self.stop_binding),
            (1, self.pile_up),
            (1, self.hand_over),
        ]
        if shape.small_queue:
            events.append((3, self.fill_queue))
        if shape.start != "anonymous":
            events.append((2, self.expire_fixed if shape.start == "fixed" else self.expire))
        if shape.start not in {"anonymous", "pattern"}:
            events.append((2, self.refuse))
        if shape.processes > 1 and shape.start != "fixed":
            events.append((2, self.rebalance))
        weights, actions = zip(*events, strict=True)
        self.rng.choices(actions, weights)[0]()
