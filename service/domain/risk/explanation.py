"""Why a score is what it is: one line for each incident, adding up exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor

from service.domain.risk.ledger import MICRO, Channel, Entry
from service.domain.risk.score import FLOOR, RELIEF, Scale, Score, kernel, score


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one incident adds. `share` is ± mass per day; all shares sum to e − d.

    `points` (one decimal) sum to the displayed level. `without` is the level had the incident not been reported.
    """

    incident_id: str
    share: float
    points: float
    without: float


def explain(entries: Mapping[str, Entry], now: datetime, scale: Scale) -> tuple[Score, list[Contribution]]:
    """The score and its contributions, largest first. `entries` maps an incident's id to its ledger entry."""
    total = score(entries.values(), now, scale)
    ids = sorted(entries)
    points = _largest_remainder([_part_of_risk(entries[i], now, total) for i in ids], round(total.level, 1))
    contributions = [
        Contribution(i, _share(entries[i], now), p, _without(entries, i, now, scale))
        for i, p in zip(ids, points, strict=True)
    ]
    return total, sorted(contributions, key=lambda c: (-abs(c.share), c.incident_id))


def _share(entry: Entry, now: datetime) -> float:
    sign = 1 if entry.channel is Channel.ESCALATION else -1
    return sign * kernel(now - entry.hour) * entry.micro / MICRO


def _part_of_risk(entry: Entry, now: datetime, total: Score) -> float:
    """The entry's part of R, in whichever branch of its maximum the score stands."""
    share = _share(entry, now)
    if total.e - RELIEF * total.d < FLOOR * total.e:
        return FLOOR * max(share, 0.0)
    return share if share > 0 else RELIEF * share


def _without(entries: Mapping[str, Entry], left_out: str, now: datetime, scale: Scale) -> float:
    return score((e for i, e in entries.items() if i != left_out), now, scale).level


def _largest_remainder(parts: Sequence[float], total: float) -> list[float]:
    """`total` (one decimal) dealt out in proportion to `parts`, in tenths that add up exactly."""
    whole = sum(parts)
    if whole <= 0:
        return [0.0] * len(parts)
    exact = [part / whole * total * 10 for part in parts]
    tenths = [floor(x) for x in exact]
    short = round(total * 10) - sum(tenths)
    by_remainder = sorted(range(len(parts)), key=lambda i: (tenths[i] - exact[i], i))
    for i in by_remainder[:short]:
        tenths[i] += 1
    return [t / 10 for t in tenths]
