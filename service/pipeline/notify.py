"""Send what stands in the outbox."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alerting.breaker import Breaker, answered, enter, failed
from service.domain.alerting.notification import GIVE_UP_AFTER, RETRY_PLAN, Notification
from service.flow import RowState, Task
from service.ports import Claim, Delivery, Notifier, Parcel, Queue, UnitOfWork, Units

JITTER = 0.2
LATE = timedelta(minutes=15)
"""A message sent this long after it was written says so."""
BUSY_WAIT = timedelta(seconds=5)
"""How long messages wait when enough are on their way to their channel; each that ends fetches the next before that."""
TOO_OLD = "too old to be news"
GONE = Delivery(ok=False, error="the channel is no longer configured", permanent=True)


@dataclass(frozen=True, slots=True)
class Posting:
    """What is about to be sent: the outbox row and its address, None where the channel is no longer configured.

    `late` is how long ago it was written, where that must be said.
    """

    notification: Notification
    address: str | None
    late: timedelta | None = None


AddressOf = Callable[[UnitOfWork, str, str], str | None]
"""(receiver, channel) → the channel's address, a secret; None when there is no such channel any more."""
Compose = Callable[[Posting], Parcel]
"""Gives a message the form its channel takes."""
MaySend = Callable[[UnitOfWork, Notification], str | None]
"""Why a message must not go out after all (unsubscribed, muted …), None when it may. It only reads."""
OnLate = Callable[[UnitOfWork, Notification], object]
"""What becomes of a message that is too old to be news, in the transaction that cancels it."""
MaxAge = Callable[[Notification], timedelta]
"""How old a message may be when it is sent."""


def any_may_go(_unit: UnitOfWork, _message: Notification) -> None:
    """Nobody objects."""


def let_it_lie(_unit: UnitOfWork, _message: Notification) -> None:
    """What is too old is not told at all."""


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What sending needs besides the rows. At most `at_once` messages are on their way to one channel at a time."""

    notifier: Notifier
    address_of: AddressOf
    compose: Compose
    queue: Queue
    at_once: int
    max_age: MaxAge
    may_send: MaySend = any_may_go
    on_late: OnLate = let_it_lie


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is to be done with a claimed row: send `posting`, or cancel it for a reason, or let its channel wait.

    Nothing of these when the row is no longer ours. `probe` is the breaker to keep when the message is the probe.
    """

    message: Notification | None = None
    posting: Posting | None = None
    cancel: str = ""
    wait_until: datetime | None = None
    probe: Breaker | None = None

    @property
    def must_be_written(self) -> bool:
        """Whether something must be kept before anything is sent."""
        return bool(self.cancel or self.wait_until or self.probe)


def notify(claims: Sequence[Claim], units: Units, office: PostOffice) -> list[Claim]:
    """Send each message and record at once what became of it.

    The send itself stands outside any transaction: a crash between the channel's answer and our commit is the one
    case in which a message goes out twice. Directly before the send it is asked whether the row is still ours, by
    token and by time, whether it is still news, whether anybody objects, and whether its channel can take it.
    """
    done: list[Claim] = []
    for claim in claims:
        posting = _to_send(claim, units, office)
        if posting is None:
            continue
        delivery = GONE
        if posting.address is not None:
            delivery = office.notifier.send(office.compose(posting), posting.address)
        with units() as unit:
            done += _record(claim, posting, delivery, unit, office)
    return done


def _to_send(claim: Claim, units: Units, office: PostOffice) -> Posting | None:
    """Most rows only need looking at; what needs more is judged again by itself."""
    with units(read_only=True) as unit:
        ruling = _rule(claim, unit, office)
    if not ruling.must_be_written:
        return ruling.posting
    with units() as unit:
        return _settle(claim, _rule(claim, unit, office), unit, office)


def _rule(claim: Claim, unit: UnitOfWork, office: PostOffice) -> Ruling:
    if not unit.works.held([claim]):
        return Ruling()
    message, now = unit.alerts.notifications([claim.id])[claim.id], unit.marks.now()
    if now - message.created_at > office.max_age(message):
        return Ruling(message, cancel=TOO_OLD)
    if reason := office.may_send(unit, message):
        return Ruling(message, cancel=reason)
    before = unit.channels.breaker(message.receiver, message.channel)
    entry = enter(before, now)
    if entry.wait_until:
        return Ruling(message, wait_until=entry.wait_until)
    if unit.channels.ahead(claim.id) >= office.at_once:
        return Ruling(message, wait_until=now + BUSY_WAIT)
    age = now - message.created_at
    address = office.address_of(unit, message.receiver, message.channel)
    posting = Posting(message, address, age if age > LATE else None)
    return Ruling(message, posting, probe=entry.breaker if entry.breaker != before else None)


def _settle(claim: Claim, ruling: Ruling, unit: UnitOfWork, office: PostOffice) -> Posting | None:
    """Keep what was ruled; returns what is to be sent all the same."""
    message = ruling.message
    if message is None:
        return None
    if ruling.cancel:
        if unit.works.finish([claim], RowState.CANCELLED, ruling.cancel) and ruling.cancel == TOO_OLD:
            office.on_late(unit, message)
        return None
    if ruling.wait_until:
        unit.works.put_back(claim, ruling.wait_until - unit.marks.now())
        unit.channels.put_off(message.receiver, message.channel, ruling.wait_until)
        return None
    if ruling.probe:
        unit.channels.keep(message.receiver, message.channel, ruling.probe)
    return ruling.posting


def _record(claim: Claim, posting: Posting, delivery: Delivery, unit: UnitOfWork, office: PostOffice) -> list[Claim]:
    """What became of the row, what the channel's breaker learns, and who of those that wait for it comes next."""
    message, now = posting.notification, unit.marks.now()
    done: list[Claim] = []
    if delivery.ok:
        done = unit.works.finish([claim], RowState.SENT)
    else:
        unit.works.fail(claim, delivery.error, retry_in(delivery, claim.attempt, message, now))
    if posting.address is not None:
        _teach(message, delivery, now, unit)
    following = unit.channels.hasten(message.receiver, message.channel, now + BUSY_WAIT)
    if following:
        unit.after_commit(lambda: office.queue.nudge(Task.DELIVER, [following]))
    return done


def _teach(message: Notification, delivery: Delivery, now: datetime, unit: UnitOfWork) -> None:
    """A channel that has just failed too often is left alone by all that waits for it."""
    before = unit.channels.breaker(message.receiver, message.channel)
    is_failure = not delivery.ok and not delivery.permanent
    after = failed(before, now, delivery.retry_after) if is_failure else answered()
    if after != before:
        unit.channels.keep(message.receiver, message.channel, after)
    if after.closed_at and after.closed_at > now:
        unit.channels.put_off(message.receiver, message.channel, after.closed_at)


def plain(posting: Posting) -> Parcel:
    """Title and text as they were written; one that comes late says when that was and how long ago."""
    row, text = posting.notification, posting.notification.body
    if posting.late is not None:
        sent_at = row.created_at + posting.late
        text = f"Late: written {row.created_at:%Y-%m-%d %H:%M} UTC, sent {sent_at:%Y-%m-%d %H:%M} UTC.\n\n{text}"
    return Parcel(row.idem, row.alert_id, row.receiver, row.channel, row.title, text)


def retry_in(delivery: Delivery, attempt: int, message: Notification, now: datetime) -> timedelta | None:
    """How long to wait before the next attempt; None when there is no point in one or it would come too late."""
    planned = RETRY_PLAN[min(attempt, len(RETRY_PLAN)) - 1]
    wait = max(planned, delivery.retry_after) if delivery.retry_after else planned
    wait = min(wait, RETRY_PLAN[-1]) * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  jitter, no secret
    too_late = now + wait - message.created_at > GIVE_UP_AFTER
    return None if delivery.permanent or too_late else wait
