"""The Compose file fits its specification, and its services form one stream."""

import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.system.deploy.manifests import DEPLOY

BINDINGS = "SPRING_CLOUD_STREAM_BINDINGS"


def by_the_specification(compose: Path) -> subprocess.CompletedProcess[str]:
    """Hold a file against the Compose specification's own schema, which the tool brings along."""
    tool = Path(sys.executable).with_name("check-jsonschema")
    command = [str(tool), "--builtin-schema", "vendor.compose-spec", str(compose)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_compose_knows_every_field(services: dict[str, Any]) -> None:
    checked = by_the_specification(DEPLOY / "compose.yaml")
    assert checked.returncode == 0, checked.stdout
    for name, service in services.items():
        assert set(service.get("depends_on", ())) <= services.keys(), name


def test_compose_unknown_field_is_found(tmp_path: Path) -> None:
    other = tmp_path / "compose.yaml"
    other.write_text((DEPLOY / "compose.yaml").read_text().replace("mem_limit", "memory_limit"))
    checked = by_the_specification(other)
    assert checked.returncode == 1
    assert "memory_limit" in checked.stdout


def test_compose_registers_apps(services: dict[str, Any]) -> None:
    said = " ".join(services["apps"]["command"])
    assert [f"docker:{services[name]['image']}&" in said for name in ("http", "log")] == [
        True,
        True,
    ]


def test_compose_services_form_one_stream(services: dict[str, Any]) -> None:
    http, own, log = (services[name]["environment"] for name in ("http", "python-processor", "log"))
    assert http[f"{BINDINGS}_OUTPUT_DESTINATION"] == own[f"{BINDINGS}_INPUT_DESTINATION"]
    assert own[f"{BINDINGS}_OUTPUT_DESTINATION"] == log[f"{BINDINGS}_INPUT_DESTINATION"]
    assert services["http"]["ports"] == ["127.0.0.1:{0}:{0}".format(http["SERVER_PORT"])]


def test_compose_is_local_only(services: dict[str, Any]) -> None:
    """Nothing there asks for a password: no port is open to others. The image can be built."""
    ports = [port for each in services.values() for port in each.get("ports", ())]
    assert len(ports) == 3
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []
    assert (DEPLOY / services["python-processor"]["build"] / "Dockerfile").is_file()
