"""docs/images/run.svg: a terminal with a real `make run`, and the same as text.

python -m tests.support.docs.run_picture     runs README's quick start, writes run.txt and run.svg
"""

import re
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from tests.support.docs.readme_session import PORT, QuickStart, readme_commands
from tests.support.processor import REPOSITORY

FOLDER = REPOSITORY / "docs" / "images"
TEXT, PICTURE = FOLDER / "run.txt", FOLDER / "run.svg"
_COLUMNS = 92
# Pixels: a character, a line, the border, the title.
_WIDTH, _HEIGHT, _MARGIN, _BAR = 7.25, 18, 14, 30
_BACKGROUND, _PLAIN, _COMMAND = "#111827", "#d1d5db", "#86efac"
_RESULT, _DIM = "#fde68a", "#9ca3af"
# A picture of a log line has its time, level, logger and message: the rest is wider than a page.
_LOG_LINE = re.compile(
    r"\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)\.\d{3}Z +(\w+) \d+ --- \[[\w-]+\] "
    r"(?:\[.{15}\] )?(\S+) *: (.*)"
)


def record() -> str:
    """Run the quick start, and return what both terminals show, with the port of the page."""
    with tempfile.TemporaryDirectory() as folder:
        session = QuickStart(Path(folder) / "output.txt", "--server.port=8080")
        try:
            session.wait_for_line("It starts again .*")
            before = session.output
            session.post()
            session.wait_for_line(".*log-sink : dlrow olleh")
            session.press_ctrl_c()
            after = session.output.removeprefix(before)
        finally:
            session.end()
    (curl,) = [each for each in readme_commands() if "text/plain' -d" in each]
    shown = f"$ make run\n{before}$ {curl}\n{after}"
    return shown.replace(str(session.port), PORT).replace(f"{REPOSITORY}/", "")


def draw(text: str) -> str:
    """An SVG of a terminal with this text."""
    lines = [_shortened(line) for line in text.splitlines()]
    width = round(_COLUMNS * _WIDTH + 2 * _MARGIN)
    height = _BAR + _HEIGHT * len(lines) + 2 * _MARGIN
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
    parts = [
        f'{head}font-family="ui-monospace, Menlo, Consolas, monospace" font-size="12">',
        "<title>make run: the text hello world is posted, and dlrow olleh is logged</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="{_BACKGROUND}"/>',
        *(f'<circle cx="{16 + 18 * n}" cy="16" r="5" fill="#4b5563"/>' for n in range(3)),
    ]
    for number, line in enumerate(lines):
        y = _BAR + _MARGIN + _HEIGHT * number
        look = f'fill="{_colour(line)}" xml:space="preserve"'
        parts.append(f'<text x="{_MARGIN}" y="{y}" {look}>{escape(line)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _shortened(line: str) -> str:
    found = _LOG_LINE.fullmatch(line)
    if found:
        time, level, logger, message = found.groups()
        line = f"{time} {level:5} {logger}: {message}"
    return line if len(line) <= _COLUMNS else line[: _COLUMNS - 1] + "…"


def _colour(line: str) -> str:
    if line.startswith("$ "):
        return _COMMAND
    if "log-sink:" in line:
        return _RESULT
    return _DIM if re.match(r"\d\d:", line) else _PLAIN


def main() -> int:
    """Write both files."""
    FOLDER.mkdir(exist_ok=True)
    TEXT.write_text(record())
    PICTURE.write_text(draw(TEXT.read_text()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
