"""Send an invented article the whole way, and see that it arrives.

Two marks tell where it stands: `canary-out` when one was sent, and `canary-back` when it was taken back, with how many
seconds it took, or that it was lost. It is taken back as soon as its message has reached every channel, so that what it
moves is at rest before the next one comes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from service.domain.alerting.canary import ALERT
from service.domain.alerting.route import Receiver
from service.domain.events.geography import Geography
from service.domain.news import canary
from service.flow import RowState
from service.operations.correction import retract
from service.operations.heartbeat import is_due
from service.pipeline.ingest import store
from service.ports import Clock, Queue, UnitOfWork, Units

OUT, BACK = "canary-out", "canary-back"
LOST = "lost"
KEPT = timedelta(days=7)
"""How long the rows of a canary stay."""
MISSED = 2
"""Intervals without a canary after which it is a problem."""


class Whereabouts(StrEnum):
    """Where the last canary is."""

    OUT = "out"
    ARRIVED = "arrived"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Canary:
    """Who gets the message, how often one is sent, and within what time it must arrive."""

    receiver: Receiver
    every: timedelta
    within: timedelta


@dataclass(frozen=True, slots=True)
class Flight:
    """The last canary: its article, when it was sent, and when it was taken back, with its `seconds` if it arrived."""

    article_id: str
    sent_at: datetime
    back_at: datetime | None = None
    seconds: float | None = None

    @property
    def whereabouts(self) -> Whereabouts:
        """Where it is."""
        if self.back_at is None:
            return Whereabouts.OUT
        return Whereabouts.LOST if self.seconds is None else Whereabouts.ARRIVED


def look_after(plan: Canary, units: Units, queue: Queue, geography: Callable[[], Geography], clock: Clock) -> None:
    """Take the canary that is out back if it has arrived or is lost; send the next if it is time.

    Any number of processes may call this at any time.
    """
    with units(read_only=True) as unit:
        flight, now, settled = last_flight(unit), unit.marks.now(), _is_settled(unit)
        is_out = flight is not None and flight.whereabouts is Whereabouts.OUT
        arrived = _arrived_at(flight, plan, unit) if flight and is_out else None
    due = is_due(flight.sent_at if flight else None, now, plan.every)
    if flight and is_out and (arrived or due):
        _take_back(flight, arrived, units, geography(), clock)
    elif due and settled and not is_out:
        _send(plan, units, queue, clock)


def last_flight(unit: UnitOfWork) -> Flight | None:
    """The last canary sent, None before the first."""
    out, back = unit.marks.get(OUT), unit.marks.get(BACK)
    if out is None:
        return None
    article_id, _, took = back[1].partition(" ") if back else ("", "", "")
    if back is None or article_id != out[1]:
        return Flight(out[1], out[0])
    return Flight(out[1], out[0], back[0], None if took == LOST else float(took))


def missing(plan: Canary, unit: UnitOfWork) -> list[str]:
    """What is wrong with the last canaries, in a sentence."""
    flight, now = last_flight(unit), unit.marks.now()
    if flight is None:
        return []
    sent = f"the canary article of {flight.sent_at:%Y-%m-%d %H:%M}Z"
    limit = f"{plan.within // timedelta(minutes=1)} min"
    if now - flight.sent_at > MISSED * plan.every:
        return [f"no canary article has been sent since {flight.sent_at:%Y-%m-%d %H:%M}Z"]
    if flight.whereabouts is Whereabouts.LOST:
        return [f"{sent} has not come to {plan.receiver.name}"]
    if flight.seconds is not None and flight.seconds > plan.within.total_seconds():
        return [f"{sent} took {flight.seconds:.0f} s to come to {plan.receiver.name}, more than {limit}"]
    if flight.whereabouts is Whereabouts.OUT and now - flight.sent_at > plan.within:
        return [f"{sent} has not come to {plan.receiver.name} within {limit}"]
    return []


def _is_settled(unit: UnitOfWork) -> bool:
    """Whether rules have looked since the last one was taken back: until then its alert still fires."""
    back, evaluated = unit.marks.get(BACK), unit.marks.get("evaluated")
    return back is None or back[0] > unit.marks.now() or (evaluated is not None and evaluated[0] > back[0])


def _arrived_at(flight: Flight, plan: Canary, unit: UnitOfWork) -> datetime | None:
    """When the last of the channels took its message; None until all have."""
    if not unit.alerts.for_subjects([canary.DYAD]):
        return None
    course = unit.outbox.course(ALERT)
    own = {t.id for t in course.transitions if any(q.article_id == flight.article_id for q in t.evidence)}
    sent = {
        row["channel"]: row["updated_at"]
        for row in course.notifications
        if row["transition_id"] in own and row["state"] == RowState.SENT
    }
    return max(sent.values()) if sent and set(plan.receiver.channels) <= set(sent) else None


def _take_back(flight: Flight, arrived: datetime | None, units: Units, geography: Geography, clock: Clock) -> None:
    """Doing it again changes nothing."""
    took = f"{max(0.0, (arrived - flight.sent_at).total_seconds()):.1f}" if arrived else LOST
    retract(flight.article_id, "a canary that is done with", units, geography, clock)
    with units() as unit:
        unit.marks.set(BACK, f"{flight.article_id} {took}")


def _send(plan: Canary, units: Units, queue: Queue, clock: Clock) -> None:
    with units(serial=True) as unit:
        flight, now = last_flight(unit), unit.marks.now()
        if not is_due(flight.sent_at if flight else None, now, plan.every):
            return
        unit.articles.forget(canary.ORIGIN, now - KEPT)
        unit.outbox.forget(ALERT, now - KEPT)
        article = canary.article(now, clock.now())
        unit.marks.set(OUT, article.id)
        store([article], canary.ORIGIN, unit, queue)
