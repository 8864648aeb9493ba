"""Shapes out of TopoJSON, and which of them are whose."""

import json
from itertools import pairwise
from pathlib import Path

import pycountry
import pytest

from service.data import __file__ as data_file
from service.web.assets import Assets
from service.web.atlas import decoded, world, world_of
from service.web.places import places
from tests.pages.drawn import needs_libraries
from tests.unit.web.topology import TOPOLOGY

COUNTRIES = json.loads((Path(data_file).parent / "gazetteer.json").read_text(encoding="utf-8"))["countries"]


def test_steps_on_the_grid_become_degrees() -> None:
    assert decoded(TOPOLOGY)[0] == [(74.0, 30.0), (74.0, 40.0)]


def test_rings_are_joined_of_arcs_in_either_direction() -> None:
    pakistan = world_of(TOPOLOGY).shapes[1]
    assert pakistan.rings == [[(74, 30), (84, 30), (84, 40), (74, 40), (74, 30)]]


def test_shapes_have_their_subjects_by_number_or_by_name() -> None:
    shapes = world_of(TOPOLOGY).shapes
    assert [shape.subject for shape in shapes] == [
        "country:IND",
        "country:PAK",
        "country:XKX",
        "country:FJI",
        "",
        "country:ATA",
    ]


def test_several_polygons_and_none() -> None:
    fiji, *_, antarctica = world_of(TOPOLOGY).shapes[3:]
    assert len(fiji.rings) == 2
    assert antarctica.rings == []


def test_only_the_disputed_part_of_a_border_is_told_apart() -> None:
    """The Line of Control begins at 32.2 N; one point of this border lies north of it, which makes no line."""
    assert world_of(TOPOLOGY).disputed == []
    finer = {**TOPOLOGY, "arcs": [[[74, 60], [0, 10], [0, 10]], *TOPOLOGY["arcs"][1:]]}
    assert world_of(finer).disputed == [[(74, 35), (74, 40)]]


def test_no_atlas_no_world(tmp_path: Path) -> None:
    assert world(Assets(tmp_path)) is None


def test_the_shipped_atlas() -> None:
    needs_libraries()
    found = world(Assets())
    assert found is not None
    assert len(found.shapes) == 177
    assert [shape.name for shape in found.shapes if not shape.subject] == []
    assert {"country:XKX", "region:northern-cyprus", "region:somaliland"} <= {shape.subject for shape in found.shapes}
    assert all(ring[0] == ring[-1] for shape in found.shapes for ring in shape.rings)
    assert len(found.disputed) >= 9
    assert world(Assets()) is found


def test_every_country_has_a_point_of_its_own() -> None:
    assert set(places()) == set(COUNTRIES)
    assert len({(place.lon, place.lat) for place in places().values()}) == len(places())
    assert all(-180 <= p.lon <= 180 and -90 <= p.lat <= 90 for p in places().values())


@pytest.mark.parametrize("code", sorted(set(COUNTRIES) - {"XKX"}))
def test_numbers_are_those_of_iso(code: str) -> None:
    assert places()[code].numeric == pycountry.countries.get(alpha_3=code).numeric


def test_points_lie_in_their_countries() -> None:
    """Capitals near a coast may fall outside a coarse outline, but not by far, and not into another country."""
    needs_libraries()
    found = world(Assets())
    assert found is not None
    outside = []
    for shape in found.shapes:
        place = places().get(shape.subject.removeprefix("country:"))
        if place and not any(is_inside(place.lon, place.lat, ring) for ring in shape.rings):
            outside.append(shape.name)
            near = min(abs(lon - place.lon) + abs(lat - place.lat) for ring in shape.rings for lon, lat in ring)
            assert near < 3, shape.name
    assert len(outside) < 30, outside


def is_inside(x: float, y: float, ring: object) -> bool:
    points = list(ring)  # type: ignore[call-overload]
    crossings = 0
    for (x0, y0), (x1, y1) in pairwise(points):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            crossings += 1
    return crossings % 2 == 1
