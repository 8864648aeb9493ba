"""What rules said, as stored."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.adapters.storage.memory import MemoryUnits
from service.domain.alerting.record import Record
from service.domain.alerting.route import Withheld, WithheldKind
from service.domain.alerting.rule import ReasonKind, Severity, State
from service.flow import RowState, Task
from service.ports import OpenBooks
from tests.contract.test_alerts import ALERT, DYAD, MESSAGE, TRANSITION
from tests.fakes import LEASE, NOON

HOUR = timedelta(hours=1)
SAID = Record(
    "level", DYAD, NOON, State.INACTIVE, State.PENDING, 1, notify=False, kind=ReasonKind.WAITS, reason="level 45.0 …",
    severity=Severity.WARNING, facts={"level": 45.0, "accord": None, "rule": {"for": 900.0}}, versions={"score": "2"},
)  # fmt: skip


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


@pytest.fixture(params=["database", "memory"])
def books(request: pytest.FixtureRequest, units: SqlUnits) -> OpenBooks:
    return units if request.param == "database" else MemoryUnits(lambda: NOON)


def test_what_was_said_comes_back_as_it_was_and_in_order(books: OpenBooks) -> None:
    later = replace(SAID, at=NOON + HOUR, after=State.FIRING, kind=ReasonKind.FIRING, notify=True)
    with books() as unit:
        for said in (SAID, later, replace(SAID, rule="peace"), replace(SAID, subject="country:IRN")):
            unit.decisions.add(said)
        assert unit.decisions.of("level", DYAD) == [SAID, later]
        assert unit.decisions.of("level", "country:PAK") == []


def test_the_last_word_of_each_rule_stands_also_of_two_in_one_moment(books: OpenBooks) -> None:
    same_moment = replace(SAID, after=State.FIRING)
    later = replace(SAID, at=NOON + 2 * HOUR, after=State.RESOLVED)
    peace = replace(SAID, rule="peace")
    with books() as unit:
        assert unit.decisions.standing(DYAD) == {}
        for said in (SAID, same_moment, peace, later, replace(SAID, subject="country:IRN")):
            unit.decisions.add(said)
        assert unit.decisions.standing(DYAD) == {"level": later, "peace": peace}
        assert unit.decisions.standing(DYAD, NOON + HOUR) == {"level": same_moment, "peace": peace}
        assert unit.decisions.standing(DYAD, NOON - HOUR) == {}


def test_what_is_old_is_forgotten(books: OpenBooks) -> None:
    with books() as unit:
        assert unit.decisions.began_at() is None
        for hours in range(4):
            unit.decisions.add(replace(SAID, at=NOON + hours * HOUR))
        assert unit.decisions.began_at() == NOON
        assert unit.decisions.forget(NOON + 2 * HOUR) == 2
        assert unit.decisions.began_at() == NOON + 2 * HOUR


def test_the_course_of_an_alert_tells_why_nobody_was_told(units: SqlUnits) -> None:
    inhibited = Withheld(WithheldKind.INHIBITED, "dyad:IND-PAK")
    ended = replace(TRANSITION, at=NOON + HOUR, to_state=State.RESOLVED)
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.save(replace(ALERT, subject="country:IRN"))
        unit.alerts.add_transition(ended)
        unit.alerts.add_transition(TRANSITION)
        unit.alerts.add_notification(MESSAGE)
        unit.works.finish(unit.works.claim(Task.DISPATCH, [TRANSITION.id], LEASE), RowState.ROUTED)
        unit.alerts.withhold(TRANSITION.id, inhibited)
        course = unit.alerts.course(ALERT.id)
        assert [rule_and_subject[1:] for rule_and_subject in unit.alerts.names()] == [
            ("level", "country:IRN"),
            ("level", DYAD),
        ]
    assert (course.alert, course.transitions) == (ALERT, [TRANSITION, ended])
    assert course.states == {TRANSITION.id: RowState.ROUTED, ended.id: RowState.PENDING}
    assert course.withheld == {TRANSITION.id: inhibited}
    assert [m["transition_id"] for m in course.notifications] == [TRANSITION.id]


def test_the_course_in_memory_is_the_same(units: SqlUnits) -> None:
    inhibited = Withheld(WithheldKind.INHIBITED, "dyad:IND-PAK")
    other = replace(TRANSITION, at=NOON + HOUR, to_state=State.RESOLVED)
    memory = MemoryUnits(lambda: NOON)
    found = []
    for books in (units, memory):
        with books() as unit:
            unit.alerts.save(ALERT)
            unit.alerts.add_transition(other)
            unit.alerts.add_transition(TRANSITION)
            unit.alerts.add_notification(MESSAGE)
            unit.alerts.withhold(other.id, inhibited)
            course = unit.alerts.course(ALERT.id)
            found.append((unit.alerts.names(), course.alert, course.transitions, course.withheld))
            assert [n["transition_id"] for n in course.notifications] == [TRANSITION.id]
    assert found[0] == found[1]
    assert course.states == {other.id: RowState.ROUTED, TRANSITION.id: RowState.ROUTED}
