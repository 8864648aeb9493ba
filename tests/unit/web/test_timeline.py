"""The course of a level as the server draws it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from service.web.map import Direction
from service.web.timeline import HEIGHT, WIDTH, Mark, Moment, Span, timeline_data, timeline_svg

SVG = "{http://www.w3.org/2000/svg}"
NOW = datetime(2026, 3, 1, tzinfo=UTC)
MOMENTS = [Moment(NOW + timedelta(days=n), 10.0 * n, 10.0 * n - 5, 10.0 * n + 5, 0.1 * n, 0.05) for n in range(10)]
MARK = Mark(NOW + timedelta(days=2), "missiles <b>", Direction.UP)
OPEN = Span(NOW + timedelta(days=5), None, "LEVEL, high")


def drawn(moments: list[Moment], *more: object) -> etree._Element:
    return etree.fromstring(timeline_svg("Iran & <Pakistan>", moments, *more))  # type: ignore[arg-type]


def by_class(svg: etree._Element, name: str) -> list[etree._Element]:
    return [one for one in svg.iter() if name in (one.get("class") or "").split()]


def test_it_says_in_words_what_it_shows() -> None:
    svg = drawn(MOMENTS, [MARK], [OPEN])
    assert svg.findtext(f"{SVG}title") == "Level of Iran & <Pakistan>"
    assert svg.findtext(f"{SVG}desc") == (
        "From 2026-03-01 to 2026-03-10. Last known level 90 (severe) on 2026-03-10; highest 90 (severe) on 2026-03-10. "
        "Events marked: 1. Alerts: 1."
    )


def test_a_line_within_its_interval() -> None:
    svg = drawn(MOMENTS)
    [line], [interval] = by_class(svg, "level"), by_class(svg, "interval")
    assert line.get("d", "").startswith("M34.0 214.0L")
    assert line.get("d", "").endswith("L892.0 34.0")
    assert len(interval.get("d", "").split("L")) == 20


def test_a_time_without_a_level_breaks_the_line() -> None:
    moments = [replace(m, level=None) if n in {4, 5} else m for n, m in enumerate(MOMENTS)]
    svg = drawn(moments)
    assert len(by_class(svg, "level")) == 2
    assert len(by_class(svg, "d")) == 8
    assert by_class(drawn([replace(m, level=None) for m in MOMENTS]), "level") == []


def test_sides_are_bars_up_and_down() -> None:
    svg = drawn(MOMENTS)
    up, down = by_class(svg, "e"), by_class(svg, "d")
    assert (len(up), len(down)) == (9, 10)
    assert float(up[-1].get("y", 0)) + float(up[-1].get("height", 0)) == float(down[-1].get("y", 0))
    assert float(up[-1].get("height", 0)) > 10 * float(down[-1].get("height", 0))


def test_alerts_reach_until_their_end_or_now() -> None:
    over = Span(NOW - timedelta(days=3), NOW + timedelta(days=1), "SURGE, warning")
    first, second = by_class(drawn(MOMENTS, [], [over, OPEN]), "span")
    assert first.get("x") == "34.0"
    assert first.findtext(f"{SVG}title") == "SURGE, warning: 2026-02-26 to 2026-03-02"
    assert float(second.get("x", 0)) + float(second.get("width", 0)) == WIDTH - 8
    assert (second.findtext(f"{SVG}title") or "").endswith("to now")


def test_marks_outside_the_time_are_left_out() -> None:
    late = Mark(NOW + timedelta(days=99), "later", Direction.STEADY)
    [mark] = by_class(drawn(MOMENTS, [MARK, late]), "mark")
    assert mark.findtext(f"{SVG}title") == "2026-03-03: missiles <b>"


def test_one_moment_makes_no_course() -> None:
    assert timeline_svg("<x>", MOMENTS[:1]) == '<p class="message empty">No course of &lt;x&gt; is known yet.</p>'


@given(
    st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=2, max_size=30),
    st.floats(0, 1e6),
)
def test_whatever_is_known_stays_inside(levels: list[float | None], mass: float) -> None:
    moments = [Moment(NOW + timedelta(hours=n), level, 0, 100, mass, mass) for n, level in enumerate(levels)]
    svg = drawn(moments)
    for bar in svg.iter(f"{SVG}rect"):
        assert 0 <= float(bar.get("y", 0)) <= float(bar.get("y", 0)) + float(bar.get("height", 0)) <= HEIGHT
    assert "nan" not in etree.tostring(svg, encoding="unicode")


def test_data_for_the_script() -> None:
    found = timeline_data("Iran", [MOMENTS[1], replace(MOMENTS[2], level=None)], [MARK], [OPEN])
    day = int(NOW.timestamp())
    assert found["at"] == [day + 86400, day + 2 * 86400]
    assert (found["level"], found["low"], found["e"]) == ([10.0, None], [5.0, None], [0.1, None])
    assert found["marks"] == [{"at": day + 2 * 86400, "what": "missiles <b>", "direction": "up"}]
    assert found["spans"] == [{"start": day + 5 * 86400, "end": None, "what": "LEVEL, high"}]
