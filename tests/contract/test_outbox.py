"""Groups, what waits in them, messages and their deliveries, as stored."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.domain.alerting.group import Group, GroupKind, Sent, Told
from service.domain.alerting.matcher import parse_matcher
from service.domain.alerting.message import Item, Message, MessageReason
from service.domain.alerting.notification import Outgoing
from service.domain.alerting.route import Withheld, WithheldKind
from service.domain.alerting.rule import Severity, State
from service.domain.alerting.silence import Silence
from service.flow import Kind, RowState, Task
from service.ports import Arrival, Fate, Settled
from tests.contract.test_alerts import ALERT, DYAD, QUOTE, TRANSITION
from tests.fakes import LEASE, NOON, dump, row

MINUTE = timedelta(minutes=1)
GROUP = Group("g" * 32, GroupKind.ALERTS, "desk", "route", {"subject": DYAD})
ENDED = replace(TRANSITION, at=NOON + 60 * MINUTE, from_state=State.FIRING, to_state=State.RESOLVED)
ITEM = Item(
    ALERT.id, "level", "LEVEL", DYAD, "Iran–Pakistan", State.FIRING, State.PENDING, NOON, NOON, Severity.HIGH, TRANSITION.confirmed, 63.1,
    10.5, "level", 55.0, 71.0, 0.5, 2, (QUOTE,), "Resolves when …", {"summary": "so"}, ((NOON, 10.5), (NOON, 63.1)), "",
)  # fmt: skip
MESSAGE = Message(MessageReason.FIRED, "desk", NOON, "thread", (ITEM,), {"subject": DYAD}, "route", "")


def outgoing(name: str = "m1", channels: Sequence[str] = ("mail", "chat"), **changes: object) -> Outgoing:
    message = replace(MESSAGE, **changes)  # type: ignore[arg-type]
    return Outgoing(name, message, "↑ high", channels, [(TRANSITION.id, ALERT.id)], GROUP.id)


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    units = SqlUnits(engine)
    with units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(TRANSITION)
        unit.alerts.add_transition(ENDED)
    return units


def enter(units: SqlUnits, due: datetime, *transition_ids: str, group: Group = GROUP) -> list[str]:
    with units() as unit:
        return unit.outbox.enter([Arrival(group, transition_id, due) for transition_id in transition_ids])


def later(units: SqlUnits, minutes: int) -> datetime:
    with units(read_only=True) as unit:
        return unit.marks.now() + minutes * MINUTE


def due_at(engine: Engine) -> datetime:
    found = row(engine, Kind.GROUP, GROUP.id)["due_at"]
    assert isinstance(found, datetime)
    return found


def test_a_change_waits_in_its_group_and_comes_in_once(units: SqlUnits, engine: Engine) -> None:
    due = later(units, 5)
    assert enter(units, due, TRANSITION.id) == [GROUP.id]
    before = dump(engine)
    assert enter(units, later(units, 0), TRANSITION.id) == []
    assert dump(engine) == before
    with units(read_only=True) as unit:
        assert unit.outbox.groups([GROUP.id, "nobody"]) == {GROUP.id: GROUP}
        assert unit.outbox.waiting([GROUP.id]) == {GROUP.id: [(TRANSITION.id, "")]}
    assert due_at(engine) == due


@pytest.mark.parametrize(("second", "expected"), [(9, 5), (2, 2)])
def test_a_group_keeps_its_time_unless_something_is_told_sooner(
    units: SqlUnits, engine: Engine, second: int, expected: int
) -> None:
    start = later(units, 0)
    enter(units, start + 5 * MINUTE, TRANSITION.id)
    enter(units, start + second * MINUTE, ENDED.id)
    assert due_at(engine) == start + expected * MINUTE
    with units(read_only=True) as unit:
        assert [t for t, _ in unit.outbox.waiting([GROUP.id])[GROUP.id]] == [TRANSITION.id, ENDED.id]


def test_an_idle_group_is_woken_by_a_change(units: SqlUnits, engine: Engine) -> None:
    enter(units, later(units, 0), TRANSITION.id)
    with units() as unit:
        unit.works.finish(unit.works.claim(Task.GATHER, [GROUP.id], LEASE), RowState.IDLE)
        unit.outbox.settle([Settled(GROUP.id, TRANSITION.id)])
    assert row(engine, Kind.GROUP, GROUP.id)["state"] == RowState.IDLE
    enter(units, later(units, 0), ENDED.id)
    assert row(engine, Kind.GROUP, GROUP.id)["state"] == RowState.PENDING
    with units(read_only=True) as unit:
        assert unit.outbox.waiting([GROUP.id]) == {GROUP.id: [(ENDED.id, "")]}


def test_what_became_of_a_change_is_told_for_each_receiver(units: SqlUnits) -> None:
    enter(units, later(units, 0), TRANSITION.id)
    enter(units, later(units, 0), TRANSITION.id, group=replace(GROUP, id="n" * 32, receiver="night"))
    digest = Group("d" * 32, GroupKind.DIGEST, "night", "muted")
    silenced = Withheld(WithheldKind.SILENCED, "s1")
    with units() as unit:
        unit.outbox.settle([Settled(GROUP.id, TRANSITION.id, silenced), Settled("n" * 32, TRANSITION.id, moved=True)])
        unit.outbox.enter([Arrival(digest, TRANSITION.id, unit.marks.now(), "muted")])
        course = unit.outbox.course(ALERT.id)
        assert unit.outbox.waiting([GROUP.id, "n" * 32, digest.id]) == {
            GROUP.id: [],
            "n" * 32: [],
            digest.id: [(TRANSITION.id, "muted")],
        }
    assert (course.alert, course.transitions) == (ALERT, [TRANSITION, ENDED])
    assert sorted(course.fates[TRANSITION.id], key=lambda fate: fate.receiver) == [
        Fate("desk", silenced, waits=False, held=""),
        Fate("night", None, waits=True, held="muted"),
    ]


def test_why_nobody_at_all_was_told_stands_with_the_change(units: SqlUnits) -> None:
    nobody = Withheld(WithheldKind.NO_RECEIVER)
    with units() as unit:
        unit.works.finish(unit.works.claim(Task.DISPATCH, [TRANSITION.id], LEASE), RowState.ROUTED)
        unit.outbox.withhold(TRANSITION.id, nobody)
        course = unit.outbox.course(ALERT.id)
    assert course.states == {TRANSITION.id: RowState.ROUTED, ENDED.id: RowState.PENDING}
    assert (course.withheld, course.fates) == ({TRANSITION.id: nobody}, {})


def test_the_home_of_an_end_is_where_its_beginning_was_told(units: SqlUnits) -> None:
    assert homes(units) == []
    enter(units, later(units, 0), TRANSITION.id)
    enter(units, later(units, 0), TRANSITION.id, group=Group("d" * 32, GroupKind.DIGEST, "desk", "muted"))
    assert homes(units) == [GROUP.id]
    assert homes(units, NOON + MINUTE) == []


def homes(units: SqlUnits, since: datetime | None = None) -> list[str]:
    with units(read_only=True) as unit:
        return [group.id for group in unit.outbox.homes([ALERT.id], since)]


def test_what_was_told_is_kept_with_the_group(units: SqlUnits) -> None:
    enter(units, later(units, 0), TRANSITION.id)
    told = replace(GROUP, told={ALERT.id: Told(TRANSITION.id, State.FIRING)}, told_at=NOON, thread="t1")
    with units() as unit:
        unit.outbox.keep([told])
        assert unit.outbox.groups([GROUP.id]) == {GROUP.id: told}


def test_a_message_is_written_once_and_comes_back_as_it_was(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        made = unit.outbox.write([outgoing()])
        found = unit.outbox.notifications(made).values()
    assert {(n.receiver, n.channel, n.urgency) for n in found} == {("desk", "mail", 2), ("desk", "chat", 2)}
    before = dump(engine)
    with units() as unit:
        assert unit.outbox.write([outgoing(note="other words")]) == []
        assert unit.outbox.messages(["m1", "nobody"]) == {"m1": MESSAGE}
        assert unit.outbox.changes("m1") == [TRANSITION.id]
    assert dump(engine) == before
    assert {row(engine, Kind.NOTIFICATION, i)["state"] for i in made} == {RowState.PENDING}


def test_what_counts_for_a_budget_are_messages_about_alerts(units: SqlUnits) -> None:
    with units() as unit:
        unit.outbox.write([
            outgoing("m1"),
            outgoing("m2", created_at=NOON - MINUTE),
            outgoing("m3", reason=MessageReason.DIGEST),
            outgoing("m4", reason=MessageReason.TEST),
            outgoing("m5", receiver="night"),
        ])  # fmt: skip
        assert unit.outbox.sent(["desk"], NOON - MINUTE) == {"desk": [Sent(NOON, Severity.HIGH)]}
        assert len(unit.outbox.sent(["desk", "night"], NOON - 2 * MINUTE)["desk"]) == 2


def test_who_was_told_that_something_fires(units: SqlUnits) -> None:
    with units() as unit:
        assert unit.outbox.told(["desk"], [DYAD]) == {}
        unit.outbox.write([outgoing()])
        assert unit.outbox.told(["desk", "night"], [DYAD, "country:IRN"]) == {"desk": {DYAD}}


def test_the_end_of_what_nobody_was_told_is_not_a_told_beginning(units: SqlUnits) -> None:
    with units() as unit:
        unit.outbox.write([replace(outgoing(), changes=[(ENDED.id, ALERT.id)])])
        assert unit.outbox.told(["desk"], [DYAD]) == {}


def test_history_tells_all(units: SqlUnits) -> None:
    with units() as unit:
        unit.alerts.save(replace(ALERT, subject="country:PAK", since=NOON + timedelta(hours=1)))
        unit.outbox.write([outgoing()])
        history = unit.outbox.history()
    assert [alert.subject for alert, _, _ in history] == ["country:PAK", DYAD]
    assert [t for _, changes, _ in history for t in changes] == [TRANSITION, ENDED]
    told = [(m["channel"], m["transition_id"], m["title"]) for _, _, messages in history for m in messages]
    assert sorted(told) == [("chat", TRANSITION.id, "↑ high"), ("mail", TRANSITION.id, "↑ high")]


def test_what_waits_can_be_hurried(units: SqlUnits, engine: Engine) -> None:
    enter(units, later(units, 60), TRANSITION.id)
    with units() as unit:
        now = unit.marks.now()
        assert unit.outbox.hurry(now) == [GROUP.id]
        assert unit.outbox.hurry(now) == []
    assert due_at(engine) == now


def test_ten_thousand_groups_take_a_change_each(units: SqlUnits) -> None:
    many = [replace(GROUP, id=f"{n:032x}", receiver=f"@{n}") for n in range(10_000)]
    with units() as unit:
        due = unit.marks.now()
        assert len(unit.outbox.enter([Arrival(group, TRANSITION.id, due) for group in many])) == 10_000
    with units(read_only=True) as unit:
        assert unit.works.counts()["group"] == {"pending": 10_000}


def test_silences_are_kept_until_they_are_over(units: SqlUnits) -> None:
    matchers = (parse_matcher('subject=~"dyad:.*"'), parse_matcher('severity!="critical"'))
    day = Silence("s1", matchers, NOON, NOON + 60 * MINUTE, "ops", "maintenance", NOON)
    ahead = replace(day, id="s2", starts_at=NOON + 60 * MINUTE, ends_at=NOON + 90 * MINUTE, created_at=NOON + MINUTE)
    with units() as unit:
        unit.silences.add(day)
        unit.silences.add(ahead)
        assert unit.silences.not_over(NOON) == [day, ahead]
        ended = replace(day, expired_at=NOON + MINUTE)
        unit.silences.add(ended)
        assert unit.silences.get("s1") == ended
        assert unit.silences.get("s9") is None
        assert unit.silences.not_over(NOON + MINUTE) == [ahead]
        assert unit.silences.all() == [ahead, ended]
