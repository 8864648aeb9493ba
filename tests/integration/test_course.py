"""The course of a level is that of the chronicle, with fewer points and only the heaviest incidents."""

from datetime import timedelta

import pytest

from service.domain.risk.subject import Subject
from service.errors import NotFound
from service.operations.chronicle import chronicle
from service.operations.course import FEWEST, MOST, MOST_MARKS, course, page_and_course
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


def test_of_what_nobody_told_there_is_no_course(world: World) -> None:
    found = course(world.units, DYAD, NOON - DAY, NOON, GAUGE)
    assert (found.marks, found.firings, found.began_at) == ([], [], None)
    assert {m.level for m in found.moments} == {0.0}


def test_what_cannot_be_is_said(world: World) -> None:
    with pytest.raises(ValueError, match="since must lie before until"):
        course(world.units, DYAD, NOON, NOON, GAUGE)
    with pytest.raises(NotFound):
        course(world.units, Subject.parse("watch:nobody"), NOON - DAY, NOON, GAUGE)
