"""Nothing is lost at least once, where it takes longer or promises more than tests/guarantees does."""

import random
import signal
from collections.abc import Callable

import pytest

from tests.guarantees.trial import AT_LEAST_ONCE, RATE, Trial
from tests.support.faults import strike
from tests.support.stream import Stream

Tell = Callable[[str], None]


@pytest.mark.long
@pytest.mark.parametrize("protocol", ["range", "cooperative-sticky", "consumer"])
def test_a_broker_away_for_more_than_two_minutes_is_waited_out(
    own_stream: Stream, chance: random.Random, tell: Tell, protocol: str
) -> None:
    """By then client and broker give up other things than in a short outage."""
    trial = Trial(own_stream, AT_LEAST_ONCE, protocol, chance)
    trial.join()
    trial.join()
    trial.a_moment()
    trial.outage(150)
    trial.outage(10)
    row = trial.verdict("no broker for 150 s")
    tell(str(row))
    row.check()
    trial.stop()


def test_a_stopped_stream_goes_on_where_it_was_without_a_double(stream: Stream, chance: random.Random, tell: Tell) -> None:
    """Orderly stops under load commit all they have delivered: here at least once is exactly once."""
    trial = Trial(stream, AT_LEAST_ONCE, "range", chance)
    processor = trial.join()
    for _ in range(3):
        trial.numbers.advance(RATE)
        trial.hits["SIGTERM"].append(strike(stream, processor, lambda: processor.signal(signal.SIGTERM)))
        assert processor.exit_code() == 0
        processor.start().first_answer()
        trial.settle()
    row = trial.verdict("orderly stops")
    tell(str(row))
    row.check()
    assert row.doubled == 0, row
