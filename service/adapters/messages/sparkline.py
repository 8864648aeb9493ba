"""A curve as a row of blocks, for where no picture can be shown."""

from collections.abc import Sequence
from datetime import datetime

BLOCKS = "▁▂▃▄▅▆▇█"
WIDTH = 24
"""Blocks in a row; more break on a telephone."""
FULL = 100.0
"""The level of the highest block, so that rows of different subjects compare."""


def sparkline(curve: Sequence[tuple[datetime, float]]) -> str:
    """Levels from the left (oldest) to the right in steps of equal time, at most `WIDTH`; empty below two points."""
    if len(curve) < 2 or curve[-1][0] <= curve[0][0]:  # noqa: PLR2004
        return ""
    start, length = curve[0][0], curve[-1][0] - curve[0][0]
    highest: list[float | None] = [None] * min(WIDTH, len(curve))
    for at, level in curve:
        step = min(len(highest) - 1, int((at - start) / length * len(highest)))
        highest[step] = max(level, highest[step] or 0.0)
    return "".join(BLOCKS[_height(level)] for level in _filled(highest))


def _filled(levels: Sequence[float | None]) -> list[float]:
    """A step without a point keeps the level before it."""
    found: list[float] = []
    for level in levels:
        found.append(level if level is not None else found[-1])
    return found


def _height(level: float) -> int:
    return max(0, min(len(BLOCKS) - 1, int(level / FULL * len(BLOCKS))))
