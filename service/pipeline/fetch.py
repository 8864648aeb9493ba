"""Poll feeds."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.domain.events.geography import Geography
from service.domain.news.owner import host_of
from service.domain.news.pace import Bounds, Pace, back_off, next_pace, spread
from service.errors import DetenteError, Gone, ReaderUnavailable
from service.flow import RowState
from service.pipeline.asking import READER_BACK, heed, reason, wish_of
from service.pipeline.ingest import store
from service.pipeline.revise import Undo
from service.ports import Claim, Clock, Feed, Fetcher, Queue, Refused, Reply, UnitOfWork, Units

DOUBTS = 3
"""Failures in a row where a feed has moved to, after which it is asked again where it is configured."""


@dataclass(frozen=True, slots=True)
class Manners:
    """How feeds are asked: how often, and with what pause between two requests to one server.

    `geography` is what it takes to undo what an older version of an article did to the scores.
    """

    bounds: Bounds
    gap: timedelta
    geography: Callable[[], Geography]


def fetch(
    claims: Sequence[Claim], units: Units, fetcher: Fetcher, clock: Clock, queue: Queue, manners: Manners
) -> list[Claim]:
    """Ask each feed for what is new; its articles and its cursor are stored in one transaction.

    What an answer held and was not taken is noted on the feed; the poll is a good one all the same. A feed that fails
    is asked again later and later, for ever; its cursor stays where it was. One that its server calls gone is left.
    """
    return [done for claim in claims for done in _poll(claim, units, fetcher, clock, queue, manners)]


def _poll(claim: Claim, units: Units, fetcher: Fetcher, clock: Clock, queue: Queue, manners: Manners) -> list[Claim]:
    with units() as unit:
        feed = unit.feeds.get([claim.id]).get(claim.id)
        if feed is None or not unit.works.held([claim]):
            return []  # it was just taken out of the configuration, or somebody else has it
        if wait := _turn(feed, unit, manners):
            unit.works.put_back(claim, wait)
            return []
    try:
        reply = fetcher.fetch(feed, clock.now())
    except DetenteError as error:
        with units() as unit:
            _failed(claim, feed, error, unit, manners)
        return []
    return _store(claim, feed, reply, units, queue, manners, clock.now())


def _turn(feed: Feed, unit: UnitOfWork, manners: Manners) -> timedelta:
    """How long this feed's server is to be left alone first."""
    host = host_of(feed.address)
    return unit.hosts.take(host, manners.gap) if host else timedelta(0)


def _failed(claim: Claim, feed: Feed, error: DetenteError, unit: UnitOfWork, manners: Manners) -> None:
    """A server's wish is heeded for all feeds on it. Where nothing can be read here no feed is to blame."""
    if isinstance(error, ReaderUnavailable):
        unit.works.put_back(claim, READER_BACK)
        return
    if feed.moved_to and (isinstance(error, Gone) or claim.attempt >= DOUBTS):
        unit.feeds.forget_move(feed.id)
    elif isinstance(error, Gone):
        unit.works.finish([claim], RowState.GONE, str(error))
        return
    wish, wait = wish_of(error), back_off(_interval(feed, manners.bounds), claim.attempt)
    heed(wish, feed.address, unit)
    unit.works.fail(claim, reason(error), spread(max(wait, wish), feed.id))


def _interval(feed: Feed, bounds: Bounds) -> timedelta:
    return feed.pace.interval if feed.pace else bounds.first


def _store(
    claim: Claim, feed: Feed, reply: Reply, units: Units, queue: Queue, manners: Manners, at: datetime
) -> list[Claim]:
    """A first attempt follows a good poll: what that one noted still holds when nothing has changed since."""
    with units(serial=bool(reply.items)) as unit:
        held = unit.works.finish([claim], RowState.PENDING)
        if held:
            undo = Undo(manners.geography, at)
            counts = store(reply.items, f"feed:{feed.id}", unit, queue, undo, pages=feed.pages).counts
            is_last_note = reply.not_modified and claim.attempt == 1
            note = feed.note if is_last_note else left_out(reply.refused, counts["conflict"])
            pace = _pace(feed, counts["new"] + counts["updated"], unit, manners.bounds)
            unit.feeds.record(feed.id, trusted(reply, feed), pace, counts["new"], note)
            unit.works.postpone(held, _wait(pace, reply, feed))
    return held


def _pace(feed: Feed, new: int, unit: UnitOfWork, bounds: Bounds) -> Pace:
    elapsed = unit.marks.now() - feed.asked_at if feed.asked_at else timedelta(0)
    return next_pace(feed.pace, new, elapsed, bounds)


def _wait(pace: Pace, reply: Reply, feed: Feed) -> timedelta:
    """What the server wishes counts where it is longer; what it has more of is had at once."""
    return timedelta(0) if reply.more else spread(max(pace.interval, reply.wait or pace.interval), feed.id)


def trusted(reply: Reply, feed: Feed) -> Reply:
    """The reply without a move that anybody between us and the server could have made up."""
    is_safe = feed.address.startswith("https:") or host_of(reply.moved_to) == host_of(feed.address)
    return reply if is_safe else replace(reply, moved_to="")


def left_out(refused: Sequence[Refused], conflicts: int) -> str:
    """What an answer held and was not taken, counted by reason; empty when all was."""
    by_reason = Counter(str(one.refusal) for one in refused)
    parts = [f"{n} × {reason}" for reason, n in sorted(by_reason.items())]
    if conflicts:
        parts.append(f"{conflicts} × id of another text or changed too often")
    return f"not taken: {', '.join(parts)}" if parts else ""
