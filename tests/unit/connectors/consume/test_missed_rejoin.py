"""A cooperative member that gave partitions away has to join again."""

import pytest

from connectors.consume.missed_rejoin import REJOIN_S, MissedRejoin


class Clock:
    """Stands still until a test moves it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr("connectors.consume.missed_rejoin.monotonic", lambda: self.now)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def given_away(*, cooperative: bool = True, keeps_some: bool = True) -> MissedRejoin:
    """A member after a rebalance that took partitions from it."""
    member = MissedRejoin(cooperative=cooperative)
    member.on_assign()
    member.on_revoke(keeps_some=keeps_some)
    member.on_assign()
    return member


def test_member_that_stays_away(clock: Clock) -> None:
    member = given_away()
    assert not member.is_missed("steady")
    clock.now += REJOIN_S + 1
    assert member.is_missed("steady")


@pytest.mark.parametrize("how", ["joins", "next rebalance", "lost", "subscribes"])
def test_member_that_joins_again(clock: Clock, how: str) -> None:
    member = given_away()
    match how:
        case "joins":
            assert not member.is_missed("wait-join")
        case "next rebalance":
            member.on_assign()
        case _:
            member.forget()
    clock.now += REJOIN_S + 1
    assert not member.is_missed("steady")


@pytest.mark.parametrize(("cooperative", "keeps_some"), [(False, True), (True, False)])
def test_member_that_need_not_join(clock: Clock, cooperative: bool, keeps_some: bool) -> None:  # noqa: FBT001 - pytest gives them by name
    """Other protocols, and a member that leaves."""
    member = given_away(cooperative=cooperative, keeps_some=keeps_some)
    clock.now += REJOIN_S + 1
    assert not member.is_missed("steady")
