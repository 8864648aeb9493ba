"""The record of changes: leafed through, and looked along from its beginning."""

from collections.abc import Iterator, Sequence

from service.domain.audit import AuditEntry, Verdict, verify
from service.ports import UnitOfWork, Units

STEP = 1000
"""Entries that are held at once while the chain is looked along."""


def page(units: Units, limit: int, before: int | None = None, subject: str = "") -> Sequence[AuditEntry]:
    """So many entries, the newest first, below a number if one is given; with a subject those about it."""
    with units(read_only=True) as unit:
        return unit.listings.changes(limit, before, subject or None)


def verified(units: Units) -> Verdict:
    """Whether every entry is as it was written."""
    with units(read_only=True) as unit:
        return verify(_all(unit))


def _all(unit: UnitOfWork) -> Iterator[AuditEntry]:
    """Every entry by its number, in pieces. Where numbers are missing an entry comes twice, and shows as broken."""
    last = unit.audit.entries(last=1)
    newest = last[0].number if last else 0
    for below in range(1, newest + 1, STEP):
        above = min(below + STEP, newest + 1)
        yield from reversed(unit.listings.changes(above - below, above))
