"""Small charts as SVG text, with the same frame, colours and lettering."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 420, 420, 46
"""Size of a chart in pixels."""
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")
"""Told apart by the colour-blind, after Okabe and Ito."""

Dots = Sequence[tuple[float, float, float]]
"""Where along the axes, 0 … 1 of each, and the radius in pixels."""


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis says, and its ticks: place 0 … 1 and text."""

    says: str
    ticks: Sequence[tuple[float, str]]


def chart(title: str, across: Axis, upwards: Axis, lines: Mapping[str, Dots], *, diagonal: bool = False) -> str:
    """Lines with dots in a square frame; `diagonal` adds the line of equality."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="12" role="img" aria-label="{title}">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *([_line(*at(0, 0), *at(1, 1), "#999", dashed=True)] if diagonal else []),
        _line(*at(0, 0), *at(1, 0), "#333"),
        _line(*at(0, 0), *at(0, 1), "#333"),
        f'<text x="{WIDTH / 2}" y="{HEIGHT - 10}" text-anchor="middle">{across.says}</text>',
        f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">'
        f"{upwards.says}</text>",
    ]
    for place, text in across.ticks:
        x, y = at(place, 0)
        parts.append(f'<text x="{x}" y="{y + 15}" text-anchor="middle">{text}</text>')
    for place, text in upwards.ticks:
        x, y = at(0, place)
        parts.append(f'<text x="{x - 5}" y="{y + 4}" text-anchor="end">{text}</text>')
    for number, (name, dots) in enumerate(lines.items()):
        parts += _series(name, dots, COLOURS[number % len(COLOURS)], MARGIN + 16 * number)
    return "\n".join([*parts, "</svg>", ""])


def at(across: float, upwards: float) -> tuple[float, float]:
    """A place 0 … 1 of both axes in pixels."""
    inner = WIDTH - 2 * MARGIN
    return round(MARGIN + float(across) * inner, 1), round(HEIGHT - MARGIN - float(upwards) * inner, 1)


def _series(name: str, dots: Dots, colour: str, y: int) -> list[str]:
    points = [at(x, up) for x, up, _ in dots]
    return [
        f'<polyline fill="none" stroke="{colour}" points="{" ".join(f"{a},{b}" for a, b in points)}"/>',
        *(
            f'<circle cx="{a}" cy="{b}" r="{radius:.1f}" fill="{colour}"/>'
            for (a, b), (_, _, radius) in zip(points, dots, strict=True)
        ),
        f'<text x="{MARGIN + 12}" y="{y}" fill="{colour}">{name}</text>',
    ]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 4"' if dashed else ""
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}"{dash}/>'
