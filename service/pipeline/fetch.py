"""Poll feeds."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from service.errors import DetenteError, RefusedInput
from service.flow import RowState
from service.pipeline.ingest import store
from service.ports import Claim, Clock, Feed, Fetcher, Pace, Queue, Refused, Reply, Units

LONGEST_WAIT = timedelta(hours=6)


def fetch(
    claims: Sequence[Claim], units: Units, fetcher: Fetcher, clock: Clock, queue: Queue, interval: timedelta
) -> list[Claim]:
    """Ask each feed for what is new; its articles and its cursor are stored in one transaction.

    What an answer held and was not taken is noted on the feed; the poll is a good one all the same. A feed that fails
    is asked again later and later, for ever; its cursor stays where it was.
    """
    with units(read_only=True) as unit:
        feeds = unit.feeds.get([c.id for c in claims])
    done: list[Claim] = []
    for claim in claims:
        feed = feeds[claim.id]
        try:
            reply = fetcher.fetch(feed, clock.now())
        except DetenteError as error:
            with units() as unit:
                unit.works.fail(claim, _reason(error), back_off(interval, claim.attempt))
        else:
            done += _store(claim, feed, reply, units, queue, interval)
    return done


def _store(claim: Claim, feed: Feed, reply: Reply, units: Units, queue: Queue, interval: timedelta) -> list[Claim]:
    """A first attempt follows a good poll: what that one noted still holds when nothing has changed since."""
    with units() as unit:
        held = unit.works.finish([claim], RowState.PENDING)
        if held:
            intake = store(reply.items, f"feed:{feed.id}", unit, queue)
            is_last_note = reply.not_modified and claim.attempt == 1
            note = feed.note if is_last_note else left_out(reply.refused, intake.counts["conflict"])
            unit.feeds.record(feed.id, reply, Pace(interval), intake.counts["new"], note)
            unit.works.postpone(held, interval)
    return held


def left_out(refused: Sequence[Refused], conflicts: int) -> str:
    """What an answer held and was not taken, counted by reason; empty when all was."""
    by_reason = Counter(str(one.refusal) for one in refused)
    parts = [f"{n} × {reason}" for reason, n in sorted(by_reason.items())]
    if conflicts:
        parts.append(f"{conflicts} × id of another text")
    return f"not taken: {', '.join(parts)}" if parts else ""


def back_off(interval: timedelta, failures: int) -> timedelta:
    """The interval doubled for each failure in a row, at most six hours."""
    return min(LONGEST_WAIT, interval * float(2 ** min(failures, 20)))


def _reason(error: DetenteError) -> str:
    return f"{error.refusal}: {error}" if isinstance(error, RefusedInput) else str(error)
