"""Whether a message may still go out, asked directly before it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.digest import next_digest
from service.domain.alerting.directory import Directory
from service.domain.alerting.group import digest_group
from service.domain.alerting.matcher import matches
from service.domain.alerting.message import ABOUT_ALERTS, Message, MessageReason
from service.domain.alerting.notification import GIVE_UP_AFTER, Notification
from service.domain.alerting.route import Withheld, WithheldKind
from service.domain.alerting.silence import is_active
from service.pipeline.consent import subscription_problem
from service.ports import Arrival, UnitOfWork

BREAKING = frozenset({MessageReason.FIRED, MessageReason.CHANGED, MessageReason.ESCALATED, MessageReason.FLOOD})
"""What is news by being new: too late it is told in a digest instead."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why a message does not go out; its changes come in a digest after `wait`, or not at all."""

    why: Withheld
    wait: timedelta | None = None


def objection(
    row: Notification, message: Message, unit: UnitOfWork, directory: Directory, now: datetime, max_age: timedelta
) -> Objection | None:
    """Why this message is not sent now after all, None where nothing speaks against it.

    What breaks is news for `max_age`, anything else for a day.
    """
    asks = message.reason is MessageReason.CONFIRM
    if unwanted := subscription_problem(unit, row.receiver, row.channel, asks=asks):
        return Objection(Withheld(WithheldKind.UNSUBSCRIBED, unwanted))
    return _no_news(row, message, unit, directory, now, max_age)


def _no_news(
    row: Notification, message: Message, unit: UnitOfWork, directory: Directory, now: datetime, max_age: timedelta
) -> Objection | None:
    age = unit.marks.now() - row.created_at
    if age > GIVE_UP_AFTER and message.reason not in BREAKING:
        return Objection(Withheld(WithheldKind.TOO_LATE))
    if message.reason not in ABOUT_ALERTS and message.reason is not MessageReason.FLOOD:
        return None
    if why := _needless(row, message, unit, directory, now):
        return Objection(why)
    if until := directory.muted_until(row.receiver, None, now):
        return Objection(Withheld(WithheldKind.MUTED, "quiet hours"), until - now)
    if message.reason in BREAKING and age > max_age:
        receiver = directory.receivers.get(row.receiver)
        plan = receiver.digest if receiver else None
        return Objection(Withheld(WithheldKind.TOO_LATE), next_digest(plan, now) - now)
    return None


def _needless(
    row: Notification, message: Message, unit: UnitOfWork, directory: Directory, now: datetime
) -> Withheld | None:
    changes = list(unit.alerts.transitions(unit.outbox.changes(row.message_id)).values())
    if by := _silenced_by(changes, unit, directory, now):
        return Withheld(WithheldKind.SILENCED, by)
    if message.reason in {MessageReason.REPEAT, MessageReason.ESCALATED} and (by := _taken_by(changes, unit)):
        return Withheld(WithheldKind.ACKNOWLEDGED, by)
    return None


def _silenced_by(
    changes: Sequence[tuple[Transition, Alert]], unit: UnitOfWork, directory: Directory, now: datetime
) -> str:
    """The silence under which all of it is, empty where some of it is not."""
    holding = [silence for silence in unit.silences.not_over(now) if is_active(silence, now)]
    found = [
        next((s.id for s in holding if matches(s.matchers, directory.labels(alert, change))), "")
        for change, alert in changes
    ]
    return found[0] if found and all(found) else ""


def _taken_by(changes: Sequence[tuple[Transition, Alert]], unit: UnitOfWork) -> str:
    """Who has taken on all of it that fires, empty where nobody has."""
    ids = {alert.id for _, alert in changes}
    taken = unit.alerts.acknowledged(ids)
    return next(iter(taken.values())).author if taken and len(taken) == len(ids) else ""


def fold(row: Notification, found: Objection, unit: UnitOfWork) -> None:
    """Let the changes of a message that is not sent wait in a digest of its receiver instead."""
    if found.wait is None:
        return
    digest, due = digest_group(row.receiver, found.why.kind), unit.marks.now() + found.wait
    changes = unit.outbox.changes(row.message_id)
    unit.outbox.enter([Arrival(digest, change, due, str(found.why.kind)) for change in changes])
