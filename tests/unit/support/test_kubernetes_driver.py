"""The driver of `make test-kubernetes` counts restarts and pauses rightly."""

from array import array
from pathlib import Path

import pytest

from tests.system.kubernetes.arrivals import Arrivals, original
from tests.system.kubernetes.pods import Pods, Restart, unexplained

WATCHED = """\
u1   life-v1-0    <none>   <none>
u1   life-v1-0    0        <none>
u1   life-v1-0    1        137
u1   life-v1-0    1        137
u2   life-v2-0    1        5
u2   life-v2-0    2        5
u3   other-v1-0   1        1
"""


@pytest.fixture
def pods(tmp_path: Path) -> Pods:
    output = tmp_path / "pods.txt"
    output.write_text(WATCHED)
    return Pods(output)


def test_each_restart_is_seen_once(pods: Pods) -> None:
    expected = [
        Restart("u1", "life-v1-0", 1, "137"),
        Restart("u2", "life-v2-0", 1, "5"),
        Restart("u2", "life-v2-0", 2, "5"),
    ]
    assert pods.restarts("life") == expected


def test_a_kill_explains_one_restart(pods: Pods) -> None:
    restarts = pods.restarts("life")
    assert unexplained(restarts, {"u1"}) == restarts[1:]
    assert unexplained(restarts, {"u1", "u2"}) == restarts[2:]


@pytest.mark.parametrize(
    ("since", "until", "longest"), [(0, 100, 44), (0, 5, 1), (5, 60, 44), (60, 100, 0)]
)
def test_a_pause_belongs_to_its_end(since: float, until: float, longest: float) -> None:
    arrivals = Arrivals("nowhere:1", "out", 2)
    arrivals._times = [array("d", [1, 2, 3, 4, 5]), array("d", [1, 2, 3, 47, 48])]
    assert arrivals.longest_pause(since, until) == longest


@pytest.mark.parametrize(
    "value", ["00000012 \N{HANGUL SYLLABLE HAN} sent", "tnes \N{HANGUL SYLLABLE HAN} 21000000"]
)
def test_a_reversed_value_is_put_right(value: str) -> None:
    assert original(value.encode()) == "00000012 \N{HANGUL SYLLABLE HAN} sent".encode()
