"""Rows that were given up: what they are, why, and how they are tried again."""

from collections import Counter
from collections.abc import Sequence

from service.errors import NotFound
from service.ports import Cursor, Dead, UnitOfWork, Units


def dead_letters(units: Units) -> Sequence[Dead]:
    """All rows that were given up, the longest dead first."""
    with units(read_only=True) as unit:
        return unit.works.dead()


def page(units: Units, limit: int, before: Cursor | None = None) -> Sequence[Dead]:
    """So many of them, those that were given up last first."""
    with units(read_only=True) as unit:
        return unit.desk.dead(limit, before)


def replay(units: Units, row_id: str | None, actor: str, *, as_new: bool) -> Sequence[Dead]:
    """Put one row, or all without an id, back to where they begin, as if never tried; the sweeper finds them.

    A message that is too old to be news will be cancelled for that, unless it is to count as written now (`as_new`).
    Returns what was brought back. Raises NotFound when the row is not dead.
    """
    with units(serial=True) as unit:
        chosen = [row for row in unit.works.dead() if row_id in {None, row.id}]
        if row_id is not None and not chosen:
            raise NotFound(f"no dead row has the id {row_id}: see detente dead list")
        brought = [row for row in chosen if unit.works.revive(row.kind, row.id, as_new=as_new)]
        _note(unit, brought, actor, as_new=as_new)
    return brought


def _note(unit: UnitOfWork, brought: Sequence[Dead], actor: str, *, as_new: bool) -> None:
    """One entry for each time, whatever it brought: thousands of rows may come back at once."""
    if not brought:
        return
    subject = f"{brought[0].kind}:{brought[0].id}" if len(brought) == 1 else "dead"
    kinds = Counter(str(row.kind) for row in brought)
    unit.audit.add(actor, "dead.replay", subject[:LONGEST_SUBJECT], None, {"rows": dict(kinds), "as_new": as_new})


LONGEST_SUBJECT = 200
"""Of an entry of the record: an article's id may be as long by itself."""
