"""Integer book-keeping of mass: the same whatever order articles come in, and exactly undone."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import NamedTuple

from service.domain.events.geography import Geography
from service.domain.events.signal import Signal
from service.domain.risk.incident import Incident, country_shares, dyad_shares, dyad_stirs, region_shares
from service.domain.risk.subject import Subject, SubjectKind

MICRO = 1_000_000
"""Ledger units in one unit of mass."""


class Channel(StrEnum):
    """The two sides of the book."""

    ESCALATION = "E"
    DE_ESCALATION = "D"


class Entry(NamedTuple):
    """Mass of one subject on one side in one hour. `hour` counts from 1970 (UTC); `micro` is mass × 10⁶.

    `owner` is the owner group that alone tells of it, empty where several do. `variance` is mass² × 10⁶, how far the
    mass may be off because the reports may be wrong. `stir` is how much the news stirs × 10⁶, see `Incident.stir`.
    """

    hour: int
    channel: Channel
    micro: int
    owner: str = ""
    variance: int = 0
    stir: int = 0


@dataclass(frozen=True, slots=True)
class Posting:
    """What one incident books to one subject."""

    subject: Subject
    incident_id: str
    entry: Entry


def hour_of(moment: datetime) -> int:
    """The hour a moment lies in, counted from 1970 (UTC)."""
    return int(moment.timestamp() // 3600)


def start_of(hour: int) -> datetime:
    """When an hour begins."""
    return datetime.fromtimestamp(hour * 3600, UTC)


def shares(incident: Incident, geography: Geography) -> dict[Subject, float]:
    """Subject → λ, 0 … 1. A parent counts an incident once, with its largest child's share."""
    countries = country_shares(incident)
    result = {Subject.country(code): share for code, share in countries.items()}
    result |= {Subject.dyad(*pair): share for pair, share in dyad_shares(incident).items()}
    regions = region_shares(incident, geography)
    result |= {Subject(SubjectKind.REGION, name): share for name, share in regions.items()}
    for code, share in countries.items():
        if number := geography.m49(code):
            parent = Subject(SubjectKind.M49, number)
            result[parent] = max(result.get(parent, 0.0), share)
    return result


def postings(incident: Incident, geography: Geography) -> list[Posting]:
    """What the incident books: round(w·λ·10⁶) for each subject it touches, at the hour it began.

    An incident of weight w that is true with probability p weighs w/p if it is, so w has the variance w²·(1 − p)/p.
    """
    channel = Channel.ESCALATION if incident.signal is Signal.ESCALATION else Channel.DE_ESCALATION
    hour, weight, doubt = hour_of(incident.started_at), incident.weight, 1.0 / incident.certainty - 1.0
    owner, masses, stirs = incident.sole_owner, shares(incident, geography), _stirs(incident, geography)
    booked = []
    for subject in sorted(masses.keys() | stirs.keys()):
        mass, stir = weight * masses.get(subject, 0.0), round(incident.stir * stirs.get(subject, 0.0) * MICRO)
        micro = round(mass * MICRO)
        if micro or stir:
            entry = Entry(hour, channel, micro, owner, round(mass * mass * doubt * MICRO), stir)
            booked.append(Posting(subject, incident.id, entry))
    return booked


def _stirs(incident: Incident, geography: Geography) -> dict[Subject, float]:
    """Dyads have rules of their own; other subjects are stirred as far as they have a share."""
    masses = shares(incident, geography)
    others = {subject: share for subject, share in masses.items() if subject.kind is not SubjectKind.DYAD}
    return others | {Subject.dyad(*pair): part for pair, part in dyad_stirs(incident, geography).items()}
