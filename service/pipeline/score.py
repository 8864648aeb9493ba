"""Book what articles report."""

from collections.abc import Callable, Sequence

from service.domain.events.geography import Geography
from service.domain.news.owner import Owner
from service.domain.risk.incident import Report, group
from service.domain.risk.ledger import postings
from service.flow import ArticleState
from service.ports import Claim, Clock, UnitOfWork, Units

OwnerOf = Callable[[str, str], Owner]
"""(publisher, url) → whose voice it is."""


def score(claims: Sequence[Claim], units: Units, owner_of: OwnerOf, geography: Geography, clock: Clock) -> list[Claim]:
    """Group the articles' events into incidents, book them, and mark the subjects whose sums changed.

    Runs alone across all processes: two writers would each miss the other's reports.
    """
    with units(serial=True) as unit:
        held = unit.works.finish([c for c in claims if c.state == ArticleState.ATTRIBUTED], ArticleState.SCORED)
        reports = reports_of([c.id for c in held], unit, owner_of)
        unit.ledger.save_reports(reports)
        changed: set[str] = set()
        for key in sorted({r.key for r in reports}):
            changed |= _rebook(key, unit, geography)
        unit.ledger.mark_changed(changed, clock.now())
    return held


def _rebook(key: str, unit: UnitOfWork, geography: Geography) -> set[str]:
    incidents = group(unit.ledger.reports_with_key(key))
    booked = [posting for incident in incidents for posting in postings(incident, geography)]
    return unit.ledger.rebook(incidents, key, booked)


def reports_of(article_ids: Sequence[str], unit: UnitOfWork, owner_of: OwnerOf) -> list[Report]:
    """The articles' events as reports of their publishers; events that say nothing about who or where are left out."""
    articles, events = unit.articles.get(article_ids), unit.articles.events(article_ids)
    owners = {article_id: owner_of(a.publisher, a.url) for article_id, a in articles.items()}
    return [
        Report(f"{article_id}#{ordinal}", article_id, owners[article_id].group, owners[article_id].grade, e)
        for article_id in article_ids
        for ordinal, e in enumerate(events[article_id])
        if e.is_somebodys
    ]
