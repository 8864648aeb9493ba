"""The dead-man's switch: a message that comes while all is well, so that its absence tells what nobody else can."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import Outgoing
from service.domain.alerting.route import Receiver
from service.flow import RowState, Task
from service.ports import Clock, Queue, UnitOfWork, Units

MARK = "heartbeat"
DAY = timedelta(days=1)
MISSED = 2
"""Heartbeats that a channel may miss before it is a problem."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Who gets the message and how often; what it is called, and the versions it names."""

    receiver: Receiver
    every: timedelta
    title: Callable[[Message], str]
    versions: Callable[[], Mapping[str, str]]


def is_due(last: datetime | None, now: datetime, every: timedelta) -> bool:
    """Whether it is time again. Time that was slept through counts once, and so does a clock that was put back."""
    return last is None or now - last >= every or now < last


def beat(heartbeat: Heartbeat, units: Units, queue: Queue, clock: Clock) -> list[str]:
    """Write the heartbeat if it is due; returns the ids of the new notifications.

    Any number of processes may call this at any time: the mark is read and set in one serial transaction, and the id of
    the message is that of its period.
    """
    with units(read_only=True) as unit:
        if not _is_due(unit, heartbeat):
            return []
    with units(serial=True) as unit:
        if not _is_due(unit, heartbeat):
            return []
        unit.marks.set(MARK)
        made = unit.outbox.write([_message(heartbeat, unit, clock.now())])
        for notification_id in made:
            unit.after_commit(lambda one=notification_id: queue.nudge(Task.DELIVER, [one]))  # type: ignore[misc]
    return made


def unheard(heartbeat: Heartbeat, unit: UnitOfWork) -> list[str]:
    """The channels that no heartbeat has reached for too long, each in a sentence."""
    limit, now = MISSED * heartbeat.every, unit.marks.now()
    found = []
    for channel, (first, last) in sorted(
        unit.outbox.deliveries(heartbeat.receiver.name, MessageReason.HEARTBEAT).items()
    ):
        if channel in heartbeat.receiver.channels and now - (last or first) > limit:
            reached = f"last reached it {last:%Y-%m-%d %H:%M}Z" if last else "never reached it"
            found.append(f"the heartbeat {reached}: channel {heartbeat.receiver.name}/{channel}")
    return found


def _is_due(unit: UnitOfWork, heartbeat: Heartbeat) -> bool:
    last = unit.marks.get(MARK)
    return is_due(last[0] if last else None, unit.marks.now(), heartbeat.every)


def _message(heartbeat: Heartbeat, unit: UnitOfWork, at: datetime) -> Outgoing:
    name, period = heartbeat.receiver.name, int(unit.marks.now().timestamp() // heartbeat.every.total_seconds())
    message = Message(
        MessageReason.HEARTBEAT, name, at, thread=f"heartbeat.{name}", why=MARK, note=told(heartbeat.versions(), unit)
    )
    written = sha256(f"heartbeat|{name}|{heartbeat.every}|{period}".encode()).hexdigest()[:32]
    return Outgoing(written, message, heartbeat.title(message), heartbeat.receiver.channels)


def told(versions: Mapping[str, str], unit: UnitOfWork) -> str:
    """How the service is doing, in sentences."""
    since = unit.marks.now() - DAY
    articles, last = unit.articles.arrivals(since)
    dead = sum(states.get(RowState.DEAD, 0) for states in unit.works.counts().values())
    oldest = unit.works.oldest_due()
    return " ".join(
        (
            f"Last article: {_at(last)}. In the last day: articles {articles}, alerts {unit.outbox.begun(since)}.",
            _feeds(unit),
            f"Dead rows: {dead}. Oldest row that waits: {_at(oldest)}.",
            "; ".join(f"{name} {version}" for name, version in versions.items()) + ".",
        )
    )


def _feeds(unit: UnitOfWork) -> str:
    feeds = unit.feeds.health()
    silent = [feed["id"] for feed in feeds if feed["last_ok_at"] is None or feed["attempt"] > 0]
    named = f" ({', '.join(silent[:5])}{', …' if len(silent) > 5 else ''})" if silent else ""  # noqa: PLR2004
    return f"Feeds that answer: {len(feeds) - len(silent)}; that do not: {len(silent)}{named}."


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else "none"
