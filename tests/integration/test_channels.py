"""Channels among each other: one that fails or is slow is left alone, and keeps no other from its messages."""

from datetime import timedelta

from service.domain.alerting.breaker import FIRST_REST, PATIENCE
from service.domain.alerting.notification import RETRY_PLAN, Outgoing
from service.flow import Kind, RowState, Task
from service.pipeline.notify import BUSY_WAIT, notify
from service.ports import Delivery
from tests.fakes import FakeNotifier, World, pass_time, row, set_row

BUSY = Delivery(ok=False, error="the channel answered 503")
REFUSED = Delivery(ok=False, error="the channel answered 404", permanent=True)
SECOND = timedelta(seconds=1)


def many(world: World) -> list[str]:
    """Six messages to one channel."""
    first = world.outbox()[0]
    with world.units() as unit:
        written = unit.outbox.notifications([first])[first].message_id
        message = unit.outbox.messages([written])[written]
        ids = unit.outbox.write([Outgoing("many", message, "title", [f"c{n}" for n in range(6)])])
    for row_id in ids:
        set_row(world.engine, Kind.NOTIFICATION, row_id, receiver="crowd", channel="mail")
    return ids


def due(world: World, ids: list[str]) -> list[str]:
    """Those that may be sent now."""
    with world.units(read_only=True) as unit:
        now = unit.marks.now()
    stored = {row_id: row(world.engine, Kind.NOTIFICATION, row_id) for row_id in ids}
    return [row_id for row_id, found in stored.items() if found["state"] == RowState.PENDING and found["due_at"] <= now]


def test_after_three_failures_all_wait_without_an_attempt_then_one_tries_and_all_follow(world: World) -> None:
    ids = many(world)
    world.notifier = FakeNotifier([BUSY] * PATIENCE)
    for row_id in ids[:PATIENCE]:
        world.carry(Task.DELIVER, row_id)
    waiting = ids[PATIENCE:]
    for row_id in waiting:
        assert world.carry(Task.DELIVER, row_id) == 0
        assert row(world.engine, Kind.NOTIFICATION, row_id)["attempt"] == 0
    assert world.notifier.sent == []
    pass_time(world.engine, FIRST_REST + SECOND)
    assert world.carry(Task.DELIVER, waiting[0]) == 1
    assert len(world.notifier.sent) == 1
    assert due(world, ids[1:]), "the next may go at once"
    pass_time(world.engine, 2 * RETRY_PLAN[0])
    for row_id in ids:
        world.carry(Task.DELIVER, row_id)
    states = [world.state(Kind.NOTIFICATION, i) for i in ids]
    assert states == [RowState.SENT] * 6


def test_a_probe_keeps_the_others_waiting(world: World) -> None:
    ids = many(world)
    world.notifier = FakeNotifier([BUSY] * PATIENCE)
    for row_id in ids[:PATIENCE]:
        world.carry(Task.DELIVER, row_id)
    pass_time(world.engine, FIRST_REST + SECOND)
    others = World(world.engine, world.gazetteer)
    world.notifier = FakeNotifier([BUSY], on_send=lambda: others.carry(Task.DELIVER, ids[4]))
    world.carry(Task.DELIVER, ids[3])
    assert others.notifier.sent == []
    stored = row(world.engine, Kind.NOTIFICATION, ids[4])
    assert (stored["state"], stored["attempt"]) == (RowState.PENDING, 0)
    pass_time(world.engine, FIRST_REST + SECOND)
    assert others.carry(Task.DELIVER, ids[4]) == 0, "the second rest is longer"
    assert others.notifier.sent == []


def test_one_channels_failures_do_not_touch_another(world: World) -> None:
    ids = many(world)
    set_row(world.engine, Kind.NOTIFICATION, ids[5], channel="chat")
    world.notifier = FakeNotifier([BUSY] * PATIENCE)
    for row_id in ids[:PATIENCE]:
        world.carry(Task.DELIVER, row_id)
    assert world.carry(Task.DELIVER, ids[5]) == 1


def test_a_refusal_for_good_ends_the_message_and_says_that_the_channel_is_there(world: World) -> None:
    ids = many(world)
    world.notifier = FakeNotifier([BUSY, BUSY, REFUSED, BUSY, BUSY])
    for row_id in ids[:5]:
        world.carry(Task.DELIVER, row_id)
    stored = row(world.engine, Kind.NOTIFICATION, ids[2])
    assert (stored["state"], stored["attempt"], stored["last_error"]) == (RowState.DEAD, 1, REFUSED.error)
    assert world.carry(Task.DELIVER, ids[5]) == 1, "never three in a row"


def test_no_more_than_so_many_are_on_their_way_to_a_channel_and_each_that_ends_fetches_the_next(world: World) -> None:
    ids = many(world)
    first, second = (world.claim(Task.DELIVER, row_id) for row_id in ids[:2])
    assert world.carry(Task.DELIVER, ids[2]) == 0, "two are on their way"
    stored = row(world.engine, Kind.NOTIFICATION, ids[2])
    assert (stored["state"], stored["attempt"], stored["lease_until"]) == (RowState.PENDING, 0, None)
    assert world.claim(Task.DELIVER, *ids[3:]) == [], "the others are not even asked for a while"
    world.queue.nudges.clear()
    assert len(notify(second, world.units, world.office)) == 1
    (fetched,) = due(world, ids[3:])
    assert fetched in ids[2:]
    assert world.carry(Task.DELIVER, fetched) == 1
    pass_time(world.engine, BUSY_WAIT)
    assert len(notify(first, world.units, world.office)) == 1
    assert len(world.notifier.sent) == 3
