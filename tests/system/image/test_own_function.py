"""A function of the user in the image: from a config map, or in an image made from this one."""

from pathlib import Path

from tests.support import children
from tests.support.load.records import Record
from tests.support.pods import config_map
from tests.support.stream import Stream
from tests.support.waiting import wait_for
from tests.system.image.container import (
    SECONDS,
    Container,
    engine,
    image,
    properties,
)

FUNCTION = """
from python_processor import Properties, option


class Options(Properties):
    limit: int = option(80, "Longest text in characters.")


def cut(text: str, options: Options) -> str:
    return text[: options.limit]
"""


def test_function_in_a_config_map(stream: Stream, tmp_path: Path) -> None:
    stream.create()
    functions = config_map(tmp_path / "functions", {"short.py": FUNCTION})
    port = children.free_port()
    settings = properties(stream, port, "reversestring") | {"function": "short:cut", "limit": "5"}
    with Container(settings, mounts={functions: "/functions"}) as container:
        container.answering(port)
        stream.send(Record(b"hello world"))
        wait_for(
            lambda: [record.value for record in stream.arrived()] == [b"hello"],
            SECONDS,
            "the text, cut",
        )
        assert container.stop() == 0, container.output()


def test_image_made_from_this_one(tmp_path: Path) -> None:
    """Its function is found, and its options are in --help, which needs no broker."""
    (tmp_path / "short.py").write_text(FUNCTION)
    (tmp_path / "Dockerfile").write_text(
        f"FROM {image()}\nCOPY short.py /functions/\nENV FUNCTION=short:cut\n"
    )
    name = "localhost/test-image-extended"
    built = engine("build", "--tag", name, str(tmp_path), timeout=10 * SECONDS)
    assert built.returncode == 0, built.stderr
    try:
        reported = engine("run", "--rm", name, "--help")
        assert "--limit" in reported.stdout, reported.stderr
        assert "--reversestring" not in reported.stdout
    finally:
        engine("rmi", "--force", name)
