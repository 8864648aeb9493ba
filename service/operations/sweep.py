"""Find work nobody is doing, and tell the workers again."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import takewhile
from time import monotonic

from service.flow import Task
from service.ports import Queue, Units

QUIET = timedelta(seconds=30)
"""A row just nudged is left alone for this long."""
MOST_WAITING = 200
"""Messages in a queue above which nothing is added: the workers have enough to do."""
BATCH: Mapping[Task, int] = {
    Task.FETCH: 1,
    Task.COMPLETE: 1,
    Task.ANALYSE: 16,
    Task.ASSESS: 16,
    Task.DISPATCH: 16,
    Task.GATHER: 100,
    Task.DELIVER: 1,
}
MOST_ROWS = 500

Attempts = Mapping[Task, int | None]
"""How often a task is tried; None stands for ever."""


def sweep(units: Units, queue: Queue, max_attempts: Attempts, every: timedelta) -> int:
    """Nudge what is due and bury what keeps killing its worker; returns the rows nudged.

    A broker that did not take one nudge is not asked again before the next time.
    Any number of processes may call this: whoever comes within half of `every` after another does nothing.
    """
    with units(serial=True) as unit:
        last = unit.marks.get("swept")
        if last and unit.marks.now() - last[0] < every / 2:
            return 0
        unit.marks.set("swept")
    nudged, answers = 0, True
    for task in Task:
        room = MOST_WAITING - queue.depth(task) if answers else 0
        rows, took_all = _sweep_task(task, units, queue, max_attempts[task], room)
        nudged, answers = nudged + rows, answers and took_all
    return nudged


def _sweep_task(task: Task, units: Units, queue: Queue, limit: int | None, room: int) -> tuple[int, bool]:
    """(rows nudged, whether the broker took every nudge)."""
    taken: list[list[str]] = []
    with units() as unit:
        if limit is not None:
            unit.works.bury_exhausted(task, limit)
        rows = unit.works.due(task, min(MOST_ROWS, room * BATCH[task]), QUIET) if room > 0 else []
        chosen = batches(rows, BATCH[task])[:room]
        unit.after_commit(lambda: taken.extend(takewhile(lambda ids: queue.nudge(task, ids), chosen)))
    return sum(map(len, taken)), len(taken) == len(chosen)


def drain(task: Task, queue: Queue, carry_next: Callable[[], int | None], lasts: float) -> int:
    """Carry what is due, one row after the other, for so many seconds; returns the rows done.

    A nudge wakes a worker; what it finds then need not wait for another. Whoever stops while there is more wakes the
    next.
    """
    done, until = 0, monotonic() + lasts
    while monotonic() < until:
        came = carry_next()
        if came is None:
            return done
        done += came
    queue.nudge(task, [])
    return done


def batches(rows: list[tuple[str, int]], size: int) -> list[list[str]]:
    """Fresh rows together, rows that failed before each by itself: one of them may be the one that kills."""
    fresh = [row_id for row_id, attempts in rows if not attempts]
    return [
        *(fresh[i : i + size] for i in range(0, len(fresh), size)),
        *([row_id] for row_id, attempts in rows if attempts),
    ]


def is_late(units: Units, name: str, after: timedelta) -> bool:
    """Whether the thing of this name has not happened for so long."""
    with units(read_only=True) as unit:
        last: tuple[datetime, str] | None = unit.marks.get(name)
        return last is None or unit.marks.now() - last[0] > after
