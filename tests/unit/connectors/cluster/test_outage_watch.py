"""A client call that is as long as an outage is no reason to end the process."""

import pytest

from connectors.cluster.outage_watch import look
from runtime import lifecycle as module
from runtime.lifecycle import Lifecycle

CALL = "commit_transaction"


@pytest.mark.parametrize(("answers", "stuck"), [(True, CALL), (False, None)])
def test_call_without_broker_is_excused(
    monkeypatch: pytest.MonkeyPatch,
    answers: bool,  # noqa: FBT001 - pytest gives it by name
    stuck: str | None,
) -> None:
    now = [0.0]
    monkeypatch.setattr(module, "monotonic", lambda: now[0])
    lifecycle = Lifecycle()
    with lifecycle.watch_call(CALL):
        now[0] = 100
        look(lifecycle, 5, lambda: answers)
        now[0] = 130
        assert lifecycle.stuck_call(60) == stuck
        now[0] = 161
        assert lifecycle.stuck_call(60) == CALL


def test_short_call_asks_no_broker() -> None:
    asked: list[str] = []

    def answers() -> bool:
        asked.append("broker")
        return True

    lifecycle = Lifecycle()
    look(lifecycle, 0, answers)
    with lifecycle.watch_call(CALL):
        look(lifecycle, 60, answers)
    assert asked == []
