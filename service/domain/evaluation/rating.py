"""The daily scores of a dyad by which Detente is back-tested: surge of hostility, and peace news.

Surge is two days of hostility, measured in what the pair usually has in a day. How an event counts on a dyad was chosen
on the episodes of 2003 to 2014; docs/evaluation/backtest.md says what each part adds.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import accumulate

from service.domain.evaluation.alarm import Point, Series
from service.domain.evaluation.reading import Item
from service.domain.events.dyad import dyads, is_third_party
from service.domain.events.event import Event, states_of
from service.domain.events.signal import ArticleRole, Signal
from service.domain.risk.score import HORIZON, Scale, kernel, level, risk
from service.domain.risk.subject import Subject

EXPONENT = 0.6
"""Of hostile intensity. Levels use 1.75: the surge asks how unusual a day is, not how much harm was done."""
GROUP = 0.5
"""An act with an armed group on a side counts half on the dyad of the states."""
FURTHER = 0.5
"""Each dyad of an event that has several."""
UNNAMED, UNNAMED_PEACE = 0.8, 1.0
"""What of an act without a named counterpart counts on the country's quarrels, shared out by their past year."""
RELEASE = 0.25
"""Letting persons go is the commonest peace news, and the least."""
HALF_LIFE, DOUBT = 365.0, 0.5
"""Days after which an old quarrel weighs half, and the mass of quarrels nobody has heard of."""
USUAL_DAYS, GUARD, FLOOR = 90, 2, 0.2
"""The usual day is the mean of 90 days up to two days ago, plus a floor for pairs that have no quarrel."""
_KERNEL = tuple(kernel(timedelta(days=age)) for age in range(HORIZON.days + 1))
_SPREADS = frozenset({"AGREE", "CONCEDE", "RETREAT", "SUPPORT"})

Masses = Mapping[str, Mapping[int, float]]
"""Written subject → day → mass."""


def masses(items: Iterable[Item]) -> Mapping[Signal, Masses]:
    """Hostile and peaceful mass of each dyad and day. `items` may come in any order."""
    found: dict[Signal, defaultdict[str, defaultdict[int, float]]] = {
        signal: defaultdict(lambda: defaultdict(float)) for signal in (Signal.ESCALATION, Signal.DE_ESCALATION)
    }
    quarrels = _Quarrels()
    for day, events in _by_day(items):
        today: defaultdict[str, float] = defaultdict(float)
        for event in events:
            for subject, mass in _shares(event, quarrels, day):
                found[event.signal][subject][day] += mass
            if event.signal is Signal.ESCALATION:
                for subject, mass in _direct(event):
                    today[subject] += mass
        quarrels.add(day, today)
    return found


def _by_day(items: Iterable[Item]) -> Iterator[tuple[int, list[Event]]]:
    days: defaultdict[int, list[Event]] = defaultdict(list)
    for item in items:
        days[item.day] += [event for event in item.events if counts(event)]
    yield from sorted(days.items())


def counts(event: Event) -> bool:
    """Whether an event may move a score: news with a direction, told as more than a thought."""
    return event.signal is not Signal.NEUTRAL and event.role is not ArticleRole.BACKGROUND and event.weight > 0


class _Quarrels:
    """What each dyad has had of hostility, fading; days must come in order."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[int, float]] = {}
        self._of: defaultdict[str, set[str]] = defaultdict(set)

    def add(self, day: int, masses_of_day: Mapping[str, float]) -> None:
        for subject, mass in masses_of_day.items():
            self._kept[subject] = (day, self._faded(subject, day) + mass)
            for code in Subject.parse(subject).countries:
                self._of[code].add(subject)

    def shares(self, code: str, day: int) -> Iterator[tuple[str, float]]:
        """The dyads of a country with their share of its quarrels; the shares sum to less than 1."""
        held = {subject: self._faded(subject, day) for subject in sorted(self._of[code])}
        whole = sum(held.values()) + DOUBT
        return ((subject, mass / whole) for subject, mass in held.items())

    def _faded(self, subject: str, day: int) -> float:
        last, mass = self._kept.get(subject, (day, 0.0))
        return float(mass * 2.0 ** (-(day - last) / HALF_LIFE))


def _shares(event: Event, quarrels: _Quarrels, day: int) -> Iterator[tuple[str, float]]:
    direct = list(_direct(event))
    yield from direct
    if not direct and (code := _alone(event)):
        rate = UNNAMED if event.signal is Signal.ESCALATION else UNNAMED_PEACE
        for subject, share in quarrels.shares(code, day):
            yield subject, rate * share * _mass(event)


def _direct(event: Event) -> Iterator[tuple[str, float]]:
    """The dyads an event is about, with its mass on each."""
    if is_third_party(event):
        return
    pairs = dyads(event) or (_scenes(event) if event.signal is Signal.ESCALATION else ())
    for pair in pairs:
        yield str(Subject.dyad(*pair)), _mass(event) * (1.0 if len(pairs) == 1 else FURTHER)


def _scenes(event: Event) -> Sequence[tuple[str, str]]:
    """Who acts in whose country, where nobody is named as the target."""
    actors = states_of(event.actors)
    return sorted({(min(a, p), max(a, p)) for a in actors for p in event.places if a != p})


def _alone(event: Event) -> str | None:
    """The one country whose quarrels an act without a counterpart may be about."""
    if event.signal is Signal.DE_ESCALATION:
        states = states_of((*event.actors, *event.recipients)) if event.type in _SPREADS else ()
    else:
        against_group = any(":" in party for party in event.recipients)
        states = () if against_group else states_of(event.actors)
    return states[0] if len(states) == 1 else None


def _mass(event: Event) -> float:
    strength = abs(event.intensity) / 10.0
    if event.signal is Signal.DE_ESCALATION:
        return strength * event.weight * (RELEASE if event.mode == "release" else 1.0)
    armed = any(":" in p and not p.endswith(":CIV") for p in (*event.actors, *event.recipients))
    return float(strength**EXPONENT) * event.weight * (GROUP if armed else 1.0)


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
        last = bisect_left(days, day - GUARD + 1)
        first = bisect_left(days, day - GUARD - USUAL_DAYS + 1)
        usual = max(0.0, sums[last] - sums[first]) / USUAL_DAYS
        yield Point(day, mass / (usual + FLOOR), fresh)


def peace(found: Masses) -> Series:
    """Two days of peace news."""
    return {subject: [Point(*p) for p in recent(of)] for subject, of in found.items()}


def levels(hostile: Masses, peaceful: Masses, scale: Scale) -> Series:
    """The level of each dyad on the days of hostile news and the days after them, from the same masses."""
    series = {}
    for subject, of in hostile.items():
        calm = peaceful.get(subject, {})
        series[subject] = [
            Point(day, level(risk(_kept(of, day), _kept(calm, day)), scale), fresh) for day, _, fresh in recent(of)
        ]
    return series


def _kept(of: Mapping[int, float], day: int) -> float:
    return sum(share * of[day - age] for age, share in enumerate(_KERNEL) if day - age in of) if of else 0.0
