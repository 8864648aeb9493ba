"""The course of a level is that of the chronicle, with fewer points and only the heaviest incidents."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.risk.subject import Subject
from service.errors import NotFound
from service.operations.chronicle import chronicle
from service.operations.course import FEWEST, MOST, MOST_MARKS, course, page_and_course
from service.operations.mirror import Mirror
from service.operations.subject_page import subject_page
from tests.fakes import NOON, World
from tests.integration.test_world import GAUGE, bring, reports

DAY = timedelta(days=1)
DYAD, WATCH = Subject.dyad("IRN", "PAK"), Subject.parse("watch:both")


@pytest.fixture
def books(world: World) -> World:
    bring(world, reports(700, 3))
    return world


@pytest.mark.parametrize("subject", [Subject.country("PAK"), WATCH], ids=str)
def test_the_heaviest_incidents_are_marked(books: World, subject: Subject) -> None:
    since = NOON - 90 * DAY
    found, whole = (f(books.units, subject, since, NOON, GAUGE) for f in (course, chronicle))
    assert len(whole.marks) > MOST_MARKS == len(found.marks)
    heaviest = sorted((mark.mass for mark in whole.marks), reverse=True)[:MOST_MARKS]
    assert sorted((mark.mass for mark in found.marks), reverse=True) == heaviest
    assert set(found.marks) <= set(whole.marks)
    assert list(found.marks) == sorted(found.marks, key=lambda mark: mark.at)
    assert list(found.firings) == list(whole.firings)


@pytest.mark.parametrize(("days", "points"), [(30, FEWEST), (90, 91), (120, 121), (365, MOST)])
def test_levels_are_spread_evenly(books: World, days: int, points: int) -> None:
    found = course(books.units, DYAD, NOON - days * DAY, NOON, GAUGE)
    assert len(found.moments) == points
    assert (found.moments[0].at, found.moments[-1].at) == (NOON - days * DAY, NOON)
    now = chronicle(books.units, DYAD, NOON - days * DAY, NOON, GAUGE).moments[-1]
    assert found.moments[-1] == now
    with books.units(read_only=True) as unit:
        assert found.began_at == unit.ledger.began_at()


@pytest.mark.parametrize("subject", [Subject.country("PAK"), WATCH], ids=str)
@pytest.mark.parametrize(("since", "until"), [(30, 0), (90, 0), (365, 0), (80, 20), (120, 100), (40, -5)])
def test_what_is_read_already_makes_no_difference(books: World, subject: Subject, since: int, until: int) -> None:
    span = NOON - since * DAY, NOON - until * DAY
    geography = books.gazetteer.geography
    page, found = page_and_course(books.units, subject, NOON, *span, GAUGE, {}, geography)
    alone = course(books.units, subject, *span, GAUGE)
    assert page == subject_page(books.units, subject, NOON, GAUGE, {}, geography)
    assert (found.marks, found.firings, found.began_at) == (alone.marks, alone.firings, alone.began_at)
    levels = [(m.at, pytest.approx(m.level), pytest.approx(m.low), pytest.approx(m.high)) for m in alone.moments]
    assert [(m.at, m.level, m.low, m.high) for m in found.moments] == levels


@pytest.mark.parametrize("subject", [Subject.country("PAK"), DYAD, WATCH, Subject.country("FJI")], ids=str)
def test_what_a_mirror_holds_makes_no_difference(books: World, subject: Subject) -> None:
    """Nor does what it holds that lies ahead, and neighbours on which all has faded are at nought."""
    bring(books, [replace(r, event=replace(r.event, at=NOON + 3 * DAY)) for r in reports(9, 5)])
    mirror, geography = Mirror(), books.gazetteer.geography
    for later in range(2):
        at = NOON + later * timedelta(hours=7)
        with books.units(read_only=True) as unit:
            mirror.copy(unit, at, GAUGE.watchlists)
            assert mirror.standing(unit, at, GAUGE.watchlists)
        asked = books.units, subject, at, at - 90 * DAY, at, GAUGE, {}, geography
        (page, found), (alone, apart) = page_and_course(*asked, mirror), page_and_course(*asked)
        assert (page.reading, page.incidents, page.rest) == (alone.reading, alone.incidents, alone.rest)
        assert page.before == pytest.approx(alone.before)
        near = {n.subject: pytest.approx(n.level, abs=1e-9) for n in alone.neighbours}
        assert {n.subject: n.level for n in page.neighbours if n.subject in near or n.level} == near
        assert [m.level for m in found.moments] == pytest.approx([m.level for m in apart.moments])
        assert found.marks == apart.marks


def test_a_mirror_that_is_not_up_to_date_is_not_believed(books: World) -> None:
    mirror, lists = Mirror(), GAUGE.watchlists
    with books.units(read_only=True) as unit:
        assert mirror.standing(unit, NOON, lists) is None
        mirror.copy(unit, NOON, lists)
        assert mirror.standing(unit, NOON, {}) is None
        assert mirror.standing(unit, NOON + timedelta(hours=1), lists) is None
        assert mirror.standing(unit, NOON - 90 * DAY, lists) is None
        assert mirror.standing(unit, NOON, lists)
    bring(books, reports(3, 8))
    with books.units(read_only=True) as unit:
        assert mirror.standing(unit, NOON, lists) is None
    asked = books.units, DYAD, NOON, NOON - 90 * DAY, NOON, GAUGE, {}, books.gazetteer.geography
    assert page_and_course(*asked, mirror) == page_and_course(*asked)


def test_of_what_nobody_told_there_is_no_course(world: World) -> None:
    found = course(world.units, DYAD, NOON - DAY, NOON, GAUGE)
    assert (found.marks, found.firings, found.began_at) == ([], [], None)
    assert {m.level for m in found.moments} == {0.0}


def test_what_cannot_be_is_said(world: World) -> None:
    with pytest.raises(ValueError, match="since must lie before until"):
        course(world.units, DYAD, NOON, NOON, GAUGE)
    with pytest.raises(NotFound):
        course(world.units, Subject.parse("watch:nobody"), NOON - DAY, NOON, GAUGE)
