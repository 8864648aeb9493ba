"""Scores as people read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.risk.explanation import Contribution, explain
from service.domain.risk.incident import Incident
from service.domain.risk.score import HORIZON, VERSION, Scale, Score
from service.domain.risk.score import score as score_of
from service.domain.risk.subject import Subject
from service.errors import NotFound
from service.ports import UnitOfWork, Units

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reading:
    """A subject's score at a moment. `confidence` 0 … 1 says how many independent owners told of it this week."""

    subject: str
    at: datetime
    score: Score
    confidence: float
    versions: Mapping[str, str]


def readings(units: Units, at: datetime, scale: Scale, versions: Mapping[str, str], least: float) -> list[Reading]:
    """All subjects whose level at `at` is at least `least`, the highest first."""
    with units(read_only=True) as unit:
        found = [read(subject, unit, at, scale, versions) for subject in unit.ledger.subjects()]
    return sorted((r for r in found if r.score.level >= least), key=lambda r: (-r.score.level, r.subject))


def reading(units: Units, subject: Subject, at: datetime, scale: Scale, versions: Mapping[str, str]) -> Reading:
    """One subject's score; a subject nobody reported on has level 0."""
    with units(read_only=True) as unit:
        return read(str(subject), unit, at, scale, versions)


def read(subject: str, unit: UnitOfWork, at: datetime, scale: Scale, versions: Mapping[str, str]) -> Reading:
    """A subject's score within an open transaction."""
    score = score_of(unit.ledger.entries(subject, at - HORIZON, at), at, scale)
    week = unit.ledger.incidents(list(unit.ledger.postings(subject, at - WEEK, at)))
    return Reading(subject, at, score, confidence(list(week.values())), {**versions, "score": VERSION})


def confidence(incidents: Sequence[Incident]) -> float:
    """n/(n+3) over the owner groups of these incidents."""
    owners = {r.owner for i in incidents for r in i.reports if r.credibility > 0}
    return len(owners) / (len(owners) + 3)


@dataclass(frozen=True, slots=True)
class Explained:
    """A reading, what each incident adds to it, and those incidents."""

    reading: Reading
    contributions: Sequence[Contribution]
    incidents: Mapping[str, Incident]


def explained(units: Units, subject: Subject, at: datetime, scale: Scale, versions: Mapping[str, str]) -> Explained:
    """Why a subject's score is what it is. Raises NotFound when nothing was ever booked on it."""
    with units(read_only=True) as unit:
        entries = unit.ledger.postings(str(subject), at - HORIZON, at)
        if not entries:
            raise NotFound(f"nothing was reported on {subject} in the 90 days before {at:%Y-%m-%d %H:%M}Z")
        _, contributions = explain(entries, at, scale)
        incidents = unit.ledger.incidents(list(entries))
        return Explained(read(str(subject), unit, at, scale, versions), contributions, incidents)
