"""What rules said, as it was when they said it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select

from service.adapters.storage.schema import decision
from service.domain.alerting.record import Record
from service.domain.alerting.rule import ReasonKind, Severity, State

_PLAIN = ("rule", "subject", "at", "rung", "notify", "reason", "facts", "versions")


class SqlDecisions:
    """Implements `ports.Decisions`. Rows are only ever added, and thrown away when they are old."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, new: Record) -> None:
        """Keep a record."""
        self.connection.execute(
            insert(decision).values(
                **{name: getattr(new, name) for name in _PLAIN if name != "versions"},
                versions=dict(new.versions),
                from_state=str(new.before),
                to_state=str(new.after),
                kind=str(new.kind),
                severity=str(new.severity),
            )
        )

    def standing(self, subject: str, at: datetime | None = None) -> dict[str, Record]:
        """Rule → its last record on the subject, of those made by then."""
        mine = [decision.c.subject == subject, *([decision.c.at <= at] if at else [])]
        last = select(func.max(decision.c.id)).where(*mine).group_by(decision.c.rule)
        return {r.rule: r for r in self._read(decision.c.id.in_(last.scalar_subquery()))}

    def of(self, rule: str, subject: str) -> list[Record]:
        """All records of the two, in order."""
        return self._read(decision.c.subject == subject, decision.c.rule == rule)

    def began_at(self) -> datetime | None:
        """Time of the oldest record."""
        return self.connection.execute(select(func.min(decision.c.at))).scalar()

    def forget(self, before: datetime) -> int:
        """Throw away what is older."""
        return self.connection.execute(delete(decision).where(decision.c.at < before)).rowcount

    def _read(self, *conditions: ColumnElement[bool]) -> list[Record]:
        chosen = select(decision).where(*conditions).order_by(decision.c.id)
        return [_record(row) for row in self.connection.execute(chosen)]


def _record(row: Row[Any]) -> Record:
    return Record(
        **{name: getattr(row, name) for name in _PLAIN},
        before=State(row.from_state),
        after=State(row.to_state),
        kind=ReasonKind(row.kind),
        severity=Severity(row.severity),
    )
