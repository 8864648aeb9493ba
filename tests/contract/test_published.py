"""What people can read of alerts and events, page by page, as stored."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import SqlUnits
from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import Severity, State
from service.pipeline.score import enter
from service.ports import Alerts, Cursor, OpenBooks, Published, Wanted
from tests.contract.conftest import Store
from tests.contract.test_alerts import ALERT, DYAD, TRANSITION
from tests.contract.test_articles import an_event
from tests.contract.test_ledger import report
from tests.fakes import NOON, article

HOUR = timedelta(hours=1)
CLEAR = replace(ALERT, rule="clear", subject="country:IRN", labels={"kind": "ALLCLEAR", "subject": "country:IRN"})


@pytest.fixture
def units(store: Store) -> OpenBooks:
    return store.units


def change(alert: Alert, hour: int, before: State, after: State, severity: Severity) -> Transition:
    return replace(
        TRANSITION, alert_id=alert.id, at=NOON + hour * HOUR, from_state=before, to_state=after, severity=severity
    )


FIRED = change(ALERT, 0, State.PENDING, State.FIRING, Severity.INFO)
LOUDER = change(ALERT, 1, State.FIRING, State.FIRING, Severity.HIGH)
OVER = change(ALERT, 2, State.FIRING, State.RESOLVED, Severity.INFO)
AGAIN = change(ALERT, 3, State.RESOLVED, State.FIRING, Severity.WARNING)
OVER_AGAIN = change(ALERT, 4, State.FIRING, State.RESOLVED, Severity.INFO)
CLEARED = change(CLEAR, 5, State.PENDING, State.RESOLVED, Severity.INFO)
ALL = [FIRED, LOUDER, OVER, AGAIN, OVER_AGAIN, CLEARED]


@contextmanager
def told(units: OpenBooks) -> Iterator[Alerts]:
    """All of them stored, each in a transaction of its own."""
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.save(CLEAR)
    for transition in ALL:
        with units() as unit:
            unit.alerts.add_transition(transition)
    with units(read_only=True) as unit:
        yield unit.alerts


def ids(found: list[Published]) -> set[str]:
    return {p.transition.id for p in found}


def test_pages_hold_each_once_in_either_direction(units: OpenBooks) -> None:
    with told(units) as alerts:
        newest = alerts.published(100)
        oldest = alerts.published_after(None, 100)
        assert oldest == newest[::-1] == sorted(newest, key=lambda p: p.cursor)
        assert ids(newest) == {t.id for t in ALL}
        assert {p.transition.id: p.alert for p in newest}[CLEARED.id] == CLEAR
        down: list[Published] = []
        while page := alerts.published(2, before=down[-1].cursor if down else None):
            assert len(page) == 2
            down += page
        assert down == newest
        up: list[Published] = []
        while page := alerts.published_after(up[-1].cursor if up else None, 4):
            up += page
        assert up == oldest
        assert alerts.published_after(Cursor(newest[0].stored_at + HOUR, ""), 9) == []
        assert alerts.published(9, before=Cursor(oldest[0].stored_at - HOUR, "")) == []


def test_a_transition_stored_later_comes_after_all_that_was_read(units: OpenBooks) -> None:
    with told(units) as alerts:
        last = alerts.published(1)[0]
    late = change(ALERT, -9, State.PENDING, State.FIRING, Severity.INFO)
    with units() as unit:
        unit.alerts.add_transition(late)
        stored = {p.transition.id: p for p in unit.alerts.published(100)}[late.id]
        assert stored.stored_at >= last.stored_at, "the order is that of storing, whatever the time it is about"


def test_one_transition_is_found_by_its_id(units: OpenBooks) -> None:
    with told(units) as alerts:
        found = alerts.found(OVER.id)
        assert found is not None
        assert (found.transition, found.alert, found.begins) == (OVER, ALERT, False)
        assert alerts.found("nobody") is None
        began = [p.transition for p in alerts.published_after(None, 99) if p.begins]
        assert sorted(t.at for t in began) == [FIRED.at, AGAIN.at]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted(), ALL),
        (Wanted(subjects=(DYAD,)), ALL[:5]),
        (Wanted(subjects=("country:IRN", "country:PAK")), [CLEARED]),
        (Wanted(subjects=("dyad:*",)), []),
        (Wanted(kind="ALLCLEAR"), [CLEARED]),
        (Wanted(kind="SURGE"), []),
        (Wanted(alert_id=CLEAR.id), [CLEARED]),
        (Wanted(since=LOUDER.at, until=AGAIN.at), [LOUDER, OVER]),
        # an end is heard of by those who heard of the beginning: the second time it was never high
        (Wanted(least=Severity.HIGH), [LOUDER, OVER]),
        (Wanted(least=Severity.WARNING), [LOUDER, OVER, AGAIN, OVER_AGAIN]),
        (Wanted(least=Severity.CRITICAL), []),
        (Wanted(least=Severity.WARNING, since=OVER.at, until=OVER_AGAIN.at), [OVER, AGAIN]),
    ],
)
def test_only_what_is_wanted_comes(units: OpenBooks, wanted: Wanted, expected: list[Transition]) -> None:
    with told(units) as alerts:
        assert ids(alerts.published(100, wanted)) == {t.id for t in expected}
        assert ids(alerts.published_after(None, 100, wanted)) == {t.id for t in expected}


def test_events_come_by_their_time_each_once(engine: Engine, shipped_gazetteer: CompiledGazetteer) -> None:
    units = SqlUnits(engine)
    with units() as unit:
        for n in range(5):
            unit.articles.add(article(f"a{n}"), "test", f"h{n}")
            unit.articles.save_events(f"a{n}", [an_event(f"a{n}", at=NOON - n // 2 * HOUR)])
    with units(serial=True) as unit:
        enter([report(n) for n in range(3)], unit, shipped_gazetteer.geography, NOON)
    with units(read_only=True) as unit:
        every = unit.articles.told(None, 100)
        assert [e.id for e in every] == ["a4#0", "a2#0", "a3#0", "a0#0", "a1#0"]
        one = every[-1]
        assert (one.article_id, one.publisher, one.published_at) == ("a1", "Reuters", NOON)
        assert one.event == an_event("a1", at=NOON)
        assert one.at == NOON
        assert unit.articles.told(every[1].cursor, 2) == every[2:4]
        assert unit.articles.told(None, 9, since=NOON) == every[3:]
        assert unit.articles.told(None, 9, until=NOON) == every[:3]
        booked = {e.id for e in unit.articles.told(None, 9, subjects=["dyad:IRN-PAK", "country:IRN"])}
        assert booked == {"a0#0", "a1#0", "a2#0"}
        assert unit.articles.told(None, 9, subjects=["country:DEU"]) == []
        assert unit.articles.told(None, 9, subjects=[]) == []
