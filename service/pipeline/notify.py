"""Send what stands in the outbox."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alerting.message import Message
from service.domain.alerting.notification import GIVE_UP_AFTER, RETRY_PLAN, Notification
from service.flow import RowState
from service.ports import Claim, Delivery, Notifier, Parcel, Recipient, UnitOfWork, Units

JITTER = 0.2
TOO_OLD = f"too old to be news: waited for more than {GIVE_UP_AFTER // timedelta(hours=1)} hours"

GONE = Delivery(ok=False, error="the channel is no longer configured", permanent=True)

RecipientOf = Callable[[UnitOfWork, str, str], Recipient | None]
"""(receiver, channel) → who is at its end; None when there is no such channel any more."""


Compose = Callable[[Notification, Message, Recipient, timedelta | None], Parcel]
"""Gives a message the form its channel takes; how late it is is said in it."""


@dataclass(frozen=True, slots=True)
class Posting:
    """What is about to be sent: the outbox row, what it says, and to whom."""

    notification: Notification
    message: Message
    recipient: Recipient | None


def notify(
    claims: Sequence[Claim], units: Units, notifier: Notifier, recipient_of: RecipientOf, compose: Compose
) -> list[Claim]:
    """Send each message and record at once what became of it.

    The send itself stands outside any transaction: a crash between the channel's answer and our commit is the one
    case in which a message goes out twice. Directly before the send it is asked whether the row is still ours, by
    token and by time, and whether the message is still news.
    """
    done: list[Claim] = []
    for claim in claims:
        with units() as unit:
            posting, now = _to_send(claim, unit, recipient_of), unit.marks.now()
        if posting is None:
            continue
        delivery = _send(posting, notifier, compose)
        with units() as unit:
            if delivery.ok:
                done += unit.works.finish([claim], RowState.SENT)
            else:
                unit.works.fail(claim, delivery.error, retry_in(delivery, claim.attempt, posting.notification, now))
    return done


def _send(posting: Posting, notifier: Notifier, compose: Compose) -> Delivery:
    if posting.recipient is None:
        return GONE
    parcel = compose(posting.notification, posting.message, posting.recipient, None)
    return notifier.send(parcel, posting.recipient.address)


def _to_send(claim: Claim, unit: UnitOfWork, recipient_of: RecipientOf) -> Posting | None:
    """The message, if it is still ours to send; one that is too old dies here."""
    if not unit.works.held([claim]):
        return None
    row = unit.outbox.notifications([claim.id])[claim.id]
    if unit.marks.now() - row.created_at > GIVE_UP_AFTER:
        unit.works.fail(claim, TOO_OLD, None)
        return None
    message = unit.outbox.messages([row.message_id])[row.message_id]
    return Posting(row, message, recipient_of(unit, row.receiver, row.channel))


def retry_in(delivery: Delivery, attempt: int, message: Notification, now: datetime) -> timedelta | None:
    """How long to wait before the next attempt; None when there is no point in one or it would come too late."""
    planned = RETRY_PLAN[min(attempt, len(RETRY_PLAN)) - 1]
    wait = max(planned, delivery.retry_after) if delivery.retry_after else planned
    wait = min(wait, RETRY_PLAN[-1]) * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  jitter, no secret
    too_late = now + wait - message.created_at > GIVE_UP_AFTER
    return None if delivery.permanent or too_late else wait
