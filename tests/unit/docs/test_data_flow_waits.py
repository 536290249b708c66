"""docs/data-flow.md: its waits end, also when an app fails or Data Flow does not answer."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.docs.markdown import read_page

BLOCKS = [each.text for each in read_page("docs/data-flow.md").code if each.language == "bash"]
(FUNCTIONS,) = [text for text in BLOCKS if text.startswith("wait_for()")]
(DEPLOY,) = [text for text in BLOCKS if "finished()" in text]
FAKE_CURL = """\
#!/bin/sh
case "$*" in
  *streams/logs*) echo "the log of the app" ;;
  *streams/deployments*) echo '{"name":"text-reversal","status":"STATUS"}' ;;
esac
"""


@pytest.fixture
def run_script(tmp_path: Path) -> "RunScript":
    return RunScript(tmp_path)


class RunScript:
    """Runs commands of the page, without pauses, for a stream that has one status."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, script: str, status: str = "") -> subprocess.CompletedProcess[str]:
        programs = {"curl": FAKE_CURL.replace("STATUS", status), "sleep": "#!/bin/sh\n"}
        for name, text in programs.items():
            (self._folder / name).write_text(text)
            (self._folder / name).chmod(0o755)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{FUNCTIONS}\n{script}"],
            env={"PATH": f"{self._folder}:/usr/bin:/bin", "DATAFLOW": "http://localhost:1"},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


def test_deployed_stream_ends_wait(run_script: RunScript) -> None:
    done = run_script(DEPLOY, "deployed")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, '"status":"deployed"')


def test_failed_stream_shows_log(run_script: RunScript) -> None:
    done = run_script(DEPLOY, "failed")
    assert done.stdout.splitlines()[-1] == "the log of the app"


def test_wait_has_an_end(run_script: RunScript) -> None:
    done = run_script("wait_for false || echo ended")
    assert done.stdout == "ended\n"


def test_every_loop_is_that_of_wait_for() -> None:
    script = "\n".join(BLOCKS)
    assert re.findall(r"\b(?:until|while)\b", script) == []
    assert script.count("for second in") == 1
