"""How channels fare, and what waits for each: kept for all processes, moved in bulk, in order of urgency."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.domain.alerting.breaker import Breaker
from service.domain.alerting.rule import Severity
from service.flow import Kind, RowState, Task
from tests.contract.test_alerts import ALERT, TRANSITION
from tests.contract.test_outbox import ITEM, outgoing
from tests.fakes import LAPSED, LEASE, NOON, pass_time, row, set_row

OPEN = Breaker(failures=3, rests=1, closed_at=NOON, probe_at=NOON + timedelta(seconds=60))
LATER = timedelta(minutes=5)


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    units = SqlUnits(engine)
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(TRANSITION)
    return units


def write(units: SqlUnits, *channels: str, urgency: int = 0) -> list[str]:
    """A message of this urgency to a receiver of its own; the ids of its deliveries, in the order of the channels."""
    item = replace(ITEM, severity=list(Severity)[urgency])
    new = outgoing(f"m{urgency}{channels}"[:40], channels, receiver=f"desk {urgency}", items=(item,))
    with units() as unit:
        assert len(unit.outbox.write([new])) == len(channels)
    return [made.id for made in new.notifications(NOON)]


def to_one_channel(units: SqlUnits, engine: Engine, count: int) -> list[str]:
    ids = write(units, *(f"c{n}" for n in range(count)))
    for row_id in ids:
        set_row(engine, Kind.NOTIFICATION, row_id, receiver="desk", channel="mail")
    return ids


def test_a_breaker_is_kept_for_each_channel(units: SqlUnits) -> None:
    with units() as unit:
        assert unit.channels.breaker("desk", "mail") == Breaker()
        unit.channels.keep("desk", "mail", OPEN)
        unit.channels.keep("desk", "mail", OPEN)
    with units(read_only=True) as unit:
        assert unit.channels.breaker("desk", "mail") == OPEN
        assert unit.channels.breaker("desk", "chat") == Breaker()
        assert unit.channels.resting() == {("desk", "mail"): OPEN}
    with units() as unit:
        unit.channels.keep("desk", "mail", Breaker())
        assert unit.channels.breaker("desk", "mail") == Breaker()
        assert unit.channels.resting() == {}


def test_who_came_first_is_told_by_the_claims(units: SqlUnits, engine: Engine) -> None:
    ids = to_one_channel(units, engine, 4)
    (other,) = write(units, "chat")
    for row_id in (*ids[:3], other):
        with units() as unit:
            unit.works.claim(Task.DELIVER, [row_id], LEASE)
    with units(read_only=True) as unit:
        assert [unit.channels.ahead(row_id) for row_id in ids[:3]] == [0, 1, 2]
        assert unit.channels.ahead(other) == 0
        assert unit.channels.ahead(ids[3]) == 0, "who has not claimed is nowhere in the order"


def test_who_vanished_is_not_waited_for(units: SqlUnits, engine: Engine) -> None:
    first, second = to_one_channel(units, engine, 2)
    with units() as unit:
        unit.works.claim(Task.DELIVER, [first], LAPSED)
        unit.works.claim(Task.DELIVER, [second], LEASE)
        assert unit.channels.ahead(second) == 0


def test_all_that_waits_for_a_channel_is_put_off_at_once_but_what_is_held(units: SqlUnits, engine: Engine) -> None:
    ids = to_one_channel(units, engine, 3)
    (other,) = write(units, "chat")
    with units() as unit:
        unit.works.claim(Task.DELIVER, ids[:1], LEASE)
        until = unit.marks.now() + LATER
        assert unit.channels.put_off("desk", "mail", until) == 2
        assert unit.channels.put_off("desk", "mail", until) == 0
        assert [i for i, _ in unit.works.due(Task.DELIVER, 9, LEASE)] == [other]
    assert {row(engine, Kind.NOTIFICATION, i)["attempt"] for i in ids[1:]} == {0}
    pass_time(engine, LATER)
    with units() as unit:
        assert len(unit.works.claim(Task.DELIVER, ids, LEASE)) == 3


def test_what_waits_comes_next_by_urgency_unless_it_waits_for_long(units: SqlUnits, engine: Engine) -> None:
    first, urgent, far = to_one_channel(units, engine, 3)
    set_row(engine, Kind.NOTIFICATION, urgent, urgency=3)
    with units() as unit:
        now = unit.marks.now()
        unit.channels.put_off("desk", "mail", now + LATER)
    set_row(engine, Kind.NOTIFICATION, far, due_at=now + 3 * LATER, urgency=3)
    with units() as unit:
        assert unit.channels.hasten("desk", "mail", now) is None
        assert unit.channels.hasten("desk", "mail", now + LATER) == urgent
        (claim,) = unit.works.claim(Task.DELIVER, [first, urgent, far], LEASE)
        assert claim.id == urgent
        assert unit.channels.hasten("desk", "mail", now + LATER) == first


def test_the_most_urgent_is_nudged_first_then_the_oldest(units: SqlUnits, engine: Engine) -> None:
    (old,) = write(units, "a")
    pass_time(engine, LATER)
    (new,), (urgent,) = write(units, "b"), write(units, "c", urgency=3)
    with units() as unit:
        assert [i for i, _ in unit.works.due(Task.DELIVER, 2, LEASE)] == [urgent, old]
        assert [i for i, _ in unit.works.due(Task.DELIVER, 2, LEASE)] == [new]


def test_what_is_put_back_has_used_no_attempt_and_keeps_its_last_error(units: SqlUnits, engine: Engine) -> None:
    (row_id,) = write(units, "a")
    with units() as unit:
        (claim,) = unit.works.claim(Task.DELIVER, [row_id], LEASE)
        assert unit.works.fail(claim, "busy", timedelta(0))
        (claim,) = unit.works.claim(Task.DELIVER, [row_id], LEASE)
        assert unit.works.put_back(claim, LATER)
        assert not unit.works.put_back(claim, LATER), "it is nobody's any more"
        assert unit.works.claim(Task.DELIVER, [row_id], LEASE) == []
    stored = row(engine, Kind.NOTIFICATION, row_id)
    assert (stored["attempt"], stored["last_error"], stored["state"]) == (1, "busy", RowState.PENDING)
