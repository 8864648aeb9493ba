"""The same request twice: one effect, one answer."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.errors import Conflict
from service.operations.repeated import GIVEN_UP, KEPT, Answer, Ask, Repeats, Ticket, Underway
from tests.fakes import MovedUnits

ASK = Ask("key:desk", "POST /silences", "k1", b"body")
DONE = Answer(201, '{"id": "s1"}')
SECOND = timedelta(seconds=1)


@pytest.fixture
def units(engine: Engine) -> MovedUnits:
    return MovedUnits(SqlUnits(engine))


@pytest.fixture
def repeats(units: MovedUnits) -> Repeats:
    return Repeats(units)


def begun(repeats: Repeats, ask: Ask = ASK) -> Ticket:
    found = repeats.begin(ask)
    assert isinstance(found, Ticket)
    return found


def test_what_was_answered_is_answered_again(repeats: Repeats) -> None:
    repeats.keep(begun(repeats), DONE)
    assert repeats.begin(ASK) == DONE
    assert repeats.begin(ASK) == DONE


@pytest.mark.parametrize(
    "other",
    [
        Ask("key:other", "POST /silences", "k1", b"body"),
        Ask("key:desk", "POST /feedback", "k1", b"body"),
        Ask("key:desk", "POST /silences", "k2", b"body"),
    ],
)
def test_a_key_is_of_one_who_asks_for_one_thing(repeats: Repeats, other: Ask) -> None:
    repeats.keep(begun(repeats), DONE)
    begun(repeats, other)


def test_a_key_stands_for_one_request(repeats: Repeats) -> None:
    other = Ask(ASK.who, ASK.what, ASK.key, b"another body")
    ticket = begun(repeats)
    with pytest.raises(Conflict, match="another request"):
        repeats.begin(other)
    repeats.keep(ticket, DONE)
    with pytest.raises(Conflict, match="another request"):
        repeats.begin(other)


def test_while_it_is_answered_others_wait(repeats: Repeats) -> None:
    ticket = begun(repeats)
    assert repeats.begin(ASK) == Underway()
    repeats.drop(ticket)
    begun(repeats)


def test_who_does_not_answer_is_given_up_and_comes_too_late(repeats: Repeats, units: MovedUnits) -> None:
    dead = begun(repeats)
    units.by = GIVEN_UP - 10 * SECOND
    assert repeats.begin(ASK) == Underway()
    units.by = GIVEN_UP + SECOND
    ticket = begun(repeats)
    repeats.keep(dead, Answer(201, "late"))
    repeats.drop(dead)
    repeats.keep(ticket, DONE)
    assert repeats.begin(ASK) == DONE


def test_what_does_no_harm_is_done_again_at_once_after_a_restart(repeats: Repeats, units: MovedUnits) -> None:
    """And not beside one that is at it."""
    harmless = Ask("key:desk", "POST /articles", "k1", b"body", is_harmless=True)
    begun(repeats, harmless)
    assert repeats.begin(harmless) == Underway()
    begun(Repeats(units), harmless)
    begun(repeats)
    assert Repeats(units).begin(ASK) == Underway(), "of anything else nobody knows whether it was done"


def test_an_answer_is_kept_for_a_day(repeats: Repeats, units: MovedUnits) -> None:
    repeats.keep(begun(repeats), DONE)
    units.by = KEPT - 10 * SECOND
    assert repeats.begin(ASK) == DONE
    units.by = KEPT + SECOND
    begun(repeats)
