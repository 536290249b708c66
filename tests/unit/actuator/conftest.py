"""Fixtures of the actuator's tests."""

import pytest

from tests.fakes.actuator.actuator_app import App


@pytest.fixture
def app() -> App:
    return App()
