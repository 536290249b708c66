"""Where reading starts, as the settings say."""

import pytest
from confluent_kafka import (
    OFFSET_BEGINNING,
    OFFSET_INVALID,
)

from config import Settings
from connectors.commit.offset_tracker import OffsetTracker
from connectors.consume.starts.start_settings import client_properties, start_offsets
from tests.fakes.consume.offset_answers import END, Cluster, decided


@pytest.mark.parametrize(
    ("reset", "start", "offset", "ends"),
    [
        (False, "earliest", OFFSET_INVALID, {}),
        (True, "earliest", OFFSET_BEGINNING, {}),
        (False, "latest", END, {0: END}),
        (True, "latest", END, {0: END}),
        (True, "error", OFFSET_INVALID, {}),  # what Java calls none
    ],
)
def test_settings_choose_the_start(
    reset: bool,  # noqa: FBT001 - pytest gives it by name
    start: str,
    offset: int,
    ends: dict[int, int],
) -> None:
    assert decided(
        start_offsets(
            Settings(reset_offsets=reset),
            {"auto.offset.reset": start},
            OffsetTracker(),
            lambda _: None,
        ),
        Cluster(),
        0,
    ) == ([offset], ends)


@pytest.mark.parametrize(
    ("reset", "client"), [("latest", "earliest"), ("earliest", "earliest"), ("error", "error")]
)
def test_client_never_jumps_to_end(reset: str, client: str) -> None:
    assert client_properties({"auto.offset.reset": reset}) == {"auto.offset.reset": client}
