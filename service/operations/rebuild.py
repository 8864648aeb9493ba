"""Write the books anew when the way they are written has changed."""

from collections.abc import Callable
from datetime import datetime

from service.domain.events.geography import Geography
from service.domain.risk.score import VERSION
from service.pipeline.score import enter
from service.ports import Units

MARK = "books"
"""The mark that holds the version of the score the books were written with."""


def rebuild(units: Units, geography: Callable[[], Geography], at: datetime) -> int | None:
    """Book all reports again, with the owner and grade they had, if the books are of another version.

    Returns how many, None if there was nothing to do. All or nothing: until it is done, the old books stand.
    """
    with units(serial=True) as unit:
        mark = unit.marks.get(MARK)
        if mark is not None and mark[1] == VERSION:
            return None
        reports = unit.ledger.empty()
        if reports:
            enter(reports, unit, geography(), at)
        unit.marks.set(MARK, VERSION)
    return len(reports)
