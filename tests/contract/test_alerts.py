"""Alerts, transitions, the outbox, feeds and marks, as stored."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.domain.alerting.alert import Alert, Quote, Transition
from service.domain.alerting.notification import Notification
from service.domain.alerting.rule import Memory, Severity, State
from service.flow import RowState, Task
from service.ports import Feed
from tests.fakes import LEASE, NOON, dump, pass_time

DYAD = "dyad:IRN-PAK"
QUOTE = Quote("Wire", "https://wire.example/1", "Iran attacked “Pakistan”.", "a1")
ALERT = Alert(
    "level", DYAD, {"kind": "LEVEL", "subject": DYAD}, State.FIRING, Severity.HIGH, "level 63.1 reached 60", NOON,
    Memory(State.FIRING, 2, NOON, NOON, NOON, "high", confirmed=True), (QUOTE,), 2,
)  # fmt: skip
TRANSITION = Transition(
    ALERT.id, NOON, State.PENDING, State.FIRING, Severity.HIGH, 63.125, 10.5, "level", (QUOTE,), 2, confirmed=True
)
MESSAGE = Notification(TRANSITION.id, ALERT.id, "desk", "mail", "↑ Risk high", "Why: …", NOON)


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


def test_an_alert_comes_back_as_it_was_and_is_one_row_for_ever(units: SqlUnits) -> None:
    resolved = replace(ALERT, state=State.RESOLVED, memory=Memory(State.RESOLVED, fired_at=NOON), evidence=())
    with units() as unit:
        unit.alerts.save(ALERT)
        assert unit.alerts.for_subjects([DYAD, "country:IRN"]) == [ALERT]
        assert unit.alerts.firing("level") == [ALERT]
        unit.alerts.save(resolved)
        assert unit.alerts.for_subjects([DYAD]) == [resolved]
        assert unit.alerts.firing("level") == []
        assert unit.alerts.firing("another") == []


def test_watched_are_those_that_time_may_change(units: SqlUnits) -> None:
    with units() as unit:
        for n, state in enumerate(State):
            unit.alerts.save(replace(ALERT, subject=f"m49:00{n}", state=state))
        expected = sorted(f"m49:00{n}" for n, state in enumerate(State) if state is not State.INACTIVE)
        assert unit.alerts.watched() == expected


def test_a_transition_is_kept_once_and_comes_back(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.alerts.save(ALERT)
        assert unit.alerts.add_transition(TRANSITION)
    before = dump(engine)
    with units() as unit:
        assert not unit.alerts.add_transition(TRANSITION)
        assert unit.alerts.transitions([TRANSITION.id, "nobody"]) == {TRANSITION.id: (TRANSITION, ALERT)}
    assert dump(engine) == before


def test_a_message_is_in_the_outbox_once(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(TRANSITION)
        assert not unit.alerts.was_told(DYAD)
        assert unit.alerts.add_notification(MESSAGE)
        assert unit.alerts.was_told(DYAD)
        assert not unit.alerts.was_told("country:IRN")
    before = dump(engine)
    with units() as unit:
        again = replace(MESSAGE, title="other words", created_at=NOON + timedelta(days=1))
        assert not unit.alerts.add_notification(again)
    assert dump(engine) == before
    with units() as unit:
        assert unit.alerts.add_notification(replace(MESSAGE, channel="chat"))
        found = unit.alerts.notifications([MESSAGE.id])[MESSAGE.id]
        assert replace(found, created_at=NOON) == MESSAGE


def test_the_end_of_what_nobody_was_told_is_not_a_told_beginning(units: SqlUnits) -> None:
    ended = replace(TRANSITION, from_state=State.FIRING, to_state=State.RESOLVED)
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(ended)
        unit.alerts.add_notification(replace(MESSAGE, transition_id=ended.id))
        assert not unit.alerts.was_told(DYAD)


def test_history_tells_all(units: SqlUnits) -> None:
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.save(replace(ALERT, subject="country:PAK", since=NOON + timedelta(hours=1)))
        unit.alerts.add_transition(TRANSITION)
        unit.alerts.add_notification(MESSAGE)
        history = unit.alerts.history()
    assert [alert.subject for alert, _, _ in history] == ["country:PAK", DYAD]
    assert [t for _, changes, _ in history for t in changes] == [TRANSITION]
    assert [m["idem"] for _, _, messages in history for m in messages] == [MESSAGE.idem]


def wire(url: str = "https://wire.example/rss", name: str = "wire") -> Feed:
    return Feed(name, url, "Wire")


def test_a_feed_keeps_its_cursor_while_its_address_stays(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.feeds.sync([wire(), wire("https://other.example/rss", "other")])
        unit.feeds.record("wire", "etag 1", "Sun, 01 Mar 2026 12:00:00 GMT")
    before = dump(engine)
    with units() as unit:
        unit.feeds.sync([wire("https://other.example/rss", "other"), wire()])
    assert dump(engine) == before
    with units() as unit:
        assert unit.feeds.get(["wire"])["wire"] == Feed(
            "wire", "https://wire.example/rss", "Wire", "etag 1", "Sun, 01 Mar 2026 12:00:00 GMT"
        )
        unit.feeds.sync([wire("https://wire.example/new")])
        assert unit.feeds.get(["wire", "other"]) == {"wire": wire("https://wire.example/new")}


def test_two_feeds_may_change_places(units: SqlUnits) -> None:
    one, other = "https://wire.example/1", "https://wire.example/2"
    with units() as unit:
        unit.feeds.sync([wire(one, "a"), wire(other, "b")])
    with units() as unit:
        unit.feeds.sync([wire(other, "a"), wire(one, "b")])
        assert {f.id: f.url for f in unit.feeds.get(["a", "b"]).values()} == {"a": other, "b": one}
        unit.feeds.sync([])
        assert unit.feeds.health() == []


def test_feeds_tell_how_they_are(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.feeds.sync([wire()])
        held = unit.works.claim(Task.FETCH, ["wire"], LEASE)
        unit.works.fail(held[0], "the server answered 500", timedelta(minutes=30))
        (health,) = unit.feeds.health()
    assert (health["attempt"], health["last_error"], health["last_ok_at"]) == (1, "the server answered 500", None)
    pass_time(engine, timedelta(hours=1))
    with units() as unit:
        unit.works.finish(unit.works.claim(Task.FETCH, ["wire"], LEASE), RowState.PENDING)
        unit.feeds.record("wire", "", "")
        (health,) = unit.feeds.health()
    assert (health["attempt"], health["last_error"]) == (0, None)
    assert health["last_ok_at"] is not None


def test_a_mark_holds_the_last_time(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.marks.set("swept", "one")
    pass_time(engine, timedelta(hours=2))
    with units() as unit:
        at, value = unit.marks.get("swept") or (NOON, "")
        assert value == "one"
        assert unit.marks.now() - at >= timedelta(hours=2)
        unit.marks.set("swept", "two")
        at, value = unit.marks.get("swept") or (NOON, "")
        assert value == "two"
        assert unit.marks.now() - at < timedelta(minutes=1)
        assert unit.marks.get("never") is None
