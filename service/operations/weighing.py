"""What `domain.risk` works out entry by entry, worked out on strips: to the last bit where nothing else is said."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from math import fsum, log

import numpy as np

from service.domain.risk.baseline import LEAST_HISTORY, days_of, surprise_of
from service.domain.risk.caps import ALONE, QUARANTINED, Flood
from service.domain.risk.ledger import MICRO, hour_of
from service.domain.risk.score import FLOOR, HALF_LIVES, HORIZON, RELIEF, Scale, Score, Sums, kernels, position
from service.operations.strip import Floats, Ints, Strip, Truths

_HORIZON = HORIZON // timedelta(days=1)
_HOURS = 1 << 24
"""More hours than there will be: a voice and an hour are packed into one number by it."""
_LAST_SECOND = 3599.999999
"""Of an hour: scores at the end of a day are those of its last moment."""


class Weighing:
    """A subject's strip, weighed at moments. `floods` are as in `caps.cuts`.

    The last surprise and the last levels are kept: they change with the hour and the day.
    """

    def __init__(self, strip: Strip, floods: Collection[Flood] = ()) -> None:
        self.strip, self._floods = strip, floods
        self._void = strip.flooded(floods)
        self._may_be_cut = np.flatnonzero(strip.tight | self._void)
        self._parts = np.ones(len(strip))
        self._parts[self._may_be_cut] = self._cut(self._may_be_cut)
        self._surprise: tuple[tuple[int, int, float], float] | None = None
        self._levels: tuple[tuple[int, int, Scale], Floats] | None = None

    def score(self, at: datetime, scale: Scale) -> Score:
        """The same as `domain.risk.score.score`."""
        rows, weights = self._weights(at, _fading)
        danger, peace = (self._sums(rows, weights, hour_of(at), eases=side) for side in (False, True))
        return position(danger, peace, scale)

    def quick_score(self, at: datetime, scale: Scale) -> Score:
        """The same but for the last bits, and without what happened in the last day and month: these are 0."""
        rows, weights = self._weights(at, _about_fading)
        e, d = (self._masses[:, rows] @ weights / MICRO).tolist()
        e_doubt, d_doubt = (self._doubts[:, rows] @ (weights * weights) / MICRO).tolist()
        return position(Sums(e, 0.0, 0.0, e_doubt), Sums(d, 0.0, 0.0, d_doubt), scale)

    def weights(self, at: datetime) -> Floats:
        """What a unit of the mass of each counts, per day: the same as `domain.risk.score.weights`."""
        found = np.zeros(len(self.strip))
        rows, weights = self._weights(at, _fading)
        found[rows] = weights
        return found

    @property
    def is_capped(self) -> Truths:
        """Which are of a voice that tells more than it may bring: without them others of it might count more."""
        return self.strip.tight | self._void

    @cached_property
    def _masses(self) -> Floats:
        """Of both sides, each with nothing where the other has something."""
        return self._by_side(self.strip.micro)

    @cached_property
    def _doubts(self) -> Floats:
        return self._by_side(self.strip.variance)

    def _by_side(self, column: Ints) -> Floats:
        return np.stack([column * ~self.strip.eases, column * self.strip.eases]).astype(np.float64)

    def surprise(self, at: datetime, history: timedelta, usual: float) -> float | None:
        """The same as `domain.risk.baseline.surprise`."""
        if history < LEAST_HISTORY:
            return None
        asked = (hour_of(at), days_of(history), usual)
        held = self._surprise
        if held is None or held[0] != asked:
            self._surprise = held = asked, surprise_of(self._days(*asked[:2]), usual)
        return held[1]

    def _weights(self, at: datetime, fading_of: Callable[[float], Floats]) -> tuple[slice, Floats]:
        """The rows that count at a moment, and what a unit of the mass of each counts."""
        this_hour = hour_of(at)
        fading = fading_of(at.timestamp() - 3600 * this_hour)
        hours = self.strip.hours
        first, end = np.searchsorted(hours, (this_hour - len(fading) + 1, this_hour + 1)).tolist()
        rows = slice(first, end)
        weights = fading[this_hour - hours[rows]]
        return rows, weights * self._parts_at(this_hour, rows) if len(self._may_be_cut) else weights

    def _sums(self, rows: slice, weights: Floats, this_hour: int, *, eases: bool) -> Sums:
        mine = self.strip.eases[rows] == eases
        hours, weight = self.strip.hours[rows][mine], weights[mine]
        shares = (weight * self.strip.micro[rows][mine]).tolist()
        month, day = np.searchsorted(hours, (this_hour - 24 * 30 + 1, this_hour - 24 + 1)).tolist()
        doubts = (weight * weight * self.strip.variance[rows][mine]).tolist()
        return Sums(*(fsum(addends) / MICRO for addends in (shares, shares[month:], shares[day:], doubts)))

    def _days(self, this_hour: int, count: int) -> list[float]:
        """The mass of escalation in each of the last `count` spans of 24 hours, the latest first."""
        strip = self.strip
        first, end = np.searchsorted(strip.hours, (this_hour - 24 * count + 1, this_hour + 1)).tolist()
        rows = slice(first, end)
        mine = ~strip.eases[rows]
        ago, micro = (this_hour - strip.hours[rows][mine]) // 24, strip.micro[rows][mine]
        if not len(self._may_be_cut):
            return [total / MICRO for total in np.bincount(ago, weights=micro, minlength=count).tolist()]
        masses = (micro * self._parts_at(this_hour, rows)[mine]).tolist()
        edges = np.searchsorted(-ago, -np.arange(count + 1), side="right").tolist()
        return [fsum(masses[edges[n + 1] : edges[n]]) / MICRO for n in range(count)]

    def _parts_at(self, this_hour: int, rows: slice) -> Floats:
        """The parts of these rows that count at an hour, which is that of the last of them.

        What was cut on earlier days stays so, but for quarantined publishers, who share one span for all time. What is
        older than the rows changes nothing: the latest hours come first.
        """
        strip, parts = self.strip, self._parts[rows]
        if rows.stop == len(strip):
            return parts
        first, end = np.searchsorted(self._may_be_cut, (rows.start, rows.stop)).tolist()
        mine = self._may_be_cut[first:end]
        moving = mine[(strip.hours[mine] // 24 == this_hour // 24) | strip.is_quarantined[mine]]
        parts = parts.copy()
        parts[moving - rows.start] = self._cut(moving)
        return parts

    def _cut(self, rows: Ints) -> Floats:
        """The parts of these rows, were there no others: the same as `caps.cuts`."""
        strip, parts = self.strip, np.zeros(len(rows))
        counts = np.flatnonzero(~self._void[rows])
        if not len(counts):
            return parts
        mine = rows[counts]
        quiet = strip.is_quarantined[mine]
        voices = strip.voices[mine]
        _, voice = np.unique(voices, return_inverse=True)
        hours, hour = np.unique(voice * _HOURS + strip.hours[mine], return_inverse=True)
        told = np.bincount(hour, weights=strip.micro[mine])
        up_to = np.cumsum(told)
        ends = np.searchsorted(hours // _HOURS, hours // _HOURS, side="right") - 1
        most = np.empty(len(hours))
        most[hour] = np.where(quiet, QUARANTINED, ALONE) * MICRO
        left = np.maximum(0.0, most - (up_to[ends] - up_to))
        room = np.divide(left, told, out=np.ones(len(told)), where=told > 0)
        parts[counts] = np.minimum(1.0, room)[hour]
        return parts

    def levels(self, first: int, count: int, scale: Scale) -> Floats:
        """The levels at the ends of so many days from `first` on, counted from 1970 (UTC), to about 1e-9.

        Mass of whole days is summed once for each half-life, so that every day costs the same, however much it brings.
        """
        asked = (first, count, scale)
        held = self._levels
        if held is None or held[0] != asked:
            self._levels = held = asked, self._levels_of(first, count, scale)
        return held[1]

    def _levels_of(self, first: int, count: int, scale: Scale) -> Floats:
        strip, begin = self.strip, first - _HORIZON + 1
        day = strip.hours // 24 - begin
        shifting = strip.tight & strip.is_quarantined & ~self._void
        rows = np.flatnonzero((day >= 0) & (day < count + _HORIZON - 1) & ~shifting)
        cells = day[rows] * 2 + strip.eases[rows]
        mass, hour = strip.micro[rows] * self._parts[rows], strip.hours[rows] % 24
        found = self._shifting(np.flatnonzero(shifting), first, count)
        for within, across in zip(_within_day(), _across_days(count), strict=True):
            cell = np.bincount(cells, weights=mass * within[hour], minlength=2 * (count + _HORIZON - 1))
            found += across @ cell.reshape(-1, 2)
        return _levels(found[:, 0] / MICRO, found[:, 1] / MICRO, scale)

    def _shifting(self, rows: Ints, first: int, count: int) -> Floats:
        """What quarantined publishers bring at the ends of the days: their latest hours fill what they share."""
        found = np.zeros((count, 2))
        last = (first + np.arange(count)) * 24 + 23
        fading = np.append(_fading(_LAST_SECOND), 0.0)
        for side in (0, 1):
            mine = rows[self.strip.eases[rows] == side]
            hours, micro = self.strip.hours[mine], self.strip.micro[mine]
            told = np.append(0, np.cumsum(micro))
            later = told[np.searchsorted(hours, last, side="right")][:, None] - told[None, 1:]
            ages = last[:, None] - hours[None, :]
            counts = np.clip(QUARANTINED * MICRO - later, 0, micro[None, :]) * (ages >= 0)
            found[:, side] = (counts * fading[np.clip(ages, 0, len(fading) - 1)]).sum(axis=1)
        return found


@lru_cache(maxsize=64)
def _fading(seconds: float) -> Floats:
    return np.array(kernels(seconds))


def _about_fading(seconds: float) -> Floats:
    """The same but for the last bits: every moment of a curve has seconds of its own."""
    passed = [share * log(2) / half * 2.0 ** (-seconds / 86400 / half) for half, share in HALF_LIVES]
    found: Floats = np.array(passed) @ _whole_hours()
    return found if seconds == 0 else found[:-1]


@lru_cache(maxsize=1)
def _whole_hours() -> Floats:
    """For each half-life what is left after 0, 1, 2 … hours, up to the horizon."""
    return np.stack([np.exp2(-np.arange(24 * _HORIZON + 1) / 24 / half) for half, _ in HALF_LIVES])


@lru_cache(maxsize=1)
def _within_day() -> list[Floats]:
    """For each half-life what is left at the end of a day of mass of each of its hours."""
    return [np.exp2(-(24 - np.arange(24)) / 24 / half) for half, _ in HALF_LIVES]


@lru_cache(maxsize=4)
def _across_days(count: int) -> list[Floats]:
    """For each half-life and day what a unit of the mass left at the ends of earlier days counts."""
    ago = np.arange(count)[:, None] + _HORIZON - 1 - np.arange(count + _HORIZON - 1)[None, :]
    seen = (ago >= 0) & (ago < _HORIZON)
    return [np.where(seen, share * log(2) / half * np.exp2(-ago / half), 0.0) for half, share in HALF_LIVES]


def _levels(e: Floats, d: Floats, scale: Scale) -> Floats:
    risk = np.maximum(e - RELIEF * d, FLOOR * e)
    found: Floats = np.clip(100.0 * np.log1p(risk / scale.c) / np.log1p(scale.r_max / scale.c), 0.0, 100.0)
    return found
