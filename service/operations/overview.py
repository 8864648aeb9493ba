"""The state of the service on one page: what works, what waits, and what somebody should look at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.domain.alerting.breaker import Breaker
from service.flow import KIND_OF, OPEN_STATES, RowState, Task
from service.operations.status import NO_SIGNS, Signs, Status, depths, mistakes, problems, status_in
from service.ports import Cursor, Queue, Sending, UnitOfWork, Units

LATEST = 5
"""Messages shown of those on their way."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A task: messages that wait in its queue, and rows in a state from which it carries on."""

    task: Task
    queued: int
    rows: int


@dataclass(frozen=True, slots=True)
class Overview:
    """The service at a moment of the database's clock. `refused` is what is wrong with a changed configuration."""

    at: datetime
    status: Status
    refused: Sequence[str]
    resting: Mapping[tuple[str, str], Breaker]
    waiting: Sequence[Waiting]
    dead: int
    latest: Sequence[Sending]

    @property
    def waits_for(self) -> timedelta | None:
        """How long the longest waiting row has waited."""
        oldest = self.status.oldest_due_at
        return max(timedelta(0), self.at - oldest) if oldest else None


def overview(
    units: Units, queue: Queue, is_prepared: Callable[[], bool], signs: Signs = NO_SIGNS, refused: Sequence[str] = ()
) -> Overview:
    """The picture now; `refused` is what this process itself knows to be wrong. Raises StorageUnavailable."""
    found, queued = problems(units, queue, is_prepared, signs), depths(queue)
    with units(read_only=True) as unit:
        state = status_in(unit, queued, found, signs)
        return _looked(unit, state, [*refused, *mistakes(unit)])


def _looked(unit: UnitOfWork, state: Status, refused: Sequence[str]) -> Overview:
    return Overview(
        at=unit.marks.now(),
        status=state,
        refused=list(dict.fromkeys(refused)),
        resting=dict(sorted(unit.channels.resting().items())),
        waiting=[Waiting(task, state.queued[task], _open(task, state)) for task in Task],
        dead=sum(states.get(RowState.DEAD, 0) for states in state.rows.values()),
        latest=unit.desk.deliveries(LATEST),
    )


def _open(task: Task, state: Status) -> int:
    rows = state.rows.get(KIND_OF[task], {})
    return sum(rows.get(one, 0) for one in OPEN_STATES[task])


def deliveries(units: Units, limit: int, before: Cursor | None = None, state: str = "") -> Sequence[Sending]:
    """So many messages on their way, the newest first."""
    with units(read_only=True) as unit:
        return unit.desk.deliveries(limit, before, state)
