"""Writing a batch under a guarantee, and finding the records that a broker refuses, so that the others go on."""

import logging
from collections.abc import Callable

from confluent_kafka import Message

from connectors.batch import Batch, TopicPartitionKey, place
from connectors.errors import ConnectorError, DeliveryError, HalfWrittenError, Interrupted
from connectors.guarantee import Guarantee
from connectors.letter_forms import other_form
from connectors.output import Output
from connectors.recovery import Recovery
from connectors.refusals import Refusals

log = logging.getLogger("processor.records")

LOOK = 0.005  # seconds one look at whether a single record has been delivered takes


class Writer:
    """Hands batches to the output; one at a time and record by record while something refused is looked for."""

    def __init__(
        self,
        output: Output,
        guarantee: Guarantee,
        recovery: Recovery,
        wait: Callable[[Callable[[], bool]], None],
        is_current: Callable[[TopicPartitionKey], bool],
    ) -> None:
        """Make a writer.

        Args:
            output: Produces records.
            guarantee: Commits what has been produced.
            recovery: Gives up records that are refused.
            wait: Waits through the lane until its argument returns True, also through a stop. Raises Interrupted at a rebalance.
            is_current: Whether an offset read last still belongs to the present assignment and topic.

        """
        self._output = output
        self._guarantee = guarantee
        self._recovery = recovery
        self._wait = wait
        self._is_current = is_current
        self._refusals = Refusals()

    def limit(self, size: int, assigned: set[TopicPartitionKey]) -> int:
        """How many records to read at once, where `size` would do: one while a refused record is looked for."""
        if self._refusals.careful:
            self._refusals.forget_others(assigned)
            self._refusals.forget_settled(self._guarantee.is_settled)
        self._recovery.reads_again = self._refusals.careful
        return 1 if self._refusals.careful else size

    @property
    def searching(self) -> bool:
        """A refused record is looked for."""
        return self._refusals.careful

    @property
    def wants_commit(self) -> bool:
        """Looking for a refused record goes with a commit after each one, where that is cheap: it then costs few repeats."""
        return self._refusals.careful and self._guarantee.cheap and self._guarantee.pending

    def forget_topic(self, topic: str) -> None:
        """The topic was deleted and created again: what is known of records at its offsets does not count."""
        self._refusals.forget_topic(topic)
        self._recovery.forget_topic(topic)

    def write(self, batch: Batch) -> None:
        """Produce every record of the batch. Raises its failure, ConnectorError, or Interrupted."""
        if batch.failure:
            raise batch.failure
        self._guarantee.begin()
        if self._refusals.careful and batch.messages:
            self._write_carefully(batch)
        else:
            self._output.write(batch, self._wait, self._recovery.give_up)
        self._guarantee.written()

    def searches_for(self, error: ConnectorError, in_hand: dict[TopicPartitionKey, int]) -> bool:
        """Whether the error is about one record: it is then found by reading again, carefully, what is not committed."""
        if isinstance(error, HalfWrittenError):
            if self._is_current(place(error.message)):
                self._refusals.found(error.message, error.cause)
        elif not isinstance(error, DeliveryError) or not error.about_the_record:
            return False
        if not self._refusals.careful:
            log.warning("%s; reading again since the last commit, record by record, to find it", error)
        in_doubt = self._guarantee.positions() | {key: offset for key, offset in in_hand.items() if self._is_current(key)}
        self._refusals.suspect(in_doubt)
        self._output.failure = None
        self._guarantee.start_over()
        return True

    def _write_carefully(self, batch: Batch) -> None:
        """Produce the batch, of one message, and wait until it is delivered."""
        self._wait(self._delivered)  # of what was produced before, another failure may show: not this record's
        message = batch.messages[0]
        if refused := self._refusals.known(message):
            batch.drop()
            self._recovery.give_up(batch, "output", message, refused)
        batch.refused_letters = self._refusals.known_letters(message)
        unconfirmed = self._output.unconfirmed
        try:
            self._output.write(batch, self._wait, self._recovery.give_up)
            self._wait(self._delivered)
        except DeliveryError as error:
            if error.about_the_record and self._is_current(place(message)):
                self._found(message, batch, error)
            raise
        if self._output.unconfirmed > unconfirmed:  # its transaction has failed, which the next call for that will say
            raise Interrupted
        self._refusals.passed(message)

    def _found(self, message: Message, batch: Batch, error: DeliveryError) -> None:
        """The record, or its dead letter, is the one that is refused. Raises DeadLetterError when the letter has no other form."""
        if not batch.dead:
            self._refusals.found(message, error)
            return
        for _, letter in batch.dead:
            other_form(message, letter, error)
        self._refusals.found_letter(message, error)

    def _delivered(self) -> bool:
        return self._output.delivered(LOOK)
