"""A lane: one consumer, one producer, and the positions that are safe to commit.

Bytewax, on one worker, strictly alternates next_batch, the steps, write_batch. Our steps pass on every batch, also one whose records are
all dropped. So at every entry to next_batch the batch handed out last has been produced; where it has not come to the sink, the lane ends.
That is where commits, stops and wishes are dealt with. What takes long (deliveries
while a broker is away, a full queue) is waited for turn by turn with the partitions held and the consumer polled, so that the
membership stays and a stop is heeded.
"""

import logging
from time import monotonic

from confluent_kafka import KafkaError, KafkaException, TopicPartition

import config.kafka
from config import Settings
from connectors import clients, error_texts
from connectors.batch import Batch, TopicPartitionKey
from connectors.beginnings import beginnings, client_properties
from connectors.binding import Binding
from connectors.brokers import Brokers
from connectors.consumer import CurrentConsumer
from connectors.course import Course
from connectors.cutter import Cutter
from connectors.dead_letters import DeadLetters
from connectors.errors import ClientError, ConnectorError, ConsumerError, Interrupted, LostBatchError, ProducerError
from connectors.function.async_calls import AsyncCalls
from connectors.function.overlapping import Overlapping
from connectors.function_errors import unforeseen_error
from connectors.guarantees import guarantee
from connectors.input import Input
from connectors.joining import Joining
from connectors.membership import Membership, is_incremental
from connectors.output import Output
from connectors.pace import Pace
from connectors.posting import Posting
from connectors.recovery import Recovery
from connectors.static_member import static_member
from connectors.stop_search import StopSearch
from connectors.tls_stores import TlsStores
from connectors.waiting import TURN, Waiting
from connectors.work import Work
from connectors.writer import Writer
from runtime.exits import Exit
from runtime.lifecycle import Lifecycle
from runtime.status import Board, LaneState
from text import charset_of

log = logging.getLogger("processor.lifecycle")


class Lane:
    """Moves records for the source and the sink that share it. Every method runs on Bytewax's worker thread."""

    def __init__(self, settings: Settings, board: Board, lifecycle: Lifecycle) -> None:
        """Make the clients; nothing has been asked of a broker yet. Raises ConnectorError when the settings cannot work."""
        self._board = board
        self._lifecycle = lifecycle
        self._charset = charset_of(settings.input_content_type)
        properties = config.kafka.consumer_config(settings) | config.kafka.member_config(settings)
        stores = TlsStores(settings)
        self._brokers = brokers = Brokers(settings.brokers, properties, stores)
        self._pace = Pace(settings.batch_size)
        self._cutter = Cutter()
        self._cutter.start()
        self._output = Output(settings, brokers)
        self._consumer = CurrentConsumer(
            lambda: clients.make_consumer(
                client_properties(properties) | stores.consumer, brokers, self._on_commit, self._on_topic_id
            ),
            brokers,
        )
        self._guarantee = guarantee(settings, self._consumer, self._output, brokers, lifecycle)
        brokers.committed = self._guarantee.last_committed
        self._membership = Membership(
            self._consumer,
            self._guarantee,
            beginnings(settings, properties, self._guarantee.tracker, lambda topic: clients.topic_id(settings, brokers, topic)),
            incremental=is_incremental(properties),
            static=static_member(settings),
        )
        joining = Joining(settings, self._membership)
        self._input = Input(
            self._consumer, self._membership, brokers, one_topic=joining.one_topic, patience=settings.client_call_timeout
        )
        self._waiting = Waiting(self._input, self._membership, lifecycle, self._post_now_and_then)
        dead_letters = DeadLetters(settings)
        self._recovery = Recovery(settings, dead_letters, self._waiting.seconds)
        self._async_calls = AsyncCalls(settings.async_limit, self._waiting.until_stop)
        self._overlapping = Overlapping(self._async_calls, self._recovery.recover_all)
        self._writer = Writer(self._output, self._guarantee, self._recovery, self._waiting.until, self._is_current)
        self._search = StopSearch(self._writer, lifecycle)
        binding = Binding(settings, self._consumer, brokers, dead_letters)
        self._work = Work()
        self._posting = Posting(
            board=board,
            brokers=brokers,
            source=self._input,
            output=self._output,
            guarantee=self._guarantee,
            membership=self._membership,
            recovery=self._recovery,
            binding=binding,
            work=self._work,
        )
        self._course = Course(
            binding=binding,
            brokers=brokers,
            joining=joining,
            membership=self._membership,
            guarantee=self._guarantee,
            waiting=self._waiting,
            output=self._output,
            lifecycle=lifecycle,
            joins=settings.input_auto_startup,
        )
        self._unwritten: Batch | None = None  # handed out, and not at the sink yet
        self._in_hand: dict[TopicPartitionKey, int] = {}  # positions of the batch handed out last
        self._repeats = 0  # of the guarantee, at the latest turn before a stop
        self._closed = False
        self._post()

    # ---- what Bytewax calls

    def next_batch(self) -> Batch | None:
        """The records of this turn, or None. Raises StopIteration when drained or failed."""
        if self._unwritten and self._course.state is not LaneState.FAILED:
            self._goes_on_after(LostBatchError("the records read last have not come to the output"))
        if self._course.state is LaneState.FAILED:
            raise StopIteration
        self._guarantee.safe(self._guarantee.tracker.only_current(self._in_hand, self._input.epoch))
        self._in_hand = {}
        self._work.in_hand = False
        try:
            self._output.check()
            self._brokers.check()
            if self._lifecycle.stopping and not self._search.goes_on:
                if self._search.succeeded:
                    self._repeats = self._guarantee.repeats  # all of them have been read again
                self._drain()
                raise StopIteration  # noqa: TRY301 - Bytewax's sign for the end
            self._input.check()
            while wish := self._board.take():
                self._course.heed(wish)
                self._post()
            self._repeats = self._guarantee.repeats
            batch = self._turn()
        except (ConnectorError, KafkaException) as error:
            if not self._goes_on_after(error):
                raise StopIteration from None
            batch = None
        except StopIteration:
            raise
        except BaseException as error:  # noqa: BLE001 - raised through Bytewax, it would be a page
            self._end_unforeseen(error)
            raise StopIteration from None
        self._post_now_and_then()
        self._unwritten = batch
        return batch

    def write_batch(self, batch: Batch) -> None:
        """Produce every record of the batch, in order; its positions are safe at the next turn."""
        if batch is not self._unwritten:
            if self._course.state is not LaneState.FAILED:
                self._goes_on_after(LostBatchError("the output was given what is not the batch read last"))
            return
        self._unwritten = None
        began = monotonic()
        steps = began - batch.handed_out - batch.waited
        taken = max(1, batch.taken)
        share = min(1.0, taken / batch.overlapping)  # with more records, more calls would have overlapped
        self._pace.took(steps * share, taken, len(batch.messages))
        self._membership.give_back(batch.cut, self._input.epoch)
        try:
            self._writer.write(batch)
            self._work.done(batch, steps, monotonic() - began, self._recovery.given_up)
        except (ConnectorError, KafkaException) as error:
            self._goes_on_after(error)
        except Interrupted:
            self._guarantee.abandon()
            self._membership.give_back(batch.messages, self._input.epoch)
            self._in_hand = {}
        except BaseException as error:  # noqa: BLE001 - raised through Bytewax, it would be a page
            self._end_unforeseen(error)

    def _goes_on_after(self, error: ConnectorError | KafkaException) -> bool:
        """Whether the error can be got over. If not, it is told (the first one wins), and from here on nothing is committed."""
        if isinstance(error, KafkaException):  # of a call whose errors nobody sorts: it ends the process with a line
            error = ClientError(error.args[0])
        try:
            if self._course.state is not LaneState.FAILED and (
                self._is_survived(error) or self._writer.searches_for(error, self._in_hand)
            ):
                self._in_hand = {}
                if self._search.starts():
                    self._course.read_on()
                return True
        except ConnectorError as known_better:
            error = known_better
        log.error("%s", error)
        self._end_failed(error.exit_code)
        return False

    def _is_survived(self, error: ConnectorError) -> bool:
        if isinstance(error, ConsumerError):
            with self._lifecycle.client_call("close"):
                self._membership.leave_and_renew(str(error))
            return True
        if not isinstance(error, ProducerError) or not self._guarantee.survives(error):
            return False
        self._membership.hold("commit")
        self._waiting.idle(TURN)  # whatever else happens, the membership stays
        return True

    def close(self) -> None:
        """Leave the group if the drain has not done so. Never raises (Bytewax would abort the process) and commits nothing."""
        if self._closed:
            return
        self._closed = True
        if self._course.state not in (LaneState.DRAINING, LaneState.FAILED):  # a step of the user's own raised: Bytewax tells
            self._end_failed()
        try:
            answers = self._course.state is not LaneState.FAILED and not self._brokers.trouble
            self._membership.close(awaits_join=answers)
        except Exception as error:  # noqa: BLE001 - see above
            log.warning("closing the consumer: %s", error)
        self._async_calls.close()

    # ---- a turn

    def _turn(self) -> Batch | None:
        if self._course.state is LaneState.BINDING:
            self._course.bind()
            return None
        if self._course.state is LaneState.JOINING:
            self._course.settle_in()
        if self._course.leaves:
            self._course.leave()
            self._post()
        due = self._guarantee.due or self._writer.wants_commit or self._membership.holds("commit")
        if due and not self._commit():
            self._waiting.idle(TURN)
            return None
        return self._read()

    def _read(self) -> Batch | None:
        messages = self._input.read(self._writer.limit(self._pace.size, self._membership.assigned), TURN)
        self._in_hand = self._input.positions(messages)
        if not messages:
            if self._guarantee.pending:
                self._commit()  # idle: no reason to wait for the timer
            return None
        self._search.note_records()
        batch = Batch(messages, self._in_hand, self._recovery.recover, self._cutter, self._charset, overlapping=self._overlapping)
        self._guarantee.handed_out(batch)
        self._work.begin(self._recovery.given_up)
        return batch

    def _is_current(self, key: TopicPartitionKey) -> bool:
        """Whether the records of a partition that were read last are of its present assignment and topic."""
        return self._guarantee.tracker.is_current(key, self._input.epoch)

    # ---- commits

    def _on_topic_id(self, topic: str, topic_id: str) -> None:
        if self._membership.on_topic_id(topic, topic_id):
            self._writer.forget_topic(topic)

    def _on_commit(self, error: KafkaError | None, partitions: list[TopicPartition]) -> None:
        self._guarantee.on_commit(error, partitions)

    def _commit(self) -> bool:
        """Commit what is safe. If that has to be waited for, hold the input meanwhile."""
        if not self._guarantee.commit():
            self._membership.hold("commit")
            return False
        self._membership.release("commit")
        return True

    # ---- life

    def _drain(self) -> None:
        taken = self._course.state is not LaneState.BINDING  # else there is nothing to settle, and perhaps no broker
        self._course.state = LaneState.DRAINING
        self._post()
        if taken:
            self._course.settle()
        self.close()
        self._course.state = LaneState.ENDED
        self._post()
        if self._guarantee.repeats == self._repeats:
            log.info("stopped: all that was taken is delivered and committed")
        else:
            log.error("stopped before all that was taken could be committed; what is not will be repeated")
            self._lifecycle.fail(Exit.UNFINISHED)

    def _end_unforeseen(self, error: BaseException) -> None:
        told = unforeseen_error(error)
        log.debug("%s: %s", told, error_texts.stack_trace(error, with_texts=False))
        self._goes_on_after(told)

    def _end_failed(self, code: Exit = Exit.FAILED) -> None:
        self._course.state = LaneState.FAILED
        self._post()
        self._lifecycle.fail(code)  # first: from here on the watchdog sees to it that a client without a broker does not keep us
        self._guarantee.end()

    def _post_now_and_then(self) -> None:
        if monotonic() - self._posted > TURN:
            self._post()

    def _post(self) -> None:
        self._posted = monotonic()
        self._posting.post(self._course.state)
