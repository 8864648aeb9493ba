"""Why a score is what it is: one line for each incident, adding up exactly."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import floor, fsum

from service.domain.risk.caps import Flood, cuts
from service.domain.risk.ledger import MICRO, Channel, Entry
from service.domain.risk.score import FLOOR, RELIEF, Scale, Score, level, risk, score, score_weighed, weights

_SIGN = {Channel.ESCALATION: 1, Channel.DE_ESCALATION: -1}


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one incident adds. `share` is ± mass per day; all shares sum to e − d.

    `points` (one decimal) sum to the displayed level. `without` is the level had the incident not been reported.
    """

    incident_id: str
    share: float
    points: float
    without: float


def explain(
    entries: Mapping[str, Entry],
    now: datetime,
    scale: Scale,
    floods: Collection[Flood] = (),
    most: int | None = None,
) -> tuple[Score, list[Contribution]]:
    """The score and its contributions, largest first. `entries` maps an incident's id to its ledger entry.

    Only the `most` largest are told if that is given: to leave each out in turn takes time.
    """
    held = list(entries.values())
    weighed = weights(held, now, floods)
    whole = score_weighed(held, weighed, now, scale)
    shares = _shares(entries, weighed)
    ids = sorted(entries)
    points = _largest_remainder([_part_of_risk(shares[i], whole) for i in ids], round(whole.level, 1))
    largest = sorted(zip(ids, points, strict=True), key=lambda told: (-abs(shares[told[0]]), told[0]))[:most]
    leave_out = _Without(entries, weighed, now, scale, floods)
    return whole, [Contribution(i, shares[i], p, leave_out(i)) for i, p in largest]


def _shares(entries: Mapping[str, Entry], weighed: Sequence[float]) -> dict[str, float]:
    return {i: _SIGN[e.channel] * w * e.micro / MICRO for (i, e), w in zip(entries.items(), weighed, strict=True)}


def _part_of_risk(share: float, whole: Score) -> float:
    """Its part of R, in whichever branch of its maximum the score stands."""
    if whole.e - RELIEF * whole.d < FLOOR * whole.e:
        return FLOOR * max(share, 0.0)
    return share if share > 0 else RELIEF * share


class _Without:
    """The level had one of the incidents not been reported.

    What one owner group alone tells makes room for the rest of what it tells, so all is weighed anew; else it is enough
    to leave one addend out.
    """

    def __init__(
        self,
        entries: Mapping[str, Entry],
        weighed: Sequence[float],
        now: datetime,
        scale: Scale,
        floods: Collection[Flood],
    ) -> None:
        self.entries, self.now, self.scale, self.floods = entries, now, scale, floods
        self.addends: dict[Channel, list[float]] = {channel: [] for channel in Channel}
        self.places: dict[str, int] = {}
        for (incident, entry), weight in zip(entries.items(), weighed, strict=True):
            self.places[incident] = len(self.addends[entry.channel])
            self.addends[entry.channel].append(weight * entry.micro)
        self.whole = {channel: fsum(addends) / MICRO for channel, addends in self.addends.items()}
        self.loud = {owner for owner, _, _ in cuts(list(entries.values()), floods)}

    def __call__(self, left_out: str) -> float:
        """Of an incident, by its id."""
        side = self.entries[left_out].channel
        if self.entries[left_out].owner in self.loud:
            rest = [e for i, e in self.entries.items() if i != left_out]
            return score(rest, self.now, self.scale, self.floods).level
        addends, place = self.addends[side], self.places[left_out]
        sums = {**self.whole, side: fsum(addends[:place] + addends[place + 1 :]) / MICRO}
        return level(risk(sums[Channel.ESCALATION], sums[Channel.DE_ESCALATION]), self.scale)


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
