"""What a level is made of, as SVG: a bar for each part, which begins where the one before ends, and the whole."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate

from markupsafe import Markup

WIDTH, LEFT, RIGHT = 420, 120, 62
ROW, BAR, TOP = 20, 13, 4
LONGEST = 17
"""Letters of a name that fit in front of the bars."""


class Part(StrEnum):
    """What a bar stands for, as its class in the stylesheet."""

    UP = "up"
    DOWN = "down"
    REST = "rest"
    TOTAL = "total"


SIGNS = {Part.UP: "▲ ", Part.DOWN: "▼ ", Part.REST: "", Part.TOTAL: ""}


@dataclass(frozen=True, slots=True)
class Bar:
    """A part: what it is called, and how many points it adds; minus where it takes away."""

    name: str
    points: float
    part: Part


def waterfall_svg(name: str, bars: Sequence[Bar], total: float) -> Markup:
    """The bars in their order, and `total`, to which their points sum, as the last."""
    ends = [round(end, 1) for end in accumulate(bar.points for bar in bars)]
    starts = [0.0, *ends][: len(bars)]
    low, high = min(0.0, *ends, total), max(0.0, *ends, total) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / (high - low)
    rows = [*zip(bars, starts, ends, strict=True), (Bar("level", total, Part.TOTAL), total, 0.0)]
    height = TOP + len(rows) * ROW + TOP
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img">'
        "<title>{}</title><desc>{}</desc>{}</svg>"
    ).format(
        WIDTH,
        height,
        f"What the level of {name} is made of",
        f"{len(bars)} parts that sum to {total:.1f}. The table says the same.",
        Markup("").join(_drawn(rows, lambda level: LEFT + (level - low) * scale)),
    )


def _drawn(rows: Sequence[tuple[Bar, float, float]], x: Callable[[float], float]) -> Iterator[Markup]:
    yield Markup('<path class="axis" d="M{0:.1f} {1}V{2}"/>').format(x(0), TOP, TOP + len(rows) * ROW)
    for n, (bar, start, end) in enumerate(rows):
        y, left, right = TOP + n * ROW, *sorted((x(start), x(end)))
        if n:
            yield Markup('<path class="step" d="M{0:.1f} {1}v{2}"/>').format(x(start), y - ROW + BAR, ROW - BAR)
        yield Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(LEFT - 6, y + 11, _short(bar.name))
        yield Markup('<rect class="{}" x="{:.1f}" y="{}" width="{:.1f}" height="{}"/>').format(
            bar.part.value, left, y, max(1.0, right - left), BAR
        )
        sign = "+" if bar.points and bar.part is not Part.TOTAL else ""
        yield Markup('<text x="{:.1f}" y="{}">{}</text>').format(
            right + 4, y + 11, f"{SIGNS[bar.part]}{bar.points:{sign}.1f}"
        )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
