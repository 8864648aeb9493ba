"""When a daily score pages, and how high it must stand so that it pages no more often than one can bear.

Days are proleptic ordinals (`date.toordinal`). Every method is counted in the same way, see
docs/decisions/0028-alarms-are-pages-at-equal-budgets.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from zlib import crc32

REFIRED_WITHIN = 7
"""Days after the end of a firing within which the next one counts as the same quarrel coming back."""
_TIE = 1e-6
"""By how much a value may be moved to break ties, relative to itself."""


class Point(NamedTuple):
    """A score above 0 on a day; `fresh` when something happened that day. Only fresh points page."""

    day: int
    value: float
    fresh: bool


Series = Mapping[str, Sequence[Point]]
"""Written subject → its points, by day."""


@dataclass(frozen=True, slots=True)
class Habit:
    """How firings end and are renewed.

    One goes on while the score stands at `leave` × the threshold or above, and `hold` days longer; meanwhile another
    page goes out when the score reaches `renew` × what it was at the last page.
    """

    leave: float = 0.5
    hold: int = 3
    renew: float = 1.5


class Page(NamedTuple):
    """One message to people. `renewed` within a firing; `refired` when the one before ended at most 7 days earlier."""

    subject: str
    day: int
    renewed: bool = False
    refired: bool = False


@dataclass(frozen=True, slots=True)
class Alarms:
    """The pages of a period of `days` days with the threshold `enter`; None when nothing may page."""

    enter: float | None
    pages: tuple[Page, ...]
    days: int

    @property
    def per_day(self) -> float:
        """Pages a day, world-wide."""
        return len(self.pages) / self.days

    @property
    def refired(self) -> float:
        """Share of the pages that say again what ended less than a week ago, 0 … 1."""
        return sum(page.refired for page in self.pages) / len(self.pages) if self.pages else 0.0


def at_budgets(series: Series, first: int, last: int, budgets: Sequence[float], habit: Habit) -> dict[float, Alarms]:
    """Budget → the alarms of the days `first` … `last` with the lowest threshold that keeps to so many pages a day."""
    told = {subject: untied(subject, points) for subject, points in series.items()}
    values = sorted({p.value for points in told.values() for p in points if p.fresh and first <= p.day <= last})
    return {budget: _at_budget(told, values, first, last, budget, habit) for budget in budgets}


def _at_budget(series: Series, values: Sequence[float], first: int, last: int, per_day: float, habit: Habit) -> Alarms:
    days = last - first + 1
    low, high = 0, len(values)  # values[high] is known to keep to the budget; beyond the last nothing pages
    while low < high:
        middle = (low + high) // 2
        if len(pages(series, values[middle], habit, first, last)) <= per_day * days:
            high = middle
        else:
            low = middle + 1
    if low == len(values):
        return Alarms(None, (), days)
    return Alarms(values[low], tuple(pages(series, values[low], habit, first, last)), days)


def untied(subject: str, points: Iterable[Point]) -> list[Point]:
    """The points with equal values set apart by a hash of subject and day: never by what happened later."""
    return [
        Point(p.day, p.value * (1 + _TIE * crc32(f"{subject}|{p.day}".encode()) / 2**32), p.fresh)
        for p in points
        if p.value > 0
    ]


def pages(series: Series, enter: float, habit: Habit, first: int, last: int) -> list[Page]:
    """The pages of the days `first` … `last`; firings that began earlier go on."""
    return [
        page
        for subject, points in series.items()
        for page in _pages_of(subject, [p for p in points if p.value >= habit.leave * enter], enter, habit)
        if first <= page.day <= last
    ]


def _pages_of(subject: str, points: Sequence[Point], enter: float, habit: Habit) -> Iterable[Page]:
    """`points` are those at `leave` × `enter` or above."""
    held_until: int | None = None
    told = 0.0
    for point in points:
        is_firing = held_until is not None and point.day <= held_until
        if is_firing:
            held_until = point.day + habit.hold
            if point.fresh and point.value >= habit.renew * told:
                told = point.value
                yield Page(subject, point.day, renewed=True)
        elif point.fresh and point.value >= enter:
            refired = held_until is not None and point.day - held_until <= REFIRED_WITHIN
            held_until, told = point.day + habit.hold, point.value
            yield Page(subject, point.day, refired=refired)
