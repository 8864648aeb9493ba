"""How the service fares, as one picture for those who watch it: read in one transaction, at a bounded cost."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from service.domain.risk.caps import Flood
from service.domain.risk.score import HORIZON, score
from service.errors import StorageUnavailable
from service.flow import KIND_OF, OPEN_STATES, ArticleState, Kind, RowState, Task
from service.operations.canary import Flight, last_flight, missing
from service.operations.feed_health import FeedHealth, FeedState, by_state
from service.operations.status import NO_SIGNS, NOT_MIGRATED, Signs, Status, depths, mistakes, problems_in, status_in
from service.pipeline.books import Gauge, entries_of
from service.pipeline.hearing import freshness
from service.ports import AlertTally, BrokerTrouble, Queue, UnitOfWork, Units

MOST_SUBJECTS = 50
"""Subjects whose scores are read, watchlists beside them."""
LEAST_LEVEL = 1.0
RECENT = timedelta(days=30)
"""Those are read on which most escalation is booked of so long."""
HOUR = timedelta(hours=1)
GONE = "gone"
"""The kind of a channel that is configured no more."""
ENDS: Mapping[Kind, Sequence[str]] = {
    Kind.ARTICLE: (ArticleState.SCORED, ArticleState.IGNORED, ArticleState.DEAD),
    Kind.TRANSITION: (RowState.ROUTED, RowState.DEAD),
    Kind.GROUP: (RowState.IDLE, RowState.DEAD),
    Kind.NOTIFICATION: (RowState.SENT, RowState.CANCELLED, RowState.DEAD),
}
"""Where rows stay; feeds come round for ever."""


@dataclass(frozen=True, slots=True)
class View:
    """What is looked with.

    `kinds` are the receivers of routes.yaml with their channels → the schema of the address. `is_broken` says that the
    configuration could not be read at all.
    """

    signs: Signs = NO_SIGNS
    gauge: Gauge = field(default_factory=Gauge)
    kinds: Mapping[tuple[str, str], str] = field(default_factory=dict)
    is_broken: bool = False


@dataclass(frozen=True, slots=True)
class FeedMeasure:
    """A feed: how it fares, seconds since its last good poll (None: there was none), failures in a row.

    `last_ok` and `last_new` are seconds since 1970: its last good poll, and its last new article. `is_noted` says that
    the last poll left something to be read: why it failed, or what was not taken. `interval` is in seconds.
    """

    name: str
    state: FeedState
    ok_age: float | None
    last_ok: float | None
    last_new: float | None
    failures: int
    is_noted: bool
    interval: float | None
    articles: int


@dataclass(frozen=True, slots=True)
class CanaryMeasure:
    """The last canary, and whether something is wrong with it."""

    flight: Flight | None
    is_missing: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The service at a moment of the database's clock.

    `rows` are those of `status`, with zeros for the states that none is in. `messages` are notifications by the kind of
    their channel and state. `resting` are receiver, channel and kind of the channels of routes.yaml, and whether each
    is being left alone. `levels` are those of subjects and watchlists, the highest first.
    """

    at: datetime
    status: Status
    rows: Mapping[str, Mapping[str, int]]
    broker: BrokerTrouble | None
    is_refused: bool
    ended: Mapping[tuple[str, str], int]
    last_scored_at: datetime | None
    alerts: Sequence[AlertTally]
    messages: Mapping[str, Mapping[str, int]]
    resting: Mapping[tuple[str, str, str], bool]
    personal_resting: int
    subscribers: Mapping[str, int]
    feeds: Sequence[FeedMeasure]
    feed_states: Mapping[FeedState, int]
    freshness: float
    canary: CanaryMeasure | None
    levels: Mapping[str, float]

    def age(self, moment: datetime | None) -> float | None:
        """Seconds since a moment by the same clock, never below 0; None without one."""
        return None if moment is None else max(0.0, (self.at - moment).total_seconds())


def measure(units: Units, queue: Queue, is_prepared: Callable[[], bool], view: View, at: datetime) -> Picture:
    """The picture now; scores are those of `at`. Raises StorageUnavailable, also before the first migration."""
    if not is_prepared():
        raise StorageUnavailable(NOT_MIGRATED)
    trouble, queued = queue.trouble(), depths(queue)
    with units(read_only=True) as unit:
        found = problems_in(unit, view.signs)
        state = status_in(unit, queued, [str(trouble), *found] if trouble else found, view.signs)
        return _picture(unit, state, trouble, view, at)


def _picture(unit: UnitOfWork, state: Status, trouble: BrokerTrouble | None, view: View, at: datetime) -> Picture:
    now, left_alone = unit.marks.now(), set(unit.channels.resting())
    return Picture(
        at=now,
        status=state,
        rows=_rows(state.rows),
        broker=trouble,
        is_refused=view.is_broken or bool(mistakes(unit)),
        ended=unit.tallies.ended(now - HOUR),
        last_scored_at=unit.tallies.last_scored(),
        alerts=unit.tallies.alerts(),
        messages=_messages(unit, view.kinds),
        resting={(*named, kind): named in left_alone for named, kind in view.kinds.items()},
        personal_resting=sum(receiver.startswith("@") for receiver, _ in left_alone),
        subscribers=unit.tallies.subscribers(),
        feeds=[_feed(feed) for feed in state.feeds],
        feed_states=by_state(state.feeds),
        freshness=freshness(unit, now),
        canary=_canary(unit, view.signs),
        levels=_levels(unit, at, view.gauge),
    )


def _rows(counted: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    known: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for task in Task:
        known[KIND_OF[task]] |= dict.fromkeys(OPEN_STATES[task], 0)
    for kind, states in ENDS.items():
        known[kind] |= dict.fromkeys(states, 0)
    return {kind: {**zeros, **counted.get(kind, {})} for kind, zeros in known.items()}


def _messages(unit: UnitOfWork, kinds: Mapping[tuple[str, str], str]) -> dict[str, dict[str, int]]:
    """Every kind that is configured, whether anything was ever sent there or not."""
    states = (RowState.PENDING, RowState.SENT, RowState.CANCELLED, RowState.DEAD)
    found: defaultdict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(map(str, states), 0))
    for kind in kinds.values():
        found[kind].update()
    named = ((kinds.get(key, GONE), mine) for key, mine in unit.tallies.notifications().items())
    personal = ((schema or GONE, mine) for schema, mine in unit.tallies.personal().items())
    for kind, mine in (*named, *personal):
        for state, number in mine.items():
            found[kind][state] += number
    return dict(found)


def _feed(feed: FeedHealth) -> FeedMeasure:
    return FeedMeasure(
        name=feed.id,
        state=feed.state,
        ok_age=feed.lag.total_seconds() if feed.lag is not None else None,
        last_ok=_stamp(feed.last_ok_at),
        last_new=_stamp(feed.last_new_at),
        failures=feed.failures,
        is_noted=bool(feed.note),
        interval=feed.interval.total_seconds() if feed.interval is not None else None,
        articles=feed.articles,
    )


def _stamp(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def _canary(unit: UnitOfWork, signs: Signs) -> CanaryMeasure | None:
    if signs.canary is None:
        return None
    return CanaryMeasure(last_flight(unit), bool(missing(signs.canary, unit)))


def _levels(unit: UnitOfWork, at: datetime, gauge: Gauge) -> dict[str, float]:
    """The highest first."""
    subjects = [*unit.tallies.busiest(at - RECENT, MOST_SUBJECTS), *gauge.watchlists]
    floods = unit.ledger.floods(at - HORIZON)
    found = {subject: _level(subject, unit, at, gauge, floods) for subject in subjects}
    high = [(subject, level) for subject, level in found.items() if level >= LEAST_LEVEL]
    return dict(sorted(high, key=lambda one: (-one[1], one[0])))


def _level(subject: str, unit: UnitOfWork, at: datetime, gauge: Gauge, floods: Collection[Flood]) -> float:
    """That of a reading. How unusual it is would take a year of sums, and who told of it every incident."""
    return score(entries_of(subject, unit, at - HORIZON, at, gauge.watchlists), at, gauge.scale, floods).level
