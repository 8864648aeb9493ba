"""The map that the server draws: well formed, harmless whatever names hold, every country where it belongs."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from service.domain.risk.score import Band
from service.web.assets import ATLAS, Assets
from service.web.map import (
    HEIGHT,
    WIDTH,
    Direction,
    MapArc,
    MapReading,
    definitions,
    described,
    world_svg,
)
from service.web.map_data import world_data
from service.web.places import places
from tests.pages.drawn import needs_libraries
from tests.unit.web.topology import TOPOLOGY

SVG = "{http://www.w3.org/2000/svg}"
IND = MapReading("country:IND", 57.4, Band.ELEVATED, Direction.UP)
SGP = MapReading("country:SGP", 12, Band.CALM)
BARE = Assets(Path("/nonexistent"))


@pytest.fixture
def small(tmp_path: Path) -> Assets:
    """An atlas of a few countries."""
    (tmp_path / ATLAS).parent.mkdir()
    (tmp_path / ATLAS).write_text(json.dumps(TOPOLOGY))
    return Assets(tmp_path)


def drawn(
    readings: Sequence[MapReading] = (),
    arcs: Sequence[MapArc] = (),
    names: Mapping[str, str] | None = None,
    assets: Assets = BARE,
    link: object = None,
) -> etree._Element:
    return etree.fromstring(world_svg(readings, arcs, names or {}, assets=assets, link=link))  # type: ignore[arg-type]


def of(svg: etree._Element, subject: str) -> etree._Element:
    [found] = [one for one in svg.iter() if one.get("data-subject") == subject]
    return found


def told(one: etree._Element) -> str | None:
    return one.findtext(f"{SVG}title")


def test_without_an_atlas_every_country_is_a_dot() -> None:
    svg = drawn([IND])
    dots = list(svg.iter(f"{SVG}circle"))
    assert {dot.get("data-subject") for dot in dots} == {f"country:{code}" for code in places()}
    assert all(0 <= float(dot.get("cx")) <= WIDTH and 0 <= float(dot.get("cy")) <= HEIGHT for dot in dots)


def test_a_country_says_name_level_band_and_direction() -> None:
    india = of(drawn([IND], names={"country:IND": "India"}), "country:IND")
    assert told(india) == "India: level 57, elevated, rising"
    assert india.get("class") == "country dot band-elevated"
    assert india.get("fill") == "url(#band-elevated)"


def test_a_country_without_a_reading_says_so() -> None:
    chad = of(drawn([IND], names={"country:TCD": "Chad"}), "country:TCD")
    assert told(chad) == "Chad: no reading"
    assert "band-none" in chad.get("class", "")


def test_shapes_where_there_is_an_atlas(small: Assets) -> None:
    svg = drawn([IND, SGP], assets=small)
    assert of(svg, "country:IND").tag == f"{SVG}path"
    assert of(svg, "country:SGP").tag == f"{SVG}circle"
    assert told(of(svg, "country:PAK")) == "Pakistan: no reading"
    subjects = {one.get("data-subject") for one in svg.iter()}
    assert "country:CHE" not in subjects
    assert "country:ATA" not in subjects


def test_a_shape_is_drawn_in_steps_from_corner_to_corner(small: Assets) -> None:
    """India's square: from 64 to 74 E, 30 to 40 N, at ten units a degree from 180 W and 84 N."""
    assert of(drawn(assets=small), "country:IND").get("d") == "M2540 440l-100 0 0 100 100 0 0-100z"


def test_an_island_over_the_date_line_is_drawn_at_both_edges(small: Assets) -> None:
    d = of(drawn(assets=small), "country:FJI").get("d") or ""
    assert d.startswith("M3580 1010l40 0")
    assert "M-20 1010l40 0" in d


def test_no_shape_is_torn_across_the_map() -> None:
    needs_libraries()
    for shape in drawn(assets=Assets()).iter(f"{SVG}path"):
        if "country" in (shape.get("class") or "").split():
            for ring in (shape.get("d") or "").strip("z").split("z"):
                numbers = [int(n) for n in ring.partition("l")[2].replace("-", " -").split()]
                assert max((abs(step) for step in numbers[::2]), default=0) < WIDTH / 4


def test_arcs_lead_from_one_side_to_the_other() -> None:
    arcs = [
        MapArc("PAK", "IRN", 81, Band.SEVERE, Direction.UP),
        MapArc("CHN", "USA", 30, Band.WATCH, Direction.DOWN, is_mutual=True),
        MapArc("QQQ", "USA", 30, Band.WATCH),
    ]
    svg = drawn(arcs=arcs, names={"dyad:IRN-PAK": "Iran–Pakistan"})
    one, mutual = of(svg, "dyad:IRN-PAK"), of(svg, "dyad:CHN-USA")
    assert told(one) == "Iran–Pakistan: level 81, severe, rising"
    assert one.get("d", "").startswith("M2530 503Q")
    assert (one.get("marker-end"), one.get("marker-start")) == ("url(#arrow-up)", None)
    assert mutual.get("marker-start") == mutual.get("marker-end") == "url(#arrow-down)"
    assert "QQQ" not in etree.tostring(svg, encoding="unicode")


def test_what_moves_has_a_sign() -> None:
    signs = [(one.text, one.get("class")) for one in drawn([IND, SGP]).iter(f"{SVG}text")]
    assert signs == [("▲", "glyph up")]


def test_readings_lead_to_their_pages() -> None:
    svg = drawn([IND], link=lambda subject: f"/subjects/{subject}?a=1&b=2")
    [link] = svg.iter(f"{SVG}a")
    assert link.get("href") == "/subjects/country:IND?a=1&b=2"
    assert link[0].get("data-subject") == "country:IND"


def test_subjects_without_a_place_are_left_out() -> None:
    svg = drawn([MapReading("m49:034", 50, Band.ELEVATED), MapReading("watch:x", 50, Band.ELEVATED)])
    assert not [one for one in svg.iter() if (one.get("data-subject") or "country").startswith(("m49", "watch"))]


@pytest.mark.parametrize("band", Band)
def test_bands_have_a_pattern_each(band: Band) -> None:
    hatches = {p.get("id"): p[1].get("d") for p in etree.fromstring(definitions()).iter("pattern")}
    assert f"band-{band}" in hatches
    assert len(set(hatches.values())) == len(Band)


@given(name=st.text(alphabet=st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")))
def test_no_name_breaks_out(name: str) -> None:
    hostile = f"{name}</title><script>alert(1)</script>\"'<a href='javascript:x'>"
    svg = drawn([IND], names={"country:IND": hostile}, arcs=[])
    assert told(of(svg, "country:IND")) == described(hostile, 57.4, Band.ELEVATED, Direction.UP)
    assert not list(svg.iter(f"{SVG}script"))
    assert not list(svg.iter(f"{SVG}a"))


def test_styles_are_left_to_the_stylesheet() -> None:
    assert "style=" not in world_svg([IND], [], {}, assets=BARE)


def test_data_for_the_script(small: Assets) -> None:
    arc = MapArc("IND", "PAK", 40, Band.ELEVATED)
    levels = {"country:IND": [None, 57.4], "dyad:IND-PAK": [1.6, 2], "m49:034": [1, 2], "dyad:CHN-USA": [3, 4]}
    found = world_data(
        [date(2026, 1, 1), date(2026, 1, 2)],
        levels,
        [arc],
        {"country:IND": "India", "m49:034": "Southern Asia"},
        link="/s/{}".format,
        assets=small,
    )
    assert found["days"] == ["2026-01-01", "2026-01-02"]
    assert found["levels"] == {"country:IND": [None, 57], "dyad:IND-PAK": [2, 2]}
    assert found["names"] == {"country:IND": "India"}
    assert found["links"] == {"country:IND": "/s/country:IND", "dyad:IND-PAK": "/s/dyad:IND-PAK"}
    assert found["shapes"][:2] == ["country:IND", "country:PAK"]
    assert found["arcs"] == [{"subject": "dyad:IND-PAK", "start": "IND", "end": "PAK", "mutual": False}]
    assert json.loads(json.dumps(found))["points"]["country:IND"] == [77.2, 28.6]


def test_the_last_day_is_shown_as_it_is_now() -> None:
    now = [IND, MapReading("m49:034", 1, Band.CALM), MapReading("country:FRA", 2, Band.CALM)]
    found = world_data([date(2026, 1, 1)], {"country:IND": [57.4]}, [], {}, now=now, assets=BARE)
    assert found["now"] == {"country:IND": (57, "elevated", "up")}


@pytest.mark.parametrize(("level", "shown"), [(39.4, 39), (39.6, 39), (40.0, 40), (40.6, 41), (99.7, 100), (0.2, 0)])
def test_a_whole_level_stays_in_its_band(level: float, shown: int) -> None:
    assert world_data([date(2026, 1, 1)], {"country:IND": [level]}, [], {})["levels"] == {"country:IND": [shown]}


def test_data_without_an_atlas() -> None:
    found = world_data([], {}, [], {}, assets=BARE)
    assert (found["shapes"], found["disputed"], found["links"]) == ([], [], {})
