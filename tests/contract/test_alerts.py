"""Alerts, transitions and the outbox, as stored."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.alert import Alert, Quote, Transition
from service.domain.alerting.notification import Notification
from service.domain.alerting.rule import Memory, Severity, State
from service.ports import OpenBooks
from tests.contract.conftest import Store
from tests.fakes import NOON

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
def units(store: Store) -> OpenBooks:
    return store.units


def test_an_alert_comes_back_as_it_was_and_is_one_row_for_ever(units: OpenBooks) -> None:
    resolved = replace(ALERT, state=State.RESOLVED, memory=Memory(State.RESOLVED, fired_at=NOON), evidence=())
    with units() as unit:
        unit.alerts.save(ALERT)
        assert unit.alerts.for_subjects([DYAD, "country:IRN"]) == [ALERT]
        assert unit.alerts.firing("level") == [ALERT]
        unit.alerts.save(resolved)
        assert unit.alerts.for_subjects([DYAD]) == [resolved]
        assert unit.alerts.firing("level") == []
        assert unit.alerts.firing("another") == []


def test_watched_are_those_that_time_may_change(units: OpenBooks) -> None:
    with units() as unit:
        for n, state in enumerate(State):
            unit.alerts.save(replace(ALERT, subject=f"m49:00{n}", state=state))
        expected = sorted(f"m49:00{n}" for n, state in enumerate(State) if state is not State.INACTIVE)
        assert unit.alerts.watched() == expected


@pytest.mark.parametrize(("given", "watched"), [(None, True), (-1, True), (0, False), (1, False)])
def test_what_is_over_is_watched_until_the_all_clear(units: OpenBooks, given: int | None, watched: bool) -> None:
    over = replace(ALERT, state=State.RESOLVED, memory=Memory(State.RESOLVED, resolved_at=NOON))
    with units() as unit:
        unit.alerts.save(over)
        if given is not None:
            clear = Memory(State.RESOLVED, fired_at=NOON + timedelta(hours=given))
            unit.alerts.save(
                replace(over, rule="all-clear", labels={"kind": "ALLCLEAR", "subject": DYAD}, memory=clear)
            )
        assert unit.alerts.watched() == ([DYAD] if watched else [])


def test_a_transition_is_kept_once_and_comes_back(store: Store) -> None:
    units = store.units
    with units() as unit:
        unit.alerts.save(ALERT)
        assert unit.alerts.add_transition(TRANSITION)
    before = store.dump()
    with units() as unit:
        assert not unit.alerts.add_transition(TRANSITION)
        assert unit.alerts.transitions([TRANSITION.id, "nobody"]) == {TRANSITION.id: (TRANSITION, ALERT)}
    assert store.dump() == before


def test_a_message_is_in_the_outbox_once(store: Store) -> None:
    units = store.units
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(TRANSITION)
        assert not unit.alerts.was_told(DYAD)
        assert unit.alerts.add_notification(MESSAGE)
        assert unit.alerts.was_told(DYAD)
        assert not unit.alerts.was_told("country:IRN")
    before = store.dump()
    with units() as unit:
        again = replace(MESSAGE, title="other words", created_at=NOON + timedelta(days=1))
        assert not unit.alerts.add_notification(again)
    assert store.dump() == before
    with units() as unit:
        assert unit.alerts.add_notification(replace(MESSAGE, channel="chat"))
        found = unit.alerts.notifications([MESSAGE.id])[MESSAGE.id]
        assert replace(found, created_at=NOON) == MESSAGE


def test_the_end_of_what_nobody_was_told_is_not_a_told_beginning(units: OpenBooks) -> None:
    ended = replace(TRANSITION, from_state=State.FIRING, to_state=State.RESOLVED)
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(ended)
        unit.alerts.add_notification(replace(MESSAGE, transition_id=ended.id))
        assert not unit.alerts.was_told(DYAD)


def test_history_tells_all(units: OpenBooks) -> None:
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.save(replace(ALERT, subject="country:PAK", since=NOON + timedelta(hours=1)))
        unit.alerts.add_transition(TRANSITION)
        unit.alerts.add_notification(MESSAGE)
        history = unit.alerts.history()
    assert [alert.subject for alert, _, _ in history] == ["country:PAK", DYAD]
    assert [t for _, changes, _ in history for t in changes] == [TRANSITION]
    assert [m["idem"] for _, _, messages in history for m in messages] == [MESSAGE.idem]
