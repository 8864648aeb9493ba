"""From the ledger to a level people can read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from math import fsum, log, log1p, sqrt
from typing import NamedTuple

from service.domain.risk.caps import Flood, cuts
from service.domain.risk.ledger import MICRO, Channel, Entry, hour_of

VERSION = "score 3"
HALF_LIVES = ((1.0, 0.3), (7.0, 0.4), (30.0, 0.3))
"""(half-life in days, share): a fast, a weekly and a monthly memory."""
RELIEF, FLOOR = 0.5, 0.4
"""How much peace takes off, and the share of danger it can never take."""
HORIZON = timedelta(days=90)
"""Older mass is not read: 90 days are three half-lives of the slowest memory."""
EIGHTY = 1.2816
"""Standard deviations on either side that hold 80 % of a normal distribution."""
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the level begins to rise (`c`) and reaches 100 (`r_max`), in mass per day. Depends on the feeds."""

    c: float = 0.02
    r_max: float = 2.5

    def __str__(self) -> str:
        """As it stands beside scores: a level means nothing without it."""
        return f"c {self.c:g}, Rmax {self.r_max:g}"


class Band(StrEnum):
    """Names for the level: below 20, 40, 60, 80, and above."""

    CALM = "calm"
    WATCH = "watch"
    ELEVATED = "elevated"
    HIGH = "high"
    SEVERE = "severe"


@dataclass(frozen=True, slots=True)
class Score:
    """Position of a subject at a moment. `level` 0 … 100; `e`, `d` and their parts in mass per day.

    `e_24h`, `d_24h` count what happened in the last 24 hours, `e_30d`, `d_30d` what happened in the last 30 days.
    Between `low` and `high`, levels too, it is with 80 % probability, as far as single reports may be wrong.
    """

    level: float
    e: float
    d: float
    e_24h: float
    e_30d: float
    d_24h: float
    d_30d: float
    low: float = 0.0
    high: float = 0.0

    @property
    def band(self) -> Band:
        """The name of the level."""
        return band(self.level)


def kernel(age: timedelta) -> float:
    """K(τ) = Σ ω·(ln 2/h)·2^(−τ/h) per day, the weight of mass of this age; 0 for what lies ahead or past 90 days."""
    if age < timedelta(0) or age > HORIZON:
        return 0.0
    days = age / timedelta(days=1)
    return float(sum(share * log(2) / half * 2.0 ** (-days / half) for half, share in HALF_LIVES))


def risk(e: float, d: float) -> float:
    """R = max(E − .5·D, .4·E): talk takes at most 60 %."""
    return max(e - RELIEF * d, FLOOR * e)


def level(r: float, scale: Scale) -> float:
    """100·ln(1+R/c)/ln(1+Rmax/c), cut to 0 … 100."""
    return min(100.0, max(0.0, 100.0 * log1p(r / scale.c) / log1p(scale.r_max / scale.c)))


def band(value: float) -> Band:
    """The band of a level."""
    return tuple(Band)[min(4, int(value // 20))]


def weights(entries: Sequence[Entry], now: datetime, floods: Collection[Flood] = ()) -> list[float]:
    """What a unit of each entry's mass counts at `now`, per day: the kernel at its age times the part that counts.

    0 for what lies ahead or is too old.
    """
    this_hour = hour_of(now)
    cut = cuts([e for e in entries if e[0] <= this_hour], floods)
    fading = kernels(now.timestamp() - 3600 * this_hour)
    last = len(fading) - 1
    found = [fading[age] if 0 <= (age := this_hour - entry[0]) <= last else 0.0 for entry in entries]
    if cut:
        return [w * cut.get((e.owner, e.channel, e.hour), 1.0) for w, e in zip(found, entries, strict=True)]
    return found


@lru_cache(maxsize=64)
def kernels(seconds: float) -> Sequence[float]:
    """The kernel so many seconds after each whole hour of the horizon: what mass of 0, 1, 2 … hours ago counts."""
    ages = (timedelta(hours=n, seconds=seconds) for n in range(HORIZON // _HOUR + 1))
    return [kernel(age) for age in ages if age <= HORIZON]


def score(entries: Sequence[Entry], now: datetime, scale: Scale, floods: Collection[Flood] = ()) -> Score:
    """The score at `now` (UTC-aware) of a subject with these ledger entries; not a bit depends on their order."""
    return score_weighed(entries, weights(entries, now, floods), now, scale)


def score_weighed(entries: Sequence[Entry], weighed: Sequence[float], now: datetime, scale: Scale) -> Score:
    """The same where what a unit of the mass of each counts is known: see `weights`."""
    day, month = hour_of(now) - 24, hour_of(now) - 24 * 30
    sums: dict[Channel, tuple[list[float], ...]] = {channel: ([], [], [], []) for channel in Channel}
    for (hour, channel, micro, _, doubtful, _), weight in zip(entries, weighed, strict=True):
        ever, in_month, in_day, doubt = sums[channel]
        share = weight * micro
        ever.append(share)
        doubt.append(weight * weight * doubtful)
        if hour > month:
            in_month.append(share)
            if hour > day:
                in_day.append(share)
    danger, peace = (Sums(*(fsum(addends) / MICRO for addends in sums[channel])) for channel in Channel)
    return position(danger, peace, scale)


class Sums(NamedTuple):
    """Mass of one side per day: all of it, that of the last 30 days and of the last day, and its variance."""

    ever: float
    month: float
    day: float
    variance: float


def position(danger: Sums, peace: Sums, scale: Scale) -> Score:
    """The score that the sums of both sides make."""
    e, d = danger.ever, peace.ever
    r = risk(e, d)
    variance = danger.variance + RELIEF**2 * peace.variance if r > FLOOR * e else FLOOR**2 * danger.variance
    spread = EIGHTY * sqrt(max(0.0, variance))
    return Score(
        level=level(r, scale),
        e=e,
        d=d,
        e_24h=danger.day,
        e_30d=danger.month,
        d_24h=peace.day,
        d_30d=peace.month,
        low=level(max(0.0, r - spread), scale),
        high=level(r + spread, scale),
    )
