"""Retries: what is tried again, after which waits, and what becomes of a record in the end."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors.exceptions import FunctionError, Interrupted
from connectors.functions.calls import StepTimer
from tests.fakes.messages import batch, batch_of, message
from tests.fakes.retried_batch import SECRET, Made, OwnError, caused
from text import UndecodableText

# ---- retries


def test_third_failure_is_dead_letter() -> None:
    made = Made()
    attempts, value, dead = made.attempts(ValueError("no"))
    assert (attempts, value, len(dead)) == (3, None, 1)
    assert (made.retry_policy.failures, made.retry_policy.given_up) == (3, 1)


def test_later_success_is_result() -> None:
    made = Made()
    assert made.attempts(ValueError("once"), KeyError("twice"), recovers=True) == (
        3,
        SECRET + b" done",
        [],
    )
    assert (made.retry_policy.failures, made.retry_policy.given_up) == (2, 0)


def test_one_attempt_is_no_retry() -> None:
    made = Made(max_attempts=1)
    assert made.attempts(ValueError())[0] == 1
    assert made.waits == []


def test_latest_error_decides() -> None:
    made = Made(retryable_exceptions={"KeyError": False}, max_attempts=9)
    attempts, _, (letter,) = made.attempts(ValueError(), KeyError())
    assert attempts == 2
    assert dict(letter[7])["x-exception-fqcn"] == b"KeyError"


@given(
    initial=st.floats(0, 10),
    multiplier=st.floats(1, 5),
    longest=st.floats(0, 100),
    attempts=st.integers(1, 12),
)
def test_waits_grow_to_the_maximum(
    initial: float, multiplier: float, longest: float, attempts: int
) -> None:
    made = Made(
        back_off_initial_interval=initial,
        back_off_multiplier=multiplier,
        back_off_max_interval=longest,
        max_attempts=attempts,
    )
    assert made.attempts(ValueError())[0] == attempts
    assert len(made.waits) == attempts - 1
    assert made.waits == sorted(made.waits)
    assert all(wait <= longest for wait in made.waits)


def test_binder_backoff_is_default() -> None:
    made = Made(max_attempts=7)
    made.attempts(ValueError())
    assert made.waits == [1, 2, 4, 8, 10, 10]


def test_first_wait_is_capped() -> None:
    made = Made(back_off_initial_interval=60.0, back_off_max_interval=10.0)
    made.attempts(ValueError())
    assert made.waits == [10, 10]


def test_backoff_is_not_function_time(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Made(max_attempts=3)
    monkeypatch.setattr("connectors.failures.retries.monotonic", lambda: sum(made.waits))
    result = batch(message(SECRET), recover=made.retry_policy.recover).map("step", lambda _: 1 / 0)
    assert (made.waits, result.backoff_s) == ([1, 2], 3)


# ---- which errors


def test_undecodable_text_is_never_retried() -> None:
    made = Made(retryable_exceptions={"ValueError": True, "UndecodableText": True})
    assert made.attempts(UndecodableText("no"))[0] == 1


@pytest.mark.parametrize(
    ("error", "known", "tried"),
    [
        (ValueError(), {"ValueError": False}, 1),
        (ValueError(), {"KeyError": False}, 3),
        (KeyError(), {"LookupError": False}, 1),  # a base class
        (KeyError(), {"LookupError": False, "KeyError": True}, 3),  # the nearest one decides
        (KeyError(), {"Exception": False}, 1),
        (ValueError(), {"builtins.ValueError": False}, 1),
        (OwnError(), {"OwnError": False}, 1),
        (OwnError(), {"tests.fakes.retried_batch.OwnError": False}, 1),
        (OwnError(), {"other.OwnError": False}, 3),
        (OwnError.InnerError(), {"OwnError.InnerError": False}, 1),
        (json.JSONDecodeError("", "", 0), {"json.decoder.JSONDecodeError": False}, 1),
        (json.JSONDecodeError("", "", 0), {"JSONDecodeError": False}, 1),
        (caused(OwnError(), KeyError()), {"KeyError": False}, 1),  # a cause
        # The cause of a cause.
        (caused(OwnError(), ValueError(), KeyError()), {"KeyError": False}, 1),
        # The error itself before its causes.
        (caused(OwnError(), KeyError()), {"KeyError": False, "OwnError": True}, 3),
    ],
)
def test_nearest_class_decides(error: Exception, known: dict[str, bool], tried: int) -> None:
    assert Made(retryable_exceptions=known).attempts(error)[0] == tried


def test_unnamed_class_follows_default() -> None:
    assert Made(default_retryable=False).attempts(ValueError())[0] == 1
    assert (
        Made(default_retryable=False, retryable_exceptions={"LookupError": True}).attempts(
            KeyError()
        )[0]
        == 3
    )


def test_circular_causes_end() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    assert Made(default_retryable=False).attempts(first)[0] == 1


# ---- the end of a record


def test_no_dlq_topic_ends_task(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(
        FunctionError, match="step: the record in-0@0 failed: ValueError"
    ) as reported:
        Made(dead_letters=False).attempts(ValueError(SECRET))
    assert SECRET.decode() not in str(reported.value)
    made = Made(dead_letters=False, enable_dlq=False)
    assert made.attempts(ValueError(SECRET)) == (3, None, [])
    assert made.retry_policy.given_up == 1
    (line,) = caplog.messages
    assert "in-0@0" in line
    assert "skipped" in line
    assert SECRET.decode() not in line


def test_dead_letter_is_logged_with_its_topic(
    caplog: pytest.LogCaptureFixture,
) -> None:
    Made().attempts(ValueError(SECRET))
    (line,) = caplog.messages
    assert "step: the record in-0@0 failed: ValueError" in line
    assert "error.in.g" in line
    assert SECRET.decode() not in line


def test_interrupt_ends_the_batch() -> None:
    def stop(_: float) -> None:
        raise Interrupted

    made = Made(wait=stop)
    with pytest.raises(Interrupted):
        made.attempts(ValueError())
    assert (made.retry_policy.failures, made.retry_policy.given_up) == (1, 0)


def test_only_failed_is_dropped() -> None:
    made = Made()
    values = [f"{n}".encode() for n in range(9)]
    result = batch(
        *(message(value, n) for n, value in enumerate(values)), recover=made.retry_policy.recover
    )
    result.map("a", lambda value: 1 / (int(value) % 3) and value).map(
        "b", lambda value: value + b"!"
    )
    assert [value for value in result.values if value] == [b"1!", b"2!", b"4!", b"5!", b"7!", b"8!"]
    assert [letter[1] for _, letter in result.dead_letters] == [b"0", b"3", b"6"]
    assert result.next_offsets == batch_of(*values).next_offsets


def test_cut_records_dead_letter_is_dropped() -> None:
    """A later step ran out of time before it: it is read again, and fails again."""
    step_timer = StepTimer()
    step_timer.start()
    made = Made(max_attempts=1)

    def slow(value: bytes) -> bytes:
        time.sleep(0.3)
        return value

    result = batch(
        *(message(b"%d" % n, n) for n in range(10)),
        recover=made.retry_policy.recover,
        step_timer=step_timer,
    )
    result.map("a", lambda value: 1 / (int(value) - 9) and value).map("b", slow)
    assert 9 in [cut.offset() for cut in result.deferred]
    assert result.dead_letters == []


def test_reread_record_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """As often as its dead letter is refused, or another record is looked for.

    A later failure of the record is logged.
    """
    made = Made(max_attempts=1)
    for reads_again in (False, True, True, False):
        made.retry_policy.reads_again = reads_again
        made.attempts(ValueError("no"))
    assert [record.getMessage().count("it goes to error.in.g") for record in caplog.records] == [
        1,
        1,
    ]
