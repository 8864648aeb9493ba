"""The course of a level as SVG drawn by the server, and the same as data for the page's script."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from markupsafe import Markup

from service.domain.risk.score import band
from service.web.map import Direction

WIDTH, LEFT, RIGHT = 900, 34, 8
TOP, LEVEL_HEIGHT = 14, 200
SIDES_TOP, SIDES_HEIGHT = TOP + LEVEL_HEIGHT + 26, 80
HEIGHT = SIDES_TOP + SIDES_HEIGHT + 26
DATES = 6
"""Dates written below."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A level and its 80 % interval, 0 to 100, and the sides it comes from, in mass per day.

    Without a level nothing was known then, and the line is broken.
    """

    at: datetime
    level: float | None
    low: float = 0.0
    high: float = 0.0
    e: float = 0.0
    d: float = 0.0


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: what, and to which side it counts."""

    at: datetime
    what: str
    direction: Direction


@dataclass(frozen=True, slots=True)
class Span:
    """An alert from its beginning to its end, or until now."""

    start: datetime
    end: datetime | None
    what: str


def timeline_data(
    name: str, moments: Sequence[Moment], marks: Sequence[Mark] = (), spans: Sequence[Span] = ()
) -> dict[str, Any]:
    """As JSON, with times as seconds since 1970; columns of `moments` are apart, as uPlot wants them."""
    return {
        "name": name,
        "at": [int(m.at.timestamp()) for m in moments],
        "level": [None if m.level is None else round(m.level, 1) for m in moments],
        "low": [None if m.level is None else round(m.low, 1) for m in moments],
        "high": [None if m.level is None else round(m.high, 1) for m in moments],
        "e": [None if m.level is None else round(m.e, 4) for m in moments],
        "d": [None if m.level is None else round(m.d, 4) for m in moments],
        "marks": [{"at": int(m.at.timestamp()), "what": m.what, "direction": m.direction} for m in marks],
        "spans": [
            {"start": int(s.start.timestamp()), "end": int(s.end.timestamp()) if s.end else None, "what": s.what}
            for s in spans
        ],
    }


def timeline_svg(
    name: str, moments: Sequence[Moment], marks: Sequence[Mark] = (), spans: Sequence[Span] = ()
) -> Markup:
    """Above the level with its interval, alerts behind it and marks below it; under it both sides, E up and D down.

    `moments` are in order of time; with fewer than two there is no course, and the text says so.
    """
    if len(moments) < 2:  # noqa: PLR2004
        return Markup('<p class="message empty">No course of {} is known yet.</p>').format(name)
    x = _across(moments[0].at, moments[-1].at)
    most = max((side for m in moments for side in (m.e, m.d)), default=0.0)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="img">'
        "<title>{}</title><desc>{}</desc>{}</svg>"
    ).format(
        WIDTH,
        HEIGHT,
        f"Level of {name}",
        summary(moments, marks, spans),
        Markup("").join(
            [
                *(_span(span, x, moments[-1].at) for span in spans),
                *_grid(),
                *_stretches(moments, x),
                *_sides(moments, x, most),
                *(_mark(mark, x) for mark in marks if moments[0].at <= mark.at <= moments[-1].at),
                *_dates(moments[0].at, moments[-1].at, x),
            ]
        ),
    )


def summary(moments: Sequence[Moment], marks: Sequence[Mark], spans: Sequence[Span]) -> str:
    """What the drawing shows, in words, for those who listen."""
    known = [(m.level, m.at) for m in moments if m.level is not None]
    if not known:
        return "No level is known in this time."
    (last, last_at), (top, top_at) = known[-1], max(known, key=lambda one: one[0])
    return (
        f"From {moments[0].at:%Y-%m-%d} to {moments[-1].at:%Y-%m-%d}. Last known level {last:.0f} ({band(last)}) "
        f"on {last_at:%Y-%m-%d}; highest {top:.0f} ({band(top)}) on {top_at:%Y-%m-%d}. "
        f"Events marked: {len(marks)}. Alerts: {len(spans)}."
    )


def _across(first: datetime, last: datetime) -> Callable[[datetime], float]:
    width = (last - first) / timedelta(seconds=1) or 1

    def x(at: datetime) -> float:
        share = (at - first) / timedelta(seconds=1) / width
        return LEFT + min(1.0, max(0.0, share)) * (WIDTH - LEFT - RIGHT)

    return x


def _y(level: float) -> float:
    return TOP + (1 - level / 100) * LEVEL_HEIGHT


def _grid() -> Iterator[Markup]:
    for level in range(0, 101, 20):
        yield Markup('<path class="axis" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="end">{}</text>').format(
            LEFT, _y(level), WIDTH - RIGHT, LEFT - 6, _y(level) + 4, level
        )


def _stretches(moments: Sequence[Moment], x: Callable[[datetime], float]) -> Iterator[Markup]:
    """The interval as an area and the level as a line, for each stretch in which it was known."""
    for is_known, stretch in groupby(moments, key=lambda m: m.level is not None):
        if is_known:
            run = [(x(m.at), m.level or 0.0, m.low, m.high) for m in stretch]
            around = [(at, _y(high)) for at, _, _, high in run] + [(at, _y(low)) for at, _, low, _ in run[::-1]]
            yield Markup('<path class="interval" d="M{}z"/>').format(_path(around))
            yield Markup('<path class="level" d="M{}"/>').format(_path([(at, _y(level)) for at, level, _, _ in run]))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _sides(moments: Sequence[Moment], x: Callable[[datetime], float], most: float) -> Iterator[Markup]:
    middle, width = SIDES_TOP + SIDES_HEIGHT / 2, max(1.0, (WIDTH - LEFT - RIGHT) / len(moments) * 0.8)
    yield Markup('<text x="{}" y="{}">{}</text>').format(
        LEFT, SIDES_TOP - 6, "▲ escalation, ▼ de-escalation, mass a day"
    )
    for moment in (m for m in moments if m.level is not None):
        for kind, mass in (("e", moment.e), ("d", moment.d)):
            tall = mass / most * SIDES_HEIGHT / 2 if most else 0
            if tall:
                yield Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    kind, x(moment.at) - width / 2, middle - tall if kind == "e" else middle, width, tall
                )
    yield Markup('<path class="axis" d="M{} {}H{}"/>').format(LEFT, middle, WIDTH - RIGHT)


def _span(span: Span, x: Callable[[datetime], float], last: datetime) -> Markup:
    start, end = x(span.start), x(span.end or last)
    until = f"{span.end:%Y-%m-%d}" if span.end else "now"
    return Markup('<rect class="span" x="{:.1f}" y="{}" width="{:.1f}" height="{}"><title>{}</title></rect>').format(
        start, TOP, max(1.5, end - start), LEVEL_HEIGHT, f"{span.what}: {span.start:%Y-%m-%d} to {until}"
    )


def _mark(mark: Mark, x: Callable[[datetime], float]) -> Markup:
    at, y = x(mark.at), TOP + LEVEL_HEIGHT + 2
    shape = {
        Direction.UP: f"M{at - 5:.1f} {y + 10}h10l-5-9z",
        Direction.DOWN: f"M{at - 5:.1f} {y + 1}h10l-5 9z",
        Direction.STEADY: f"M{at - 4:.1f} {y + 2}h8v8h-8z",
    }[mark.direction]
    return Markup('<path class="mark {}" d="{}"><title>{}</title></path>').format(
        mark.direction.value, shape, f"{mark.at:%Y-%m-%d}: {mark.what}"
    )


def _dates(first: datetime, last: datetime, x: Callable[[datetime], float]) -> Iterator[Markup]:
    for n in range(DATES):
        at = first + (last - first) * n / (DATES - 1)
        anchor = "start" if n == 0 else "end" if n == DATES - 1 else "middle"
        yield Markup('<text x="{:.1f}" y="{}" text-anchor="{}">{}</text>').format(
            x(at), HEIGHT - 6, anchor, f"{at:%Y-%m-%d}"
        )
