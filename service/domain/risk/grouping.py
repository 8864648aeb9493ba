"""Which reports of one kind tell of one happening, worked out anew for no more of them than a change can touch."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Protocol

WINDOW = timedelta(hours=48)
"""Reports join an incident up to this long after its first."""
RECALL = timedelta(days=7)
"""Background is taken to retell an incident up to this old."""
REACH = timedelta(days=30)
"""How far past a change is looked at first for the place where the windows fall into step again."""


@dataclass(frozen=True, slots=True, order=True)
class Telling:
    """When a report's event was, its id, and whether it is background.

    As booked: `incident_id`, empty while it is in none, and when the window of news that it is in began.
    """

    at: datetime
    id: str
    is_background: bool
    incident_id: str = field(default="", compare=False)
    window_at: datetime | None = field(default=None, compare=False)


Group = tuple[Telling, ...]
"""What tells of one happening, ordered by time and id; never empty."""


class Timeline(Protocol):
    """The counting reports of one key as they are stored."""

    def between(self, since: datetime, until: datetime) -> Sequence[Telling]:
        """Those of these times, both included."""
        ...

    def window_before(self, moment: datetime) -> datetime | None:
        """When the last window of news that began up to a moment began."""
        ...

    def newest(self) -> datetime | None:
        """Time of the last one."""
        ...


def group(tellings: Iterable[Telling]) -> list[Group]:
    """Tellings of one key as happenings: news takes what comes within 48 hours of its first.

    Background is told late and undated, so it joins the last happening of the week before it, if there is one, and
    else what else is recalled of its day (UTC). The answer depends on the set of tellings alone, not on their order.
    """
    ordered = sorted(set(tellings))
    news = _windows([t for t in ordered if not t.is_background])
    starts = [window[0].at for window in news]
    recalled: list[Telling] = []
    last = -1
    for telling in (t for t in ordered if t.is_background):
        while last + 1 < len(starts) and starts[last + 1] <= telling.at:
            last += 1
        is_recap = last >= 0 and telling.at - starts[last] <= RECALL
        (news[last] if is_recap else recalled).append(telling)
    by_day = [list(told) for _, told in groupby(recalled, key=_day)]
    return [tuple(sorted(members)) for members in (*news, *by_day)]


def _windows(ordered: Sequence[Telling]) -> list[list[Telling]]:
    windows: list[list[Telling]] = []
    for telling in ordered:
        if windows and telling.at - windows[-1][0].at <= WINDOW:
            windows[-1].append(telling)
        else:
            windows.append([telling])
    return windows


def _day(telling: Telling) -> date:
    return telling.at.astimezone(UTC).date()


def regroup(first: datetime, last: datetime, timeline: Timeline) -> list[Group]:
    """The happenings that a change of reports between `first` and `last` can touch, as `group` of all would give them.

    Windows follow from each other, so they are worked out from one that began well before the change up to where they
    fall into step with those that are booked. Happenings left out are as they were.
    """
    since = _window_before(first - RECALL, timeline)
    earlier = settled(first, timeline)
    newest, reach = timeline.newest() or last, REACH
    while True:
        groups = [g for g in group(timeline.between(earlier, last + reach)) if g[0].at >= since]
        if (step := _in_step(groups, last)) is not None:
            return [g for g in groups if g[0].at < step]
        if last + reach >= newest:
            return groups
        reach *= 4


def settled(moment: datetime, timeline: Timeline) -> datetime:
    """A time from which on grouping gives what is booked, whatever comes at `moment` or later."""
    return _window_before(_window_before(moment - RECALL, timeline) - RECALL, timeline)


def _window_before(moment: datetime, timeline: Timeline) -> datetime:
    return timeline.window_before(moment) or moment


def _in_step(groups: Sequence[Group], last: datetime) -> datetime | None:
    """Where, after the change, a window of news first begins just as a booked one does."""
    starts = [g[0] for g in groups if not g[0].is_background]
    return min((t.at for t in starts if t.at > last and t.window_at == t.at), default=None)


def to_book(groups: Sequence[Group], touched: Collection[str]) -> list[Group]:
    """The groups that differ from what is booked. `touched` names the incidents that have lost a report."""
    homes: defaultdict[str, set[int]] = defaultdict(set)
    for n, members in enumerate(groups):
        for telling in members:
            homes[telling.incident_id].add(n)
    split = {incident for incident, where in homes.items() if len(where) > 1}
    return [g for g in groups if not _is_booked(g, {"", *split, *touched})]


def _is_booked(members: Group, broken: Collection[str]) -> bool:
    incidents = {t.incident_id for t in members}
    return len(incidents) == 1 and not incidents & set(broken)
