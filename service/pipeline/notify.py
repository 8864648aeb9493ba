"""Send what stands in the outbox."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alerting.breaker import Breaker, answered, enter, failed
from service.domain.alerting.message import Message
from service.domain.alerting.notification import GIVE_UP_AFTER, RETRY_PLAN, Notification
from service.flow import RowState
from service.pipeline.objection import Objection, fold
from service.ports import Claim, Delivery, Notifier, Parcel, Recipient, UnitOfWork, Units

JITTER = 0.2
LATE = timedelta(minutes=15)
"""A message sent this long after it was written says so."""
BUSY_WAIT = timedelta(seconds=5)
"""How long messages wait when enough are on their way to their channel; each that ends fetches the next before that."""
GONE = Delivery(ok=False, error="the channel is no longer configured", permanent=True)


RecipientOf = Callable[[UnitOfWork, str, str], Recipient | None]
"""(receiver, channel) → who is at its end; None when there is no such channel any more."""
Compose = Callable[[Notification, Message, Recipient, timedelta | None], Parcel]
"""Gives a message the form its channel takes; how late it is is said in it."""
ObjectTo = Callable[[UnitOfWork, Notification, Message], Objection | None]
"""Why a message must not go out after all, None when it may. It only reads."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What is about to be sent: the outbox row, what it says, and to whom, None where the channel is gone.

    `late` is how long ago it was written, where that must be said.
    """

    notification: Notification
    message: Message
    recipient: Recipient | None
    late: timedelta | None = None


@dataclass(frozen=True, slots=True)
class PostOffice:
    """What sending needs besides the rows. At most `at_once` messages are on their way to one channel at a time."""

    notifier: Notifier
    recipient_of: RecipientOf
    compose: Compose
    object_to: ObjectTo
    at_once: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is to be done with a claimed row: send `posting`, or cancel it on an objection, or let its channel wait.

    Nothing of these when the row is no longer ours. `probe` is the breaker to keep when the message is the probe.
    """

    row: Notification | None = None
    posting: Posting | None = None
    cancel: Objection | None = None
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
        delivery = _send(posting, office)
        with units() as unit:
            done += _record(claim, posting, delivery, unit)
    return done


def _send(posting: Posting, office: PostOffice) -> Delivery:
    if posting.recipient is None:
        return GONE
    parcel = office.compose(posting.notification, posting.message, posting.recipient, posting.late)
    return office.notifier.send(parcel, posting.recipient.address)


def _to_send(claim: Claim, units: Units, office: PostOffice) -> Posting | None:
    """Most rows only need looking at; what needs more is judged again by itself."""
    with units(read_only=True) as unit:
        ruling = _rule(claim, unit, office)
    if not ruling.must_be_written:
        return ruling.posting
    with units() as unit:
        return _settle(claim, _rule(claim, unit, office), unit)


def _rule(claim: Claim, unit: UnitOfWork, office: PostOffice) -> Ruling:
    if not unit.works.held([claim]):
        return Ruling()
    row, now = unit.outbox.notifications([claim.id])[claim.id], unit.marks.now()
    message = unit.outbox.messages([row.message_id])[row.message_id]
    if found := office.object_to(unit, row, message):
        return Ruling(row, cancel=found)
    before = unit.channels.breaker(row.receiver, row.channel)
    entry = enter(before, now)
    if entry.wait_until:
        return Ruling(row, wait_until=entry.wait_until)
    if unit.channels.ahead(claim.id) >= office.at_once:
        return Ruling(row, wait_until=now + BUSY_WAIT)
    age = now - row.created_at
    recipient = office.recipient_of(unit, row.receiver, row.channel)
    posting = Posting(row, message, recipient, age if age > LATE else None)
    return Ruling(row, posting, probe=entry.breaker if entry.breaker != before else None)


def _settle(claim: Claim, ruling: Ruling, unit: UnitOfWork) -> Posting | None:
    """Keep what was ruled; returns what is to be sent all the same."""
    row = ruling.row
    if row is None:
        return None
    if ruling.cancel:
        if unit.works.finish([claim], RowState.CANCELLED, str(ruling.cancel.why)):
            fold(row, ruling.cancel, unit)
        return None
    if ruling.wait_until:
        unit.works.put_back(claim, ruling.wait_until - unit.marks.now())
        unit.channels.put_off(row.receiver, row.channel, ruling.wait_until)
        return None
    if ruling.probe:
        unit.channels.keep(row.receiver, row.channel, ruling.probe)
    return ruling.posting


def _record(claim: Claim, posting: Posting, delivery: Delivery, unit: UnitOfWork) -> list[Claim]:
    """What became of the row, what the channel's breaker learns, and who of those that wait for it comes next."""
    message, now = posting.notification, unit.marks.now()
    done: list[Claim] = []
    if delivery.untried:
        unit.works.fail(claim, delivery.error, BUSY_WAIT, counts=False)
        return done
    if delivery.ok:
        done = unit.works.finish([claim], RowState.SENT)
    else:
        unit.works.fail(claim, delivery.error, retry_in(delivery, claim.attempt, message, now))
    if posting.recipient is not None:
        _teach(message, delivery, now, unit)
    unit.channels.hasten(message.receiver, message.channel, now + BUSY_WAIT)
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


def retry_in(delivery: Delivery, attempt: int, message: Notification, now: datetime) -> timedelta | None:
    """How long to wait before the next attempt; None when there is no point in one or it would come too late."""
    planned = RETRY_PLAN[min(attempt, len(RETRY_PLAN)) - 1]
    wait = max(planned, delivery.retry_after) if delivery.retry_after else planned
    wait = min(wait, RETRY_PLAN[-1]) * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  jitter, no secret
    too_late = now + wait - message.created_at > GIVE_UP_AFTER
    return None if delivery.permanent or too_late else wait
