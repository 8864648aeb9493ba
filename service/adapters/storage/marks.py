"""When things that should keep happening last happened."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from service.adapters.storage.schema import mark


class SqlMarks:
    """Implements `ports.Marks`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def set(self, name: str, value: str = "") -> None:
        """It happened now."""
        self.connection.execute(delete(mark).where(mark.c.name == name))
        self.connection.execute(insert(mark).values(name=name, at=self.now(), value=value))

    def get(self, name: str) -> tuple[datetime, str] | None:
        """When it last happened, and what was noted."""
        row = self.connection.execute(select(mark.c.at, mark.c.value).where(mark.c.name == name)).one_or_none()
        return (row.at, row.value) if row else None
