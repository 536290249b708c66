"""Where a letter goes: back to its topic and partition, or to the parked letters."""

import pytest

from connectors.failures.dead_letters import OWN
from connectors.records.forwarding import PARKED, REPLAYS
from dead_letters.replaying.routing import Route, Router
from tests.support.dead_letters.letters import EIGHT, ORIGIN, TOPIC, headers, letter
from tests.support.dead_letters.letters import OWN as RECORD_HEADERS

PARTITIONS = {ORIGIN: 3, TOPIC: 3, f"{TOPIC}.parked": 3, "small": 1}


@pytest.fixture
def router() -> Router:
    return Router(TOPIC, lambda topic: PARTITIONS.get(topic, 0), lambda: 3)


def test_replay_is_the_original(router: Router) -> None:
    route = router.replay(letter([*headers(), ("x-dead-letter-omitted", b"stacktrace")]))
    assert (route.topic, route.partition, route.key, route.letter.value, route.parked) == (
        ORIGIN,
        1,
        b"k",
        b"v",
        "",
    )
    assert route.headers == [*RECORD_HEADERS, (REPLAYS, b"1")]
    assert route.arguments == (ORIGIN, b"v", b"k", 1, None, None, 0, route.headers)


def test_null_key_and_value_stay(router: Router) -> None:
    assert router.replay(letter(key=None, value=None)).arguments[:3] == (ORIGIN, None, None)


def test_made_up_key_is_dropped(router: Router) -> None:
    """The letter of a record without a key has one where the dead letter topic is compacted."""
    assert router.replay(letter(key=b"orders-1@77")).key is None


def test_rounds_are_counted(router: Router) -> None:
    route = router.replay(
        letter([("python-processor-replays", b"2"), *headers(), (PARKED, b"once")])
    )
    assert [each for each in route.headers if each[0] in (REPLAYS, PARKED)] == [(REPLAYS, b"3")]


def test_too_many_rounds_are_parked(router: Router) -> None:
    given = [*headers(), (REPLAYS, b"3")]
    route = router.replay(letter(given))
    assert (route.topic, route.partition) == (f"{TOPIC}.parked", 1)
    assert route.headers == [*given, (PARKED, f"{TOPIC}-1@5: replayed 3 times already".encode())]


@pytest.mark.parametrize("rounds", [0, 1, 7])
def test_round_limit_can_be_set(rounds: int) -> None:
    router = Router(TOPIC, lambda _: 1, lambda: 1, max_rounds=rounds)
    last, next_one = (
        letter([*headers(), (REPLAYS, b"%d" % count)]) for count in (max(0, rounds - 1), rounds)
    )
    assert bool(router.replay(last).parked) == (rounds == 0)
    assert router.replay(next_one).parked


def test_no_partition_goes_by_key(router: Router) -> None:
    assert router.replay(letter(headers(topic=b"small"))).partition == -1
    assert Router(TOPIC, lambda _: 3, lambda: 1).park(letter(), "x").partition == -1


@pytest.mark.parametrize("topic", [b"gone", TOPIC.encode(), f"{TOPIC}.parked".encode()])
def test_missing_route_is_parked(router: Router, topic: bytes) -> None:
    assert router.replay(letter(headers(topic=topic))).topic == f"{TOPIC}.parked"


def test_damaged_letter_is_parked_whole(router: Router) -> None:
    given = headers(partition=b"\x00")
    route = router.replay(letter(given))
    assert route.parked == "x-original-partition has 1 bytes instead of 4"
    assert route.headers[:-1] == given


def test_topics_are_asked_once() -> None:
    asked = []

    def count(topic: str) -> int:
        asked.append(topic)
        return 3

    router = Router(TOPIC, count, lambda: count("parked"))
    routes: list[Route] = [router.replay(letter()) for _ in range(3)]
    routes += [router.park(letter(), "x") for _ in range(3)]
    assert asked == [ORIGIN, "parked"]
    assert {route.topic for route in routes} == {ORIGIN, f"{TOPIC}.parked"}


def test_eight_headers_are_springs() -> None:
    """What a replay takes off: Spring's eight headers, and the one of ours for omitted parts."""
    assert set(OWN) - set(EIGHT) == {"x-dead-letter-omitted"}
