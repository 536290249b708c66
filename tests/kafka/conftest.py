"""Fixtures of several modules here."""

from collections.abc import Iterator

import pytest

from tests.support.brokers.secured import SecuredKafka


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredKafka]:
    """A Kafka with TLS, credentials and permissions, for the tests of one module."""
    with SecuredKafka(tmp_path_factory.mktemp("secured")) as running:
        yield running
