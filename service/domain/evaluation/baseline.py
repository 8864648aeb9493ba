"""Simple ways of raising alarms, to be beaten at equal budgets.

Each takes the same texts and gives daily scores; those on countries hit an episode of a dyad by a page on either.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from statistics import mean, stdev

from service.domain.evaluation.alarm import Point, Series
from service.domain.evaluation.keywords import calms, raises_risk
from service.domain.evaluation.rating import Masses, counts, recent, surge
from service.domain.evaluation.reading import Item
from service.domain.events.dyad import dyads
from service.domain.events.event import Event, states_of
from service.domain.events.ontology import TYPES
from service.domain.events.signal import Signal
from service.domain.risk.subject import Subject

BASE, C2_GUARD = 7, 2
"""Days that EARS compares with, and the days between them and today in its method C2."""
LEAST_SPREAD = 0.5
"""Counts are whole: a week without any spread is taken to have this standard deviation."""
_GOLDSTEIN = {kind.mode: kind.goldstein or 0.0 for kind in TYPES.values()}

Method = Callable[[Sequence[Item], Signal], Series]
Subjects = Callable[[Item], Iterable[str]]


def countries(item: Item) -> list[str]:
    """The countries a text names, as written subjects."""
    return [str(Subject.country(code)) for code in item.named]


def first_two(item: Item) -> list[str]:
    """The dyad of the first two countries a text names."""
    return [str(Subject.dyad(*item.named[:2]))] if len(item.named) > 1 else []


def _has(item: Item, signal: Signal) -> bool:
    return any(counts(event) and event.signal is signal for event in item.events)


def _sums(items: Iterable[Item], subjects: Subjects, value: Callable[[Item], float]) -> Masses:
    found: defaultdict[str, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    for item in items:
        if amount := value(item):
            for subject in subjects(item):
                found[subject][item.day] += amount
    return found


def ears(guard: int) -> Method:
    """EARS on the daily number of texts of the sought direction that name a country.

    With a guard of two days it is C2; without one, and with the error of prediction, EARS-t as in epitweetr, less its
    down-weighting of earlier alarms.
    """

    def method(items: Sequence[Item], signal: Signal) -> Series:
        found = _sums(items, countries, lambda item: float(_has(item, signal)))
        return {subject: list(_ears(of, guard)) for subject, of in found.items()}

    return method


def _ears(of: Mapping[int, float], guard: int) -> Iterator[Point]:
    error = 1.0 if guard else (1 + 1 / BASE) ** 0.5
    for day in sorted(of):
        before = [of.get(day - guard - n, 0.0) for n in range(1, BASE + 1)]
        yield Point(day, (of[day] - mean(before)) / (max(stdev(before), LEAST_SPREAD) * error), fresh=True)


def gpr_share(items: Sequence[Item], signal: Signal) -> Series:
    """The share of two days' texts that the keywords count and that name the country."""
    counted = raises_risk if signal is Signal.ESCALATION else calms
    found = _sums(items, countries, lambda item: float(counted(item.text)))
    texts = Counter(item.day for item in items)
    return {
        subject: [Point(day, n / max(1, texts[day] + texts[day - 1]), fresh) for day, n, fresh in recent(of)]
        for subject, of in found.items()
    }


def tone(subjects: Subjects) -> Method:
    """Two days' sum of negative tone, or of positive tone for de-escalation."""

    def method(items: Sequence[Item], signal: Signal) -> Series:
        sign = -1.0 if signal is Signal.ESCALATION else 1.0
        found = _sums(items, subjects, lambda item: max(0.0, sign * (item.tone or 0.0)))
        return {subject: [Point(*p) for p in recent(of)] for subject, of in found.items()}

    return method


def _countries_of(event: Event) -> list[str]:
    codes = {*states_of(event.actors), *states_of(event.recipients), *event.places}
    return [str(Subject.country(code)) for code in sorted(codes)]


def _dyads_of(event: Event) -> list[str]:
    return [str(Subject.dyad(*pair)) for pair in dyads(event)]


def _by_country(items: Sequence[Item], signal: Signal) -> Series:
    return _goldstein(items, signal, _countries_of)


def _by_dyad(items: Sequence[Item], signal: Signal) -> Series:
    return _goldstein(items, signal, _dyads_of)


def _goldstein(items: Sequence[Item], signal: Signal, subjects: Callable[[Event], list[str]]) -> Series:
    """The mean Goldstein value of two days' events, turned so that more is worse, or better for de-escalation."""
    sums: defaultdict[str, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    told: defaultdict[str, defaultdict[int, float]] = defaultdict(lambda: defaultdict(float))
    sign = -1.0 if signal is Signal.ESCALATION else 1.0
    for item in items:
        for event in filter(counts, item.events):
            for subject in subjects(event):
                sums[subject][item.day] += sign * _GOLDSTEIN.get(event.mode, 0.0)
                told[subject][item.day] += 1
    return {
        subject: [
            Point(day, (sums[subject].get(day, 0.0) + sums[subject].get(day - 1, 0.0)) / n, fresh)
            for day, n, fresh in recent(of)
        ]
        for subject, of in told.items()
    }


def any_item(items: Sequence[Item], signal: Signal) -> Series:
    """The naive rule: any text of the sought direction whose first two countries are the dyad, all alike."""
    return _alike(_sums(items, first_two, lambda item: float(_has(item, signal))))


def chance(items: Sequence[Item], _: Signal) -> Series:
    """Any text whose first two countries are the dyad, whatever it says: which of them page is drawn by lot."""
    return _alike(_sums(items, first_two, lambda _: 1.0))


def _alike(found: Masses) -> Series:
    return {subject: [Point(day, 1.0, fresh=True) for day in sorted(of)] for subject, of in found.items()}


def first_two_coded(items: Sequence[Item], signal: Signal) -> Series:
    """Our coder and our surge (for de-escalation, our mass), but the dyad is the first two countries."""

    def strength(item: Item) -> float:
        told = (e for e in item.events if counts(e) and e.signal is signal)
        return max((abs(e.intensity) / 10.0 * e.weight for e in told), default=0.0)

    found = _sums(items, first_two, strength)
    if signal is Signal.ESCALATION:
        return surge(found)
    return {subject: [Point(*p) for p in recent(of)] for subject, of in found.items()}


BASELINES: Mapping[str, Method] = {
    "EARS C2": ears(C2_GUARD),
    "EARS-t": ears(0),
    "GPR keywords": gpr_share,
    "VADER tone, country": tone(countries),
    "VADER tone, dyad": tone(first_two),
    "mean Goldstein, country": _by_country,
    "mean Goldstein, dyad": _by_dyad,
    "first two countries": first_two_coded,
    "any item": any_item,
    "random": chance,
}
ON_COUNTRIES = frozenset({"EARS C2", "EARS-t", "GPR keywords", "VADER tone, country", "mean Goldstein, country"})
NEEDS_TONE = frozenset({"VADER tone, country", "VADER tone, dyad"})
