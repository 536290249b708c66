"""The project's pages, read as a reader sees them: sentences, cells, links, headings and code."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.support.processor import REPOSITORY

# Pages that a program writes, with the command that does. Their tables are as long as the model.
GENERATED = {
    "docs/errors.md": "python -m tests.unit.connectors.errors.outcomes",
    "docs/metrics.md": "python -m actuator.metric_docs",
    "docs/settings.md": "python -m config.reference docs",
    "docs/spring-names.md": "python -m config.reference names",
}
_FENCE = re.compile(r"^\s*```(\w*)\s*$")
_ITEM = re.compile(r"^\s*(?:[-*]|\d+\.)\s+")
_LINK = re.compile(r"!?\[((?:[^\[\]]|!\[[^\]]*\]\([^)]*\))*)\]\([^)\s]+\)")
_END = re.compile(r"(?<=[.!?])(?=[\"')*`]*\s)")  # of a sentence
_INDENT = " " * 4


@dataclass(frozen=True)
class Part:
    """A piece of a page: the line where it begins, and its text."""

    page: str
    line: int
    text: str
    language: str = ""  # of a block of code

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.text}"

    @property
    def words(self) -> int:
        """Words as they are read: a link counts by its text, code by its words."""
        return len(plain(self.text).split())


@dataclass
class Page:
    """One page, in parts."""

    name: str
    text: str
    paragraphs: list[Part] = field(default_factory=list)
    cells: list[Part] = field(default_factory=list)
    headings: list[Part] = field(default_factory=list)
    code: list[Part] = field(default_factory=list)

    @property
    def sentences(self) -> list[Part]:
        """Sentences of paragraphs and list items. A colon or a semicolon ends none."""
        return [
            Part(self.name, part.line, sentence)
            for part in self.paragraphs
            for sentence in _END.split(part.text)
            if sentence.strip()
        ]

    @property
    def links(self) -> list[Part]:
        """Targets of links and pictures."""
        parts = [*self.paragraphs, *self.cells, *self.headings]
        return [Part(self.name, part.line, each) for part in parts for each in _targets(part.text)]

    @property
    def spans(self) -> list[Part]:
        """Code inside of sentences and cells."""
        parts = [*self.paragraphs, *self.cells, *self.headings]
        return [
            Part(self.name, part.line, each.replace("\\|", "|"), "span")
            for part in parts
            for each in re.findall(r"`([^`]+)`", part.text)
        ]

    @property
    def anchors(self) -> set[str]:
        """The ends of links to headings of this page, as GitHub makes them."""
        seen: dict[str, int] = {}
        names = set()
        for heading in self.headings:
            base = re.sub(r"[^\w\- ]", "", plain(heading.text).lower()).replace(" ", "-")
            count = seen.get(base, 0)
            seen[base] = count + 1
            names.add(f"{base}-{count}" if count else base)
        return names


def page_names() -> list[str]:
    """Every page of the repository that people read, by its path."""
    folders = ("benchmarks/README.md", "deploy/README.md", "docs/**/*.md", "*.md")
    paths = {path for pattern in folders for path in REPOSITORY.glob(pattern)}
    return sorted(str(path.relative_to(REPOSITORY)) for path in paths)


def read_page(name: str) -> Page:
    """A page of the repository in parts."""
    return parse_page(name, (REPOSITORY / name).read_text())


def parse_page(name: str, text: str) -> Page:
    """Split the text of a page into parts."""
    page = Page(name, text)
    lines = text.splitlines()
    at = 0
    while at < len(lines):
        line, number = lines[at], at + 1
        if fence := _FENCE.match(line):
            end = _first(lines, number, lambda each: each.strip() == "```")
            page.code.append(Part(name, number, "\n".join(lines[number:end]), fence[1] or "text"))
            at = end + 1
        elif line.startswith("#"):
            page.headings.append(Part(name, number, line.lstrip("# ")))
            at += 1
        elif line.startswith("|"):
            if not re.fullmatch(r"[|\s:-]+", line):
                page.cells += [Part(name, number, each.strip()) for each in _cells(line)]
            at += 1
        elif line.startswith(_INDENT) and (at == 0 or not lines[at - 1].strip()):
            end = _first(lines, number, lambda each: not each.startswith(_INDENT))
            block = "\n".join(each.removeprefix(_INDENT) for each in lines[at:end])
            page.code.append(Part(name, number, block, "indented"))
            at = end
        elif line.strip() and not line.startswith("<"):
            end = _first(lines, number, _begins_a_part)
            joined = " ".join(each.strip() for each in [_ITEM.sub("", line), *lines[number:end]])
            page.paragraphs.append(Part(name, number, joined))
            at = end
        else:
            at += 1
    return page


def plain(text: str) -> str:
    """The text without the marks of links, code and bold."""
    for _ in range(2):  # the text of a link may be a picture
        text = _LINK.sub(r"\1", text)
    return text.replace("`", "").replace("**", "").replace("\\|", "|")


def _targets(text: str) -> list[str]:
    return re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`]*`", "", text))


def _cells(line: str) -> list[str]:
    return re.split(r"(?<!\\)\|", line.strip().strip("|"))


def _begins_a_part(line: str) -> bool:
    return (
        not line.strip()
        or line.startswith(("#", "|", "<"))
        or bool(_FENCE.match(line) or _ITEM.match(line))
    )


def _first(lines: list[str], start: int, ends: Callable[[str], bool]) -> int:
    """The first line from `start` on for which `ends` is true, else the end."""
    return next((at for at in range(start, len(lines)) if ends(lines[at])), len(lines))
