"""Which partitions or topics the settings ask for."""

from typing import Any

import pytest

from config import Settings
from config.worker import WorkerSlot
from connectors.consume.subscription import Subscription
from tests.fakes.consume.group import Group, Joined


def joining(**settings: Any) -> tuple[Subscription, Group]:
    joined = Joined(joins=False)
    defaults: dict[str, Any] = {
        "group": "g",
        "instance_count": 3,
        "instance_index": 1,
        "input_destinations": ("in", "other"),
    }
    return Subscription(Settings(**defaults | settings), joined.membership), joined.group


def test_instance_index_assigns_partitions() -> None:
    way, group = joining(auto_rebalance=False)
    way.start({"in": 8, "other": 2})
    assert group.asked[0] == ("assign", [1, 1, 4, 7])
    assert not way.one_topic


def test_processes_share_fixed_partitions() -> None:
    """As in Spring the instance has the partitions of its index; each is read by one process."""
    shares = []
    for number in range(3):
        way, group = joining(
            auto_rebalance=False, input_concurrency=3, worker_slot=WorkerSlot(number, 9, "id")
        )
        way.start({"in": 14, "other": 2})
        shares.append(group.asked[0])
    # Of "in" 1, 4, 7, 10, 13, of "other" 1.
    assert shares == [("assign", [1, 10]), ("assign", [4, 13]), ("assign", [1, 7])]


@pytest.mark.parametrize(
    ("settings", "topics"),
    [
        ({}, ["in", "other"]),
        # An anonymous group always subscribes.
        ({"auto_rebalance": False, "group": ""}, ["in", "other"]),
        ({"destination_is_pattern": True, "input_destinations": ("a|b.*",)}, ["^(a|b.*)$"]),
    ],
)
def test_rebalanced_consumers_subscribe(settings: dict[str, Any], topics: list[str]) -> None:
    way, group = joining(**settings)
    way.start({"in": 8, "other": 2})
    assert group.topics == topics
    assert group.asked == []
    assert not way.one_topic  # a pattern can match several
