"""From the ledger to a level people can read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from math import log, log1p

from service.domain.risk.ledger import MICRO, Channel, Entry

VERSION = "score 2"
HALF_LIVES = ((1.0, 0.3), (7.0, 0.4), (30.0, 0.3))
"""(half-life in days, share): a fast, a weekly and a monthly memory."""
RELIEF, FLOOR = 0.5, 0.4
"""How much peace takes off, and the share of danger it can never take."""
HORIZON = timedelta(days=90)
"""Older mass is not read: 90 days are three half-lives of the slowest memory."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Where the level begins to rise (`c`) and reaches 100 (`r_max`), in mass per day. Depends on the feeds."""

    c: float = 0.02
    r_max: float = 2.5


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
    """

    level: float
    e: float
    d: float
    e_24h: float
    e_30d: float
    d_24h: float
    d_30d: float

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


def score(entries: Iterable[Entry], now: datetime, scale: Scale) -> Score:
    """The score at `now` (UTC-aware) of a subject with these ledger entries, in any order."""
    sums = dict.fromkeys(((channel, days) for channel in Channel for days in (1, 30, 90)), 0.0)
    for entry in sorted(entries):
        age = now - entry.hour
        part = kernel(age) * entry.micro / MICRO
        for days in (1, 30, 90):
            if age <= timedelta(days=days):
                sums[entry.channel, days] += part
    e, d = sums[Channel.ESCALATION, 90], sums[Channel.DE_ESCALATION, 90]
    return Score(
        level=level(risk(e, d), scale),
        e=e,
        d=d,
        e_24h=sums[Channel.ESCALATION, 1],
        e_30d=sums[Channel.ESCALATION, 30],
        d_24h=sums[Channel.DE_ESCALATION, 1],
        d_30d=sums[Channel.DE_ESCALATION, 30],
    )
