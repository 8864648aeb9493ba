"""What is asked directly before a message goes out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.domain.alerting.directory import Directory
from service.domain.alerting.interval import Hours, Span, TimeInterval
from service.domain.alerting.matcher import parse_matchers
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import GIVE_UP_AFTER, Outgoing
from service.domain.alerting.route import Escalation, Receiver, Route
from service.domain.alerting.rule import Severity, State
from service.flow import Kind, RowState, Task
from service.operations import silencing
from tests.fakes import AT_ONCE, DESK, MAX_AGE, NOON, World, pass_time, row
from tests.integration.test_groups import DAY, DYAD, HOUR, MAIL, MINUTE, change, go, messages, told

NIGHT = TimeInterval("night", (Span(times=(Hours(22 * 60, 6 * 60),)),))


@pytest.fixture
def desk(world: World) -> World:
    world.directory = Directory(Route("route", "desk", timing=AT_ONCE), {"desk": MAIL}, {"night": NIGHT})
    return world


def written(world: World) -> str:
    """The delivery that waits to be sent."""
    (row_id,) = [i for ids in world.queue.of(Task.DELIVER) for i in ids]
    return row_id


def cancelled(world: World, row_id: str) -> str | None:
    """Try to send; the reason why it was cancelled, None when it went out."""
    world.carry(Task.DELIVER, row_id)
    stored = row(world.engine, Kind.NOTIFICATION, row_id)
    return None if stored["state"] == RowState.SENT else stored["last_error"]


def test_nothing_speaks_against_what_is_new(desk: World) -> None:
    change(desk)
    assert cancelled(desk, written(desk)) is None


def test_a_silence_holds_from_the_next_send_on(desk: World) -> None:
    change(desk)
    made = silencing.add(desk.units, desk.clock, parse_matchers(f'subject="{DYAD}"'), HOUR, "ops", "")
    assert cancelled(desk, written(desk)) == f"silence {made.id} held"


def test_but_not_where_some_of_the_message_is_not_silenced(desk: World) -> None:
    desk.directory = replace(desk.directory, tree=replace(desk.directory.tree, group_by=()))
    for code in ("AFG", "DZA"):
        change(desk, subject=f"country:{code}")
    silencing.add(desk.units, desk.clock, parse_matchers('subject="country:AFG"'), HOUR, "ops", "")
    first, second = [i for ids in desk.queue.of(Task.DELIVER) for i in ids]
    assert str(cancelled(desk, first)).startswith("silence")
    assert cancelled(desk, second) is None


def test_who_has_taken_it_on_is_not_told_again(desk: World) -> None:
    change(desk)
    desk.queue.nudges.clear()
    go(desk, DAY)
    silencing.acknowledge(desk.units, desk.clock, f"level/{DYAD}", "ops", "")
    assert cancelled(desk, written(desk)) == "ops had acknowledged it"


def test_nobody_is_called_whose_call_was_taken_meanwhile(desk: World) -> None:
    boss = Receiver("boss", ("sms",))
    receivers = {"desk": replace(MAIL, escalation=Escalation(30 * MINUTE, "boss")), "boss": boss}
    desk.directory = replace(desk.directory, receivers=receivers)
    change(desk)
    desk.queue.nudges.clear()
    go(desk, HOUR)
    assert told(desk, "boss") == [("escalated", ["firing"])]
    silencing.acknowledge(desk.units, desk.clock, f"level/{DYAD}", "ops", "")
    assert cancelled(desk, written(desk)) == "ops had acknowledged it"


def test_what_comes_into_quiet_hours_by_being_late_waits_for_the_digest(desk: World) -> None:
    desk.directory = replace(desk.directory, tree=replace(desk.directory.tree, mute=("night",)))
    go(desk, 9 * HOUR + 59 * MINUTE)
    change(desk)
    late = written(desk)
    go(desk, 2 * MINUTE)
    assert cancelled(desk, late) == "held back by the interval quiet hours"
    go(desk, 8 * HOUR)
    assert [str(m.reason) for m in messages(desk)] == ["fired", "digest"]


def test_what_is_too_old_to_break_is_in_the_next_digest(desk: World) -> None:
    change(desk)
    late = written(desk)
    go(desk, MAX_AGE + MINUTE)
    assert cancelled(desk, late) == "it was too old to be sent by itself"
    change(desk, State.RESOLVED, Severity.INFO)
    go(desk, DAY)
    digest = next(m for m in messages(desk) if m.reason is MessageReason.DIGEST)
    assert [(item.subject, item.held) for item in digest.items] == [(DYAD, "too-late")]


def test_what_is_no_news_may_be_a_day_old(world: World) -> None:
    world.directory = DESK
    message = Message(MessageReason.HEARTBEAT, "desk", NOON, "t", note="alive")
    with world.units() as unit:
        first, second = unit.outbox.write([Outgoing("h", message, "alive", ["mail", "chat"])])
    pass_time(world.engine, GIVE_UP_AFTER - timedelta(minutes=1))
    assert cancelled(world, first) is None
    pass_time(world.engine, timedelta(minutes=2))
    assert cancelled(world, second) == "it was too old to be sent by itself"
