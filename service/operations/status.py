"""How the service is doing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from service.domain.risk.ledger import start_of
from service.errors import StorageUnavailable
from service.flow import Task
from service.operations import feed_health
from service.operations.canary import Canary, Flight, last_flight, missing
from service.operations.feed_health import FeedHealth, feeds_in
from service.operations.heartbeat import Heartbeat, unheard
from service.ports import Queue, UnitOfWork, Units

SWEPT_WITHIN = timedelta(seconds=30)
OLDEST_DUE = timedelta(minutes=10)
WEEK = timedelta(days=7)
NOT_MIGRATED = "the database has not been migrated: start the service with detente up"
CONFIGURATION = "configuration refused"
"""The mark under which it stands what is wrong with a changed configuration; empty when nothing is."""


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs of life that are configured."""

    heartbeat: Heartbeat | None = None
    canary: Canary | None = None

    def missing(self, unit: UnitOfWork) -> list[str]:
        """Those that did not come when they should have, each in a sentence."""
        silent = unheard(self.heartbeat, unit) if self.heartbeat else []
        return [*silent, *(missing(self.canary, unit) if self.canary else [])]


NO_SIGNS = Signs()


@dataclass(frozen=True, slots=True)
class Status:
    """Rows by kind and state, waiting messages, and the times of what should keep happening.

    `unread` counts the articles that were set aside because no model reads their language, by language. `floods` are
    the owner groups that sent more in a day of the last week than anyone believes, with the day. `problems` keep the
    service from being ready, `warnings` do not. `canary` is the last one that was sent.
    """

    rows: Mapping[str, Mapping[str, int]]
    queued: Mapping[str, int]
    oldest_due_at: datetime | None
    last_sweep_at: datetime | None
    last_evaluation_at: datetime | None
    feeds: Sequence[FeedHealth]
    unread: Mapping[str, int]
    floods: Sequence[tuple[str, date]]
    problems: list[str]
    warnings: Sequence[str]
    canary: Flight | None = None


def status(units: Units, queue: Queue, is_prepared: Callable[[], bool], signs: Signs = NO_SIGNS) -> Status:
    """The state of the service now."""
    found = problems(units, queue, is_prepared, signs)
    with units(read_only=True) as unit:
        return status_in(unit, depths(queue), found, signs)


def depths(queue: Queue) -> dict[str, int]:
    """Task → messages that wait for it."""
    return {str(task): queue.depth(task) for task in Task}


def status_in(unit: UnitOfWork, queued: Mapping[str, int], found: list[str], signs: Signs = NO_SIGNS) -> Status:
    """The same within an open transaction, with what was found wrong and with what waits in queues."""
    swept, evaluated, feeds = unit.marks.get("swept"), unit.marks.get("evaluated"), feeds_in(unit)
    return Status(
        rows=unit.works.counts(),
        queued=queued,
        oldest_due_at=unit.works.oldest_due(),
        last_sweep_at=swept[0] if swept else None,
        last_evaluation_at=evaluated[0] if evaluated else None,
        feeds=feeds,
        unread=unit.articles.unread(),
        floods=_floods(unit),
        problems=found,
        warnings=[*_refused(unit), *_given_up(unit), *_left_alone(unit), *feed_health.warnings(feeds)],
        canary=last_flight(unit) if signs.canary else None,
    )


def _given_up(unit: UnitOfWork) -> list[str]:
    """What somebody should look at, by kind of row; it does not keep the service from working."""
    by_kind: dict[str, list[datetime]] = {}
    for row in unit.works.dead():
        by_kind.setdefault(f"{row.kind}", []).append(row.died_at)
    return [
        f"{len(died)} {kind} given up, the first on {min(died):%Y-%m-%d %H:%M}Z: see detente dead list"
        for kind, died in by_kind.items()
    ]


def _left_alone(unit: UnitOfWork) -> list[str]:
    return [
        f"the channel {receiver}/{channel} has failed {breaker.failures} times in a row: its messages wait"
        for (receiver, channel), breaker in sorted(unit.channels.resting().items())
    ]


def _refused(unit: UnitOfWork) -> list[str]:
    return [f"the changed configuration is not taken: {mistake}" for mistake in mistakes(unit)]


def mistakes(unit: UnitOfWork) -> list[str]:
    """What is wrong with a changed configuration that is not taken, while the one before goes on."""
    noted = unit.marks.get(CONFIGURATION)
    return noted[1].splitlines() if noted else []


def _floods(unit: UnitOfWork) -> list[tuple[str, date]]:
    found = unit.ledger.floods(unit.marks.now() - WEEK)
    return [(owner, start_of(day * 24).date()) for owner, day in sorted(found)]


def problems(units: Units, queue: Queue, is_prepared: Callable[[], bool], signs: Signs = NO_SIGNS) -> list[str]:
    """Why the service is not ready, and the signs of life that are missing; nothing when all is well."""
    try:
        if not is_prepared():
            return [NOT_MIGRATED]
        with units(read_only=True) as unit:
            found = problems_in(unit, signs)
    except StorageUnavailable as error:
        return [str(error)]
    trouble = queue.trouble()
    return [str(trouble), *found] if trouble else found


def problems_in(unit: UnitOfWork, signs: Signs = NO_SIGNS) -> list[str]:
    """Those that rows tell of, within an open transaction."""
    now, swept, oldest = unit.marks.now(), unit.marks.get("swept"), unit.works.oldest_due()
    found = []
    if swept is None or now - swept[0] > SWEPT_WITHIN:
        found.append("no worker has looked for forgotten work in the last 30 seconds: are workers running?")
    if oldest is not None and now - oldest > OLDEST_DUE:
        found.append(f"work has been waiting since {oldest:%Y-%m-%d %H:%M}Z: are all queues being read?")
    return [*found, *signs.missing(unit)]
