"""Parts of the files in deploy/."""

from typing import Any

import pytest

from tests.system.deploy.manifests import DEPLOY, KUBERNETES, read


@pytest.fixture
def environ() -> dict[str, str]:
    """What the Deployment's container gets."""
    data: dict[str, str] = read(KUBERNETES["settings"])["data"]
    return data


@pytest.fixture
def pod() -> Any:
    return read(KUBERNETES["deployment"])["spec"]["template"]["spec"]


@pytest.fixture
def services() -> dict[str, Any]:
    found: dict[str, Any] = read(DEPLOY / "compose.yaml")["services"]
    return found
