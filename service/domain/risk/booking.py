"""What a change of reports changes in the books."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.domain.events.geography import Geography
from service.domain.risk.grouping import Timeline, regroup, to_book
from service.domain.risk.incident import Incident, Report
from service.domain.risk.ledger import Posting, postings


@dataclass(frozen=True, slots=True)
class Change:
    """Where reports of one key came or went, and the incidents that lost one."""

    first: datetime
    last: datetime
    touched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Booking:
    """Incidents (ids) to take back, and those to put in their place with what they book."""

    stale: frozenset[str]
    incidents: Sequence[Incident]
    postings: Sequence[Posting]


def book(
    change: Change,
    timeline: Timeline,
    reports: Callable[[Sequence[str]], Mapping[str, Report]],
    geography: Geography,
) -> Booking:
    """The books after a change; only incidents that it altered are read and booked again."""
    groups = to_book(regroup(change.first, change.last, timeline), change.touched)
    by_id = reports([t.id for members in groups for t in members])
    incidents = [Incident(tuple(by_id[t.id] for t in members)) for members in groups]
    stale = {t.incident_id for members in groups for t in members} | change.touched
    booked = [posting for incident in incidents for posting in postings(incident, geography)]
    return Booking(frozenset(stale - {""}), incidents, booked)


def change_of(times: Collection[datetime], touched: Collection[str] = ()) -> Change:
    """The change of reports of these times, at least one."""
    return Change(min(times), max(times), frozenset(touched) - {""})
