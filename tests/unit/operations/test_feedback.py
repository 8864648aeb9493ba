"""What people say of alerts."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.adapters.storage.database import SqlUnits
from service.domain.alerting.feedback import Verdict
from service.domain.alerting.rule import State
from service.errors import NotFound
from service.operations.feedback import Word, said, say
from tests.contract.test_alerts import ALERT, TRANSITION
from tests.fakes import NOON, FakeClock

RIGHT = Word(Verdict.RIGHT, "account:ann", "Well seen.")
HOUR = timedelta(hours=1)


@pytest.fixture
def told(units: SqlUnits) -> SqlUnits:
    """An alert that fired and is over."""
    over = replace(TRANSITION, at=TRANSITION.at + HOUR, from_state=State.FIRING, to_state=State.RESOLVED)
    with units() as unit:
        unit.alerts.save(ALERT)
        for change in (TRANSITION, over):
            unit.alerts.add_transition(change)
    return units


def test_a_word_is_about_the_last_firing_and_stands_in_the_record(told: SqlUnits) -> None:
    found = say(told, FakeClock(), ALERT.id[:6], RIGHT)
    assert (found.alert_id, found.transition_id, found.at) == (ALERT.id, TRANSITION.id, NOON)
    with told(read_only=True) as unit:
        entry = unit.audit.entries()[-1]
    assert (entry.actor, entry.action, entry.subject) == ("account:ann", "feedback.say", f"alert:{ALERT.id}")
    assert (entry.before, entry.after) == (None, {"verdict": "right", "comment": "Well seen."})


def test_a_second_word_takes_the_first_one_back(told: SqlUnits) -> None:
    first = say(told, FakeClock(), ALERT.id, RIGHT)
    second = say(told, FakeClock(NOON + HOUR), f"{ALERT.rule}/{ALERT.subject}", replace(RIGHT, verdict=Verdict.WRONG))
    assert second.id == first.id
    assert said(told, 10) == [second]
    with told(read_only=True) as unit:
        assert unit.audit.entries()[-1].before == {"verdict": "right", "comment": "Well seen."}


def test_each_has_a_word_of_their_own(told: SqlUnits) -> None:
    mine = say(told, FakeClock(), ALERT.id, RIGHT)
    theirs = say(told, FakeClock(NOON + HOUR), ALERT.id, replace(RIGHT, author="account:ben"))
    assert said(told, 10, ALERT.id) == [theirs, mine]
    assert said(told, 1) == [theirs]


def test_of_an_alert_that_is_none_nothing_can_be_said(told: SqlUnits) -> None:
    with pytest.raises(NotFound, match="there is no alert"):
        say(told, FakeClock(), "ffff0000", RIGHT)
    with pytest.raises(NotFound, match="there is no alert"):
        said(told, 10, "ffff0000")
    with told(read_only=True) as unit:
        assert unit.audit.entries() == []
