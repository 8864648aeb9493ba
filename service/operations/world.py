"""All subjects at once: where they stand, what moved in a day, and how high they stood on the days before."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from service.domain.risk.ledger import hour_of, start_of
from service.domain.risk.score import Band, band
from service.domain.risk.subject import Subject, SubjectKind
from service.operations.bulk import readings_of
from service.operations.mirror import Mirror
from service.operations.remembered import Remembered
from service.operations.scores import Reading
from service.pipeline.books import Gauge
from service.ports import UnitOfWork, Units

DAYS = 90
"""How many days are looked back on."""
DAY = timedelta(days=1)
STEADY = 1.0
"""Levels by which a subject must have risen or fallen within a day to have moved."""


class Trend(StrEnum):
    """Where a subject has gone within a day."""

    RISING = "rising"
    FALLING = "falling"
    STEADY = "steady"


def trend_of(change: float) -> Trend:
    """Where a subject has gone that has risen by so many levels within a day."""
    if abs(change) < STEADY:
        return Trend.STEADY
    return Trend.RISING if change > 0 else Trend.FALLING


@dataclass(frozen=True, slots=True)
class Place:
    """A subject now, its level 24 hours before, and its levels at the ends of the days looked back on (one decimal)."""

    reading: Reading
    before: float
    past: Sequence[float]

    @property
    def change(self) -> float:
        """How many levels it has risen within a day; minus where it fell."""
        return self.reading.score.level - self.before

    @property
    def trend(self) -> Trend:
        """Where it has gone."""
        return trend_of(self.change)


@dataclass(frozen=True, slots=True)
class Arc:
    """A dyad as a line between two countries (alpha-3 codes)."""

    one: str
    other: str
    level: float
    band: Band
    trend: Trend


@dataclass(frozen=True, slots=True)
class World:
    """All subjects of which anything was told in the last year, the highest first, and the days looked back on (UTC).

    The last of `days` is the one before that of `at`.
    """

    at: datetime
    days: Sequence[date]
    places: Sequence[Place]

    @property
    def moves(self) -> list[Place]:
        """What moved within a day, the farthest first."""
        moved = [place for place in self.places if place.trend is not Trend.STEADY]
        return sorted(moved, key=lambda place: (-abs(place.change), place.reading.subject))

    @property
    def arcs(self) -> list[Arc]:
        """The dyads, the highest first."""
        dyads = ((place, Subject.parse(place.reading.subject)) for place in self.places)
        return [_arc(place, subject) for place, subject in dyads if subject.kind is SubjectKind.DYAD]


def _arc(place: Place, dyad: Subject) -> Arc:
    one, other = dyad.countries
    level = place.reading.score.level
    return Arc(one, other, level, band(level), place.trend)


def world(
    units: Units,
    at: datetime,
    gauge: Gauge,
    versions: Mapping[str, str],
    mirror: Mirror | None = None,
    days: int = DAYS,
) -> World:
    """The world at a moment, with what a mirror holds already. A day's end is its last moment by UTC.

    The readings are those of `scores.read` to the last bit; the levels of past days are exact to the decimal they have.
    """
    with units(read_only=True) as unit:
        return world_in(unit, at, gauge, versions, mirror or Mirror(), days)


def world_in(
    unit: UnitOfWork, at: datetime, gauge: Gauge, versions: Mapping[str, str], mirror: Mirror, days: int = DAYS
) -> World:
    """The same within an open transaction."""
    copy = mirror.copy(unit, at, gauge.watchlists)
    weighed = copy.weighed
    first = hour_of(at) // 24 - days
    places = [
        Place(
            reading=reading,
            before=weighed[reading.subject].quick_score(at - DAY, gauge.scale).level,
            past=weighed[reading.subject].levels(first, days, gauge.scale).round(1).tolist(),
        )
        for reading in readings_of(weighed, copy.heard, unit, at, gauge, versions, copy.began_at)
    ]
    return World(
        at=at,
        days=[start_of(24 * (first + n)).date() for n in range(days)],
        places=sorted(places, key=lambda p: (-p.reading.score.level, p.reading.subject)),
    )


class LiveWorld:
    """The world now, for many who ask at once: at most a minute old, and five seconds where the books have changed."""

    def __init__(self, units: Units) -> None:
        self._units, self.mirror = units, Mirror()
        self._remembered: Remembered[World] = Remembered()

    def __call__(self, now: datetime, gauge: Gauge, versions: Mapping[str, str]) -> World:
        """It; `at` says how old it is. The first one reads a year of sums."""

        def stamp() -> Hashable:
            with self._units(read_only=True) as unit:
                return unit.ledger.stamp(), gauge.version, tuple(sorted(gauge.watchlists.items()))

        return self._remembered.get(now, stamp, lambda: world(self._units, now, gauge, versions, self.mirror))
