"""Which thresholds keep pages within what people bear, and what each choice would lose.

How pages are counted: docs/decisions/0033-a-threshold-is-what-keeps-to-the-budget.md.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import inf
from typing import NamedTuple, Self

from service.domain.alerting.alert import Transition
from service.domain.alerting.rule import Severity, State
from service.domain.evaluation.episode import Episode
from service.domain.evaluation.verdict import AFTER, BEFORE

REFIRED_WITHIN = timedelta(days=7)
"""A page that soon after the last word on its subject says the same quarrel once more."""
LEAST_HISTORY = 30
"""Days of history below which no threshold is lowered: a quiet month promises nothing."""
MOST_PAGES = 1000
_WINDOW = range(-BEFORE, AFTER + 1)
"""Days around one that matters on which a page catches it."""
_BUDGET = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(day|week)")
_DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class Budget:
    """So many pages in so many days."""

    pages: float
    days: int

    @classmethod
    def parse(cls, written: str) -> Self:
        """Read `3/week` or `0.5/day`. Raises ValueError saying what would be right."""
        match = _BUDGET.fullmatch(written.strip())
        if not match or not 0 < float(match[1]) <= MOST_PAGES:
            raise ValueError(f"{written!r} is no budget: write pages above 0 a day or week, as 3/week or 0.5/day")
        return cls(float(match[1]), _DAYS[match[2]])

    def over(self, days: int) -> float:
        """The pages that a history of so many days may have."""
        return self.pages * days / self.days


class Told(NamedTuple):
    """A page: something begins on a subject, or gets worse (`renewed`). `level` 0 … 100; `quote` may be empty.

    `refired` when it begins within seven days of the last word on the subject.
    """

    subject: str
    at: datetime
    level: float
    quote: str
    confirmed: bool
    renewed: bool = False
    refired: bool = False
    severity: Severity | None = None


def pages(changes: Iterable[tuple[Transition, str]]) -> list[Told]:
    """The pages among transitions, in order of time, with the subjects of their alerts."""
    found = []
    last_word: dict[str, datetime] = {}
    for change, subject in changes:
        before = last_word.get(change.alert_id)
        last_word[change.alert_id] = change.at
        if change.to_state is State.FIRING:
            renewed = change.from_state is State.FIRING
            refired = not renewed and before is not None and change.at - before <= REFIRED_WITHIN
            quote = change.evidence[0].text if change.evidence else ""
            found.append(
                Told(subject, change.at, change.level, quote, change.confirmed, renewed, refired, change.severity)
            )
    return found


@dataclass(frozen=True, slots=True)
class Known:
    """Something people should hear of. A past alarm has a `level`, an episode of a list has an `end`."""

    id: str
    subject: str
    day: date
    label: str
    level: float | None = None
    end: date | None = None


def known_episodes(episodes: Iterable[Episode]) -> list[Known]:
    """Episodes as what must not be lost, by id."""
    return sorted((Known(e.id, str(e.subject), e.start, e.label, end=e.end) for e in episodes), key=lambda k: k.id)


def past_alarms(told: Iterable[Told]) -> list[Known]:
    """Pages as what must not be lost without a list of what matters: one a subject and day, the highest level first."""
    found: dict[str, Known] = {}
    for page in sorted(told, key=lambda p: (-p.level, p.at, p.subject)):
        day = page.at.date()
        name = f"{page.subject} {day}"
        found.setdefault(name, Known(name, page.subject, day, page.quote, page.level))
    return list(found.values())


def caught(told: Iterable[Told], known: Iterable[Known]) -> frozenset[str]:
    """Ids of what is known that has a page on its subject from one day before its day to three days after."""
    days = _days(told)
    return frozenset(k.id for k in known if _is_near(k.subject, k.day, days))


def _days(told: Iterable[Told]) -> Mapping[str, set[int]]:
    days: defaultdict[str, set[int]] = defaultdict(set)
    for page in told:
        days[page.subject].add(page.at.date().toordinal())
    return days


def _is_near(subject: str, day: date, days: Mapping[str, set[int]], window: range = _WINDOW) -> bool:
    return any(day.toordinal() + n in days.get(subject, ()) for n in window)


def precision(told: Sequence[Told], known: Iterable[Known]) -> float | None:
    """Share of the pages that stand in a known episode, 0 … 1; None without pages or a list of episodes."""
    spans: defaultdict[str, list[tuple[date, date]]] = defaultdict(list)
    for k in known:
        if k.end is not None:
            spans[k.subject].append((k.day - timedelta(days=BEFORE), k.end))
    if not told or not spans:
        return None
    return sum(any(a <= page.at.date() <= b for a, b in spans.get(page.subject, ())) for page in told) / len(told)


@dataclass(frozen=True, slots=True)
class Difference:
    """Against the present threshold: pages of another that are kept or new, and pages of the present that are lost."""

    kept: Sequence[Told]
    new: Sequence[Told]
    lost: Sequence[Told]


def difference(told: Sequence[Told], present: Sequence[Told]) -> Difference:
    """Two pages on a subject say the same where the other one would catch today's, by the window of `caught`."""
    before, after = _days(present), _days(told)
    mirrored = range(-AFTER, BEFORE + 1)
    is_kept = [_is_near(page.subject, page.at.date(), before, mirrored) for page in told]
    return Difference(
        [page for page, kept in zip(told, is_kept, strict=True) if kept],
        [page for page, kept in zip(told, is_kept, strict=True) if not kept],
        [page for page in present if not _is_near(page.subject, page.at.date(), after)],
    )


@dataclass(frozen=True, slots=True)
class Tried:
    """What a rule does with a threshold. `lost` are ids that another threshold tried would catch."""

    threshold: float
    pages: Sequence[Told]
    caught: Sequence[str]
    lost: Sequence[str]

    @property
    def refired(self) -> float:
        """Share of the pages that say the same quarrel once more within a week, 0 … 1."""
        return sum(page.refired for page in self.pages) / len(self.pages) if self.pages else 0.0


def compare(told: Mapping[float, Sequence[Told]], known: Sequence[Known]) -> tuple[list[Tried], list[str]]:
    """The thresholds tried, lowest first, and the ids that none of them catches: no choice can lose those."""
    hits = {threshold: caught(pages_of, known) for threshold, pages_of in told.items()}
    reachable = frozenset[str]().union(*hits.values())
    tried = [
        Tried(
            threshold,
            told[threshold],
            [k.id for k in known if k.id in hits[threshold]],
            [k.id for k in known if k.id in reachable - hits[threshold]],
        )
        for threshold in sorted(told)
    ]
    return tried, [k.id for k in known if k.id not in reachable]


def choose(tried: Sequence[Tried], now: float, allowed: float) -> float | None:
    """Of the thresholds that keep to so many pages, as all above them do, the one that catches most.

    Among equals it is the nearest to the present one, of two as near the higher: nothing is changed without a gain.
    None where even the highest does not keep to them. Fewer pages never give a lower threshold.
    """
    within: list[Tried] = []
    for one in reversed(tried):
        if len(one.pages) > allowed:
            break
        within.append(one)
    best = max(within, key=lambda t: (len(t.caught), -abs(t.threshold - now), t.threshold), default=None)
    return best.threshold if best else None


def need(tried: Sequence[Tried], now: float) -> float:
    """How many pages a rule would have use for if there were no budget: those of its choice, or of any above it."""
    free = choose(tried, now, inf)
    return float(max((len(one.pages) for one in tried if free is not None and one.threshold >= free), default=0))


def fair_shares(needs: Mapping[str, float], budget: float) -> dict[str, float]:
    """The budget in equal parts; what one does not need is left to the others. Never less for a larger budget."""
    shares: dict[str, float] = {}
    left = budget
    for n, name in enumerate(sorted(needs, key=lambda name: (needs[name], name))):
        shares[name] = min(needs[name], left / (len(needs) - n))
        left -= shares[name]
    return shares
