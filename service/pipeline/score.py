"""Book what articles report."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from service.domain.events.geography import Geography
from service.domain.news import canary
from service.domain.news.owner import Owner
from service.domain.risk.booking import Change, book, change_of
from service.domain.risk.incident import Report
from service.flow import ArticleState
from service.ports import Books, Claim, Clock, Units, Withdrawn


class OwnerOf(Protocol):
    """Whose voice a text is."""

    def __call__(self, publisher: str, url: str, credit: str = "", /) -> Owner:
        """By its publisher, its address and the agency it is credited to; each may be empty."""
        ...


def score(claims: Sequence[Claim], units: Units, owner_of: OwnerOf, geography: Geography, clock: Clock) -> list[Claim]:
    """Group the articles' events into incidents, book them, and mark the subjects whose sums changed.

    Runs alone across all processes: two writers would each miss the other's reports.
    """
    with units(serial=True) as unit:
        held = unit.works.finish([c for c in claims if c.state == ArticleState.ATTRIBUTED], ArticleState.SCORED)
        enter(reports_of([c.id for c in held], unit, owner_of), unit, geography, clock.now())
    return held


def enter(reports: Sequence[Report], unit: Books, geography: Geography, at: datetime) -> None:
    """Book these reports. Needs a serial transaction."""
    counting = [r for r in reports if r.credibility > 0]
    unit.ledger.save_reports(counting)
    times: defaultdict[str, list[datetime]] = defaultdict(list)
    for report in counting:
        times[report.key].append(report.event.at)
    changed = _rebook({key: change_of(moments) for key, moments in times.items()}, unit, geography)
    unit.ledger.mark_changed(changed, at)


def _rebook(changes: Mapping[str, Change], unit: Books, geography: Geography) -> set[str]:
    """Bring the books of these keys up to date; returns the written subjects whose sums changed."""
    subjects: set[str] = set()
    for key, change in sorted(changes.items()):
        booking = book(change, unit.ledger.timeline(key), unit.ledger.reports, geography)
        subjects |= unit.ledger.rebook(booking.stale, booking.incidents, booking.postings)
    return subjects


def withdraw(article_ids: Sequence[str], unit: Books, geography: Geography, at: datetime) -> None:
    """Undo exactly what these articles did to the scores. Needs a serial transaction."""
    gone: defaultdict[str, list[Withdrawn]] = defaultdict(list)
    for report in unit.ledger.withdraw(article_ids):
        gone[report.key].append(report)
    changes = {key: change_of([w.at for w in lost], {w.incident_id for w in lost}) for key, lost in gone.items()}
    unit.ledger.mark_changed(_rebook(changes, unit, geography), at)


def reports_of(article_ids: Sequence[str], unit: Books, owner_of: OwnerOf) -> list[Report]:
    """The articles' events as reports of their publishers; events that say nothing about who or where are left out."""
    articles, events = unit.articles.get(article_ids), unit.articles.events(article_ids)
    owners = {
        article_id: canary.OWNER if canary.is_canary(article_id) else owner_of(a.publisher, a.url, a.credit)
        for article_id, a in articles.items()
    }
    return [
        Report(f"{article_id}#{ordinal}", article_id, owners[article_id].group, owners[article_id].grade, e)
        for article_id in article_ids
        for ordinal, e in enumerate(events[article_id])
        if e.is_somebodys
    ]
