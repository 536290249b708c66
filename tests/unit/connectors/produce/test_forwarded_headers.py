"""The headers that are produced are those of the rule, however many records have them alike."""

from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from config import Settings
from connectors.produce.record_writer import RecordWriter
from connectors.records.forwarding import forward
from connectors.records.messages import CONTENT_TYPE, TYPES, Headers
from tests.fakes.messages import batch, message

TYPED = b'{"contentType":"java.lang.String"}'
names = st.lists(st.sampled_from(["a", CONTENT_TYPE, TYPES, "kafka_offset"]), max_size=4)
texts = st.sampled_from([None, b"1", b"text/plain", TYPED, b"{}"])


class Output:
    """Keeps what is produced."""

    def __init__(self) -> None:
        self.producer: Any = self
        self.headers: list[Headers] = []

    def produce(self, *arguments: Any) -> None:
        self.headers.append(arguments[7] if len(arguments) > 3 else [])

    def raise_for_failed_delivery(self) -> None:
        """None has failed."""

    def end_of_producer(self, error: Any) -> Any:
        raise AssertionError(error)


@st.composite
def records(draw: st.DrawFn) -> list[Headers]:
    """Draw the headers of a batch, as a rule with the same names."""
    alike = draw(names)
    each = [
        draw(names) if draw(st.integers(0, 9)) == 0 else alike
        for _ in range(draw(st.integers(1, 5)))
    ]
    return [[(name, draw(texts)) for name in own] for own in each]


def produced(
    content_type: str | None, each: list[Headers], *, reads_charset: bool
) -> list[Headers]:
    output = Output()
    settings = Settings(output_destination="output", output_content_type=content_type)
    writer = RecordWriter(settings, output)
    messages = [message(b"v", number, headers=own or None) for number, own in enumerate(each)]
    made = batch(*messages).map("step", lambda value, _="": value, wants_charset=reads_charset)
    writer.write(made, _refuse, _refuse)
    return output.headers


def _refuse(*arguments: object) -> None:
    raise AssertionError(arguments)


@example(
    each=[[(CONTENT_TYPE, b"1"), (TYPES, types)] for types in (TYPED, TYPED, b"{}")],
    content_type=None,
    reads_charset=True,
)
@given(
    each=records(),
    content_type=st.sampled_from([None, "text/plain"]),
    reads_charset=st.booleans(),
)
def test_headers_follow_the_rule(
    each: list[Headers],
    content_type: str | None,
    reads_charset: bool,  # noqa: FBT001 - drawn
) -> None:
    binding = content_type.encode() if content_type else None
    expected = [forward(own, binding) for own in each]
    assert produced(content_type, each, reads_charset=reads_charset) == expected
