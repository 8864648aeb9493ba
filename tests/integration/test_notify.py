"""Sending: tried again by plan, given up with a reason, and never with a secret in a row."""

from dataclasses import replace
from datetime import timedelta

import pytest

from service.adapters.channels.apprise_notifier import AppriseNotifier
from service.domain.alerting.group import digest_group
from service.domain.alerting.notification import GIVE_UP_AFTER, RETRY_PLAN, Notification
from service.domain.alerting.route import Withheld, WithheldKind
from service.flow import Kind, RowState, Task
from service.operations.dead_letters import dead_letters, replay
from service.pipeline.notify import JITTER, LATE, notify, retry_in
from service.pipeline.objection import Objection
from service.ports import Delivery, Recipient
from tests.fakes import LAPSED, LEASE, MAX_AGE, NOON, FakeNotifier, World, dump, pass_time, row, set_row

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise imports it

BUSY = Delivery(ok=False, error="the channel did not take the message")
GONE = Delivery(ok=False, error="the channel is no longer configured", permanent=True)
MESSAGE = Notification("m", "desk", "mail", NOON)


@pytest.mark.parametrize(("attempt", "planned"), [*enumerate(RETRY_PLAN, 1), (6, RETRY_PLAN[-1]), (60, RETRY_PLAN[-1])])
def test_the_plan_is_followed_with_some_jitter(attempt: int, planned: timedelta) -> None:
    waits = [retry_in(BUSY, attempt, MESSAGE, NOON) or timedelta(0) for _ in range(200)]
    assert all(planned * (1 - JITTER) <= wait <= planned * (1 + JITTER) for wait in waits)
    assert len(set(waits)) > 100, "messages that failed together must not come back together"


def test_a_channels_wish_is_heeded_within_bounds() -> None:
    wish = Delivery(ok=False, error="busy", retry_after=timedelta(minutes=20))
    assert timedelta(minutes=16) <= (retry_in(wish, 1, MESSAGE, NOON) or timedelta(0)) <= timedelta(minutes=24)
    brazen = Delivery(ok=False, error="busy", retry_after=timedelta(days=300))
    assert (retry_in(brazen, 1, MESSAGE, NOON) or timedelta.max) <= RETRY_PLAN[-1] * (1 + JITTER)
    hasty = Delivery(ok=False, error="busy", retry_after=timedelta(0))
    assert (retry_in(hasty, 3, MESSAGE, NOON) or timedelta(0)) >= RETRY_PLAN[2] * (1 - JITTER)


def test_it_ends_after_a_day_or_when_it_is_hopeless() -> None:
    in_time = GIVE_UP_AFTER - RETRY_PLAN[-1] * (1 + JITTER)
    assert retry_in(BUSY, 9, MESSAGE, NOON + in_time) is not None
    assert retry_in(BUSY, 9, MESSAGE, NOON + GIVE_UP_AFTER) is None, "the attempt would come too late"
    assert retry_in(GONE, 1, MESSAGE, NOON) is None


def test_a_busy_channel_gets_the_message_later_and_once(world: World) -> None:
    first, *others = world.outbox()
    world.notifier = FakeNotifier([BUSY, BUSY])
    for attempt in (1, 2):
        assert world.carry(Task.DELIVER, first) == 0
        stored = row(world.engine, Kind.NOTIFICATION, first)
        assert (stored["state"], stored["attempt"], stored["last_error"]) == (RowState.PENDING, attempt, BUSY.error)
        assert world.carry(Task.DELIVER, first) == 0, "not before its time"
        pass_time(world.engine, RETRY_PLAN[attempt - 1] * (1 + JITTER))
    assert world.carry(Task.DELIVER, first) == 1
    assert len(world.notifier.sent) == 1
    assert world.state(Kind.NOTIFICATION, first) == RowState.SENT
    assert others, "the other channel has a row of its own"
    assert {world.state(Kind.NOTIFICATION, i) for i in others} == {RowState.PENDING}


def test_what_is_no_news_is_given_up_after_a_day(world: World) -> None:
    first = world.outbox()[0]
    world.notifier = FakeNotifier([BUSY] * 50)
    office, attempts = replace(world.office, object_to=lambda *_: None), 0
    while world.state(Kind.NOTIFICATION, first) == RowState.PENDING:
        attempts += len(notify(world.claim(Task.DELIVER, first), world.units, office)) + 1
        pass_time(world.engine, RETRY_PLAN[min(attempts, len(RETRY_PLAN)) - 1] * (1 + JITTER))
    assert world.state(Kind.NOTIFICATION, first) == RowState.DEAD
    assert 6 <= attempts <= 12
    assert row(world.engine, Kind.NOTIFICATION, first)["last_error"] == BUSY.error
    assert world.notifier.sent == []


def test_a_channel_that_is_gone_ends_its_messages_at_once_and_no_others(world: World) -> None:
    mail, chat = sorted(world.outbox(), key=lambda i: row(world.engine, Kind.NOTIFICATION, i)["channel"], reverse=True)[
        :2
    ]
    world.notifier = FakeNotifier([GONE])
    world.carry(Task.DELIVER, mail)
    world.carry(Task.DELIVER, chat)
    assert row(world.engine, Kind.NOTIFICATION, mail)["state"] == RowState.DEAD
    assert row(world.engine, Kind.NOTIFICATION, mail)["last_error"] == GONE.error
    assert world.state(Kind.NOTIFICATION, chat) == RowState.SENT


def test_a_receiver_taken_out_of_the_configuration_is_told_nothing(world: World) -> None:
    first = world.outbox()[0]
    office = replace(world.office, recipient_of=lambda _unit, _receiver, _channel: None)
    notify(world.claim(Task.DELIVER, first), world.units, office)
    assert world.notifier.sent == []
    stored = row(world.engine, Kind.NOTIFICATION, first)
    assert (stored["state"], stored["last_error"]) == (RowState.DEAD, "the channel is no longer configured")


@pytest.mark.parametrize(
    "address",
    [
        "json://user:CANARY@127.0.0.1/CANARY?to=CANARY",
        "nope://CANARY@example.org",
        "discord://CANARY",
        "tgram://CANARY",
        "jsons://CANARY@example.org/?verify=no",
        "json://" + "CANARY" * 2000,
        "mailto://CANARY:CANARY@",
    ],
)
def test_no_row_and_no_log_ever_holds_the_address(
    world: World, address: str, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(0)
    first = world.outbox()[0]
    notifier = AppriseNotifier(allow_private=False, within=5)
    office = replace(
        world.office, notifier=notifier, recipient_of=lambda _unit, _receiver, _channel: Recipient(address)
    )
    notify(world.claim(Task.DELIVER, first), world.units, office)
    notifier.close()
    assert row(world.engine, Kind.NOTIFICATION, first)["last_error"]
    shown = capfd.readouterr()
    assert "CANARY" not in repr(dump(world.engine)) + caplog.text + shown.out + shown.err


def test_a_worker_that_slept_through_its_lease_sends_nothing(world: World) -> None:
    first = world.outbox()[0]
    late = world.claim(Task.DELIVER, first, lease=LAPSED)
    assert world.carry(Task.DELIVER, first) == 1
    assert world.notify(late) == []
    assert len(world.notifier.sent) == 1


def test_a_lease_that_has_run_out_sends_nothing_even_if_nobody_took_the_row(world: World) -> None:
    first = world.outbox()[0]
    late = world.claim(Task.DELIVER, first, lease=LAPSED)
    assert world.notify(late) == []
    assert world.notifier.sent == []
    assert world.carry(Task.DELIVER, first) == 1, "whoever finds it sends it"
    assert len(world.notifier.sent) == 1


def test_a_message_that_waited_too_long_is_no_news_and_handed_on(world: World) -> None:
    first, second = world.outbox()[:2]
    pass_time(world.engine, MAX_AGE - timedelta(minutes=1))
    assert len(notify(world.claim(Task.DELIVER, first), world.units, world.office)) == 1
    pass_time(world.engine, timedelta(minutes=2))
    assert notify(world.claim(Task.DELIVER, second), world.units, world.office) == []
    stored = row(world.engine, Kind.NOTIFICATION, second)
    said = "it was too old to be sent by itself"
    assert (stored["state"], stored["last_error"], stored["sent_at"]) == (RowState.CANCELLED, said, None)
    assert len(world.notifier.sent) == 1
    with world.units(read_only=True) as unit:
        digest = digest_group("desk", WithheldKind.TOO_LATE)
        message = unit.outbox.notifications([second])[second].message_id
        assert [t for t, _ in unit.outbox.waiting([digest.id])[digest.id]] == unit.outbox.changes(message)
    set_row(world.engine, Kind.NOTIFICATION, second, state=RowState.PENDING, attempt=0)
    assert world.carry(Task.DELIVER, second) == 0
    assert world.state(Kind.NOTIFICATION, second) == RowState.CANCELLED, "also when it was brought back by hand"


def test_a_message_that_comes_late_says_so(world: World) -> None:
    first, second = world.outbox()[:2]
    pass_time(world.engine, LATE - timedelta(minutes=1))
    world.carry(Task.DELIVER, first)
    pass_time(world.engine, timedelta(minutes=2))
    world.carry(Task.DELIVER, second)
    in_time, late = world.notifier.sent
    assert not in_time.text.endswith("late")
    assert late.text.endswith("16 minutes late")


def test_a_message_somebody_objects_to_is_cancelled_at_the_last_moment(world: World) -> None:
    first = world.outbox()[0]
    gone = Objection(Withheld(WithheldKind.UNSUBSCRIBED))
    office = replace(world.office, object_to=lambda *_: gone)
    assert notify(world.claim(Task.DELIVER, first), world.units, office) == []
    stored = row(world.engine, Kind.NOTIFICATION, first)
    assert (stored["state"], stored["last_error"]) == (RowState.CANCELLED, "the receiver had unsubscribed")
    assert world.notifier.sent == []


def test_when_it_was_sent_is_kept(world: World) -> None:
    first = world.outbox()[0]
    world.carry(Task.DELIVER, first)
    stored = row(world.engine, Kind.NOTIFICATION, first)
    assert stored["sent_at"] is not None
    assert stored["sent_at"] >= stored["created_at"]


def test_a_send_that_outlives_its_lease_is_repeated_but_its_late_record_is_refused(world: World) -> None:
    first = world.outbox()[0]
    other = World(world.engine, world.gazetteer)

    def hang() -> None:
        pass_time(world.engine, LEASE + timedelta(seconds=1))
        assert other.carry(Task.DELIVER, first) == 1

    world.notifier = FakeNotifier([BUSY], on_send=hang)
    assert world.carry(Task.DELIVER, first) == 0
    assert world.state(Kind.NOTIFICATION, first) == RowState.SENT, "the late failure must not undo the success"


def test_a_message_goes_to_each_channel_once_however_often_its_cause_is_routed(world: World) -> None:
    transition = world.firing()
    world.carry(Task.DISPATCH, transition)
    world.drain(Task.GATHER)
    assert [r[2:4] for r in told(world, transition)] == [("desk", "chat"), ("desk", "mail")]
    world.carry(Task.DISPATCH, transition)
    world.evaluate()
    world.drain(Task.DISPATCH)
    world.drain(Task.GATHER)
    assert len(told(world, transition)) == 2


def told(world: World, transition: str) -> list[tuple[str, ...]]:
    with world.units(read_only=True) as unit:
        rows = [row for _, _, rows in unit.outbox.history() for row in rows if row["transition_id"] == transition]
    return sorted(("message", row["message_id"], row["receiver"], row["channel"]) for row in rows)


def test_a_dead_message_is_brought_back_as_old_as_it_is_or_as_new(world: World) -> None:
    first, second = world.outbox()[:2]
    world.notifier = FakeNotifier([GONE, GONE])
    for row_id in (first, second):
        world.carry(Task.DELIVER, row_id)
    pass_time(world.engine, MAX_AGE + timedelta(hours=1))
    assert {dead.id for dead in dead_letters(world.units)} == {first, second}
    assert {dead.what.partition("/")[0] for dead in dead_letters(world.units)} == {"desk"}
    assert [dead.id for dead in replay(world.units, first, "cli:test", as_new=False)] == [first]
    assert world.carry(Task.DELIVER, first) == 0
    assert world.state(Kind.NOTIFICATION, first) == RowState.CANCELLED, "it is no news any more"
    assert [dead.id for dead in replay(world.units, None, "cli:test", as_new=True)] == [second]
    assert world.carry(Task.DELIVER, second) == 1
    assert dead_letters(world.units) == []


def test_a_send_that_never_began_is_nobodys_fault(world: World) -> None:
    first = world.outbox()[0]
    never = Delivery(ok=False, error="no process to send in could be started", untried=True)
    world.notifier = FakeNotifier([never] * 5)
    for _ in range(5):
        assert world.carry(Task.DELIVER, first) == 0
        stored = row(world.engine, Kind.NOTIFICATION, first)
        assert (stored["state"], stored["attempt"], stored["last_error"]) == (RowState.PENDING, 0, never.error)
        pass_time(world.engine, timedelta(seconds=6))
    with world.units(read_only=True) as unit:
        assert unit.channels.resting() == {}, "the channel has not failed"
    assert world.carry(Task.DELIVER, first) == 1
