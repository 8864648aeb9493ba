"""A copy of the last year's sums in this process, so that what all subjects have is read once and not page by page."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from service.domain.risk.baseline import MEMORY
from service.domain.risk.caps import Flood
from service.domain.risk.ledger import hour_of, start_of
from service.domain.risk.watchlist import Watchlists
from service.operations.bulk import watched
from service.operations.strip import Names, Strip, strips
from service.operations.weighing import Weighing
from service.pipeline.hearing import WEEK
from service.ports import Books, Stamp

AHEAD = timedelta(days=366)
"""How far ahead events may be dated and still be found in the copy once their time has come."""
SLACK = timedelta(days=7)
"""How much more than a year is held before what is too old is dropped."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Written subject → its sums, watchlists among them, and when the first hour with a sum began (None: none did).

    `heard` are the owner groups that told of each subject, but watchlists, within the last seven days.
    """

    weighed: Mapping[str, Weighing]
    heard: Mapping[str, Collection[str]]
    began_at: datetime | None


class Mirror:
    """Holds the copy. Several threads may ask; what was handed out is never changed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._names = Names()
        self._stamp: Stamp | None = None
        self._since = 0
        self._strips: Mapping[str, Strip] = {}
        self._began_at: datetime | None = None
        self._watched: tuple[Watchlists, Mapping[str, Strip]] = ({}, {})
        self._floods: Collection[Flood] = ()
        self._weighed: Mapping[str, Weighing] = {}
        self._heard_at: int | None = None
        self._heard: Mapping[str, Collection[str]] = {}

    def copy(self, unit: Books, at: datetime, watchlists: Watchlists) -> Copy:
        """The sums from a year before `at` on as they stand in this transaction; `at` should not go back.

        The first time all are read, later only those that changed since. Who told of what is asked of the subjects that
        changed, and once an hour of all.
        """
        with self._lock:
            stamp = unit.ledger.stamp()
            before = self._strips
            if stamp != self._stamp or self._watched[0] != watchlists:
                self._renew(unit, at, stamp)
                self._watched = watchlists, watched(unit, at - MEMORY, at + AHEAD, watchlists, self._names)
            self._drop(hour_of(at - MEMORY))
            changed = {subject for subject, strip in self._strips.items() if before.get(subject) is not strip}
            self._hear(unit, at, changed, {member for members in watchlists.values() for member in members})
            self._weigh(unit.ledger.floods(at - MEMORY))
            return Copy(self._weighed, self._heard, self._began_at)

    def standing(self, unit: Books, at: datetime, watchlists: Watchlists) -> Copy | None:
        """The copy if it is already as the sums stand in this transaction, in the hour of `at`; nobody waits for it."""
        if not self._lock.acquire(blocking=False):
            return None
        try:
            is_of_now = self._heard_at == hour_of(at) and self._watched[0] == watchlists
            is_same = (
                is_of_now and self._stamp == unit.ledger.stamp() and self._floods == unit.ledger.floods(at - MEMORY)
            )
            return Copy(self._weighed, self._heard, self._began_at) if is_same else None
        finally:
            self._lock.release()

    def _weigh(self, floods: Collection[Flood]) -> None:
        """What has not changed keeps its weighing, which remembers what it was asked last."""
        known = self._weighed if floods == self._floods else {}
        strips = {**self._strips, **self._watched[1]}
        kept = {s: w for s, w in known.items() if w.strip is strips.get(s)}
        self._floods, self._weighed = floods, {s: kept.get(s) or Weighing(strip, floods) for s, strip in strips.items()}

    def _hear(self, unit: Books, at: datetime, changed: AbstractSet[str], watched: AbstractSet[str]) -> None:
        """By the hour, as everything is booked. What is watched may bring nothing and be told of all the same."""
        if self._heard_at != hour_of(at):
            self._heard_at, self._heard, changed = hour_of(at), {}, self._strips.keys()
        told = unit.ledger.tellers(sorted(changed | (watched - self._strips.keys())), at - WEEK, at)
        kept = {s: owners for s, owners in self._heard.items() if s in self._strips and s not in changed}
        self._heard = {**kept, **told}

    def _renew(self, unit: Books, at: datetime, stamp: Stamp) -> None:
        held = self._stamp
        if held is None or held.emptied != stamp.emptied or held.number > stamp.number:
            self._since, self._began_at = hour_of(at - MEMORY), unit.ledger.began_at()
            self._strips = strips(unit.ledger.sums(at - MEMORY, at + AHEAD), self._names)
        elif held.number < stamp.number:
            self._change(strips(unit.ledger.sums_after(held.number, start_of(self._since)), self._names))
        self._stamp = stamp

    def _change(self, changed: Mapping[str, Strip]) -> None:
        mine = self._strips
        merged = {s: mine[s].with_changed(new) if s in mine else new for s, new in changed.items()}
        self._strips = {**mine, **merged}
        begun = [self._began_at] if self._began_at else []
        self._began_at = min([*begun, *(start_of(int(new.hours[0])) for new in changed.values())], default=None)

    def _drop(self, hour: int) -> None:
        if hour - self._since > SLACK // timedelta(hours=1):
            kept = {subject: strip.since(hour) for subject, strip in self._strips.items()}
            self._since, self._strips = hour, {subject: strip for subject, strip in kept.items() if len(strip)}
