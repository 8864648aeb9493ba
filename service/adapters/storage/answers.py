"""Answers that are given again; while one is made its holder stands where the body will."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from service.adapters.storage.schema import INSERT_INTO, answered
from service.ports import Known


class SqlAnswers:
    """Implements `ports.Answers`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def claim(self, digest: str, asked: str, holder: str, at: datetime) -> bool:
        """The primary key settles a race."""
        new = INSERT_INTO[self.connection.dialect.name](answered).values(digest=digest, asked=asked, body=holder, at=at)
        added = new.on_conflict_do_nothing(index_elements=["digest"]).returning(answered.c.digest)
        return self.connection.execute(added).scalar() is not None

    def get(self, digest: str) -> Known | None:
        """What is known of a request."""
        row = self.connection.execute(select(answered).where(answered.c.digest == digest)).one_or_none()
        return Known(row.asked, row.status, row.body or "", row.at) if row else None

    def take_over(self, digest: str, before: str, holder: str, at: datetime) -> bool:
        """The row says who holds it."""
        changed = update(answered).where(_held(digest, before)).values(body=holder, at=at)
        return self.connection.execute(changed).rowcount > 0

    def keep(self, digest: str, holder: str, status: int, body: str) -> bool:
        """The row says who holds it."""
        changed = update(answered).where(_held(digest, holder)).values(status=status, body=body)
        return self.connection.execute(changed).rowcount > 0

    def drop(self, digest: str, holder: str) -> None:
        """There is no answer."""
        self.connection.execute(delete(answered).where(_held(digest, holder)))

    def forget(self, before: datetime) -> None:
        """By the index on the time."""
        self.connection.execute(delete(answered).where(answered.c.at < before))


def _held(digest: str, holder: str) -> ColumnElement[bool]:
    return and_(answered.c.digest == digest, answered.c.status.is_(None), answered.c.body == holder)
