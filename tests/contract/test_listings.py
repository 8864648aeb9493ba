"""Pages of what is stored: the newest first, none twice, none left out."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.domain.alerting import canary as canary_alert
from service.domain.alerting.rule import Severity, State
from service.domain.events.signal import Signal
from service.domain.news import canary
from service.ports import Choice, Cursor, Head, Span
from tests.contract.test_alerts import ALERT, TRANSITION
from tests.contract.test_articles import an_event
from tests.fakes import NOON, article

HOUR = timedelta(hours=1)
EVENT = an_event()


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


def walked(page: Callable[[Cursor | None], list[Any]], cursor_of: Callable[[Any], Cursor]) -> list[Any]:
    """All there is, page by page."""
    found: list[Any] = []
    after: Cursor | None = None
    while some := page(after):
        found += some
        after = cursor_of(some[-1])
    return found


def test_alerts_come_with_their_changes_the_newest_first(units: SqlUnits) -> None:
    subjects = [f"country:{code}" for code in ("AFG", "ALB", "DZA", "AND", "AGO")]
    alerts = [replace(ALERT, subject=s, since=NOON + (n // 2) * HOUR) for n, s in enumerate(subjects)]
    with units() as unit:
        for one in alerts:
            unit.alerts.save(one)
            unit.alerts.add_transition(replace(TRANSITION, alert_id=one.id))
    expected = sorted(alerts, key=lambda a: (a.since, a.id), reverse=True)
    with units(read_only=True) as unit:
        found = walked(lambda after: unit.listings.alerts(2, after), lambda entry: Cursor(entry[0].since, entry[0].id))
        assert [entry[0] for entry in found] == expected
        assert [entry[1] for entry in found] == [[replace(TRANSITION, alert_id=a.id)] for a in expected]
        assert {len(entry[2]) for entry in found} == {0}


def test_alerts_can_be_chosen(units: SqlUnits) -> None:
    over = replace(ALERT, subject="country:IRN", state=State.RESOLVED)
    other = replace(ALERT, rule="other")
    bird = replace(ALERT, rule=canary_alert.RULE.name, subject=canary.DYAD)
    with units() as unit:
        for one in (ALERT, over, other, bird):
            unit.alerts.save(one)
        chosen = [
            unit.listings.alerts(10, states=["resolved"]),
            unit.listings.alerts(10, states=["resolved", "firing"], rule=ALERT.rule),
            unit.listings.alerts(10, subject=ALERT.subject),
            unit.listings.alerts(10, rule="nobody's"),
        ]
    assert bird.id == canary_alert.ALERT
    assert [{entry[0].id for entry in page} for page in chosen] == [
        {over.id},
        {ALERT.id, over.id},
        {ALERT.id, other.id},
        set(),
    ]


def test_articles_come_without_canaries_and_can_be_chosen(units: SqlUnits) -> None:
    with units() as unit:
        for n in range(5):
            new = replace(article(f"a{n}"), published_at=NOON + (n // 2) * HOUR, publisher=f"Paper {n % 2}")
            unit.articles.add(new, "test", f"h{n}")
        unit.articles.add(article("bird"), canary.ORIGIN, "h")
        unit.articles.retract("a4", "not so")
        found = walked(lambda after: unit.listings.articles(2, after), lambda one: one.cursor)
        assert [one.id for one in found] == ["a4", "a3", "a2", "a1", "a0"]
        assert (found[0].state, found[0].reason, found[1].reason) == ("ignored", "not so", "")
        span = Span(NOON, NOON + HOUR)
        assert [one.id for one in unit.listings.articles(9, span=span)] == ["a1", "a0"]
        assert [one.id for one in unit.listings.articles(9, publisher="Paper 1")] == ["a3", "a1"]
        assert [one.id for one in unit.listings.articles(9, state="ignored")] == ["a4"]


def test_events_come_by_their_time_and_can_be_chosen(units: SqlUnits) -> None:
    with units() as unit:
        unit.articles.add(article("a1"), "test", "h1")
        unit.articles.add(article("bird"), canary.ORIGIN, "h2")
        events = [replace(EVENT, at=NOON + (n // 2) * HOUR) for n in range(4)]
        unit.articles.save_events("a1", [*events, replace(EVENT, signal=Signal.DE_ESCALATION, at=NOON - HOUR)])
        unit.articles.save_events("bird", [EVENT])
        found = walked(lambda after: unit.listings.events(2, after), lambda one: one.cursor)
        assert [one.id for one in found] == ["a1#3", "a1#2", "a1#1", "a1#0", "a1#4"]
        assert (found[0].event, found[0].article_id) == (events[3], "a1")
        assert [one.id for one in unit.listings.events(9, span=Span(NOON, NOON + HOUR))] == ["a1#1", "a1#0"]
        assert [one.id for one in unit.listings.events(9, signal="de-escalation")] == ["a1#4"]
        assert unit.listings.events(9, subjects=["country:IRN"]) == [], "nothing is booked yet"


def test_the_record_is_read_from_its_end(units: SqlUnits) -> None:
    with units() as unit:
        entries = [unit.audit.add("me", "key.issue", f"key:{n % 2}", None, {"n": n}) for n in range(5)]
        assert unit.listings.changes(2) == [entries[4], entries[3]]
        assert unit.listings.changes(2, 4) == [entries[2], entries[1]]
        assert unit.listings.changes(9, None, "key:1") == [entries[3], entries[1]]
        assert unit.listings.changes(9, 1) == []


def test_alerts_come_without_their_history_and_can_be_chosen(units: SqlUnits) -> None:
    quiet = replace(ALERT, subject="country:IRN", since=NOON + HOUR)
    loud = replace(ALERT, subject="country:PAK", severity=Severity.CRITICAL, since=NOON + 2 * HOUR)
    bird = replace(ALERT, rule=canary_alert.RULE.name, subject=canary.DYAD)
    with units() as unit:
        for one in (ALERT, quiet, loud, bird):
            unit.alerts.save(one)
        for n, level in enumerate((10.0, 70.0, 40.0)):
            changed = replace(
                TRANSITION, alert_id=loud.id, at=NOON + (n % 2) * HOUR, level=level, severity=list(Severity)[n]
            )
            unit.alerts.add_transition(changed)
    with units(read_only=True) as unit:
        found = walked(lambda after: unit.listings.heads(2, after), lambda head: head.cursor)
        assert found == [Head(loud, 70.0), Head(quiet, None), Head(ALERT, None)]
        assert unit.listings.heads(9, choice=Choice(severities=["critical"])) == found[:1]
        assert unit.listings.heads(9, choice=Choice(subject="country:IRN", states=["firing"])) == found[1:2]
        assert unit.listings.heads(9, choice=Choice(rule=bird.rule)) == []
