"""How well we hear: whether feeds answer, and how many owners told of a subject."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alerting.rule import Ears, Rule, RuleKind
from service.domain.news.owner import Owner
from service.domain.risk.incident import Incident
from service.domain.risk.watchlist import Watchlists
from service.pipeline.books import postings_of
from service.ports import Books, UnitOfWork

WEEK, MONTH = timedelta(days=7), timedelta(days=30)
STALE = timedelta(hours=6)
"""A feed that has not answered for so long tells nothing about today."""


@dataclass(frozen=True, slots=True)
class Polled:
    """A feed, the owner group of its publisher, and how long ago its last good poll was; None: there was none."""

    feed: str
    owner: str
    dark_for: timedelta | None

    def is_dark(self, stale: timedelta) -> bool:
        """Whether it has had no good poll for so long."""
        return self.dark_for is None or self.dark_for >= stale


def polled(unit: UnitOfWork, owner_of: Callable[[str, str], Owner]) -> list[Polled]:
    """The feeds whose publisher somebody has decided on. How dark they are goes by the database's own clock."""
    now, health = unit.marks.now(), {f["id"]: f["last_ok_at"] for f in unit.feeds.health()}
    feeds = ((feed, owner_of(feed.publisher, feed.url)) for feed in unit.feeds.get(sorted(health)).values())
    return [
        Polled(feed.id, owner.group, now - health[feed.id] if health[feed.id] else None)
        for feed, owner in feeds
        if not owner.is_quarantined
    ]


def ears(subject: str, feeds: Sequence[Polled], unit: Books, now: datetime, watchlists: Watchlists) -> Ears:
    """The feeds whose owner groups told of the subject in the last 30 days, and how long all of them have been dark."""
    members = watchlists.get(subject, (subject,))
    owners = {owner for member in members for owner in unit.ledger.owners(member, now - MONTH)}
    mine = [feed for feed in feeds if feed.owner in owners]
    heard = [feed.dark_for for feed in mine if feed.dark_for is not None]
    return Ears(tuple(sorted(feed.feed for feed in mine)), min(heard, default=None))


def unheard(rules: Iterable[Rule], feeds: Sequence[Polled], unit: Books, now: datetime, lists: Watchlists) -> set[str]:
    """The subjects that a rule of kind SILENCE may have to look at: a dark feed's owner group told of them.

    Nothing else would mark them: where feeds are dark nothing changes.
    """
    watching = [rule for rule in rules if rule.kind is RuleKind.SILENCE]
    dark = {feed.owner for feed in feeds if any(feed.is_dark(rule.stale) for rule in watching)}
    if not dark:
        return set()
    told = unit.ledger.told_by(dark, now - MONTH)
    told |= {name for name, members in lists.items() if not told.isdisjoint(members)}
    return {subject for subject in told if any(rule.covers(subject) for rule in watching)}


def freshness(unit: UnitOfWork, at: datetime) -> float:
    """Share of the feeds asked so far that have answered within six hours, 1 without any.

    Of the past nothing is known, so 1.
    """
    feeds, now = [f for f in unit.feeds.health() if f["last_ok_at"] or f["attempt"]], unit.marks.now()
    if not feeds or now - at > STALE:
        return 1.0
    answering = [f for f in feeds if f["last_ok_at"] is not None and now - f["last_ok_at"] <= STALE]
    return len(answering) / len(feeds)


def attested(subject: str, unit: Books, at: datetime, watchlists: Watchlists) -> float:
    """n/(n+3) over the owner groups that told of the subject in the last seven days."""
    week = unit.ledger.incidents(list(postings_of(subject, unit, at - WEEK, at, watchlists)))
    return confidence(list(week.values()))


def confidence(incidents: Sequence[Incident]) -> float:
    """n/(n+3) over the owner groups of these incidents."""
    return agreed(len({r.owner for i in incidents for r in i.reports if r.credibility > 0}))


def agreed(owners: int) -> float:
    """n/(n+3): how far so many owner groups can be trusted together."""
    return owners / (owners + 3)
