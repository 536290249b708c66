"""Retries by retryable-exceptions in the spellings that a variable and a module allow."""

import json

import pytest

from tests.fakes.retried_batch import Made, OwnError


@pytest.mark.parametrize(
    ("error", "known", "tried"),
    [
        (ValueError(), {"valueerror": False}, 1),
        (KeyError(), {"lookuperror": False}, 1),
        (OwnError(), {"tests.fakes.retried.batch.ownerror": False}, 1),
        (json.JSONDecodeError("", "", 0), {"json.JSONDecodeError": False}, 1),
        # The first one is in the higher source.
        (ValueError(), {"valueerror": True, "ValueError": False}, 3),
        (ValueError(), {"ValueError": False, "valueerror": True}, 1),
    ],
)
def test_spelling_of_a_variable(error: Exception, known: dict[str, bool], tried: int) -> None:
    assert Made(retryable_exceptions=known).attempts(error)[0] == tried
