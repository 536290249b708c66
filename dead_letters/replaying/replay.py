"""A run of replay or park: reads open letters, sends them, and commits batch by batch."""

from collections import Counter
from collections.abc import Callable, Sequence
from time import monotonic

from confluent_kafka import Message

from dead_letters.cluster import Cluster
from dead_letters.errors import ClusterInterruptedError, CommandError, RecordRejectedError
from dead_letters.letters.letter import Letter
from dead_letters.letters.reader import BATCH_LETTERS, LetterReader
from dead_letters.replaying.delivery import AtLeastOnce, Delivery, ExactlyOnce
from dead_letters.replaying.progress import Progress
from dead_letters.replaying.report import PARK_REASON, Order, Report, count
from dead_letters.replaying.routing import Route, Router, parked_topic_of
from dead_letters.replaying.stopping import StopRequest

RETRY_PAUSE_S = 1.0
GIVE_UP_S = 120.0  # the longest time without progress


class Replay:
    """One run over the letters that are there at its start. It can be stopped and continued."""

    def __init__(
        self,
        cluster: Cluster,
        order: Order,
        stop: StopRequest,
        on_progress: Callable[[Report], None],
    ) -> None:
        """Prepare a run. No broker is asked yet.

        Args:
            cluster: The clients and the topic.
            order: What to do with which letters.
            stop: Ends the run early.
            on_progress: Gets the report so far after each batch.
        """
        self._cluster = cluster
        self._order = order
        self._stop = stop
        self._on_progress = on_progress
        self._router = Router(
            cluster.topic,
            cluster.count_partitions,
            self._provide_parked_topic,
            max_rounds=order.max_rounds,
        )
        self._delivery: Delivery = (
            ExactlyOnce(cluster, stop) if cluster.is_exactly_once else AtLeastOnce(cluster, stop)
        )
        self._ends: dict[int, int] = {}
        self._progress: Progress
        self._moved_at = self._next_at = monotonic()
        self.report = Report()
        self.is_new = False  # whether the group had no committed offsets at the start

    def run(self) -> Report:
        """Handle the letters up to the ends at the start. Blocks until the run has ended.

        Letters that come back meanwhile are for the next run.

        Raises:
            CommandError: The run cannot go on. Committed progress stays.
        """
        while True:
            try:
                self._run_from_committed()
            except ClusterInterruptedError as error:
                if self._stop.is_set:
                    return self.report
                if monotonic() - self._moved_at > GIVE_UP_S:
                    raise CommandError(
                        f"no progress for {GIVE_UP_S:g} s; the same command goes on later: {error}"
                    ) from None
                self._stop.sleep(RETRY_PAUSE_S)
                self._cluster.replace_consumer()
            else:
                return self.report

    @property
    def is_complete(self) -> bool:
        """Whether the run was not stopped by a signal: it has reached its end or its maximum."""
        return not self._stop.is_set

    def _run_from_committed(self) -> None:
        if not self._order.is_dry:
            # First, because open() ends the transaction of a killed run. It holds back the group's
            # offsets.
            self._delivery.open()
        begins, ends = self._cluster.find_ranges()
        self._progress = self._cluster.load_progress(begins, ends)
        if not self._ends:
            self._ends, self.is_new = ends, self._progress.is_new
        ends = {number: min(self._ends.get(number, 0), end) for number, end in ends.items()}
        self._progress.require_room(self._order.letter_filter)
        if self._order.is_dry:
            self.report = Report()
        reader = LetterReader(self._cluster, self._progress.start(self._order.letter_filter), ends)
        while not reader.is_finished and not self._stop.is_set and self._wants_more:
            messages, finished = reader.read(self._batch_size)
            if messages or finished:
                self._handle(messages, finished)

    @property
    def _wants_more(self) -> bool:
        return self._order.maximum is None or self.report.sent < self._order.maximum

    @property
    def _batch_size(self) -> int:
        """The letters of one second, so that a limited rate is even and a stop is quick."""
        return (
            BATCH_LETTERS
            if self._order.rate is None
            else max(1, min(BATCH_LETTERS, int(self._order.rate)))
        )

    def _handle(self, messages: Sequence[Message], finished: dict[int, int]) -> None:
        """Send the open letters of one batch, and commit."""
        batch, routes, positions = Report(), list[Route](), dict[int, int]()
        for message in messages:
            if (
                self._order.maximum is not None
                and self.report.sent + batch.sent >= self._order.maximum
            ):
                finished = {}  # the letters left in this batch are for the next run
                break
            letter = Letter.from_message(message)
            positions[letter.partition] = letter.offset + 1
            if not self._order.letter_filter.matches(letter):
                batch.passed += 1
            elif self._progress.is_done(letter):
                batch.done_before += 1
            else:
                routes.append(self._route(letter))
                count(batch, routes[-1])
        if not self._order.is_dry:
            self._send(routes, positions | finished, batch)
        self._add(batch)
        self._keep_rate(len(routes))

    def _route(self, letter: Letter) -> Route:
        return (
            self._router.park(letter, PARK_REASON)
            if self._order.parks
            else self._router.replay(letter)
        )

    def _send(self, routes: list[Route], positions: dict[int, int], batch: Report) -> None:
        """Deliver and commit the batch. Letters sent one by one are counted at once."""
        try:
            self._commit(routes, positions)
        except RecordRejectedError:
            batch.replayed, batch.parked = Counter(), Counter()
            self._send_singly(routes, positions)

    def _commit(self, routes: list[Route], positions: dict[int, int]) -> None:
        for number, position in positions.items():
            self._progress.advance(self._order.letter_filter, number, position)
        offsets = self._progress.to_commit(positions)
        self._delivery.send(routes, offsets, self._progress)
        self._progress.confirm(offsets)

    def _send_singly(self, routes: list[Route], positions: dict[int, int]) -> None:
        """Send one by one to find a rejected record and park it."""
        self._reload()
        for route in routes:
            place = {route.letter.partition: route.letter.offset + 1}
            try:
                self._commit([route], place)
            except RecordRejectedError as error:
                self._reload()
                route = self._router.park(route.letter, f"{route.topic} rejects it: {error}")  # noqa: PLW2901 - the letter's other route
                self._commit_parked(route, place)
            # At once: an outage may end the run here, and these letters are not sent again.
            count(self.report, route)
        self._commit([], positions)

    def _commit_parked(self, route: Route, place: dict[int, int]) -> None:
        try:
            self._commit([route], place)
        except RecordRejectedError as error:
            raise CommandError(
                f"the letter {route.letter} cannot be parked: {route.topic} rejects it: {error}; "
                "raise max.message.bytes of that topic, or max.request.size"
            ) from None

    def _reload(self) -> None:
        """Make a new producer and load the committed progress."""
        self._delivery.open()
        begins, ends = self._cluster.find_ranges()
        self._progress = self._cluster.load_progress(begins, ends)

    def _add(self, batch: Report) -> None:
        self.report.replayed += batch.replayed
        self.report.parked += batch.parked
        self.report.passed += batch.passed
        self.report.done_before += batch.done_before
        self._moved_at = monotonic()
        self._on_progress(self.report)

    def _keep_rate(self, sent: int) -> None:
        if self._order.rate is not None and not self._order.is_dry:
            self._next_at = max(self._next_at, self._moved_at) + sent / self._order.rate
            self._stop.sleep(self._next_at - monotonic())
            self._moved_at = monotonic()

    def _provide_parked_topic(self) -> int:
        topic = parked_topic_of(self._cluster.topic)
        partitions = self._cluster.count_partitions(topic)
        if partitions:
            return partitions
        letters = self._cluster.count_partitions(self._cluster.topic)
        return letters if self._order.is_dry else self._cluster.create_topic(topic, letters)
