"""The drawing of what a level is made of: bars follow on each other and end at the level."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from service.web.waterfall import LEFT, RIGHT, WIDTH, Bar, Part, waterfall_svg

SVG = "{http://www.w3.org/2000/svg}"


def edges(svg: str) -> list[tuple[str, float, float]]:
    """Class, left and right edge of each bar."""
    bars = etree.fromstring(svg).findall(f"{SVG}rect")
    return [(b.get("class"), float(b.get("x")), float(b.get("x")) + float(b.get("width"))) for b in bars]


def test_each_bar_begins_where_the_one_before_ends() -> None:
    bars = [Bar("1. assault", 40.0, Part.UP), Bar("2. agree", -10.0, Part.DOWN), Bar("7 more", 20.0, Part.REST)]
    first, second, rest, total = edges(waterfall_svg("Iran", bars, 50.0))
    assert [one[0] for one in (first, second, rest, total)] == ["up", "down", "rest", "total"]
    assert (first[1], total[1]) == (LEFT, LEFT)
    assert second[2] == pytest.approx(first[2], abs=0.2)
    assert rest[1] == pytest.approx(second[1], abs=0.2)
    assert total[2] == pytest.approx(rest[2], abs=0.2) == WIDTH - RIGHT


def test_it_says_what_it_shows() -> None:
    svg = etree.fromstring(waterfall_svg("Iran", [Bar("1. x", 3.0, Part.UP), Bar("2. y", -1.0, Part.DOWN)], 2.0))
    texts = [one.text for one in svg.findall(f"{SVG}text")]
    assert texts == ["1. x", "▲ +3.0", "2. y", "▼ -1.0", "level", "2.0"]
    assert svg.findtext(f"{SVG}title") == "What the level of Iran is made of"
    assert "2 parts that sum to 2.0" in (svg.findtext(f"{SVG}desc") or "")


def test_what_adds_nothing_has_no_sign() -> None:
    svg = etree.fromstring(waterfall_svg("Iran", [Bar("1. x", 2.0, Part.UP), Bar("2. y", 0.0, Part.DOWN)], 2.0))
    assert [one.text for one in svg.findall(f"{SVG}text")][3] == "▼ 0.0"


def test_long_names_are_cut() -> None:
    svg = etree.fromstring(waterfall_svg("x", [Bar("1. " + "long" * 9, 1.0, Part.UP)], 1.0))
    assert svg.findtext(f"{SVG}text") == "1. longlonglongl…"


def test_no_level_has_no_length() -> None:
    assert all(right - left == 1.0 for _, left, right in edges(waterfall_svg("x", [Bar("a", 0.0, Part.UP)], 0.0)))


@given(st.text(), st.lists(st.integers(-300, 300).map(lambda tenths: tenths / 10), max_size=15))
def test_whatever_the_parts_it_is_well_formed_and_stays_inside(name: str, points: list[float]) -> None:
    bars = [Bar(f"{n}. {name}", p, Part.UP if p > 0 else Part.DOWN) for n, p in enumerate(points)]
    legible = "".join(sign for sign in name if sign.isprintable())
    safe = [Bar(legible, bar.points, bar.part) for bar in bars]
    found = edges(waterfall_svg(legible, safe, round(sum(points), 1)))
    assert all(LEFT - 0.1 <= left <= right <= WIDTH - RIGHT + 1.1 for _, left, right in found)
    ends = [right if bar.points > 0 else left for bar, (_, left, right) in zip(safe, found, strict=False)]
    starts = [left if bar.points > 0 else right for bar, (_, left, right) in zip(safe, found, strict=False)]
    assert all(abs(end - start) <= 1.2 for (end, _), (_, start) in pairwise(zip(ends, starts, strict=True)))
