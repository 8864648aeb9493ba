"""All subjects at once are told as each would be alone, and the copy of the sums keeps up with the books."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from service.domain.news.owner import QUARANTINE
from service.domain.risk.incident import Report
from service.domain.risk.ledger import hour_of
from service.domain.risk.score import Scale, score
from service.operations.mirror import SLACK, Mirror
from service.operations.rebuild import rebuild
from service.operations.scores import read, readings
from service.operations.world import LiveWorld, Trend, world
from service.pipeline.books import Gauge, entries_of
from service.pipeline.score import enter, withdraw
from service.ports import Units
from tests.contract.test_articles import an_event
from tests.fakes import NOON, World, article

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
GAUGE = Gauge(
    Scale(0.2, 8.0), watchlists={"watch:both": ("dyad:IRN-PAK", "country:AFG"), "watch:none": ("country:FRA",)}
)
SIDES = (("IRN", "PAK"), ("PAK", "AFG"), ("IND", "PAK"), ("USA", "IRN"))
KINDS = ("ASSAULT", "COERCE", "CONSULT", "PROTEST")


def reports(count: int, seed: int, since: timedelta = 200 * DAY) -> list[Report]:
    """Happenings of the time before NOON, one of whose tellers says more than one may, and another floods."""
    chance, made = random.Random(seed), []
    for n in range(count):
        one, other = chance.choice(SIDES)
        at = NOON - since * chance.random() ** 3 + HOUR
        event = replace(an_event(f"{seed}-{n}", at=at), actors=(one,), recipients=(other,), type=chance.choice(KINDS))
        owner = chance.choice(("loud", "loud", "daily", f"owner {n % 9}", QUARANTINE))
        made.append(Report(f"{seed}-{n}#0", f"{seed}-{n}", owner, "A", event))
    return made


def bring(world: World, told: Sequence[Report]) -> None:
    with world.units() as unit:
        for r in told:
            unit.articles.add(article(r.article_id), "test", r.id)
            unit.articles.save_events(r.article_id, [r.event])
    with world.units(serial=True) as unit:
        enter(told, unit, world.gazetteer.geography, NOON)


def flood(world: World) -> None:
    bring(world, [replace(r, owner=QUARANTINE) for r in reports(120, 7, 2 * HOUR)])


@pytest.fixture
def books(world: World) -> World:
    bring(world, reports(240, 1))
    flood(world)
    with world.units(read_only=True) as unit:
        assert unit.ledger.floods(NOON - DAY) != set()
    return world


@pytest.mark.parametrize("ago", [timedelta(0), 30 * HOUR, 100 * DAY, 500 * DAY], ids=str)
def test_readings_of_all_are_those_of_each_to_the_last_bit(books: World, ago: timedelta) -> None:
    at = NOON + timedelta(minutes=7) - ago
    found = {r.subject: r for r in readings(books.units, at, GAUGE, {"detente": "1"}, 0.0)}
    with books.units(read_only=True) as unit:
        subjects = [*unit.ledger.subjects(), *GAUGE.watchlists]
        assert found == {s: read(s, unit, at, GAUGE, {"detente": "1"}) for s in subjects}
    assert [r.subject for r in readings(books.units, at, GAUGE, {}, 5.0)] == [
        r.subject for r in sorted(found.values(), key=lambda r: (-r.score.level, r.subject)) if r.score.level >= 5.0
    ]


def alike(units: Units, at: datetime, mirror: Mirror) -> None:
    """What the mirror says is what the books say."""
    told = world(units, at, GAUGE, {}, mirror)
    with units(read_only=True) as unit:
        for place in told.places:
            assert place.reading == read(place.reading.subject, unit, at, GAUGE, {})
    assert {p.reading.subject for p in told.places} >= {
        r.subject for r in readings(units, at, GAUGE, {}, 0.0) if r.score.level > 0
    }


def test_the_world_says_what_is_what_was_and_what_moved(books: World) -> None:
    at = NOON + timedelta(minutes=7)
    told = world(books.units, at, GAUGE, {})
    assert told.at == at
    assert len(told.days) == 90
    assert told.days[-1] == (NOON - DAY).date()
    levels = [p.reading.score.level for p in told.places]
    assert levels == sorted(levels, reverse=True)
    with books.units(read_only=True) as unit:
        floods = unit.ledger.floods(NOON - 500 * DAY)
        for place in told.places:
            subject = place.reading.subject
            entries = entries_of(subject, unit, at - 500 * DAY, at + DAY, GAUGE.watchlists)
            assert place.before == pytest.approx(score(entries, at - DAY, GAUGE.scale, floods).level)
            ends = [
                datetime.combine(d, NOON.time(), NOON.tzinfo) + 12 * HOUR - timedelta(microseconds=1) for d in told.days
            ]
            assert list(place.past) == pytest.approx(
                [score(entries, end, GAUGE.scale, floods).level for end in ends], abs=0.0501
            )
    changes = [abs(p.change) for p in told.moves]
    assert changes == sorted(changes, reverse=True) != []
    assert min(changes) >= 1.0
    assert all((p.trend is Trend.RISING) == (p.reading.score.level > p.before) for p in told.moves)
    assert {(a.one, a.other) for a in told.arcs} == {tuple(sorted(side)) for side in SIDES}
    (first, *_) = told.arcs
    assert first.level == max(p.reading.score.level for p in told.places if p.reading.subject.startswith("dyad:"))


def test_a_copy_keeps_up_with_the_books(books: World) -> None:
    mirror = Mirror()
    alike(books.units, NOON, mirror)
    bring(books, reports(30, 2, 3 * DAY))
    alike(books.units, NOON + timedelta(minutes=30), mirror)
    alike(books.units, NOON + HOUR, mirror)
    with books.units(serial=True) as unit:
        withdraw([r.article_id for r in reports(30, 2, 3 * DAY)][:20], unit, books.gazetteer.geography, NOON)
    alike(books.units, NOON + 2 * HOUR, mirror)
    alike(books.units, NOON + SLACK + DAY, mirror)
    bring(books, reports(30, 3, 3 * DAY))
    alike(books.units, NOON + SLACK + DAY, mirror)


def test_a_copy_reads_only_what_changed(books: World) -> None:
    mirror = Mirror()
    with books.units(read_only=True) as unit:
        before = mirror.copy(unit, NOON, GAUGE.watchlists).weighed
        again = mirror.copy(unit, NOON + HOUR, GAUGE.watchlists).weighed
    assert all(again[subject] is weighing for subject, weighing in before.items())
    bring(books, [r for r in reports(400, 4, 3 * DAY) if r.event.recipients == ("AFG",)][:5])
    with books.units(read_only=True) as unit:
        after = mirror.copy(unit, NOON + HOUR, GAUGE.watchlists).weighed
    assert after["country:AFG"] is not before["country:AFG"]
    assert after["dyad:IRN-USA"] is before["dyad:IRN-USA"]


def test_books_written_anew_are_read_anew(books: World) -> None:
    mirror = Mirror()
    alike(books.units, NOON, mirror)
    with books.units(serial=True) as unit:
        unit.ledger.empty()
    with books.units(read_only=True) as unit:
        empty = mirror.copy(unit, NOON, {})
        assert (empty.weighed, empty.heard, empty.began_at) == ({}, {}, None)
    bring(books, reports(30, 5))
    alike(books.units, NOON, mirror)
    assert rebuild(books.units, lambda: books.gazetteer.geography, NOON) is not None
    alike(books.units, NOON, mirror)


def test_what_is_too_old_is_dropped(books: World) -> None:
    mirror = Mirror()
    with books.units(read_only=True) as unit:
        mirror.copy(unit, NOON, {})
        later = NOON + 300 * DAY
        weighed = mirror.copy(unit, later, {}).weighed
        assert weighed
        assert all(w.strip.hours[0] >= hour_of(later - 365 * DAY) for w in weighed.values())


def test_the_living_world_is_kept_until_the_books_change(books: World) -> None:
    live = LiveWorld(books.units)
    first = live(NOON, GAUGE, {})
    assert live(NOON + timedelta(seconds=30), GAUGE, {}) is first
    bring(books, reports(5, 6, HOUR))
    assert live(NOON + timedelta(seconds=4), GAUGE, {}) is first, "for five seconds nobody asks"
    second = live(NOON + timedelta(seconds=31), GAUGE, {})
    assert second is not first
    other = replace(GAUGE, scale=Scale(1.0, 9.0))
    third = live(NOON + timedelta(seconds=40), other, {})
    assert [p.reading.score.level for p in third.places] != [p.reading.score.level for p in second.places]
    assert live(NOON + timedelta(seconds=101), other, {}) is not third
