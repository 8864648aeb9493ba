"""Rows that were given up: what they are, why, and how they are tried again."""

from collections.abc import Sequence

from service.errors import NotFound
from service.ports import Dead, Units


def dead_letters(units: Units) -> Sequence[Dead]:
    """All rows that were given up, the longest dead first."""
    with units(read_only=True) as unit:
        return unit.works.dead()


def replay(units: Units, row_id: str | None, *, as_new: bool) -> Sequence[Dead]:
    """Put one row, or all without an id, back to where they begin, as if never tried; the sweeper finds them.

    A message that is too old to be news will be cancelled for that, unless it is to count as written now (`as_new`).
    Returns what was brought back. Raises NotFound when the row is not dead.
    """
    with units() as unit:
        chosen = [row for row in unit.works.dead() if row_id in {None, row.id}]
        if row_id is not None and not chosen:
            raise NotFound(f"no dead row has the id {row_id}: see detente dead list")
        return [row for row in chosen if unit.works.revive(row.kind, row.id, as_new=as_new)]
