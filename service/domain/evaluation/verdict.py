"""What alarms are worth: recall of known episodes, chance beside it, and whether one method beats another."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from random import Random

from service.domain.evaluation.alarm import Alarms
from service.domain.evaluation.episode import Episode

BEFORE, AFTER = 1, 3
"""A page hits an episode from one day before its start to three days after it."""
PLACEBO_DATES = 30
"""Random dates drawn for each episode."""
AWAY = 30
"""Days that a random date keeps from the start of a known episode of its subject."""
_DRAWS, _SEED = 1000, 7

Watch = Callable[[Episode], Sequence[str]]
"""The written subjects of which any page counts for an episode: its dyad, or its two countries."""

PlaceboDates = Mapping[str, Sequence[int]]
"""Id of an episode → days (ordinals) on which nothing known began."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One method at one budget. Shares are 0 … 1.

    `delay` is the mean of days from start to page over the hits, None without a hit; `placebo` the recall at random
    dates; `lift` recall − placebo; `precision` the share of pages that stand in a known episode, which is low for
    every method, because most hostility is no episode of the list. `interval` holds 95 % of recall, by bootstrap over
    subjects.
    """

    recall: float
    interval: tuple[float, float]
    delay: float | None
    placebo: float
    lift: float
    precision: float
    hits: tuple[str, ...]
    missed: tuple[str, ...]
    alarms: Alarms


def judge(alarms: Alarms, episodes: Sequence[Episode], watch: Watch, dates: PlaceboDates) -> Verdict:
    """Compare alarms with the episodes that start in their period; at least one. `dates` are from `placebo_dates`."""
    days = _days(alarms)
    delays = {e.id: _delay(e.start.toordinal(), watch(e), days) for e in episodes}
    hits = tuple(e.id for e in episodes if delays[e.id] is not None)
    told = [d for d in delays.values() if d is not None]
    recall = len(hits) / len(episodes)
    chance = _placebo(episodes, watch, days, dates)
    return Verdict(
        recall=recall,
        interval=interval(episodes, frozenset(hits)),
        delay=sum(told) / len(told) if told else None,
        placebo=chance,
        lift=recall - chance,
        precision=_precision(alarms, episodes, watch),
        hits=hits,
        missed=tuple(e.id for e in episodes if delays[e.id] is None),
        alarms=alarms,
    )


def _days(alarms: Alarms) -> Mapping[str, frozenset[int]]:
    found: defaultdict[str, set[int]] = defaultdict(set)
    for page in alarms.pages:
        found[page.subject].add(page.day)
    return {subject: frozenset(days) for subject, days in found.items()}


def _delay(start: int, subjects: Iterable[str], days: Mapping[str, frozenset[int]]) -> int | None:
    """Days from the start to the first page on any of the subjects, None without one in the window."""
    window = range(-BEFORE, AFTER + 1)
    return next((n for n in window if any(start + n in days.get(s, ()) for s in subjects)), None)


def placebo_dates(episodes: Sequence[Episode], first: int, last: int) -> PlaceboDates:
    """Random days for each episode from `first` to `last`, away from the known starts of its subject.

    An episode whose subject has too few such days gets fewer, or none.
    """
    starts: defaultdict[str, list[int]] = defaultdict(list)
    for episode in episodes:
        starts[str(episode.subject)].append(episode.start.toordinal())
    drawn = {}
    for episode in episodes:
        known = starts[str(episode.subject)]
        free = [d for d in range(first + BEFORE, last - AFTER + 1) if all(abs(d - start) >= AWAY for start in known)]
        random = Random(f"{_SEED} {episode.id}")  # noqa: S311  a repeatable draw, no secret
        drawn[episode.id] = random.sample(free, min(PLACEBO_DATES, len(free)))
    return drawn


def _placebo(
    episodes: Sequence[Episode], watch: Watch, days: Mapping[str, frozenset[int]], dates: PlaceboDates
) -> float:
    """The share of the random days on which a start would have been hit."""
    drawn = [_delay(day, watch(e), days) is not None for e in episodes for day in dates[e.id]]
    return sum(drawn) / len(drawn) if drawn else 0.0


def _precision(alarms: Alarms, episodes: Sequence[Episode], watch: Watch) -> float:
    spans: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
    for episode in episodes:
        for subject in watch(episode):
            spans[subject].append((episode.start.toordinal() - BEFORE, episode.end.toordinal()))
    known = sum(any(a <= page.day <= b for a, b in spans[page.subject]) for page in alarms.pages)
    return known / len(alarms.pages) if alarms.pages else 0.0


def interval(episodes: Sequence[Episode], hits: frozenset[str]) -> tuple[float, float]:
    """95 % of recall when whole subjects are drawn again: episodes of one dyad resemble each other."""
    by_subject: defaultdict[str, list[bool]] = defaultdict(list)
    for episode in episodes:
        by_subject[str(episode.subject)].append(episode.id in hits)
    subjects = sorted(by_subject)
    random = Random(_SEED)  # noqa: S311  a repeatable draw, no secret
    recalls = []
    for _ in range(_DRAWS):
        drawn = [hit for subject in random.choices(subjects, k=len(subjects)) for hit in by_subject[subject]]
        recalls.append(sum(drawn) / len(drawn))
    recalls.sort()
    return recalls[round(0.025 * (_DRAWS - 1))], recalls[round(0.975 * (_DRAWS - 1))]


def paired_p(ours: Iterable[str], theirs: Iterable[str]) -> float:
    """Exact two-sided p (McNemar's test) that two methods, equally good, differ so much in which episodes they hit.

    >>> paired_p("abcdef", "f")
    0.0625
    """
    mine, other = set(ours), set(theirs)
    won, lost = len(mine - other), len(other - mine)
    n = won + lost
    tail = sum(comb(n, k) for k in range(min(won, lost) + 1))
    return min(1.0, float(2 * tail / 2**n))
