"""What people say of alerts."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.domain.alerting.feedback import Feedback, Verdict
from service.ports import Cursor
from tests.contract.test_alerts import ALERT
from tests.fakes import NOON

WORD = Feedback("f1", ALERT.id, "t1", Verdict.RIGHT, "account:ann", "Good.", NOON)
LATER = replace(WORD, id="f2", author="key:desk", verdict=Verdict.WRONG, comment="", at=NOON + timedelta(hours=1))


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    units = SqlUnits(engine)
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.save(replace(ALERT, subject="country:IRN"))
    return units


def test_a_word_is_kept_as_it_was_said(units: SqlUnits) -> None:
    with units() as unit:
        unit.feedback.save(WORD)
    with units() as unit:
        assert unit.feedback.of(ALERT.id, "account:ann") == WORD
        assert unit.feedback.of(ALERT.id, "account:ben") is None
        assert unit.feedback.page(10) == [WORD]


def test_the_last_word_of_an_author_counts(units: SqlUnits) -> None:
    again = replace(WORD, verdict=Verdict.WRONG, at=NOON + timedelta(hours=2))
    with units() as unit:
        for one in (WORD, LATER, again):
            unit.feedback.save(one)
        assert unit.feedback.page(10, ALERT.id) == [again, LATER]


def test_pages_go_on_where_the_last_one_ended(units: SqlUnits) -> None:
    other = replace(WORD, id="f0", alert_id=replace(ALERT, subject="country:IRN").id)
    with units() as unit:
        for one in (WORD, LATER, other):
            unit.feedback.save(one)
        assert unit.feedback.page(2) == [LATER, WORD]
        assert unit.feedback.page(2, before=Cursor(WORD.at, WORD.id)) == [other]
        assert unit.feedback.page(2, other.alert_id) == [other]
        assert unit.feedback.page(2, before=Cursor(other.at, other.id)) == []
