"""Readings of many subjects at a time, from a handful of queries: the same as `scores.read`, to the last bit."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta

from service.domain.risk.baseline import MEMORY
from service.domain.risk.score import VERSION
from service.domain.risk.watchlist import Watchlists
from service.operations.scores import Reading
from service.operations.strip import Names, Strip, columns_of, of_entries, strips
from service.operations.weighing import Weighing
from service.pipeline.books import Gauge, is_watchlist, postings_of
from service.pipeline.hearing import WEEK, agreed, freshness
from service.ports import Booked, Books, UnitOfWork


def readings_in(unit: UnitOfWork, at: datetime, gauge: Gauge, versions: Mapping[str, str]) -> list[Reading]:
    """The readings of all subjects that ever had an entry, and of all watchlists, in no order."""
    names, floods = Names(), unit.ledger.floods(at - MEMORY)
    told = strips(unit.ledger.sums(at - MEMORY, at), names) | watched(unit, at - MEMORY, at, gauge.watchlists, names)
    silent = of_entries((), names)
    subjects = [*unit.ledger.subjects(), *gauge.watchlists]
    weighed = {subject: Weighing(told.get(subject, silent), floods) for subject in subjects}
    heard = heard_of(unit, at, subjects, gauge.watchlists)
    return list(readings_of(weighed, heard, unit, at, gauge, versions, unit.ledger.began_at()))


def readings_of(
    weighed: Mapping[str, Weighing],
    heard: Mapping[str, Collection[str]],
    unit: UnitOfWork,
    at: datetime,
    gauge: Gauge,
    versions: Mapping[str, str],
    began_at: datetime | None,
) -> Iterator[Reading]:
    """The readings of these subjects, watchlists among them, in their order.

    `heard` are the owner groups that told of each and of the members of watchlists within the last seven days,
    `began_at` is when the books began.
    """
    fresh = freshness(unit, at)
    history = at - began_at if began_at else timedelta(0)
    named = {**versions, "score": VERSION, "scale": gauge.version}
    for subject, weighing in weighed.items():
        yield Reading(
            subject=subject,
            at=at,
            score=weighing.score(at, gauge.scale),
            surprise=weighing.surprise(at, history, gauge.usual),
            confidence=agreed(len(_owners(subject, heard, gauge.watchlists))) * fresh,
            freshness=fresh,
            versions=named,
        )


def strip_of(subject: str, unit: Books, since: datetime, until: datetime, watchlists: Watchlists) -> Strip:
    """What is booked on a subject between two hours, both included. Raises NotFound for an unknown watchlist."""
    names = Names()
    if is_watchlist(subject):
        return of_entries(postings_of(subject, unit, since, until, watchlists).values(), names)
    return strips(unit.ledger.sums(since, until, [subject]), names).get(subject, of_entries((), names))


def booked_of(subject: str, unit: Books, since: datetime, until: datetime, watchlists: Watchlists) -> Booked:
    """What incidents book on a subject between two hours. Raises NotFound for an unknown watchlist."""
    if not is_watchlist(subject):
        return unit.ledger.booked(subject, since, until)
    found = postings_of(subject, unit, since, until, watchlists)
    return Booked(list(found), columns_of(found.values()))


def watched(unit: Books, since: datetime, until: datetime, watchlists: Watchlists, names: Names) -> dict[str, Strip]:
    """Watchlist → its strip. It has no sums of its own: an incident counts once in it, however many members it has."""
    booked = {name: postings_of(name, unit, since, until, watchlists) for name in watchlists}
    return {name: of_entries(entries.values(), names) for name, entries in booked.items()}


def heard_of(unit: Books, at: datetime, subjects: Collection[str], watchlists: Watchlists) -> dict[str, set[str]]:
    """Subject → the owner groups that told of it within the last seven days; of a watchlist those of its members."""
    members = {member for subject in subjects for member in watchlists.get(subject, (subject,))}
    return unit.ledger.tellers(sorted(members), at - WEEK, at)


def _owners(subject: str, heard: Mapping[str, Collection[str]], watchlists: Watchlists) -> set[str]:
    return {owner for member in watchlists.get(subject, (subject,)) for owner in heard.get(member, ())}
