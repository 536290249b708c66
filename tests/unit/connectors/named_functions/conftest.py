"""An event loop that has to be closed."""

from collections.abc import Iterator

import pytest

from tests.fakes.event_loop import Made


@pytest.fixture
def made() -> Iterator[Made]:
    found = Made()
    yield found
    found.calls.close()
    assert not found.calls._loop.is_running
