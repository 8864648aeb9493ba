"""Who changed what, as a chain of rows."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from service.adapters.storage.schema import audit
from service.domain.audit import BEGINNING, AuditEntry, chained

LOCK = 0x0DE7E480
"""Number of the PostgreSQL advisory lock under which the chain grows: two writers would both follow the same row."""


class SqlAudit:
    """Implements `ports.Audit`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def add(
        self,
        actor: str,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> AuditEntry:
        """Whoever else adds waits until this transaction ends; SQLite has one writer at a time anyway."""
        if self.connection.dialect.name == "postgresql":
            self.connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        newest = select(audit.c.number, audit.c.hashed).order_by(audit.c.number.desc()).limit(1)
        last = self.connection.execute(newest).one_or_none()
        number, previous = (last.number + 1, last.hashed) if last else (1, BEGINNING)
        entry = chained(number, self.now(), actor, action, subject, before, after, previous)
        self.connection.execute(insert(audit).values({name: getattr(entry, name) for name in _COLUMNS}))
        return entry

    def entries(self, subject: str | None = None, last: int | None = None) -> list[AuditEntry]:
        """Read backwards where only the last few are asked for."""
        chosen = select(audit).order_by(audit.c.number.desc()).limit(last)
        if subject is not None:
            chosen = chosen.where(audit.c.subject == subject)
        rows = self.connection.execute(chosen).all()
        return [AuditEntry(**{name: getattr(row, name) for name in _COLUMNS}) for row in reversed(rows)]


_COLUMNS = ("number", "at", "actor", "action", "subject", "before", "after", "previous", "hashed")
