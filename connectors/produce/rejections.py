"""Gives up records that cannot be produced, and names the function whose result is at fault."""

from collections.abc import Callable
from typing import Any

from confluent_kafka import Message

from connectors.functions.errors import result_error
from connectors.functions.values import exact
from connectors.records.batch import RecordBatch

GiveUp = Callable[[RecordBatch, str, Message, BaseException], None]


def make_exact(batch: RecordBatch, give_up: GiveUp) -> None:
    """Turn values into bytes, str and None. A record with another value becomes a dead letter."""
    for index, value in enumerate(batch.values):
        try:
            batch.values[index] = exact(value)
        except TypeError as error:
            batch.values[index] = None
            reject(batch, batch.messages[index], [value], error, give_up)
    batch.drop_given_up()


def reject(
    batch: RecordBatch, message: Message, values: list[Any], error: BaseException, give_up: GiveUp
) -> None:
    """Make a dead letter of the record.

    Its error names the function if the function's result cannot be a value, and otherwise the
    output.
    """
    if batch.made_by:
        step, function, verb = batch.made_by
        for value in values:
            if wrong := result_error(function, verb, value):
                give_up(batch, step, message, wrong)
                return
    give_up(batch, "output", message, error)
