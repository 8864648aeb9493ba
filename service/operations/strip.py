"""The sums of one subject as columns, so that a year of them is handled at once."""

from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from service.domain.news.owner import QUARANTINE
from service.domain.risk.caps import ALONE, QUARANTINED, Flood
from service.domain.risk.ledger import MICRO, Channel, Entry
from service.ports import Booked, Columns

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Truths = npt.NDArray[np.bool_]
_OWNERS = 1 << 20
"""More than there are owner groups: hour, side and owner are packed into one number by it."""


@dataclass(frozen=True, eq=False)
class Strip:
    """Sums of one subject in order of hour, side and owner; every column has one element for each.

    `hours` count from 1970 (UTC), `eases` says on which side, `micro` and `variance` are as in `Entry`; `owners` are
    places in `names`, of which the first is empty.
    """

    hours: Ints
    eases: Truths
    micro: Ints
    variance: Ints
    owners: Ints
    names: Sequence[str]

    def __len__(self) -> int:
        """How many sums."""
        return len(self.hours)

    def entries(self, rows: Ints) -> list[Entry]:
        """Some of them as entries."""
        columns = (self.hours, self.eases, self.micro, self.owners, self.variance)
        return [
            Entry(hour, Channel.DE_ESCALATION if eases else Channel.ESCALATION, micro, self.names[owner], variance)
            for hour, eases, micro, owner, variance in zip(*(c[rows].tolist() for c in columns), strict=True)
        ]

    def since(self, hour: int) -> "Strip":
        """Without what is older."""
        return self._of(slice(int(np.searchsorted(self.hours, hour)), None))

    def with_changed(self, other: "Strip") -> "Strip":
        """With the sums of another strip, which replace those of the same place; its names begin with those of this."""
        mine = self._of(np.flatnonzero(~np.isin(self.places, other.places)))
        order = np.argsort(np.concatenate([mine.places, other.places]), kind="stable")
        pairs = zip(mine.columns, other.columns, strict=True)
        return _strip([np.concatenate(pair)[order] for pair in pairs], other.names)

    def without(self, row: int) -> "Strip":
        """Without one of them."""
        return self._of(np.delete(np.arange(len(self)), row))

    def _of(self, rows: Ints | slice) -> "Strip":
        return _strip([column[rows] for column in self.columns], self.names)

    @property
    def columns(self) -> tuple[Ints | Truths, ...]:
        """The five."""
        return self.hours, self.eases, self.micro, self.variance, self.owners

    @cached_property
    def places(self) -> Ints:
        """Hour, side and owner of each as one number, by which they stand in order."""
        return (self.hours * 2 + self.eases) * _OWNERS + self.owners

    @cached_property
    def is_quarantined(self) -> Truths:
        """Which are of quarantined publishers alone."""
        return np.array([name == QUARANTINE for name in self.names])[self.owners]

    @cached_property
    def voices(self) -> Ints:
        """Owner, side and span of each as one number: what a cap is on (`caps.cuts`)."""
        spans = np.where(self.is_quarantined, 0, self.hours // 24)
        found: Ints = (spans * 2 + self.eases) * _OWNERS + self.owners
        return found

    @cached_property
    def tight(self) -> Truths:
        """Which are of a voice that tells more than it may bring: but for floods no other is ever cut."""
        alone = np.flatnonzero(self.owners)
        found = np.zeros(len(self), dtype=bool)
        if len(alone):
            _, voice = np.unique(self.voices[alone], return_inverse=True)
            totals = np.bincount(voice, weights=self.micro[alone])[voice]
            found[alone] = totals > np.where(self.is_quarantined[alone], QUARANTINED, ALONE) * MICRO
        return found

    def flooded(self, floods: Collection[Flood]) -> Truths:
        """Which an owner tells alone on a day on which it floods."""
        known = {name: n for n, name in enumerate(self.names)}
        void = [day * _OWNERS + known[owner] for owner, day in floods if owner in known]
        found: Truths = np.isin(self.hours // 24 * _OWNERS + self.owners, np.array(void, dtype=np.int64))
        return found


class Names:
    """Owner groups and their places in the names of strips; what has a place keeps it."""

    def __init__(self) -> None:
        self._places = {"": 0}

    def places(self, owners: Sequence[str]) -> Ints:
        """The place of each."""
        for owner in sorted(set(owners) - self._places.keys()):
            self._places[owner] = len(self._places)
        return np.fromiter(map(self._places.__getitem__, owners), dtype=np.int64, count=len(owners))

    def known(self) -> tuple[str, ...]:
        """All so far, by their places."""
        return tuple(self._places)


def strips(sums: Mapping[str, Columns], names: Names) -> dict[str, Strip]:
    """Subject → its sums."""
    coded = {subject: names.places(columns.owners) for subject, columns in sums.items()}
    known = names.known()
    return {subject: _ordered(columns, coded[subject], known) for subject, columns in sums.items()}


def of_entries(entries: Iterable[Entry], names: Names) -> Strip:
    """A strip of entries, of which several may stand in one place."""
    columns = columns_of(entries)
    return _ordered(columns, names.places(columns.owners), names.known())


def columns_of(entries: Iterable[Entry]) -> Columns:
    """Entries as columns."""
    told = list(entries)
    numbers = ([getattr(e, name) for e in told] for name in ("hour", "micro", "variance"))
    hours, micro, variance = (array("q", column) for column in numbers)
    eases = array("b", (e.channel is Channel.DE_ESCALATION for e in told))
    return Columns(hours, eases, micro, variance, [e.owner for e in told])


def booked_strip(booked: Booked, names: Names) -> tuple[Sequence[str], Strip]:
    """The incidents and what they book, in the order of the strip."""
    owners = names.places(booked.columns.owners)
    order = np.argsort(_places(booked.columns, owners), kind="stable")
    ids = [booked.ids[n] for n in order.tolist()]
    return ids, _ordered(booked.columns, owners, names.known())


def _places(columns: Columns, owners: Ints) -> Ints:
    hours, eases = (np.asarray(column, dtype=np.int64) for column in columns[:2])
    found: Ints = (hours * 2 + eases) * _OWNERS + owners
    return found


def _ordered(columns: Columns, owners: Ints, names: Sequence[str]) -> Strip:
    hours, eases, micro, variance = (np.asarray(column, dtype=np.int64) for column in columns[:4])
    order = np.argsort(_places(columns, owners), kind="stable")
    return Strip(hours[order], eases[order].astype(bool), micro[order], variance[order], owners[order], names)


def _strip(columns: Sequence[Any], names: Sequence[str]) -> Strip:
    hours, eases, micro, variance, owners = columns
    return Strip(hours, eases, micro, variance, owners, names)
