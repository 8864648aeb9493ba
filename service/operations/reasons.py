"""Why a score is what it is, where thousands of incidents make it: the largest of them, and what the others add."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import fsum

import numpy as np

from service.domain.risk.caps import Flood
from service.domain.risk.explanation import Contribution
from service.domain.risk.ledger import MICRO
from service.domain.risk.score import FLOOR, RELIEF, Scale, Score, level, risk
from service.operations.strip import Floats, Names, Strip, booked_strip
from service.operations.weighing import Weighing
from service.ports import Booked


@dataclass(frozen=True, slots=True)
class Rest:
    """What incidents that are not told one by one add together: how many, and their shares and points."""

    count: int
    share: float
    points: float


@dataclass(frozen=True, slots=True)
class Reasons:
    """The largest contributions and the rest: all shares sum to e − d, all points to the displayed level."""

    largest: Sequence[Contribution]
    rest: Rest


def reasons(booked: Booked, at: datetime, scale: Scale, floods: Collection[Flood], most: int) -> Reasons:
    """The `most` largest contributions, the same as `domain.risk.explanation.explain` to the last bit, and the rest."""
    ids, strip = booked_strip(booked, Names())
    weighing = Weighing(strip, floods)
    whole, weights = weighing.score(at, scale), weighing.weights(at)
    shares = np.where(strip.eases, -1, 1) * weights * strip.micro / MICRO
    by_id = np.argsort(np.array(ids, dtype=str), kind="stable")
    points = np.empty(len(ids))
    points[by_id] = _dealt(_parts_of_risk(shares[by_id], whole), round(whole.level, 1))
    ranked = by_id[np.argsort(-np.abs(shares[by_id]), kind="stable")].tolist()
    told, others = ranked[:most], ranked[most:]
    leave_out = _Without(strip, weighing, at, scale, floods)
    return Reasons(
        [Contribution(ids[n], float(shares[n]), float(points[n]), leave_out(n)) for n in told],
        Rest(len(others), fsum(shares[others].tolist()), round(fsum(points[others].tolist()), 1)),
    )


def _parts_of_risk(shares: Floats, whole: Score) -> Floats:
    """Of each its part of R, in whichever branch of its maximum the score stands."""
    if whole.e - RELIEF * whole.d < FLOOR * whole.e:
        return FLOOR * np.maximum(shares, 0.0)
    found: Floats = np.where(shares > 0, shares, RELIEF * shares)
    return found


def _dealt(parts: Floats, total: float) -> Floats:
    """`total` (one decimal) dealt out in proportion, in tenths that add up exactly: by the largest remainders."""
    whole = sum(parts.tolist())
    if whole <= 0:
        return np.zeros(len(parts))
    exact = parts / whole * total * 10
    tenths: Floats = np.floor(exact)
    short = round(total * 10) - int(tenths.sum())
    tenths[np.argsort(tenths - exact, kind="stable")[:short]] += 1
    return tenths / 10


class _Without:
    """The level had an incident not been reported.

    What a voice tells that tells too much makes room for the rest of it, so all is weighed anew; else an addend is
    taken off.
    """

    def __init__(self, strip: Strip, weighing: Weighing, at: datetime, scale: Scale, floods: Collection[Flood]) -> None:
        self.strip, self.at, self.scale, self.floods = strip, at, scale, floods
        self.is_capped = weighing.is_capped
        self.addends = weighing.weights(at) * strip.micro
        self.sides = [self.addends[strip.eases == side].tolist() for side in (False, True)]
        self.sums = [fsum(side) / MICRO for side in self.sides]

    def __call__(self, row: int) -> float:
        """Of the incident in this row."""
        if self.is_capped[row]:
            return Weighing(self.strip.without(row), self.floods).score(self.at, self.scale).level
        side = int(self.strip.eases[row])
        sums = list(self.sums)
        sums[side] = fsum([*self.sides[side], -float(self.addends[row])]) / MICRO
        return level(risk(*sums), self.scale)
