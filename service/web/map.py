"""The world as SVG drawn by the server: plain longitude and latitude, legible without any script.

With the atlas every country is a shape, and one that has a reading but no shape a dot; without it all are dots.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from markupsafe import Markup

from service.domain.risk.score import Band
from service.web.assets import Assets
from service.web.atlas import Line, Point, Shape, World, world
from service.web.places import places

UNIT = 10
"""Units of the drawing in a degree."""
NORTH, SOUTH = 84, -60
"""Latitudes shown; Antarctica is left out, and what lies in it is put on the edge."""
WIDTH, HEIGHT = 360 * UNIT, (NORTH - SOUTH) * UNIT
RADIUS = 14
"""Of the dot of a country."""
ABOVE = 26
"""Units by which the sign of a direction stands above the country's point."""
FINEST = 3
"""Units between two points below which one is left out: less than a pixel on a wide screen."""
BEND = 0.18
"""How far an arc swings out, as a share of its length."""
Link = Callable[[str], str]
"""Subject → address of its page."""


class Direction(StrEnum):
    """Where a level is going."""

    UP = "up"
    DOWN = "down"
    STEADY = "steady"


GLYPHS: Mapping[Direction, str] = {Direction.UP: "▲", Direction.DOWN: "▼", Direction.STEADY: "●"}
WORDS: Mapping[Direction, str] = {Direction.UP: "rising", Direction.DOWN: "falling", Direction.STEADY: "steady"}


@dataclass(frozen=True, slots=True)
class MapReading:
    """What a subject is shown with: `country:IRN`, its level from 0 to 100, its band, and where it is going."""

    subject: str
    level: float
    band: Band
    direction: Direction = Direction.STEADY


@dataclass(frozen=True, slots=True)
class MapArc:
    """A dyad between two alpha-3 codes. Its arrow points to `end`, and to `start` too when it is mutual."""

    start: str
    end: str
    level: float
    band: Band
    direction: Direction = Direction.STEADY
    is_mutual: bool = False

    @property
    def subject(self) -> str:
        """The written form, e.g. `dyad:IRN-PAK`."""
        return "dyad:" + "-".join(sorted((self.start, self.end)))


def described(name: str, level: float, band: Band, direction: Direction) -> str:
    """A reading in words, for titles and for those who listen: "Iran: level 57, elevated, rising"."""
    return f"{name}: level {level:.0f}, {band}, {WORDS[direction]}"


def world_svg(
    readings: Sequence[MapReading],
    arcs: Sequence[MapArc],
    names: Mapping[str, str],
    *,
    link: Link | None = None,
    assets: Assets | None = None,
) -> Markup:
    """The map. `names` has what subjects are called; `link` makes countries with a reading, and arcs, lead to a page.

    Subjects that have no place on a map are left out.
    """
    by_subject = {reading.subject: reading for reading in readings}
    drawn = world(assets or _SHIPPED)
    parts = [
        Markup('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {} {}" role="group" aria-label="{}">').format(
            WIDTH, HEIGHT, "Map of the world: levels of countries, and arcs between the two sides of a dyad"
        ),
        definitions(),
        Markup('<path class="graticule" d="{}"/>').format(_graticule()),
        *(_shapes(drawn, by_subject, names, link) if drawn else ()),
        *_dots(drawn, by_subject, names, link),
        *(_arc(arc, names, link) for arc in arcs if {arc.start, arc.end} <= places().keys()),
        *(_glyph(reading) for reading in readings),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


@lru_cache(maxsize=1)
def definitions() -> Markup:
    """Patterns of the bands, the denser the higher, and heads of arrows."""
    hatches = {
        Band.CALM: "",
        Band.WATCH: "M0 0l24 24",
        Band.ELEVATED: "M-6 6l12-12M0 24 24 0M18 30l12-12",
        Band.HIGH: "M-3 3 3-3M0 12 12 0M0 24 24 0M12 24 24 12M21 27l6-6",
        Band.SEVERE: "M0 0l24 24M0 24 24 0",
    }
    patterns = [
        Markup(
            '<pattern id="band-{0}" width="24" height="24" patternUnits="userSpaceOnUse">'
            '<rect class="fill-{0}" width="24" height="24"/><path class="hatch {0}" d="{1}"/></pattern>'
        ).format(band.value, d)
        for band, d in hatches.items()
    ]
    heads = [
        Markup(
            '<marker id="arrow-{0}" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="45" markerHeight="45" '
            'markerUnits="userSpaceOnUse" orient="auto-start-reverse">'
            '<path class="arrow {0}" d="M0 1l10 4L0 9z"/></marker>'
        ).format(direction.value)
        for direction in Direction
    ]
    return Markup("<defs>{}{}</defs>").format(Markup("").join(patterns), Markup("").join(heads))


def _shapes(
    drawn: World, readings: Mapping[str, MapReading], names: Mapping[str, str], link: Link | None
) -> Iterator[Markup]:
    for shape, d in zip(drawn.shapes, _paths(drawn), strict=True):
        if d:
            name = names.get(shape.subject, shape.name)
            yield _area(Markup('<path d="{}"').format(d), "", shape.subject, name, readings.get(shape.subject), link)
    yield Markup('<path class="disputed" d="{}"/>').format("".join(map(_line, map(_on_grid, drawn.disputed))))


def _dots(
    drawn: World | None, readings: Mapping[str, MapReading], names: Mapping[str, str], link: Link | None
) -> Iterator[Markup]:
    shaped = {shape.subject for shape in drawn.shapes} if drawn else set()
    for code, place in places().items():
        subject = f"country:{code}"
        if subject in shaped or (drawn and subject not in readings):
            continue
        x, y = _xy((place.lon, place.lat))
        opened = Markup('<circle cx="{}" cy="{}" r="{}"').format(x, y, RADIUS)
        yield _area(opened, " dot", subject, names.get(subject, code), readings.get(subject), link)


def _area(opened: Markup, kind: str, subject: str, name: str, reading: MapReading | None, link: Link | None) -> Markup:
    """One country: the beginning of its element is given, the rest says what it is."""
    tag = "circle" if kind else "path"
    if reading is None:
        return Markup(
            '{} class="country{} band-none fill-none" data-subject="{}"><title>{}: no reading</title></{}>'
        ).format(opened, kind, subject, name, tag)
    told = described(name, reading.level, reading.band, reading.direction)
    drawn = Markup(
        '{0} class="country{1} band-{2}" fill="url(#band-{2})" data-subject="{3}"><title>{4}</title></{5}>'
    ).format(opened, kind, reading.band.value, subject, told, tag)
    return _linked(drawn, subject, link)


def _linked(drawn: Markup, subject: str, link: Link | None) -> Markup:
    return Markup('<a href="{}">{}</a>').format(link(subject), drawn) if link else drawn


def _arc(arc: MapArc, names: Mapping[str, str], link: Link | None) -> Markup:
    start, end = (places()[code] for code in (arc.start, arc.end))
    name = names.get(arc.subject, f"{arc.start}-{arc.end}")
    told = described(name, arc.level, arc.band, arc.direction)
    drawn = Markup(
        '<path class="arc {0} {1}" data-subject="{2}" d="{3}" marker-end="url(#arrow-{1})"{4}><title>{5}</title></path>'
    ).format(
        arc.band.value,
        arc.direction.value,
        arc.subject,
        _curve(_xy((start.lon, start.lat)), _xy((end.lon, end.lat))),
        Markup(' marker-start="url(#arrow-{})"').format(arc.direction.value) if arc.is_mutual else "",
        told,
    )
    return _linked(drawn, arc.subject, link)


def _curve(start: tuple[int, int], end: tuple[int, int]) -> str:
    """A line that swings out to its left, so that the two directions of a dyad lie apart."""
    (x0, y0), (x1, y1) = start, end
    bent_x, bent_y = (x0 + x1) / 2 + BEND * (y1 - y0), (y0 + y1) / 2 - BEND * (x1 - x0)
    return f"M{x0} {y0}Q{bent_x:.0f} {bent_y:.0f} {x1} {y1}"


def _glyph(reading: MapReading) -> Markup:
    """A sign where a level moves: colours and patterns alone do not say so."""
    place = places().get(reading.subject.removeprefix("country:"))
    if place is None or reading.direction is Direction.STEADY:
        return Markup("")
    x, y = _xy((place.lon, place.lat))
    return Markup('<text class="glyph {}" x="{}" y="{}" aria-hidden="true">{}</text>').format(
        reading.direction.value, x, y - ABOVE, GLYPHS[reading.direction]
    )


@lru_cache(maxsize=4)
def _paths(drawn: World) -> Sequence[str]:
    """The outlines of all shapes, as they are written; empty for one that is not shown."""
    return [_outline(shape) for shape in drawn.shapes]


def _outline(shape: Shape) -> str:
    if shape.subject == "country:ATA":
        return ""
    return "".join(_line(ring) + "z" for line in shape.rings for ring in _unbroken(line) if len(ring) > 2)  # noqa: PLR2004


def _unbroken(ring: Line) -> Iterator[list[tuple[int, int]]]:
    """The ring on the grid; one that crosses the date line is drawn at either side, and the edges cut it."""
    turned = list(_turned(ring))
    lons = [lon for lon, _ in turned]
    for shift in (0, -360, 360):
        if min(lons) + shift < 180 and max(lons) + shift > -180:  # noqa: PLR2004
            yield _on_grid([(lon + shift, lat) for lon, lat in turned])


def _turned(ring: Line) -> Iterator[Point]:
    """Longitudes that go on past 180 instead of starting again."""
    before, shift = ring[0][0], 0
    for lon, lat in ring:
        if abs(lon - before) > 180:  # noqa: PLR2004
            shift += -360 if lon > before else 360
        before = lon
        yield lon + shift, lat


def _on_grid(line: Line) -> list[tuple[int, int]]:
    """Whole units, without points that lie next to the one before; the last one stays, or borders would not meet."""
    found: list[tuple[int, int]] = []
    for x, y in map(_free, line):
        if not found or abs(x - found[-1][0]) + abs(y - found[-1][1]) >= FINEST:
            found.append((x, y))
    found[-1] = _free(line[-1])
    return found


def _free(point: Point) -> tuple[int, int]:
    return round((point[0] + 180) * UNIT), round((NORTH - point[1]) * UNIT)


def _xy(point: Point) -> tuple[int, int]:
    x, y = _free(point)
    return x, min(max(y, RADIUS), HEIGHT - RADIUS)


def _line(points: Sequence[tuple[int, int]]) -> str:
    """As steps, which is shorter."""
    x, y = points[0]
    steps = [f"M{x} {y}l"]
    for nx, ny in points[1:]:
        dx, dy = nx - x, ny - y
        steps.append(f"{dx}{dy}" if dy < 0 else f"{dx} {dy}")
        x, y = nx, ny
    return _separated(steps)


def _separated(steps: Iterable[str]) -> str:
    first, *rest = steps
    return first + "".join(step if n == 0 or step[0] == "-" else f" {step}" for n, step in enumerate(rest))


def _graticule() -> str:
    meridians = (f"M{x} 0v{HEIGHT}" for x in range(0, WIDTH + 1, 30 * UNIT))
    parallels = (f"M0 {(NORTH - lat) * UNIT}h{WIDTH}" for lat in range(-60, 90, 30))
    return "".join([*meridians, *parallels])


_SHIPPED = Assets()
