"""Alerts, transitions and the outbox, as stored."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting import canary
from service.domain.alerting.alert import Alert, Quote, Transition
from service.domain.alerting.rule import Memory, Severity, State
from service.domain.news.canary import DYAD as INVENTED
from service.ports import OpenBooks
from tests.contract.conftest import Store
from tests.fakes import NOON

DYAD = "dyad:IRN-PAK"
QUOTE = Quote("Wire", "https://wire.example/1", "Iran attacked “Pakistan”.", "a1")
ALERT = Alert(
    "level", DYAD, {"kind": "LEVEL", "subject": DYAD}, State.FIRING, Severity.HIGH, "level 63.1 reached 60", NOON,
    Memory(State.FIRING, 2, NOON, NOON, NOON, "high", confirmed=True), (QUOTE,), 2, {"summary": "Iran–Pakistan, level 63"},
)  # fmt: skip
TRANSITION = Transition(
    ALERT.id, NOON, State.PENDING, State.FIRING, Severity.HIGH, 63.125, 10.5, "level", (QUOTE,), 2, confirmed=True
)


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


def test_an_alert_is_known_by_its_whole_id(units: OpenBooks) -> None:
    with units() as unit:
        unit.alerts.save(ALERT)
        assert [unit.alerts.is_known(name) for name in (ALERT.id, ALERT.id[:8], "", "level")] == [
            True,
            False,
            False,
            False,
        ]


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


def test_an_acknowledgement_holds_while_the_alert_fires(units: OpenBooks) -> None:
    with units() as unit:
        unit.alerts.save(ALERT)
        assert unit.alerts.acknowledged([ALERT.id]) == {}
        unit.alerts.acknowledge(ALERT.id, NOON, "ops", "looking")
        unit.alerts.acknowledge(ALERT.id, NOON + timedelta(minutes=1), "night", "")
        taken = unit.alerts.acknowledged([ALERT.id, "nobody"])
        assert {i: (a.author, a.at) for i, a in taken.items()} == {ALERT.id: ("night", NOON + timedelta(minutes=1))}
        unit.alerts.save(replace(ALERT, state=State.RESOLVED))
        assert unit.alerts.acknowledged([ALERT.id]) == {}
        unit.alerts.save(replace(ALERT, since=NOON + timedelta(hours=1)))
        assert unit.alerts.acknowledged([ALERT.id]) == {}, "it fires anew"


def test_a_subject_has_alerts_of_its_own_with_their_latest_changes(units: OpenBooks) -> None:
    other, quiet = replace(ALERT, subject="country:IRN"), replace(ALERT, rule="quiet", state=State.INACTIVE)
    changes = [replace(TRANSITION, at=NOON + timedelta(hours=n)) for n in range(4)]
    with units() as unit:
        for alert in (quiet, ALERT, other, canary_alert()):
            unit.alerts.save(alert)
        for n in (2, 0, 3, 1):
            unit.alerts.add_transition(changes[n])
        unit.alerts.add_transition(replace(TRANSITION, alert_id=other.id))
        assert unit.alerts.of_subject(DYAD, 9) == [(ALERT, changes), (quiet, [])]
        assert unit.alerts.of_subject(DYAD, 2) == [(ALERT, changes[2:]), (quiet, [])]
        assert unit.alerts.of_subject(INVENTED, 9) == unit.alerts.of_subject("country:FRA", 9) == []


def canary_alert() -> Alert:
    alert = replace(ALERT, rule="canary", subject=INVENTED)
    assert alert.id == canary.ALERT
    return alert
