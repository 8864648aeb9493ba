"""How far probabilities can be taken at their word: Brier score, calibration error, reliability diagram."""

from collections.abc import Sequence
from dataclasses import dataclass

from training.metrics import BINS, Rows

WIDTH, HEIGHT, MARGIN = 420, 420, 46
"""Size of a diagram in pixels."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers whose first choice had a probability of `low` to `low` + 1/BINS."""

    low: float
    count: int
    claimed: float
    right: float


def brier(truth: Sequence[int], rows: Rows) -> float:
    """Mean squared distance of the probabilities from the truth, summed over labels, 0 … 2 (Brier 1950)."""
    distances = [sum((p - (i == t)) ** 2 for i, p in enumerate(row)) for t, row in zip(truth, rows, strict=True)]
    return sum(distances) / len(distances)


def bins(truth: Sequence[int], rows: Rows) -> list[Bin]:
    """The bins that hold answers, in order."""
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for label, row in zip(truth, rows, strict=True):
        top = max(row)
        held[min(BINS - 1, int(top * BINS))].append((top, list(row).index(top) == label))
    return [
        Bin(number / BINS, len(b), sum(p for p, _ in b) / len(b), sum(right for _, right in b) / len(b))
        for number, b in enumerate(held)
        if b
    ]


def diagram(series: dict[str, list[Bin]]) -> str:
    """A reliability diagram as SVG: claimed probability across, share that was right upwards; dots by count."""
    inner = WIDTH - 2 * MARGIN
    colours = ("#0072b2", "#d55e00", "#009e73")  # told apart by the colour-blind, after Okabe and Ito

    def at(x: float, y: float) -> tuple[float, float]:
        return round(MARGIN + x * inner, 1), round(HEIGHT - MARGIN - y * inner, 1)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12" role="img" aria-label="Reliability of the signal\'s probabilities">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _line(*at(0, 0), *at(1, 1), "#999", dashed=True),
        _line(*at(0, 0), *at(1, 0), "#333"),
        _line(*at(0, 0), *at(0, 1), "#333"),
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">probability the model claims</text>',
        f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">'
        "share that was right</text>",
    ]
    for tick in (0, 0.25, 0.5, 0.75, 1):
        (x, y), (left, up) = at(tick, 0), at(0, tick)
        parts.append(f'<text x="{x}" y="{y + 15}" text-anchor="middle">{tick:g}</text>')
        parts.append(f'<text x="{left - 5}" y="{up + 4}" text-anchor="end">{tick:g}</text>')
    for number, (name, found) in enumerate(series.items()):
        colour, total = colours[number % len(colours)], sum(b.count for b in found)
        points = [at(b.claimed, b.right) for b in found]
        parts.append(f'<polyline fill="none" stroke="{colour}" points="{" ".join(f"{x},{y}" for x, y in points)}"/>')
        for b, (x, y) in zip(found, points, strict=True):
            parts.append(f'<circle cx="{x}" cy="{y}" r="{3 + 9 * (b.count / total) ** 0.5:.1f}" fill="{colour}"/>')
        parts.append(f'<text x="{MARGIN + 12}" y="{MARGIN + 16 * number}" fill="{colour}">{name}, n = {total}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}"{dash}/>'
