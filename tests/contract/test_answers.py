"""Answers that are given again."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.ports import Known
from tests.fakes import NOON

HOUR = timedelta(hours=1)


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


def test_a_request_is_claimed_once(units: SqlUnits) -> None:
    with units() as unit:
        assert unit.answers.get("d") is None
        assert unit.answers.claim("d", "asked", "one", NOON)
    with units() as unit:
        assert not unit.answers.claim("d", "asked", "other", NOON + HOUR)
        assert unit.answers.get("d") == Known("asked", None, "one", NOON)


def test_only_its_holder_answers(units: SqlUnits) -> None:
    with units() as unit:
        unit.answers.claim("d", "asked", "one", NOON)
        assert not unit.answers.keep("d", "other", 201, "{}")
        assert unit.answers.keep("d", "one", 201, '{"é": "\\u0000"}')
        assert not unit.answers.keep("d", "one", 500, "again")
        assert unit.answers.get("d") == Known("asked", 201, '{"é": "\\u0000"}', NOON)


def test_another_takes_over_from_a_holder_and_from_nobody_else(units: SqlUnits) -> None:
    with units() as unit:
        unit.answers.claim("d", "asked", "one", NOON)
        assert not unit.answers.take_over("d", "nobody", "two", NOON + HOUR)
        assert unit.answers.take_over("d", "one", "two", NOON + HOUR)
        assert not unit.answers.take_over("d", "one", "three", NOON + HOUR)
        assert unit.answers.get("d") == Known("asked", None, "two", NOON + HOUR)
        assert not unit.answers.keep("d", "one", 201, "late")
        unit.answers.keep("d", "two", 201, "")
        assert not unit.answers.take_over("d", "two", "three", NOON), "an answer stays"


def test_what_is_dropped_can_be_claimed_again(units: SqlUnits) -> None:
    with units() as unit:
        unit.answers.claim("d", "asked", "one", NOON)
        unit.answers.drop("d", "other")
        assert unit.answers.get("d")
        unit.answers.drop("d", "one")
        assert unit.answers.claim("d", "else", "two", NOON)
        unit.answers.keep("d", "two", 200, "kept")
        unit.answers.drop("d", "two")
        assert unit.answers.get("d") == Known("else", 200, "kept", NOON)


def test_what_is_old_is_forgotten(units: SqlUnits) -> None:
    with units() as unit:
        unit.answers.claim("old", "asked", "one", NOON - HOUR)
        unit.answers.claim("new", "asked", "one", NOON)
        unit.answers.forget(NOON)
        assert (unit.answers.get("old"), unit.answers.get("new") is not None) == (None, True)
