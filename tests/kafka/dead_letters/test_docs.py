"""docs/dead-letters.md: each command of the page is run, in the order of the page."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

from tests.support.dead_letters.letters import ORIGIN, TOPIC
from tests.support.dead_letters.tool import Tool
from tests.support.dead_letters.topics import create_letters, letter, parked
from tests.support.load.records import read, send
from tests.support.processor import REPOSITORY
from tests.support.stream import Stream

PAGE = REPOSITORY / "docs" / "dead-letters.md"
PROGRAM = re.compile(
    r"(docker run --rm --env-file \S+ --entrypoint python \S+|python) -m dead_letters "
)


def commands(stream: Stream) -> list[list[str]]:
    """The arguments of each command, for the topics of this stream."""
    blocks = re.findall(r"^```bash\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    assert all(PROGRAM.match(line) for line in lines), lines
    lines = [PROGRAM.sub("", line).replace(TOPIC, stream.dead_letters) for line in lines]
    return [
        shlex.split(
            line.replace(f"destination={ORIGIN}", f"destination={stream.source}").replace(
                "=billing", f"={stream.group}"
            )
        )
        for line in lines
    ]


def test_every_command_of_the_page(
    stream: Stream, tmp_path: Path, report_figure: Callable[[str], None]
) -> None:
    create_letters(stream, 30)
    send(
        stream.kafka.bootstrap,
        stream.dead_letters,
        [letter(stream, each, fqcn=b"KeyError") for each in range(30, 40)],
    )
    send(
        stream.kafka.bootstrap,
        stream.dead_letters,
        [letter(stream, each, fqcn=b"TypeError") for each in range(40, 50)],
    )
    tool = Tool(stream, tmp_path)
    outputs = []
    for arguments in commands(stream):
        done = tool.run(*arguments)
        assert done.code == 0, (arguments, done)
        outputs.append(done.output)
    report_figure(f"{len(outputs)} commands")
    assert "50 letters, 50 open" in outputs[0]
    assert outputs[1].count("ValueError: no price\n") == 2 * 5, (
        "five letters, each with its message and its stack trace"
    )
    assert "would be replayed" in outputs[2]
    assert len(read(stream.kafka.bootstrap, stream.source)) == 50, (
        "40 letters are replayed, then the 10 that had been parked"
    )
    assert len(parked(stream)) == 10
    (payloads,) = [output for output in outputs if '"value": ' in output]
    assert payloads.count('"value": "0000') == 10, "of the letters 0 to 9"


def test_page_names_every_option() -> None:
    text = PAGE.read_text()
    parts = (
        "--exception",
        "--step",
        "--since",
        "--until",
        "--json",
        "--payload",
        "--max",
        "--max-rounds",
        "--rate",
        "--dry-run",
    )
    assert [part for part in parts if f"`{part}`" not in text and f"{part} " not in text] == []
