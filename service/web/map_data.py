"""What the map's script reads: shapes by subject, where things are, and the levels of some days."""

from collections.abc import Mapping, Sequence
from datetime import date
from math import floor
from typing import Any

from service.domain.risk.score import Band, band
from service.web.assets import Assets
from service.web.atlas import world
from service.web.map import Link, MapArc, MapReading
from service.web.places import places

FRACTION = 2
"""Digits of degrees along disputed borders."""
STEP = 2.0
"""Levels from one day's end to the next below which a past day stands still: rounding alone makes one."""


def world_data(
    days: Sequence[date],
    levels: Mapping[str, Sequence[float | None]],
    arcs: Sequence[MapArc],
    names: Mapping[str, str],
    *,
    now: Sequence[MapReading] = (),
    link: Link | None = None,
    assets: Assets | None = None,
) -> dict[str, Any]:
    """As JSON: `days` are consecutive, the last is today; `levels` has one number for each, None where it is not known.

    Subjects are countries, lands with a shape, and the dyads of `arcs`; all others are left out. `shapes` are in the
    order of the atlas, empty for a shape without a subject. Levels are whole points. `now` has what the last day is
    shown with; what is not in it goes by its levels.
    """
    drawn = world(assets or Assets())
    shapes = [shape.subject for shape in drawn.shapes] if drawn else []
    known = {*shapes, *(f"country:{code}" for code in places()), *(arc.subject for arc in arcs)} - {""}
    shown = {subject: [_whole(one) for one in series] for subject, series in levels.items() if subject in known}
    return {
        "days": [day.isoformat() for day in days],
        "bands": list(Band),
        "step": STEP,
        "levels": shown,
        "now": {one.subject: (round(one.level), one.band, one.direction) for one in now if one.subject in shown},
        "names": {subject: names[subject] for subject in sorted(known) if subject in names},
        "links": {subject: link(subject) for subject in shown} if link else {},
        "shapes": shapes,
        "points": {f"country:{code}": (place.lon, place.lat) for code, place in places().items()},
        "disputed": [[_short(point) for point in line] for line in drawn.disputed] if drawn else [],
        "arcs": [
            {"subject": arc.subject, "start": arc.start, "end": arc.end, "mutual": arc.is_mutual}
            for arc in arcs
            if {arc.start, arc.end} <= places().keys()
        ],
    }


def _whole(level: float | None) -> int | None:
    """To the nearest point that is in the same band: the script goes by it."""
    if level is None or band(round(level)) is band(level):
        return None if level is None else round(level)
    return floor(level)


def _short(point: tuple[float, float]) -> tuple[float, float]:
    return round(point[0], FRACTION), round(point[1], FRACTION)
