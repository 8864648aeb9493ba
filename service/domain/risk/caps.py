"""How much one voice may weigh before others join it."""

from collections import defaultdict
from collections.abc import Collection, Sequence

from service.domain.news.owner import QUARANTINE
from service.domain.risk.ledger import MICRO, Channel, Entry

ALONE = 2.0
"""Mass a day that one owner group may bring on a subject and side by what it alone tells."""
QUARANTINED = 0.4
"""The same for all quarantined publishers together, not a day but in all: less than a level of 40 needs when calm."""
FLOOD, QUARANTINED_FLOOD = 2_000, 50
"""Reports of one day above which an owner group counts as flooding: what it alone tells of that day is void."""

Flood = tuple[str, int]
"""An owner group and the day it floods, counted from 1970 (UTC)."""


def is_flood(owner: str, reports: int) -> bool:
    """Whether so many reports of one day are a flood."""
    return reports > (QUARANTINED_FLOOD if owner == QUARANTINE else FLOOD)


def day_of(hour: int) -> int:
    """The day of an hour, both counted from 1970 (UTC)."""
    return hour // 24


Voice = tuple[str, Channel, int]
"""An owner group, the side it reports on, and an hour counted from 1970 (UTC)."""


def cuts(entries: Sequence[Entry], floods: Collection[Flood] = ()) -> dict[Voice, float]:
    """The part, 0 … 1, of what an owner alone tells of an hour that counts, where it is less than all.

    `entries` are those of one subject. The latest hours fill what one voice may bring on a side first, so that more
    reports never count less; on days when it floods nothing counts. What several owner groups tell is not in here: it
    counts in full. The answer depends on the set of entries alone.
    """
    cut: dict[Voice, float] = {}
    totals: defaultdict[Voice, int] = defaultdict(int)
    for hour, channel, micro, owner, _, _ in entries:
        if owner and floods and (owner, hour // 24) in floods:
            cut[owner, channel, hour] = 0.0
        elif owner:
            totals[owner, channel, _span(owner, hour)] += micro
    if loud := {voice for voice, total in totals.items() if total > _most(voice[0])}:
        cut |= _filled(entries, loud, cut)
    return cut


def _span(owner: str, hour: int) -> int:
    """The span that a voice's mass is capped in: a day, or for quarantined publishers all time."""
    return 0 if owner == QUARANTINE else hour // 24


def _filled(entries: Sequence[Entry], loud: Collection[Voice], void: Collection[Voice]) -> dict[Voice, float]:
    """The part of each hour of these voices, by span, that still finds room, the latest first."""
    spans: defaultdict[Voice, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
    for hour, channel, micro, owner, _, _ in entries:
        span = (owner, channel, _span(owner, hour))
        if span in loud and (owner, channel, hour) not in void:
            spans[span][hour] += micro
    parts: dict[Voice, float] = {}
    for (owner, channel, _), hours in spans.items():
        left = _most(owner)
        for hour in sorted(hours, reverse=True):
            parts[owner, channel, hour] = min(1.0, left / hours[hour]) if hours[hour] else 1.0
            left = max(0.0, left - hours[hour])
    return parts


def _most(owner: str) -> float:
    return (QUARANTINED if owner == QUARANTINE else ALONE) * MICRO
