"""The feeds we poll and where each of them stands."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from service.adapters.storage.schema import feed
from service.flow import RowState
from service.ports import Feed


class SqlFeeds:
    """Implements `ports.Feeds`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def sync(self, feeds: Sequence[Feed]) -> None:
        """A feed that stays keeps its cursor; one that is gone from the configuration is dropped.

        A feed with a new address is another feed: the old cursor would hide what the new address has to tell.
        """
        wanted, now = {f.id: f for f in feeds}, self.now()
        stored = {row.id: row.url for row in self.connection.execute(select(feed.c.id, feed.c.url))}
        known = {feed_id for feed_id, url in stored.items() if feed_id in wanted and wanted[feed_id].url == url}
        self.connection.execute(delete(feed).where(feed.c.id.not_in(known)))
        for f in wanted.values():
            values = {"publisher": f.publisher, "updated_at": now}
            if f.id in known:
                self.connection.execute(update(feed).where(feed.c.id == f.id).values(values))
            else:
                first = {"url": f.url, "state": RowState.PENDING, "due_at": now, "created_at": now}
                self.connection.execute(insert(feed).values(id=f.id, **values, **first))

    def get(self, ids: Sequence[str]) -> dict[str, Feed]:
        """Feeds by id."""
        rows = self.connection.execute(select(feed).where(feed.c.id.in_(ids)))
        return {
            r.id: Feed(r.id, r.url, r.publisher, r.etag or "", r.last_modified or "", r.last_error or "") for r in rows
        }

    def record(self, feed_id: str, etag: str, last_modified: str, note: str = "") -> None:
        """The cursor moves in the same transaction as the articles it stands behind."""
        values = {"etag": etag, "last_modified": last_modified, "last_ok_at": self.now(), "last_error": note or None}
        self.connection.execute(update(feed).where(feed.c.id == feed_id).values(values))

    def health(self) -> list[Mapping[str, Any]]:
        """A record for each feed."""
        columns = (feed.c.id, feed.c.url, feed.c.last_ok_at, feed.c.due_at, feed.c.attempt, feed.c.last_error)
        return [dict(row._mapping) for row in self.connection.execute(select(*columns).order_by(feed.c.id))]  # noqa: SLF001
