"""What became of a subject over a span of time: its level, what happened, and when alerts were on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import State
from service.domain.events.signal import Signal
from service.domain.risk.ledger import MICRO, Channel
from service.domain.risk.score import HORIZON
from service.domain.risk.subject import Subject
from service.errors import NotFound
from service.operations.bulk import strip_of
from service.operations.weighing import Weighing
from service.pipeline.books import Gauge, postings_of
from service.ports import UnitOfWork, Units

MOMENTS = 400
"""Moments at which the level is worked out: as many as can be told apart in a picture."""
MOST_CHANGES = 2000
"""Changes of a subject's alerts that are read, the latest."""
LONGEST, SHORTEST_STEP = timedelta(days=3660), timedelta(hours=1)
SIDES = {Channel.ESCALATION: Signal.ESCALATION, Channel.DE_ESCALATION: Signal.DE_ESCALATION}


@dataclass(frozen=True, slots=True)
class Moment:
    """The level at a time, 0 … 100; with 80 % probability it is from `low` to `high`.

    `e` and `d` are what it is made of, danger and peace in mass per day.
    """

    at: datetime
    level: float
    low: float
    high: float
    e: float
    d: float


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
            moments=levels_at(written, unit, moments(begin, until), gauge),
            marks=marks,
            firings=firings_in(written, unit, begin, until),
        )


@dataclass(frozen=True, slots=True)
class Series:
    """A subject's level at moments, the earliest first. Before the books began, at `began_at`, nothing was known."""

    subject: str
    moments: Sequence[Moment]
    began_at: datetime | None


def series(
    units: Units,
    subject: Subject,
    since: datetime,
    until: datetime,
    gauge: Gauge,
    *,
    points: int | None = None,
    step: timedelta | None = None,
) -> Series:
    """The level from `since` to `until`: at so many points evenly spread, or after every step; else as `moments`.

    Raises ValueError for a span of no time or of more than 3660 days, for a step of less than an hour, for fewer than 2
    or more than 400 points, and where both are given; NotFound for an unknown watchlist.
    """
    times = times_of(since, until, points, step)
    with units(read_only=True) as unit:
        found = levels_at(str(subject), unit, times, gauge)
        return Series(str(subject), found, unit.ledger.began_at())


def times_of(since: datetime, until: datetime, points: int | None, step: timedelta | None) -> list[datetime]:
    """The moments of a series. Raises ValueError."""
    span = until - since
    if not timedelta(0) < span <= LONGEST:
        raise ValueError(f"since must lie before until, and at most {LONGEST.days} days before it")
    if points is not None and step is not None:
        raise ValueError("give either points or a step")
    if step is not None:
        if step < SHORTEST_STEP:
            raise ValueError("a step is an hour or more")
        if span // step >= MOMENTS:
            raise ValueError(
                f"this step makes {span // step + 1} points: take a longer one, at most {MOMENTS} are told"
            )
        return [since + n * step for n in range(span // step + 1)]
    if points is None:
        return moments(since, until, MOMENTS - 1)
    if not 2 <= points <= MOMENTS:  # noqa: PLR2004  both ends
        raise ValueError(f"from 2 to {MOMENTS} points are told")
    return [since + span * n / (points - 1) for n in range(points)]


def _marks(subject: str, unit: UnitOfWork, since: datetime, until: datetime, gauge: Gauge) -> list[Mark]:
    booked = postings_of(subject, unit, since, until, gauge.watchlists)
    began = unit.ledger.began(list(booked))
    return sorted(
        (Mark(began[n], SIDES[entry.channel], entry.micro / MICRO) for n, entry in booked.items() if entry.micro),
        key=lambda mark: (mark.at, mark.signal, mark.mass),
    )


def levels_at(subject: str, unit: UnitOfWork, times: Sequence[datetime], gauge: Gauge) -> list[Moment]:
    """A subject's levels at these times, which are in order. Raises NotFound for an unknown watchlist.

    What is older than the horizon weighs nothing, and leaves what is younger as it is.
    """
    since, until = times[0] - HORIZON, times[-1]
    strip = strip_of(subject, unit, since, until, gauge.watchlists)
    return weighed_at(times, Weighing(strip, unit.ledger.floods(since)), gauge)


def weighed_at(times: Sequence[datetime], weighing: Weighing, gauge: Gauge) -> list[Moment]:
    """Levels of sums that reach a horizon behind the first of the times."""
    scores = ((at, weighing.quick_score(at, gauge.scale)) for at in times)
    return [Moment(at, s.level, s.low, s.high, s.e, s.d) for at, s in scores]


def moments(since: datetime, until: datetime, most: int = MOMENTS) -> list[datetime]:
    """Evenly spread times from `since` to `until`, at least an hour apart and with at most so many steps between."""
    steps = max(1, min(most, int((until - since) / timedelta(hours=1))))
    return [since + (until - since) * n / steps for n in range(steps + 1)]


def firings_in(subject: str, unit: UnitOfWork, since: datetime, until: datetime) -> list[Firing]:
    """When alerts were on within a span of time, by rule."""
    found = firings_of(unit.alerts.of_subject(subject, MOST_CHANGES))
    seen = [f for f in found if f.since <= until and (f.until is None or f.until >= since)]
    return sorted(seen, key=lambda f: (f.rule, f.since))


def firings_of(alerts: Iterable[tuple[Alert, Sequence[Transition]]]) -> list[Firing]:
    """The spans in which these alerts with these changes were on."""
    return [firing for alert, changes in alerts for firing in firings(alert, changes)]


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
