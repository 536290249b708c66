"""docs/images/run.svg is drawn from run.txt, the text of a real run."""

import re
from xml.etree import ElementTree as ET

from tests.support.docs.run_picture import PICTURE, TEXT, draw


def test_picture_is_current() -> None:
    assert PICTURE.read_text() == draw(TEXT.read_text()), (
        "run: python -m tests.support.docs.run_picture"
    )


def test_picture_is_an_image() -> None:
    root = ET.fromstring(PICTURE.read_text())  # noqa: S314 - a file of ours
    lines = ["".join(each.itertext()) for each in root if each.tag.endswith("}text")]
    assert lines[0] == "$ make run"
    assert any(re.search("curl .*hello world", line) for line in lines)
    assert any(line.endswith("log-sink: dlrow olleh") for line in lines)


def test_text_is_escaped() -> None:
    assert "&lt;b&gt; &amp;" in draw("<b> &")
