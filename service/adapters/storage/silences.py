"""What nobody is to be told for a while."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from service.adapters.storage.schema import silence
from service.domain.alerting.matcher import parse_matcher
from service.domain.alerting.silence import Silence

_PLAIN = ("starts_at", "ends_at", "author", "comment", "created_at", "expired_at")


class SqlSilences:
    """Implements `ports.Silences`. Matchers are kept as they are written."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def add(self, new: Silence) -> None:
        """Keep a new one, or another state of a known one."""
        values = {name: getattr(new, name) for name in _PLAIN} | {"matchers": [str(m) for m in new.matchers]}
        changed = self.connection.execute(update(silence).where(silence.c.id == new.id).values(values))
        if not changed.rowcount:
            self.connection.execute(insert(silence).values(id=new.id, **values))

    def get(self, silence_id: str) -> Silence | None:
        """One by its id."""
        row = self.connection.execute(select(silence).where(silence.c.id == silence_id)).first()
        return _silence(row) if row else None

    def not_over(self, at: datetime) -> list[Silence]:
        """Those that are in force or will be, by their end."""
        open_ = (silence.c.ends_at > at, or_(silence.c.expired_at.is_(None), silence.c.expired_at > at))
        rows = self.connection.execute(select(silence).where(*open_).order_by(silence.c.ends_at, silence.c.id))
        return [_silence(row) for row in rows]

    def all(self) -> list[Silence]:
        """Every one, the newest first."""
        rows = self.connection.execute(select(silence).order_by(silence.c.created_at.desc(), silence.c.id))
        return [_silence(row) for row in rows]


def _silence(row: Row[Any]) -> Silence:
    matchers = tuple(parse_matcher(written) for written in row.matchers)
    return Silence(id=row.id, matchers=matchers, **{name: getattr(row, name) for name in _PLAIN})
