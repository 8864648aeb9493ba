"""Send what stands in the outbox."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from service.domain.alerting.notification import GIVE_UP_AFTER, RETRY_PLAN, Notification
from service.flow import RowState
from service.ports import Claim, Delivery, Notifier, Units

JITTER = 0.2


def notify(claims: Sequence[Claim], units: Units, notifier: Notifier) -> list[Claim]:
    """Send each message and record at once what became of it.

    The send itself stands outside any transaction: a crash between the channel's answer and our commit is the one
    case in which a message goes out twice. Whether the row is still ours is asked directly before the send.
    """
    done: list[Claim] = []
    for claim in claims:
        with units() as unit:
            if not unit.works.move([claim], claim.state):
                continue
            message = unit.alerts.notifications([claim.id])[claim.id]
            now = unit.marks.now()
        delivery = notifier.send(message.receiver, message.channel, message.title, message.body)
        with units() as unit:
            if delivery.ok:
                done += unit.works.finish([claim], RowState.SENT)
            else:
                unit.works.fail(claim, delivery.error, retry_in(delivery, claim.attempt, message, now))
    return done


def retry_in(delivery: Delivery, attempt: int, message: Notification, now: datetime) -> timedelta | None:
    """How long to wait before the next attempt; None when there is no point in one or the message is too old."""
    if delivery.permanent or now - message.created_at > GIVE_UP_AFTER:
        return None
    planned = RETRY_PLAN[min(attempt, len(RETRY_PLAN)) - 1]
    wait = max(planned, delivery.retry_after) if delivery.retry_after else planned
    return min(wait, RETRY_PLAN[-1]) * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  jitter, no secret
