"""The rates as bars in SVG: a panel for each kind of record, a line from slowest to fastest."""

import statistics
from xml.sax.saxutils import escape

from benchmarks.records import SHAPES
from benchmarks.reporting.results import Results
from benchmarks.rig.systems import PROCESSOR

ROW, BAR, NAME, WIDE, TITLE = 22, 14, 280, 420, 40  # pixels
LABEL = 90
OURS, OTHERS, SPREAD = "#2563eb", "#9ca3af", "#111827"


def svg(results: Results) -> str:
    shapes = [shape for shape in SHAPES if results.throughput.get(shape.name)]
    parts, top = [], 0
    for shape in shapes:
        parts += _panel(f"{shape.name}: {shape.title}", _rates(results, shape.name), top)
        top += TITLE + ROW * len(results.throughput[shape.name])
    size = f'width="{NAME + WIDE + LABEL}" height="{top + 10}"'
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">'
    )
    return "\n".join(
        [head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>", ""]
    )


def _rates(results: Results, shape: str) -> dict[str, list[float]]:
    return {
        name: [run.rate for run in runs] for name, runs in results.throughput[shape].items() if runs
    }


def _panel(title: str, rates: dict[str, list[float]], top: int) -> list[str]:
    longest = max((max(found) for found in rates.values()), default=1.0)
    parts = [f'<text x="8" y="{top + 26}" font-weight="bold">{escape(title)}, records/s</text>']
    ordered = sorted(rates.items(), key=lambda item: -statistics.median(item[1]))
    for row, (name, found) in enumerate(ordered):
        y = top + TITLE + ROW * row
        middle, low, high = (
            NAME + WIDE * rate / longest
            for rate in (statistics.median(found), min(found), max(found))
        )
        colour = OURS if name.startswith(PROCESSOR.name) else OTHERS
        parts += [
            f'<text x="{NAME - 8}" y="{y + 12}" text-anchor="end">{escape(name)}</text>',
            (
                f'<rect x="{NAME}" y="{y}" width="{max(1, middle - NAME):.1f}" height="{BAR}" '
                f'fill="{colour}"/>'
            ),
            (
                f'<line x1="{low:.1f}" x2="{high:.1f}" y1="{y + BAR / 2}" y2="{y + BAR / 2}" '
                f'stroke="{SPREAD}"/>'
            ),
            f'<text x="{high + 6:.1f}" y="{y + 12}">{statistics.median(found):,.0f}</text>',
        ]
    return parts
