"""What a deployed processor was given, as captured from real Data Flow deployers."""

import json
from pathlib import Path
from typing import Any, NamedTuple

FOLDER = Path(__file__).parents[2] / "fixtures" / "config"
POD_UID = "5ddc8a4e-13d5-4b7a-9c80-9f8b7c1d2e3f"  # what the downward API would put in


class Captured(NamedTuple):
    argv: list[str]
    environ: dict[str, str]
    files: dict[str, str]  # path below the working directory -> content


NAMES = sorted(path.stem for path in FOLDER.glob("*.json") if not path.stem.endswith(".expected"))


def captured(name: str) -> Captured:
    given: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    if "environ" in given:
        return Captured(given["argv"], given["environ"], {})
    environ = {each["name"]: each.get("value", POD_UID) for each in given["env"]}
    # The init container of an indexed pod writes its number there; the working directory is /.
    index = {
        "config/application.properties": "INSTANCE_INDEX=1\nspring.cloud.stream.instanceIndex=1\n"
    }
    return Captured(given["args"] or [], environ, index if given["initContainers"] else {})
