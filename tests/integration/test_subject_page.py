"""The page of a subject is read at once, is bounded, and adds up."""

from dataclasses import replace
from datetime import timedelta
from math import fsum

import pytest

from service.domain.alerting.rule import State
from service.domain.events.signal import Signal
from service.domain.risk.subject import Subject
from service.errors import NotFound
from service.flow import Task
from service.operations.scores import read
from service.operations.subject_page import (
    MOST_INCIDENTS,
    MOST_NEIGHBOURS,
    MOST_SOURCES,
    Saying,
    SubjectPage,
    kin,
    saying,
    subject_page,
)
from service.operations.world import Trend
from service.pipeline.books import postings_of
from tests.fakes import NOON, World, article
from tests.integration.test_chronicle import bring as bring_articles
from tests.integration.test_world import GAUGE, bring, reports
from tests.unit.domain.build import GEOGRAPHY, event

PAIR = Subject.dyad("IRN", "PAK")
HOUR = timedelta(hours=1)


def page(world: World, written: str, at: timedelta = HOUR) -> SubjectPage:
    return subject_page(world.units, Subject.parse(written), NOON + at, GAUGE, {}, world.gazetteer.geography)


@pytest.mark.parametrize("written", [str(PAIR), "country:PAK", "m49:034", "watch:both"])
def test_it_says_what_the_score_says_and_adds_up(world: World, written: str) -> None:
    bring(world, reports(150, 1, timedelta(days=40)))
    told = page(world, written)
    with world.units(read_only=True) as unit:
        assert told.reading == read(written, unit, NOON + HOUR, GAUGE, {})
        earlier = read(written, unit, NOON - 23 * HOUR, GAUGE, {})
    assert told.before == pytest.approx(earlier.score.level)
    with world.units(read_only=True) as unit:
        booked = len(postings_of(written, unit, NOON - timedelta(days=90), NOON + HOUR, GAUGE.watchlists))
    assert len(told.incidents) == min(booked, MOST_INCIDENTS)
    assert told.rest.count == booked - len(told.incidents)
    assert told.rest.count > 0 or written == str(PAIR)
    shares = [t.contribution.share for t in told.incidents]
    score = told.reading.score
    assert fsum([*shares, told.rest.share]) == pytest.approx(score.e - score.d, rel=1e-12, abs=1e-12)
    assert sorted(shares, key=abs, reverse=True) == shares
    points = fsum([*(t.contribution.points for t in told.incidents), told.rest.points])
    assert round(points, 1) == round(score.level, 1)


def test_incidents_have_their_articles_and_the_words_that_decide(world: World) -> None:
    bring_articles(world, "a")
    told = page(world, str(PAIR))
    (incident,) = told.incidents
    assert (incident.signal, incident.began_at, incident.owners, incident.articles) == (Signal.ESCALATION, NOON, 2, 2)
    assert [(s.article_id, s.publisher, s.published_at) for s in incident.sources] == [
        ("a1", "Wire 1", NOON),
        ("a2", "Wire 2", NOON),
    ]
    assert {s.article_id for s in incident.sayings} == {"a1", "a2"}
    for said in incident.sayings:
        assert said.text.startswith("Iran attacked Pakistan on Sunday.")
        assert all(0 <= start < end <= len(said.text) for start, end, _ in said.words)
    assert told.rest.count == 0
    assert told.rest.share == told.rest.points == 0.0
    assert told.trend is Trend.RISING


def test_words_are_counted_in_the_sentence_and_none_outside_is_told() -> None:
    told = replace(event(text="They attacked."), start=10, end=24, words=((2, 5, 0.1), (15, 23, 0.7), (22, 26, 0.2)))
    assert saying("a", told) == Saying("a", "They attacked.", [(5, 13, 0.7)])


def test_of_many_articles_a_few_are_shown(world: World) -> None:
    world.ingest(*(article(f"n{n}", publisher=f"Wire {n}") for n in range(MOST_SOURCES + 3)))
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)
    (incident,) = page(world, str(PAIR)).incidents
    assert incident.articles == MOST_SOURCES + 3
    assert len(incident.sources) == MOST_SOURCES
    assert len(incident.sayings) == 3


def test_alerts_on_it_come_with_their_changes(world: World) -> None:
    bring_articles(world, "a")
    ((alert, changes),) = page(world, str(PAIR)).alerts
    assert (alert.rule, alert.state) == ("level", State.FIRING)
    assert [c.to_state for c in changes] == [State.FIRING]
    assert page(world, "dyad:CHN-IND").alerts == []


def test_neighbours_come_by_level_and_stand_where_they_stand(world: World) -> None:
    bring(world, reports(60, 1, timedelta(days=40)))
    near = page(world, "country:PAK").neighbours
    assert {n.subject for n in near} == {
        "dyad:IRN-PAK", "dyad:AFG-PAK", "dyad:IND-PAK", "m49:034", "region:balochistan",
    }  # fmt: skip
    assert [n.level for n in near] == sorted((n.level for n in near), reverse=True)
    with world.units(read_only=True) as unit:
        for n in near:
            score = read(n.subject, unit, NOON + HOUR, GAUGE, {}).score
            assert (n.level, n.band) == (pytest.approx(score.level), score.band)
    assert len(near) <= MOST_NEIGHBOURS


def test_nothing_is_known_of_a_subject_nobody_reported_on(world: World) -> None:
    told = page(world, "dyad:CHN-IND")
    assert (told.reading.score.level, told.before, told.trend) == (0.0, 0.0, Trend.STEADY)
    assert (told.incidents, told.neighbours, told.alerts) == ([], [], [])
    with pytest.raises(NotFound, match="watch:other"):
        page(world, "watch:other")


KNOWN = (
    "country:AFG", "country:IRN", "country:PAK", "dyad:AFG-PAK", "dyad:CHN-IND", "dyad:IND-PAK", "dyad:IRN-PAK", "m49:034", "m49:145",
    "region:balochistan", "region:kashmir",
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("country:IRN", ["dyad:IRN-PAK", "m49:034", "region:balochistan"]),
        ("dyad:IRN-PAK", ["country:IRN", "country:PAK", "dyad:AFG-PAK", "dyad:IND-PAK", "region:balochistan"]),
        ("region:balochistan", ["country:IRN", "country:PAK"]),
        ("m49:034", ["country:AFG", "country:IRN", "country:PAK"]),
        ("watch:both", ["country:AFG", "dyad:IRN-PAK"]),
        ("country:FRA", []),
    ],
)
def test_who_is_near_depends_on_the_kind(written: str, near: list[str]) -> None:
    assert kin(Subject.parse(written), KNOWN, GEOGRAPHY, GAUGE.watchlists) == near
