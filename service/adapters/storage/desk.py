"""What those who look after the service leaf through."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, and_, case, func, literal, or_, select, union_all

from service.adapters.storage.schema import account, article, message, notification, subscriber
from service.adapters.storage.subscribers import SqlSubscribers
from service.adapters.storage.works import ABOUT, TABLES
from service.domain.alerting.subscriber import Subscriber
from service.domain.news import canary
from service.flow import Kind, RowState
from service.ports import Cursor, Dead, Heard, Sending


class SqlDesk:
    """Implements `ports.Desk`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def heard(self, since: datetime, of_late: datetime) -> list[Heard]:
        """By the index on the time of publication; one row leaves the database for each name and host."""
        host = self._host().label("host")
        late = func.sum(case((article.c.published_at >= of_late, 1), else_=0)).label("late")
        all_of_them = func.count().label("n")
        chosen = select(
            article.c.publisher, host, func.max(article.c.url).label("url"), all_of_them, late,
            func.max(article.c.published_at).label("last_at"),
        ).where(article.c.published_at >= since, article.c.origin != canary.ORIGIN)  # fmt: skip
        rows = self.connection.execute(
            chosen.group_by(article.c.publisher, host).order_by(all_of_them.desc(), article.c.publisher, host)
        )
        return [Heard(row.publisher, row.host, row.url, row.n, row.late, row.last_at) for row in rows]

    def _host(self) -> ColumnElement[str]:
        """What stands between the double slash and the next one."""
        url = article.c.url
        if self.connection.dialect.name == "postgresql":
            return func.split_part(url, "/", 3)
        rest = case((func.instr(url, "//") > 0, func.substr(url, func.instr(url, "//") + 2)), else_="")
        return func.substr(rest, 1, func.instr(rest.concat("/"), "/") - 1)

    def deliveries(self, limit: int, before: Cursor | None = None, state: str = "") -> list[Sending]:
        """By the time their message was written."""
        at, mine = message.c.created_at, notification.c
        conditions = [_earlier(at, mine.id, before), *([mine.state == state] if state else [])]
        chosen = select(
            mine.id, at.label("at"), mine.receiver, mine.channel, message.c.reason, message.c.title,
            mine.state, mine.attempt, mine.due_at, mine.sent_at, func.coalesce(mine.last_error, ""),
        ).join(message, message.c.id == mine.message_id)  # fmt: skip
        newest = chosen.where(*conditions).order_by(at.desc(), mine.id.desc()).limit(limit)
        return [Sending(*row) for row in self.connection.execute(newest)]

    def dead(self, limit: int, before: Cursor | None = None) -> list[Dead]:
        """Few rows of each kind, and of these the last."""
        every = union_all(*(_dead_of(kind, limit, before) for kind in TABLES)).subquery()
        newest = select(every).order_by(every.c.updated_at.desc(), every.c.id.desc()).limit(limit)
        return [
            Dead(Kind(row.kind), row.id, row.what, row.last_error, row.created_at, row.updated_at)
            for row in self.connection.execute(newest)
        ]

    def subscribers(self, limit: int, after: tuple[str, str] | None = None, written: str = "") -> Sequence[Subscriber]:
        """Their ids first, so that only their channels are read."""
        name, key = subscriber.c.name, subscriber.c.id
        conditions = [or_(name > after[0], and_(name == after[0], key > after[1]))] if after else []
        if written:
            conditions.append(or_(name.icontains(written, autoescape=True), key.startswith(written, autoescape=True)))
        page = select(key).where(*conditions).order_by(name, key).limit(limit)
        ids = list(self.connection.execute(page).scalars())
        found = SqlSubscribers(self.connection).named(ids)
        return [found[one] for one in ids]

    def owner(self, subscriber_id: str) -> str:
        """Accounts are few."""
        mine = select(account.c.name).where(account.c.subscriber_id == subscriber_id).limit(1)
        return self.connection.execute(mine).scalar() or ""


def _earlier(at: ColumnElement[Any], key: ColumnElement[Any], cursor: Cursor | None) -> ColumnElement[bool]:
    """Whether a row comes after the cursor in an order that has the newest first; without one all do."""
    if cursor is None:
        return and_(True)  # noqa: FBT003  SQLAlchemy's empty conjunction
    return or_(at < cursor.at, and_(at == cursor.at, key < cursor.id))


def _dead_of(kind: Kind, limit: int, before: Cursor | None) -> Select[Any]:
    table = TABLES[kind]
    what: ColumnElement[Any] = literal("")
    for number, name in enumerate(ABOUT.get(kind, ())):
        what = what.concat("/").concat(table.c[name]) if number else table.c[name]
    last = (
        select(
            literal(str(kind), String).label("kind"), table.c.id, what.label("what"),
            func.coalesce(table.c.last_error, "").label("last_error"), table.c.created_at, table.c.updated_at,
        )
        .where(table.c.state == RowState.DEAD, _earlier(table.c.updated_at, table.c.id, before))
        .order_by(table.c.updated_at.desc(), table.c.id.desc())
        .limit(limit)
        .subquery()
    )  # fmt: skip
    return select(last)
