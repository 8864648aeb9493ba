"""Carries claimed rows through the steps of one task, and settles what happens when one fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from service.errors import DetenteError
from service.flow import Task
from service.ports import Claim, Units

StepFunction = Callable[[Sequence[Claim]], list[Claim]]
"""Takes claims, does its work in one transaction, returns the claims that go on to the next step."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a row may be held and how often it is tried, for ever when `max_attempts` is None.

    The lease outlasts the hard time limit of the task.
    """

    lease: timedelta = timedelta(seconds=45)
    max_attempts: int | None = 3
    wait: timedelta = timedelta(seconds=10)

    @property
    def time_limit(self) -> int:
        """Seconds after which the worker's child is killed."""
        return int(self.lease.total_seconds()) - 5


def carry(task: Task, ids: Sequence[str], units: Units, steps: Sequence[StepFunction], patience: Patience) -> int:
    """Claim the rows and take them through the steps; returns how many came through.

    A failure lets all rows of the batch go, to be tried again one by one, so that one bad row cannot hold up others.
    """
    with units() as unit:
        claims = unit.works.claim(task, ids, patience.lease)
    return _through(claims, units, steps, patience)


def carry_next(task: Task, units: Units, steps: Sequence[StepFunction], patience: Patience) -> int | None:
    """The same for the row whose turn it is; None when none is due."""
    with units() as unit:
        claims = unit.works.claim_next(task, patience.lease)
    return _through(claims, units, steps, patience) if claims else None


def _through(claims: Sequence[Claim], units: Units, steps: Sequence[StepFunction], patience: Patience) -> int:
    for step in steps:
        if not claims:
            return 0
        try:
            claims = step(claims)
        except Exception as error:
            _let_go(claims, units, error, patience)
            raise
    return len(claims)


def _let_go(claims: Sequence[Claim], units: Units, error: Exception, patience: Patience) -> None:
    with units() as unit:
        for claim in claims:
            retry_in = _retry_in(error, claim.attempt, patience)
            unit.works.fail(claim, describe(error), retry_in, counts=not is_outage(error))


def _retry_in(error: Exception, attempt: int, patience: Patience) -> timedelta | None:
    """None, which buries the row, at the last attempt or when the error says that trying again cannot help.

    An outage of something outside is nobody's fault: the row waits for as long as it takes.
    """
    if is_outage(error):
        return patience.wait
    if patience.max_attempts is None or attempt < patience.max_attempts:
        return patience.wait * attempt
    return None


def is_outage(error: Exception) -> bool:
    """Whether something outside does not answer: nobody's fault, so it uses up no attempt."""
    return isinstance(error, DetenteError) and error.retryable


def describe(error: Exception) -> str:
    """The error's class and first line, at most 300 characters."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}"[:300]
