"""A batch is produced alike, whether one loop in C produces all records or each is looked at."""

from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import KafkaError, KafkaException, Message
from hypothesis import event, given
from hypothesis import strategies as st

from config import Settings
from connectors.errors.exceptions import Interrupted
from connectors.produce.record_writer import RecordWriter
from connectors.produce.uniform_rows import UniformRows
from connectors.records.batch import RecordBatch
from tests.fakes.messages import batch, message

FULL, TOO_LARGE = "the queue is full", "too large"
HEADERS: tuple[list[tuple[str, bytes | None]], ...] = (
    [],
    [("a", b"1")],
    [("a", b"1"), ("b", None)],
)


class Output:
    """A producer whose queue is full for a while, and which refuses some records for good."""

    def __init__(self, answers: list[tuple[int, str]]) -> None:
        self.producer: Any = self
        self.answers = {f"v{number}".encode(): answer for number, answer in enumerate(answers)}
        self.full = {value: times for value, (times, _) in self.answers.items()}
        self.produced: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return 1

    def produce(self, *arguments: Any) -> None:
        value = arguments[1]
        if self.full.get(value):
            self.full[value] -= 1
            raise BufferError(FULL)
        if self.answers.get(value, (0, ""))[1] == TOO_LARGE:
            raise KafkaException(KafkaError(KafkaError.MSG_SIZE_TOO_LARGE))
        self.produced.append(arguments)

    def raise_for_failed_delivery(self) -> None:
        """None has failed."""

    def end_of_producer(self, error: Any) -> Any:
        raise AssertionError(error)


def wait(ready: Callable[[], bool]) -> None:
    while not ready():
        pass


@given(
    answers=st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from(["", "", TOO_LARGE])), min_size=1
    ),
    headers=st.sampled_from(HEADERS),
    empty=st.integers(0, 9),
    data=st.data(),
)
def test_accepted_records_are_produced_in_order(
    answers: list[tuple[int, str]],
    headers: list[tuple[str, bytes | None]],
    empty: int,
    data: st.DataObject,
) -> None:
    keys = [data.draw(st.sampled_from([None, b"k"])) for _ in answers]
    values = [b"" if number == empty else f"v{number}".encode() for number in range(len(answers))]
    made = batch(
        *(
            message(value, number, key=key, headers=headers or None)
            for number, (value, key) in enumerate(zip(values, keys, strict=True))
        )
    ).map("step", lambda value, _charset: value, wants_charset=True)
    output, given_up = Output(answers), list[Message]()
    writer = RecordWriter(Settings(output_destination="output"), output)

    def give_up(whole: RecordBatch, _step: str, record: Message, _error: BaseException) -> None:
        whole.give_up(record)
        given_up.append(record)

    writer.write(made, wait, give_up)

    event("looked at each" if b"" in values else "in one loop")
    refused = [
        number
        for number, (value, (_, answer)) in enumerate(zip(values, answers, strict=True))
        if value and answer == TOO_LARGE
    ]
    rest = (-1, None, None, 0, headers) if headers else ()
    assert output.produced == [
        ("output", value, key, *rest)
        for number, (value, key) in enumerate(zip(values, keys, strict=True))
        if number not in refused
    ]
    assert [record.offset() for record in given_up] == refused
    assert writer.sent == len(output.produced)
    assert writer.dropped == 0


@pytest.mark.parametrize("empty", [False, True], ids=["in one loop", "looked at each"])
@pytest.mark.parametrize("error", [KafkaError._STATE, KafkaError._FATAL])
def test_error_of_producer_is_raised_after_records_before_it(error: int, *, empty: bool) -> None:
    output = Output([])
    records = [message(f"v{number}".encode(), number) for number in range(4)]
    made = batch(*records, *[message(b"", 4)] * empty)
    made = made.map("step", lambda value, _charset: value, wants_charset=True)
    writer = RecordWriter(Settings(output_destination="output", transaction_id_prefix="t-"), output)
    produce = output.produce

    def fail_at_third(*arguments: Any) -> None:
        if arguments[1] == b"v2":
            raise KafkaException(KafkaError(error))
        produce(*arguments)

    output.produce = fail_at_third  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        writer.write(made, wait, lambda *_: pytest.fail("no record is the reason"))
    assert [arguments[1] for arguments in output.produced] == [b"v0", b"v1"]
    assert writer.sent == 2


@pytest.mark.parametrize("empty", [False, True], ids=["in one loop", "looked at each"])
def test_wait_can_be_interrupted(*, empty: bool) -> None:
    def interrupt(_: Callable[[], bool]) -> None:
        raise Interrupted

    output = Output([(0, ""), (9, ""), (0, "")])
    records = [message(f"v{number}".encode(), number) for number in range(3)]
    made = batch(*records, *[message(b"", 3)] * empty)
    made = made.map("step", lambda value, _charset: value, wants_charset=True)
    writer = RecordWriter(Settings(output_destination="output"), output)
    with pytest.raises(Interrupted):
        writer.write(made, interrupt, lambda *_: pytest.fail("the queue was full"))
    assert [arguments[1] for arguments in output.produced] == [b"v0"]
    assert writer.sent == 1


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="columns"):
        UniformRows("output", batch(message(b"a"), message(b"b")), [None], sends_headers=False)
