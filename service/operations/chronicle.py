"""What became of a subject over a span of time: its level, what happened, and when alerts were on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import State
from service.domain.events.signal import Signal
from service.domain.risk.baseline import MEMORY
from service.domain.risk.ledger import MICRO, Channel
from service.domain.risk.score import score
from service.domain.risk.subject import Subject
from service.errors import NotFound
from service.pipeline.books import Gauge, entries_of, postings_of
from service.ports import UnitOfWork, Units

MOMENTS = 400
"""Moments at which the level is worked out: as many as can be told apart in a picture."""
_SIDES = {Channel.ESCALATION: Signal.ESCALATION, Channel.DE_ESCALATION: Signal.DE_ESCALATION}


@dataclass(frozen=True, slots=True)
class Moment:
    """The level at a time, 0 … 100; with 80 % probability it is from `low` to `high`."""

    at: datetime
    level: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Mark:
    """An incident: when it began, its direction, and what it weighs on the subject."""

    at: datetime
    signal: Signal
    mass: float


@dataclass(frozen=True, slots=True)
class Firing:
    """A span of time in which a rule's alert was on; `until` is None while it is.

    Of an alert that ends without a word, and of an all-clear, only the beginning is known: it ends when it begins.
    """

    rule: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Chronicle:
    """A subject from `since` to `until`."""

    subject: str
    since: datetime
    until: datetime
    moments: Sequence[Moment]
    marks: Sequence[Mark]
    firings: Sequence[Firing]


def chronicle(units: Units, subject: Subject, since: datetime | None, until: datetime, gauge: Gauge) -> Chronicle:
    """What became of a subject from `since`, or from its first incident 90 days before `until` at the earliest.

    Raises NotFound when nothing weighs on it in that time, and for an unknown watchlist.
    """
    written = str(subject)
    with units(read_only=True) as unit:
        earliest = since or until - timedelta(days=90)
        marks = _marks(written, unit, earliest, until, gauge)
        if not marks:
            raise NotFound(f"nothing was reported on {written} from {earliest:%Y-%m-%d} to {until:%Y-%m-%d}")
        begin = since or marks[0].at.replace(hour=0, minute=0, second=0, microsecond=0)
        return Chronicle(
            subject=written,
            since=begin,
            until=until,
            moments=_moments(written, unit, begin, until, gauge),
            marks=marks,
            firings=_firings(written, unit, begin, until),
        )


def _marks(subject: str, unit: UnitOfWork, since: datetime, until: datetime, gauge: Gauge) -> list[Mark]:
    booked = postings_of(subject, unit, since, until, gauge.watchlists)
    happened = unit.ledger.incidents(list(booked))
    return sorted(
        (
            Mark(happened[n].started_at, _SIDES[entry.channel], entry.micro / MICRO)
            for n, entry in booked.items()
            if entry.micro
        ),
        key=lambda mark: (mark.at, mark.signal, mark.mass),
    )


def _moments(subject: str, unit: UnitOfWork, since: datetime, until: datetime, gauge: Gauge) -> list[Moment]:
    entries = entries_of(subject, unit, since - MEMORY, until, gauge.watchlists)
    floods = unit.ledger.floods(since - MEMORY)
    found = []
    for at in moments(since, until):
        now = score(entries, at, gauge.scale, floods)
        found.append(Moment(at, now.level, now.low, now.high))
    return found


def moments(since: datetime, until: datetime) -> list[datetime]:
    """Evenly spread times from `since` to `until`, at least an hour apart."""
    steps = max(1, min(MOMENTS, int((until - since) / timedelta(hours=1))))
    return [since + (until - since) * n / steps for n in range(steps + 1)]


def _firings(subject: str, unit: UnitOfWork, since: datetime, until: datetime) -> list[Firing]:
    found = [
        firing
        for alert, changes, _ in unit.outbox.history()
        if alert.subject == subject
        for firing in firings(alert, changes)
    ]
    seen = [f for f in found if f.since <= until and (f.until is None or f.until >= since)]
    return sorted(seen, key=lambda f: (f.rule, f.since))


def firings(alert: Alert, changes: Sequence[Transition]) -> list[Firing]:
    """The spans in which an alert with these changes, in order, was on."""
    found: list[Firing] = []
    begun: datetime | None = None
    for change in changes:
        if begun and change.from_state is not State.FIRING:
            found.append(Firing(alert.rule, begun, begun))
            begun = None
        if change.to_state is State.FIRING:
            begun = begun or change.at
        else:
            found.append(Firing(alert.rule, begun or change.at, change.at))
            begun = None
    if begun:
        found.append(Firing(alert.rule, begun, None if alert.state is State.FIRING else begun))
    return found
