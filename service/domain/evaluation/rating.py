"""The daily scores of a dyad by which Detente is back-tested: surge, peace and level, from the books as they are kept.

What is measured here by days the service reads by hours (`service.domain.risk.surge`, `score`).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import NamedTuple

from service.domain.evaluation.alarm import Point, Series
from service.domain.evaluation.reading import Item
from service.domain.events.event import Event
from service.domain.events.geography import Geography
from service.domain.events.signal import ArticleRole, Signal
from service.domain.risk.caps import cuts, day_of
from service.domain.risk.incident import Incident, Report, group
from service.domain.risk.ledger import MICRO, Channel, Entry, postings
from service.domain.risk.score import HORIZON, Scale, kernel, level, risk
from service.domain.risk.subject import SubjectKind
from service.domain.risk.surge import LEAST, RECENT, USUAL

_GUARD, _USUAL_DAYS = RECENT // 24, USUAL // 24
_EPOCH = date(1970, 1, 1).toordinal()
_KERNEL = tuple(kernel(timedelta(days=age)) for age in range(HORIZON.days + 1))
_SIDES = {Channel.ESCALATION: Signal.ESCALATION, Channel.DE_ESCALATION: Signal.DE_ESCALATION}

Masses = Mapping[str, Mapping[int, float]]
"""Written subject → day (ordinal) → mass or stir."""


class Books(NamedTuple):
    """What is booked on dyads on one side, by day."""

    stir: defaultdict[str, defaultdict[int, float]]
    mass: defaultdict[str, defaultdict[int, float]]


def books(items: Iterable[Item], geography: Geography) -> Mapping[Signal, Books]:
    """The dyads' books of these items, with the caps of one voice; `items` may come in any order."""
    found = {signal: Books(_daily(), _daily()) for signal in _SIDES.values()}
    for subject, booked in sorted(_entries(items, geography).items()):
        cut = cuts(booked)
        for entry in sorted(booked):
            part = cut.get((entry.owner, entry.channel, entry.hour), 1.0) / MICRO
            day = day_of(entry.hour) + _EPOCH
            stir, mass = found[_SIDES[entry.channel]]
            if entry.stir:
                stir[subject][day] += entry.stir * part
            if entry.micro:
                mass[subject][day] += entry.micro * part
    return found


def incidents(items: Iterable[Item]) -> Iterator[Incident]:
    """What happened, as these items report it; `items` may come in any order."""
    by_key: defaultdict[str, list[Report]] = defaultdict(list)
    for item in items:
        for report in item.reports:
            by_key[report.key].append(report)
    for key in sorted(by_key):
        yield from group(by_key[key])


def _entries(items: Iterable[Item], geography: Geography) -> Mapping[str, Sequence[Entry]]:
    entries: defaultdict[str, list[Entry]] = defaultdict(list)
    for posting in (p for incident in incidents(items) for p in postings(incident, geography)):
        if posting.subject.kind is SubjectKind.DYAD:
            entries[str(posting.subject)].append(posting.entry)
    return entries


def _daily() -> defaultdict[str, defaultdict[int, float]]:
    return defaultdict(lambda: defaultdict(float))


def counts(event: Event) -> bool:
    """Whether an event may move a score: news with a direction, told as more than a thought."""
    return event.signal is not Signal.NEUTRAL and event.role is not ArticleRole.BACKGROUND and event.weight > 0


def recent(of: Mapping[int, float]) -> Iterator[tuple[int, float, bool]]:
    """(day, mass of that day and the one before, whether the day has mass of its own), for the days with either."""
    for day in sorted({*of, *(d + 1 for d in of)}):
        yield day, of.get(day, 0.0) + of.get(day - 1, 0.0), day in of


def surge(found: Masses) -> Series:
    """Two days of mass over the mean daily mass of the 90 days before, plus a floor."""
    return {subject: list(_surge(of)) for subject, of in found.items()}


def _surge(of: Mapping[int, float]) -> Iterator[Point]:
    days = sorted(of)
    sums = [0.0, *accumulate(of[d] for d in days)]
    for day, mass, fresh in recent(of):
        last = bisect_left(days, day - _GUARD + 1)
        first = bisect_left(days, day - _GUARD - _USUAL_DAYS + 1)
        usual = max(0.0, sums[last] - sums[first]) / _USUAL_DAYS
        yield Point(day, mass / (usual + LEAST), fresh)


def peace(found: Masses) -> Series:
    """Two days of peace news."""
    return {subject: [Point(*p) for p in recent(of)] for subject, of in found.items()}


def levels(hostile: Masses, peaceful: Masses, scale: Scale) -> Series:
    """The level of each dyad on the days of hostile news and the days after them, from the same masses."""
    series = {}
    for subject, of in hostile.items():
        calm = peaceful.get(subject, {})
        series[subject] = [Point(day, level_on(day, of, calm, scale), fresh) for day, _, fresh in recent(of)]
    return series


def level_on(day: int, hostile: Mapping[int, float], peaceful: Mapping[int, float], scale: Scale) -> float:
    """The level on a day with this mass of each day on either side."""
    return level(risk(_kept(hostile, day), _kept(peaceful, day)), scale)


def _kept(of: Mapping[int, float], day: int) -> float:
    return sum(share * of[day - age] for age, share in enumerate(_KERNEL) if day - age in of) if of else 0.0
