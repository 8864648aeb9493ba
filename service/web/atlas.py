"""Shapes of countries out of the TopoJSON of world-atlas: plain longitudes and latitudes. Pure functions.

The atlas draws Natural Earth's de facto view: who holds a land, not whose it is. Borders that are disputed are told
apart here, so that they can be drawn dashed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from json import loads
from pathlib import Path
from typing import Any

from service.web.assets import ATLAS, Assets
from service.web.places import places

Point = tuple[float, float]
Line = Sequence[Point]
WITHOUT_NUMBER: Mapping[str, str] = {
    "Kosovo": "country:XKX",
    "N. Cyprus": "region:northern-cyprus",
    "Somaliland": "region:somaliland",
}
"""Shapes to which the atlas gives a name, but no number."""


@dataclass(frozen=True, slots=True)
class Dispute:
    """A border between two shapes that not all states accept; of it the part between two latitudes."""

    one: str
    other: str
    south: float = -90.0
    north: float = 90.0


DISPUTES = (
    Dispute("country:XKX", "country:SRB"),
    Dispute("region:northern-cyprus", "country:CYP"),
    Dispute("region:somaliland", "country:SOM"),
    Dispute("country:ESH", "country:MAR"),
    Dispute("country:PSE", "country:ISR"),
    Dispute("country:ISR", "country:SYR"),
    Dispute("country:IND", "country:CHN"),
    Dispute("country:IND", "country:PAK", south=32.2),  # the Line of Control
    Dispute("country:RUS", "country:UKR", north=46.5),  # Crimea
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A country or land: its rings are closed, holes among them. `subject` is empty for one we have no code for."""

    subject: str
    name: str
    rings: Sequence[Line]


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """All shapes, in the order of the atlas, and the disputed borders."""

    shapes: Sequence[Shape]
    disputed: Sequence[Line]


def world(assets: Assets) -> World | None:
    """The world of the shipped atlas; None where it is missing."""
    path = assets.path(ATLAS)
    return _read(path, path.stat().st_mtime_ns) if path else None


@lru_cache(maxsize=2)
def _read(path: Path, _changed: int) -> World:
    return world_of(loads(path.read_bytes()))


def world_of(topology: Mapping[str, Any]) -> World:
    """Decode the object `countries` of a topology."""
    arcs = decoded(topology)
    geometries = topology["objects"]["countries"]["geometries"]
    subjects = [_subject(geometry) for geometry in geometries]
    owners = _owners(geometries)
    return World(
        [
            Shape(subject, geometry["properties"]["name"], rings(geometry, arcs))
            for subject, geometry in zip(subjects, geometries, strict=True)
        ],
        [line for dispute in DISPUTES for line in _border(dispute, subjects, owners, arcs)],
    )


def decoded(topology: Mapping[str, Any]) -> list[list[Point]]:
    """The arcs of a quantised topology, whose numbers are steps from point to point on a grid."""
    (width, height), (west, south) = topology["transform"]["scale"], topology["transform"]["translate"]
    return [[(x * width + west, y * height + south) for x, y in _summed(arc)] for arc in topology["arcs"]]


def _summed(steps: Iterable[Sequence[int]]) -> Iterator[tuple[int, int]]:
    x = y = 0
    for step in steps:
        x, y = x + step[0], y + step[1]
        yield x, y


def rings(geometry: Mapping[str, Any], arcs: Sequence[Line]) -> list[Line]:
    """The rings of a polygon or of several; nothing for other kinds."""
    match geometry["type"]:
        case "Polygon":
            found = geometry["arcs"]
        case "MultiPolygon":
            found = [ring for polygon in geometry["arcs"] for ring in polygon]
        case _:
            found = []
    return [_joined(ring, arcs) for ring in found]


def _joined(numbers: Iterable[int], arcs: Sequence[Line]) -> Line:
    """Each arc begins where the one before ended; ~n is arc n backwards."""
    line: list[Point] = []
    for number in numbers:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        line += arc[1:] if line else arc
    return line


def _subject(geometry: Mapping[str, Any]) -> str:
    code = _by_number().get(geometry.get("id", ""))
    return f"country:{code}" if code else WITHOUT_NUMBER.get(geometry["properties"]["name"], "")


@lru_cache(maxsize=1)
def _by_number() -> Mapping[str, str]:
    return {place.numeric: code for code, place in places().items() if place.numeric}


def _owners(geometries: Sequence[Mapping[str, Any]]) -> Mapping[int, set[int]]:
    """Arc → the places of the shapes it bounds."""
    found: dict[int, set[int]] = {}
    for place, geometry in enumerate(geometries):
        for number in _numbers(geometry.get("arcs", ())):
            found.setdefault(number, set()).add(place)
    return found


def _numbers(nested: Any) -> Iterator[int]:
    for one in nested:
        if isinstance(one, int):
            yield one if one >= 0 else ~one
        else:
            yield from _numbers(one)


def _border(
    dispute: Dispute, subjects: Sequence[str], owners: Mapping[int, set[int]], arcs: Sequence[Line]
) -> Iterator[Line]:
    for number, places_of in sorted(owners.items()):
        if {subjects[place] for place in places_of} == {dispute.one, dispute.other}:
            yield from _within(arcs[number], dispute)


def _within(line: Line, dispute: Dispute) -> Iterator[Line]:
    """The stretches of a line between the latitudes of a dispute."""
    for is_inside, stretch in groupby(line, key=lambda point: dispute.south <= point[1] <= dispute.north):
        points = list(stretch)
        if is_inside and len(points) > 1:
            yield points
