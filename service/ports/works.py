"""Rows of work: claims, leases, ends, and times of what should keep happening."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from service.flow import Kind, Task


@dataclass(frozen=True, slots=True)
class Claim:
    """A row held for a while. `token` fences: a write under an expired, re-claimed lease changes nothing."""

    kind: Kind
    id: str
    token: str
    state: str
    attempt: int


@dataclass(frozen=True, slots=True)
class Dead:
    """A row that was given up: `what` says what it is about, `error` why, `died_at` since when."""

    kind: Kind
    id: str
    what: str
    error: str
    created_at: datetime
    died_at: datetime


class Works(Protocol):
    """Claims and ends of work rows. Leases and due times follow the database's own clock."""

    def claim(self, task: Task, ids: Sequence[str], lease: timedelta) -> list[Claim]:
        """Take those of the rows that are open, due and free; attempt is counted here."""
        ...

    def claim_next(self, task: Task, lease: timedelta) -> list[Claim]:
        """Take the row whose turn it is, the most urgent of those that are open, due and free; nothing without one."""
        ...

    def held(self, claims: Sequence[Claim]) -> list[Claim]:
        """Those that are still ours and whose lease has not run out."""
        ...

    def move(self, claims: Sequence[Claim], state: str) -> list[Claim]:
        """Put held rows into a state and keep holding them; returns those still ours."""
        ...

    def finish(self, claims: Sequence[Claim], state: str, error: str | None = None) -> list[Claim]:
        """Put held rows into a state and let go; returns those that were still ours."""
        ...

    def postpone(self, claims: Sequence[Claim], wait: timedelta) -> None:
        """Finished rows that come round again are due after `wait`."""
        ...

    def fail(self, claim: Claim, error: str, retry_in: timedelta | None, *, counts: bool = True) -> bool:
        """Let go after a failure: due again after `retry_in`, dead when that is None. True if it was still ours.

        A failure that does not count gives the attempt back.
        """
        ...

    def put_back(self, claim: Claim, wait: timedelta) -> bool:
        """Let go untried: due again after `wait`, and no attempt used. True if it was still ours."""
        ...

    def due(self, task: Task, limit: int, quiet: timedelta) -> list[tuple[str, int]]:
        """(id, attempts) of rows due, free and not nudged for `quiet`; they count as nudged now.

        The most urgent first, of those the oldest.
        """
        ...

    def bury_exhausted(self, task: Task, max_attempts: int) -> list[str]:
        """Rows whose holders vanished that many times in a row become dead; returns their ids."""
        ...

    def dead(self) -> list[Dead]:
        """All rows that were given up, the longest dead first."""
        ...

    def revive(self, kind: Kind, row_id: str, *, as_new: bool) -> bool:
        """A dead row begins anew, with no attempt used, and as if made now where `as_new`. False if it was not dead."""
        ...

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Kind → state → rows."""
        ...

    def oldest_due(self) -> datetime | None:
        """Due time of the longest waiting open row, None when nothing waits."""
        ...


class Marks(Protocol):
    """Times of things that should keep happening."""

    def now(self) -> datetime:
        """The database's clock."""
        ...

    def set(self, name: str, value: str = "") -> None:
        """It happened now, by the database's clock."""
        ...

    def get(self, name: str) -> tuple[datetime, str] | None:
        """When it last happened, and what was noted."""
        ...
