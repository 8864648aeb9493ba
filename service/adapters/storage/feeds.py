"""The feeds we poll and where each of them stands, and the servers they are on."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from service.adapters.storage.schema import INSERT_INTO, feed, host
from service.domain.news.pace import Pace
from service.flow import RowState
from service.ports import Feed, FeedKind, Reply

_HEALTH = (
    "id", "url", "kind", "state", "last_ok_at", "last_new_at", "due_at", "attempt", "last_error", "interval", "rate",
    "moved_to", "articles", "created_at",
)  # fmt: skip


class SqlFeeds:
    """Implements `ports.Feeds`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def sync(self, feeds: Sequence[Feed]) -> None:
        """A feed that stays keeps its cursor; one that is gone from the configuration is dropped.

        A feed with a new address or kind is another feed: the old cursor would hide what the new one has to tell.
        """
        wanted, now = {f.id: f for f in feeds}, self.now()
        stored = {
            row.id: (row.url, row.kind) for row in self.connection.execute(select(feed.c.id, feed.c.url, feed.c.kind))
        }
        known = {feed_id for feed_id, what in stored.items() if feed_id in wanted and _what(wanted[feed_id]) == what}
        self.connection.execute(delete(feed).where(feed.c.id.not_in(known)))
        for f in wanted.values():
            values = {"publisher": f.publisher, "pages": f.pages, "updated_at": now}
            if f.id in known:
                self.connection.execute(update(feed).where(feed.c.id == f.id).values(values))
            else:
                first = {"url": f.url, "kind": f.kind, "state": RowState.PENDING, "due_at": now, "created_at": now}
                self.connection.execute(insert(feed).values(id=f.id, **values, **first))

    def get(self, ids: Sequence[str]) -> dict[str, Feed]:
        """Feeds by id."""
        return {row.id: _feed(row) for row in self.connection.execute(select(feed).where(feed.c.id.in_(ids)))}

    def record(self, feed_id: str, reply: Reply, pace: Pace, new: int, note: str = "") -> None:
        """The cursor moves in the same transaction as the articles it stands behind."""
        now = self.now()
        values: dict[str, Any] = {
            "etag": reply.etag,
            "last_modified": reply.last_modified,
            "cursor": reply.cursor,
            "last_ok_at": now,
            "last_error": note or None,
            "interval": pace.interval.total_seconds(),
            "rate": pace.rate,
            "articles": feed.c.articles + new,
        }
        if reply.moved_to:
            values["moved_to"] = reply.moved_to
        if new:
            values["last_new_at"] = now
        self.connection.execute(update(feed).where(feed.c.id == feed_id).values(values))

    def forget_move(self, feed_id: str) -> None:
        """Its cursor was of the other place."""
        nowhere = {"moved_to": "", "etag": None, "last_modified": None}
        self.connection.execute(update(feed).where(feed.c.id == feed_id).values(nowhere))

    def revive(self, feed_id: str) -> bool:
        """From the beginning, where it is configured."""
        anew = {"state": RowState.PENDING, "due_at": self.now(), "attempt": 0, "nudged_at": None, "moved_to": ""}
        mine = (feed.c.id == feed_id, feed.c.state == RowState.GONE)
        return bool(self.connection.execute(update(feed).where(*mine).values(anew)).rowcount)

    def health(self) -> list[Mapping[str, Any]]:
        """A record for each feed."""
        columns = [feed.c[name] for name in _HEALTH]
        return [dict(row._mapping) for row in self.connection.execute(select(*columns).order_by(feed.c.id))]  # noqa: SLF001


def _what(wanted: Feed) -> tuple[str, str]:
    return wanted.url, str(wanted.kind)


def _feed(row: Row[Any]) -> Feed:
    pace = None if row.interval is None else Pace(timedelta(seconds=row.interval), row.rate)
    return Feed(
        id=row.id,
        url=row.url,
        publisher=row.publisher,
        etag=row.etag or "",
        last_modified=row.last_modified or "",
        note=row.last_error or "",
        kind=FeedKind(row.kind),
        pages=row.pages,
        cursor=row.cursor,
        moved_to=row.moved_to,
        pace=pace,
        asked_at=row.last_ok_at,
    )


class SqlHosts:
    """Implements `ports.Hosts`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def take(self, name: str, gap: timedelta) -> timedelta:
        """One statement takes it: of two who come at once the second finds it taken, and is given the next turn."""
        now = self.now()
        values = {"free_at": now + gap, "promised_at": now + gap}
        taken = INSERT_INTO[self.connection.dialect.name](host).values(name=name, **values)
        taken = taken.on_conflict_do_update(
            index_elements=["name"], set_={"free_at": now + gap}, where=host.c.free_at <= now
        )
        if self.connection.execute(taken.returning(host.c.name)).scalar() is not None:
            return timedelta(0)
        return self._turn(name, gap) - now

    def _turn(self, name: str, gap: timedelta) -> datetime:
        mine = select(host.c.free_at, host.c.promised_at).where(host.c.name == name).with_for_update()
        turn: datetime = max(self.connection.execute(mine).one())
        self.connection.execute(update(host).where(host.c.name == name).values(promised_at=turn + gap))
        return turn

    def rest(self, name: str, wait: timedelta) -> None:
        """The longer rest counts."""
        until = self.now() + wait
        told = INSERT_INTO[self.connection.dialect.name](host).values(name=name, free_at=until, promised_at=until)
        self.connection.execute(
            told.on_conflict_do_update(index_elements=["name"], set_={"free_at": until}, where=host.c.free_at < until)
        )
