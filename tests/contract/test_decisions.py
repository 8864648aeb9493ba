"""What rules said, as stored."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.adapters.storage.memory import MemoryUnits
from service.domain.alerting.record import Record
from service.domain.alerting.rule import ReasonKind, Severity, State
from service.ports import OpenBooks
from tests.contract.test_alerts import DYAD
from tests.fakes import NOON

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
