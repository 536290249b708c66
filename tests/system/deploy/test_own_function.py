"""deploy/kubernetes/functions makes the Deployment run the sample function from a ConfigMap."""

from typing import Any

import pytest

import config
from tests.support.processor import REPOSITORY
from tests.system.deploy import schemas
from tests.system.deploy.manifests import KUBERNETES, merge, read

PATCH = REPOSITORY / "deploy" / "kubernetes" / "functions" / "patch" / "deployment.yaml"


@pytest.fixture
def patched() -> Any:
    return merge(read(KUBERNETES["deployment"]), read(PATCH))


@pytest.mark.parametrize("version", schemas.VERSIONS)
def test_kubernetes_knows_fields(patched: Any, version: str) -> None:
    assert schemas.errors(patched, version) == []


def test_function_and_its_property(patched: Any) -> None:
    pod = patched["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    variables = {each["name"]: each["value"] for each in container["env"] if "value" in each}
    settings = config.load([], read(KUBERNETES["settings"])["data"] | variables)
    assert [function.name for function in settings.functions] == ["orders:enrich"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert mounts["functions"] == "/functions"
    assert {volume["name"] for volume in pod["volumes"]} == mounts.keys()
