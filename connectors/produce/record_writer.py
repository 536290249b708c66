"""Produces the records of a batch in order, with headers and partitions, then dead letters."""

from collections.abc import Callable, Iterator, Mapping
from itertools import groupby, islice
from operator import is_, or_
from typing import Any

from confluent_kafka import Message

import config.librdkafka.client_config
from config import Settings
from connectors.errors.exceptions import ConnectorError, HalfWrittenError, Interrupted
from connectors.errors.record_errors import is_about_record
from connectors.failures.dead_letter_forms import Letter, next_form
from connectors.functions.values import are_exact
from connectors.produce.divided_records import DividedRecords, Row
from connectors.produce.partitioner import partitioner
from connectors.produce.record_sender import ProducerOwner, RecordSender, Wait
from connectors.produce.rejections import GiveUp, make_exact, reject
from connectors.produce.uniform_rows import UniformRows
from connectors.records.batch import RecordBatch
from connectors.records.forwarding import Forwarding, with_content_type
from connectors.records.messages import Headers


class RecordWriter:
    """Produces records through the task's producer, and counts them. On the task's thread."""

    def __init__(self, settings: Settings, output: ProducerOwner) -> None:
        """Prepare for the output topic of the settings.

        Args:
            settings: All of them.
            output: Owns the producer. It may make the producer later: only write() needs it.
        """
        self._output = output
        self._topic = settings.output_destination
        self.topics = {self._topic}  # dead letter topics are added with their first letter
        self._content_type = (
            settings.output_content_type.encode() if settings.output_content_type else None
        )
        self._forwarded = Forwarding(self._content_type)
        self._sender = RecordSender(output, transactional=settings.transactional_id is not None)
        self._partitioner = partitioner(settings)
        max_bytes = int(
            config.librdkafka.client_config.producer_config(settings)["message.max.bytes"]
        )
        self._divided = DividedRecords(
            self._topic, self._content_type, self._partitioner, max_bytes
        )
        self.sent = 0
        self.dropped = 0

    def bound(self, partitions: Mapping[str, int]) -> None:
        """Take over the number of partitions.

        Args:
            partitions: How many partitions each topic has.
        """
        if self._partitioner:
            self._partitioner.found(partitions[self._topic])

    def write(self, batch: RecordBatch, wait: Wait, give_up: GiveUp) -> None:
        """Produce the batch and its dead letters, in order.

        Args:
            batch: The records, after all steps.
            wait: Blocks until its argument returns True. Raises Interrupted.
            give_up: Handles a record that the client rejects.

        Raises:
            ConnectorError: The producer has failed.
            HalfWrittenError: A value of a divided record is rejected after others were produced.
            Interrupted: A stop or a rebalance ended a wait.
        """
        if not (batch.is_exact or are_exact(batch.values)):
            make_exact(batch, give_up)
        went_out = (self._write_divided if batch.divided else self._write_each)(
            batch, wait, give_up
        )
        self.dropped += max(0, batch.taken - went_out - len(batch.given_up))
        for number, (message, letter) in enumerate(batch.dead_letters):
            for refusal in batch.refused_letters:
                letter = next_form(message, letter, refusal)  # noqa: PLW2901 - the same letter in another form
            batch.dead_letters[number] = message, self._write_dead(message, letter, wait)

    def _write_each(self, batch: RecordBatch, wait: Wait, give_up: GiveUp) -> int:
        """Produce records of one value each. Return how many."""
        before, headers, names = self.sent, batch.headers, batch.header_names
        unchanged = (
            isinstance(headers, list)
            and names is not None
            and batch.content_type is None
            and self._forwarded.keeps_all(names, headers)
        )
        content_type = batch.content_type or self._content_type
        if (
            isinstance(headers, list)
            and (unchanged or not (content_type or any(headers)))
            and not self._partitioner
            and all(batch.values)
        ):
            uniform = UniformRows(self._topic, batch, headers, sends_headers=unchanged)
            return self._write_uniform(batch, uniform, wait, give_up, unchanged=unchanged)
        rows = zip(batch.messages, batch.keys, batch.values, headers, strict=True)
        while True:
            try:
                self._write_rows(batch, rows, wait, give_up, unchanged=unchanged)
            except (ConnectorError, Interrupted):
                raise
            # Headers that cannot be read. `rows` continues with the next record.
            except BaseException as error:
                if not batch.reads_headers or not is_about_record(error):
                    raise
                batch.give_up_unreadable(error)
            else:
                return self.sent - before

    def _write_uniform(
        self, batch: RecordBatch, rows: UniformRows, wait: Wait, give_up: GiveUp, *, unchanged: bool
    ) -> int:
        """Produce the rows. Return how many.

        A record that the client does not accept is produced again by _write_rows, which waits or
        rejects the record.
        """
        before = self.sent
        while left := len(rows):
            refused = rows.produce(self._output.producer.produce)
            self.sent += left - len(rows)
            if refused:
                self.sent -= 1
                self._write_rows(batch, iter([refused]), wait, give_up, unchanged=unchanged)
        return self.sent - before

    def _write_rows(
        self,
        batch: RecordBatch,
        rows: Iterator[Row],
        wait: Wait,
        give_up: GiveUp,
        *,
        unchanged: bool = False,
    ) -> int:
        """Produce the next rows. Return how many. Raises what reading headers raises.

        Args:
            batch: The batch of the rows.
            rows: Message, key, value and headers of each record.
            wait: Waits for room in the producer's queue.
            give_up: Gives up a record whose headers cannot be forwarded.
            unchanged: Whether the headers of all rows are forwarded unchanged.
        """
        sent, topic, partitioner = 0, self._topic, self._partitioner
        given = batch.content_type or self._content_type
        forwarded = self._forwarding(batch.content_type) if batch.content_type else self._forwarded
        produce = self._output.producer.produce
        try:
            for message, key, value, headers in rows:
                if value is None and (message.value() is not None or id(message) in batch.given_up):
                    continue  # dropped by a step, or given up; a received null value is produced
                arguments: tuple[Any, ...] = (topic, value, key)
                try:
                    if headers or given:  # by position, because keywords are slow
                        own = headers if unchanged else forwarded(headers or [])
                        arguments = (topic, value, key, -1, None, None, 0, own)
                    if partitioner:
                        arguments = partitioner.with_partition(message, headers or [], arguments)
                except BaseException as error:  # noqa: BLE001 - see is_about_record
                    reject(batch, message, [value], self._sender.refusal(error, topic), give_up)
                    continue
                try:
                    produce(*arguments)
                except BaseException as error:  # noqa: BLE001 - see is_about_record; or the queue is full
                    if (refused := self._sender.send_again(arguments, error, wait)) is not None:
                        reject(batch, message, [value], refused, give_up)
                        continue
                sent += 1
        finally:
            self.sent += sent
        return sent

    def _forwarding(self, content_type: bytes | None) -> Callable[[Headers], Headers]:
        """Return the function that makes the headers to send, also with a step's contentType."""
        if content_type is None:
            return self._forwarded
        return lambda headers: self._forwarded(with_content_type(headers, content_type))

    def _write_divided(self, batch: RecordBatch, wait: Wait, give_up: GiveUp) -> int:
        """Produce a batch with several values per record, in order. Return the number of records.

        All values of a record are produced, or none.
        """
        went_out = 0
        # Runs of records with one value each, and runs of records with several.
        same = list(map(is_, batch.messages, batch.messages[1:]))
        several = map(or_, [*same, False], [False, *same])
        rows = zip(batch.messages, batch.keys, batch.values, batch.headers, strict=True)
        for are_several, run in groupby(several):
            write = self._write_several if are_several else self._write_rows
            went_out += write(batch, islice(rows, len(list(run))), wait, give_up)
        return went_out

    def _write_several(
        self, batch: RecordBatch, rows: Iterator[Row], wait: Wait, give_up: GiveUp
    ) -> int:
        """Produce records of several values each. Return how many.

        Partition and size of each value are known before the first value of its record is produced.
        """
        went_out, forwarded = 0, self._forwarding(batch.content_type)
        for _, group in groupby(rows, key=_identity):
            of_record = list(group)
            message = of_record[0][0]
            values = [row[2] for row in of_record]
            try:
                ready = self._divided.checked_arguments(batch, of_record, values, forwarded)
            except BaseException as error:  # noqa: BLE001 - see is_about_record
                reject(batch, message, values, self._sender.refusal(error, self._topic), give_up)
                continue
            for number, arguments in enumerate(ready):
                try:
                    self._output.producer.produce(*arguments)
                except BaseException as error:  # noqa: BLE001 - see is_about_record; or the queue is full
                    if (refused := self._sender.send_again(arguments, error, wait)) is not None:
                        if number:
                            raise HalfWrittenError(message, refused) from None
                        give_up(batch, "output", message, refused)
                        break
                self.sent += 1
            else:
                went_out += bool(ready)
        return went_out

    def _write_dead(self, message: Message, letter: Letter, wait: Wait) -> Letter:
        """Produce a dead letter in the first form that the client accepts. Return that form."""
        self.topics.add(letter[0])
        while (refused := self._sender.send(letter, wait)) is not None:
            letter = next_form(message, letter, refused)
        return letter


def _identity(row: Row) -> int:
    return id(row[0])
