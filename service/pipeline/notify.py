"""Send what stands in the outbox."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from service.domain.alerting.notification import GIVE_UP_AFTER, RETRY_PLAN, Notification
from service.flow import RowState
from service.ports import Claim, Delivery, Notifier, Parcel, UnitOfWork, Units

JITTER = 0.2
TOO_OLD = f"too old to be news: waited for more than {GIVE_UP_AFTER // timedelta(hours=1)} hours"

GONE = Delivery(ok=False, error="the channel is no longer configured", permanent=True)

AddressOf = Callable[[str, str], str | None]
"""(receiver, channel) → the channel's address, a secret; None when there is no such channel any more."""


def notify(claims: Sequence[Claim], units: Units, notifier: Notifier, address_of: AddressOf) -> list[Claim]:
    """Send each message and record at once what became of it.

    The send itself stands outside any transaction: a crash between the channel's answer and our commit is the one
    case in which a message goes out twice. Directly before the send it is asked whether the row is still ours, by
    token and by time, and whether the message is still news.
    """
    done: list[Claim] = []
    for claim in claims:
        with units() as unit:
            message, now = _to_send(claim, unit), unit.marks.now()
        if message is None:
            continue
        address = address_of(message.receiver, message.channel)
        delivery = notifier.send(parcel_of(message), address) if address else GONE
        with units() as unit:
            if delivery.ok:
                done += unit.works.finish([claim], RowState.SENT)
            else:
                unit.works.fail(claim, delivery.error, retry_in(delivery, claim.attempt, message, now))
    return done


def _to_send(claim: Claim, unit: UnitOfWork) -> Notification | None:
    """The message, if it is still ours to send; one that is too old dies here."""
    if not unit.works.held([claim]):
        return None
    message = unit.alerts.notifications([claim.id])[claim.id]
    if unit.marks.now() - message.created_at > GIVE_UP_AFTER:
        unit.works.fail(claim, TOO_OLD, None)
        return None
    return message


def parcel_of(message: Notification) -> Parcel:
    """The message as the channel gets it."""
    return Parcel(message.idem, message.alert_id, message.receiver, message.channel, message.title, message.body)


def retry_in(delivery: Delivery, attempt: int, message: Notification, now: datetime) -> timedelta | None:
    """How long to wait before the next attempt; None when there is no point in one or it would come too late."""
    planned = RETRY_PLAN[min(attempt, len(RETRY_PLAN)) - 1]
    wait = max(planned, delivery.retry_after) if delivery.retry_after else planned
    wait = min(wait, RETRY_PLAN[-1]) * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  jitter, no secret
    too_late = now + wait - message.created_at > GIVE_UP_AFTER
    return None if delivery.permanent or too_late else wait
