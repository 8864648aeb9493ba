"""Leases on rows of work: claim, fence, finish, sweep."""

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, func, or_, select, update

from service.adapters.storage import schema
from service.flow import KIND_OF, OPEN_STATES, ArticleState, Kind, RowState, Task
from service.ports import Claim, Dead

TABLES: Mapping[Kind, Table] = {
    Kind.FEED: schema.feed,
    Kind.ARTICLE: schema.article,
    Kind.TRANSITION: schema.transition,
    Kind.GROUP: schema.alert_group,
    Kind.NOTIFICATION: schema.notification,
}
DEAD = RowState.DEAD
FIRST_STATE: Mapping[Kind, str] = {Kind.ARTICLE: ArticleState.RECEIVED}
"""Where a row of a kind begins; others are pending."""
ABOUT: Mapping[Kind, Sequence[str]] = {
    Kind.FEED: ("url",),
    Kind.ARTICLE: ("title",),
    Kind.TRANSITION: ("alert_id",),
    Kind.NOTIFICATION: ("receiver", "channel"),
}
"""The columns that tell people what a row is about."""
KNOWN_PAYLOAD = 1
"""Rows written by a newer version wait for a worker that knows them."""


class SqlWorks:
    """Implements `ports.Works`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def claim(self, task: Task, ids: Sequence[str], lease: timedelta) -> list[Claim]:
        """One UPDATE takes the rows: whoever comes second finds them leased."""
        return self._claim(task, TABLES[KIND_OF[task]].c.id.in_(ids), lease)

    def claim_next(self, task: Task, lease: timedelta) -> list[Claim]:
        """The same, of one row; PostgreSQL passes over those that others are just taking."""
        table, now = TABLES[KIND_OF[task]], self.now()
        turn = select(table.c.id).where(*_open_and_free(table, task, now), table.c.due_at <= now)
        turn = turn.order_by(*_order(table)).limit(1).with_for_update(skip_locked=True)
        return self._claim(task, table.c.id == turn.scalar_subquery(), lease)

    def _claim(self, task: Task, chosen: ColumnElement[bool], lease: timedelta) -> list[Claim]:
        kind, now = KIND_OF[task], self.now()
        table, token = TABLES[kind], f"{socket.gethostname()}:{os.getpid()}:{token_hex(8)}"
        taken = self.connection.execute(
            update(table)
            .where(chosen, *_open_and_free(table, task, now), table.c.due_at <= now)
            .values(
                attempt=table.c.attempt + 1,
                losses=case((table.c.lease_owner.is_not(None), table.c.losses + 1), else_=0),
                lease_until=now + lease,
                lease_owner=token,
                updated_at=now,
            )
            .returning(table.c.id, table.c.state, table.c.attempt)
        ).all()
        return [Claim(kind, row.id, token, row.state, row.attempt) for row in taken]

    def held(self, claims: Sequence[Claim]) -> list[Claim]:
        """A lease that has run out is lost even when nobody has taken the row yet."""
        now = self.now()
        kept = []
        for claim in claims:
            table = TABLES[claim.kind]
            ours = select(table.c.id).where(*_mine(claim), table.c.lease_until > now)
            if self.connection.execute(ours).first():
                kept.append(claim)
        return kept

    def move(self, claims: Sequence[Claim], state: str) -> list[Claim]:
        """A step is done, the next follows under the same lease."""
        return self._update(claims, {"state": state}, state)

    def finish(self, claims: Sequence[Claim], state: str, error: str | None = None) -> list[Claim]:
        """The task is done: attempts start again at 0 for the next one."""
        now = self.now()
        free = {"lease_until": None, "lease_owner": None, "attempt": 0, "due_at": now, "nudged_at": None}
        sent = {"sent_at": now} if state == RowState.SENT else {}
        return self._update(claims, {**free, **sent, "state": state, "last_error": error}, state)

    def postpone(self, claims: Sequence[Claim], wait: timedelta) -> None:
        """Finished rows that come round again."""
        for claim in claims:
            table = TABLES[claim.kind]
            self.connection.execute(update(table).where(table.c.id == claim.id).values(due_at=self.now() + wait))

    def fail(self, claim: Claim, error: str, retry_in: timedelta | None, *, counts: bool = True) -> bool:
        """Back into the queue, or dead."""
        free: dict[str, Any] = {"lease_until": None, "lease_owner": None, "last_error": error, "nudged_at": None}
        if retry_in is None:
            return bool(self._update([claim], {**free, "state": DEAD}, DEAD))
        attempt = claim.attempt if counts else claim.attempt - 1
        return bool(self._update([claim], {**free, "attempt": attempt, "due_at": self.now() + retry_in}, claim.state))

    def put_back(self, claim: Claim, wait: timedelta) -> bool:
        """The attempt is given back; what the last one left to be read stays."""
        free = {"lease_until": None, "lease_owner": None, "nudged_at": None}
        values = {**free, "attempt": claim.attempt - 1, "due_at": self.now() + wait}
        return bool(self._update([claim], values, claim.state))

    def _update(self, claims: Sequence[Claim], values: Mapping[str, Any], state: str) -> list[Claim]:
        now, kept = self.now(), []
        for claim in claims:
            result = self.connection.execute(
                update(TABLES[claim.kind]).where(*_mine(claim)).values(**values, updated_at=now)
            )
            if result.rowcount:
                kept.append(Claim(claim.kind, claim.id, claim.token, state, claim.attempt))
        return kept

    def due(self, task: Task, limit: int, quiet: timedelta) -> list[tuple[str, int]]:
        """Marking them as nudged keeps the sweeper from flooding the broker."""
        table, now = TABLES[KIND_OF[task]], self.now()
        waiting = self.connection.execute(
            select(table.c.id, table.c.attempt)
            .where(
                *_open_and_free(table, task, now),
                table.c.due_at <= now,
                or_(table.c.nudged_at.is_(None), table.c.nudged_at <= now - quiet),
            )
            .order_by(*_order(table))
            .limit(limit)
        ).all()
        ids = [row.id for row in waiting]
        self.connection.execute(update(table).where(table.c.id.in_(ids)).values(nudged_at=now))
        return [(row.id, row.attempt) for row in waiting]

    def bury_exhausted(self, task: Task, max_attempts: int) -> list[str]:
        """Work that takes its worker down with it every time is set aside; failures that were reported do not count."""
        table, now = TABLES[KIND_OF[task]], self.now()
        rows = self.connection.execute(
            update(table)
            .where(*_open_and_free(table, task, now), table.c.lease_until <= now, table.c.losses >= max_attempts - 1)
            .values(
                state=DEAD,
                lease_until=None,
                lease_owner=None,
                updated_at=now,
                last_error=f"its worker died or ran out of time {max_attempts} times",
            )
            .returning(table.c.id)
        ).all()
        return [row.id for row in rows]

    def dead(self) -> list[Dead]:
        """When a row died is when it was last changed."""
        found = []
        for kind, table in TABLES.items():
            for row in self.connection.execute(select(table).where(table.c.state == DEAD)):
                what = "/".join(str(getattr(row, name)) for name in ABOUT.get(kind, ()))
                found.append(Dead(kind, row.id, what, row.last_error or "", row.created_at, row.updated_at))
        return sorted(found, key=lambda row: (row.died_at, row.id))

    def revive(self, kind: Kind, row_id: str, *, as_new: bool) -> bool:
        """Steps may be repeated, so a row goes back to the first. Its error stays until something else happens."""
        table, now = TABLES[kind], self.now()
        state = FIRST_STATE.get(kind, RowState.PENDING)
        values: dict[str, Any] = {"state": state, "attempt": 0, "losses": 0, "due_at": now, "nudged_at": None}
        values |= {"updated_at": now} | ({"created_at": now} if as_new else {})
        mine = (table.c.id == row_id, table.c.state == DEAD)
        return bool(self.connection.execute(update(table).where(*mine).values(values)).rowcount)

    def counts(self) -> dict[str, dict[str, int]]:
        """Kind → state → rows."""
        return {
            str(kind): {
                row.state: row.n
                for row in self.connection.execute(
                    select(table.c.state, func.count().label("n")).group_by(table.c.state)
                )
            }
            for kind, table in TABLES.items()
        }

    def oldest_due(self) -> datetime | None:
        """Over all tasks but polling, whose rows always wait for their next time."""
        now = self.now()
        times = []
        for task in Task:
            if task is not Task.FETCH:
                table = TABLES[KIND_OF[task]]
                waiting = (table.c.state.in_(OPEN_STATES[task]), table.c.due_at <= now)
                times.append(self.connection.execute(select(func.min(table.c.due_at)).where(*waiting)).scalar())
        return min((t for t in times if t is not None), default=None)


def _order(table: Table) -> tuple[Any, ...]:
    """The oldest first; where rows are not equally urgent, the most urgent before."""
    oldest = (table.c.due_at, table.c.id)
    return (table.c.urgency.desc(), *oldest) if "urgency" in table.c else oldest


def _mine(claim: Claim) -> tuple[Any, ...]:
    table = TABLES[claim.kind]
    return (table.c.id == claim.id, table.c.lease_owner == claim.token, table.c.state == claim.state)


def _open_and_free(table: Table, task: Task, now: datetime) -> tuple[Any, ...]:
    return (
        table.c.state.in_(OPEN_STATES[task]),
        or_(table.c.lease_until.is_(None), table.c.lease_until <= now),
        table.c.payload_version <= KNOWN_PAYLOAD,
    )
