"""A call to somebody outside while all is well: when it stays away, they raise the alarm."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from service.operations.heartbeat import is_due
from service.ports import Units

MARK = "ping"


def ping(units: Units, every: timedelta, problems: Callable[[], Sequence[str]], call: Callable[[], object]) -> bool:
    """Call if it is time and nothing is wrong; returns whether it did.

    One process at a time calls. What `call` raises is the caller's; the next try is an interval later.
    """
    with units(read_only=True) as unit:
        last = unit.marks.get(MARK)
        if not is_due(last[0] if last else None, unit.marks.now(), every):
            return False
    if problems():
        return False
    with units(serial=True) as unit:
        last = unit.marks.get(MARK)
        if not is_due(last[0] if last else None, unit.marks.now(), every):
            return False
        unit.marks.set(MARK)
    call()
    return True
