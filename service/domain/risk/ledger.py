"""Integer book-keeping of mass: the same whatever order articles come in, and exactly undone."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from service.domain.events.geography import Geography
from service.domain.events.signal import Signal
from service.domain.risk.incident import Incident, country_shares, dyad_shares, region_shares
from service.domain.risk.subject import Subject, SubjectKind

MICRO = 1_000_000
"""Ledger units in one unit of mass."""


class Channel(StrEnum):
    """The two sides of the book."""

    ESCALATION = "E"
    DE_ESCALATION = "D"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """Mass of one subject on one side in one hour. `hour` is the hour's beginning (UTC); `micro` is mass × 10⁶."""

    hour: datetime
    channel: Channel
    micro: int


@dataclass(frozen=True, slots=True)
class Posting:
    """What one incident books to one subject."""

    subject: Subject
    incident_id: str
    entry: Entry


def hour_of(moment: datetime) -> datetime:
    """The beginning of the hour of a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


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
    """What the incident books: round(w·λ·10⁶) for each subject it touches, at the hour it began."""
    channel = Channel.ESCALATION if incident.signal is Signal.ESCALATION else Channel.DE_ESCALATION
    hour, weight = hour_of(incident.started_at), incident.weight
    booked = (
        Posting(subject, incident.id, Entry(hour, channel, round(weight * share * MICRO)))
        for subject, share in sorted(shares(incident, geography).items())
    )
    return [posting for posting in booked if posting.entry.micro]
