"""docs/data-flow.md, followed literally: its blocks marked `bash` are one script.

The one before them is `make image` and its like.
"""

import json
import os
import re
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.support import children
from tests.support.processor import REPOSITORY

PAGE = REPOSITORY / "docs" / "data-flow.md"
APP = "python-processor"


def script(rig: Any, stream: str, port: int) -> str:
    """The page's commands, for a stream, a port and a processor of this run."""
    text = "".join(re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL))
    text = text.replace("text-reversal", stream).replace("32123", str(port))
    text = text.replace("-fsS", "-sS --fail-with-body")  # so that a failure says why
    if command := rig.state["commands"].get(APP):  # the rig starts it in place of java
        first = json.dumps({f"deployer.{APP}.local.javaCmd": command})[:-1]
        text = text.replace("-d '{\"app.http.", f"-d '{first}, \"app.http.")
        text = text.replace("docker:$IMAGE", f"file://{rig.work}/apps/{APP}-1.0.jar")
    return text


def test_recipe_followed_literally(
    rig: Any, tmp_path: Path, report_figure: Callable[[str], None]
) -> None:
    stream = f"docs-{uuid.uuid4().hex[:6]}"
    commands = script(rig, stream, children.free_port())
    written = tmp_path / "recipe.log"
    environ = {
        "PATH": os.environ["PATH"],
        "DATAFLOW": rig.url,
        "IMAGE": os.environ.get("IMAGE", ""),
    }
    child = children.start(["bash", "-euo", "pipefail", "-c", commands], written, environ)
    try:
        code = child.wait(600)
    except subprocess.TimeoutExpired:
        code = -1
    finally:
        children.end(child)
        status = rig.status(stream)
        rig.destroy(stream)
    said = written.read_text()
    assert code == 0, said
    assert [text in said for text in ("dlrow olleh", "once more", "erofeb sa")] == [True] * 3, said
    assert status == "unknown", "the recipe ends with nothing left"
    report_figure(f"{commands.count('curl ')} calls of curl")
