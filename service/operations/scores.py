"""Scores as people read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.risk.baseline import MEMORY, surprise
from service.domain.risk.explanation import Contribution, explain
from service.domain.risk.incident import Incident
from service.domain.risk.score import HORIZON, VERSION, Band, Score
from service.domain.risk.score import score as score_of
from service.domain.risk.subject import Subject
from service.errors import NotFound
from service.pipeline.books import Gauge, entries_of, postings_of
from service.pipeline.hearing import attested, freshness
from service.ports import UnitOfWork, Units

LEAST_FRESH = 0.5
"""Share of answering feeds below which quiet may be deafness."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A subject's score at a moment.

    `surprise` 0 … 300 says how unusual the last day is for the subject, None without two weeks of history. `confidence`
    0 … 1 says how many independent owners told of it this week, times `freshness`, the share 0 … 1 of the feeds that
    answer.
    """

    subject: str
    at: datetime
    score: Score
    surprise: float | None
    confidence: float
    freshness: float
    versions: Mapping[str, str]

    @property
    def is_deaf(self) -> bool:
        """Whether it looks calm while most feeds are silent: that is no calm."""
        return self.score.band is Band.CALM and self.freshness < LEAST_FRESH


def readings(units: Units, at: datetime, gauge: Gauge, versions: Mapping[str, str], least: float) -> list[Reading]:
    """All subjects whose level at `at` is at least `least`, the highest first."""
    from service.operations.bulk import readings_in  # noqa: PLC0415  who reads one subject can do without numpy

    with units(read_only=True) as unit:
        found = readings_in(unit, at, gauge, versions)
    return sorted((r for r in found if r.score.level >= least), key=lambda r: (-r.score.level, r.subject))


def reading(units: Units, subject: Subject, at: datetime, gauge: Gauge, versions: Mapping[str, str]) -> Reading:
    """One subject's score; a subject nobody reported on has level 0. Raises NotFound for an unknown watchlist."""
    with units(read_only=True) as unit:
        return read(str(subject), unit, at, gauge, versions)


def read(subject: str, unit: UnitOfWork, at: datetime, gauge: Gauge, versions: Mapping[str, str]) -> Reading:
    """A subject's score within an open transaction."""
    floods, began = unit.ledger.floods(at - MEMORY), unit.ledger.began_at()
    entries = entries_of(subject, unit, at - MEMORY, at, gauge.watchlists)
    score = score_of(entries, at, gauge.scale, floods)
    history = at - began if began else timedelta(0)
    fresh = freshness(unit, at)
    return Reading(
        subject=subject,
        at=at,
        score=score,
        surprise=surprise(entries, at, history, gauge.usual, floods),
        confidence=attested(subject, unit, at, gauge.watchlists) * fresh,
        freshness=fresh,
        versions={**versions, "score": VERSION, "scale": gauge.version},
    )


@dataclass(frozen=True, slots=True)
class Explained:
    """A reading, what each incident adds to it, and those incidents."""

    reading: Reading
    contributions: Sequence[Contribution]
    incidents: Mapping[str, Incident]


def explained(units: Units, subject: Subject, at: datetime, gauge: Gauge, versions: Mapping[str, str]) -> Explained:
    """Why a subject's score is what it is. Raises NotFound when nothing was ever booked on it."""
    with units(read_only=True) as unit:
        found = explained_in(unit, str(subject), at, gauge, versions)
    if not found.contributions:
        raise NotFound(f"nothing was reported on {subject} in the 90 days before {at:%Y-%m-%d %H:%M}Z")
    return found


def explained_in(
    unit: UnitOfWork,
    subject: str,
    at: datetime,
    gauge: Gauge,
    versions: Mapping[str, str],
    most: int | None = None,
) -> Explained:
    """The same within an open transaction, of the `most` largest contributions; none where nothing was booked."""
    entries = postings_of(subject, unit, at - HORIZON, at, gauge.watchlists)
    _, contributions = explain(entries, at, gauge.scale, unit.ledger.floods(at - HORIZON), most)
    incidents = unit.ledger.incidents([c.incident_id for c in contributions])
    return Explained(read(subject, unit, at, gauge, versions), contributions, incidents)
