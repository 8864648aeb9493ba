"""Pages of what is stored, the newest first."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select

from service.adapters.storage.alerts import alert_of, transition_of
from service.adapters.storage.records import event_from_json
from service.adapters.storage.schema import (
    alert,
    article,
    audit,
    event,
    message,
    message_alert,
    notification,
    posting,
    report,
    transition,
)
from service.domain.alerting import canary as canary_alert
from service.domain.alerting.alert import Transition
from service.domain.audit import AuditEntry
from service.domain.news import canary
from service.ports import ALWAYS, EVERY, Choice, Cursor, Head, History, Shelved, Span, StoredEvent

_FROM_OUTSIDE = article.c.origin != canary.ORIGIN


class SqlListings:
    """Implements `ports.Listings`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def alerts(
        self,
        limit: int,
        before: Cursor | None = None,
        states: Collection[str] = (),
        subject: str = "",
        rule: str = "",
    ) -> list[History]:
        """Three statements, however many there are."""
        rows = self._alerts(limit, before, Choice(states, subject=subject, rule=rule))
        ids = [row.id for row in rows]
        changes, notices = self._changes(ids), self._notices(ids)
        return [(alert_of(row), changes[row.id], notices[row.id]) for row in rows]

    def heads(self, limit: int, before: Cursor | None = None, choice: Choice = EVERY) -> list[Head]:
        """Two statements, however many there are."""
        rows = self._alerts(limit, before, choice)
        levels = self._levels([row.id for row in rows])
        return [Head(alert_of(row), levels.get(row.id)) for row in rows]

    def _alerts(self, limit: int, before: Cursor | None, choice: Choice) -> Sequence[Row[Any]]:
        conditions = [alert.c.id != canary_alert.ALERT, earlier(alert.c.since, alert.c.id, before)]
        conditions += [alert.c.state.in_(choice.states)] if choice.states else []
        conditions += [alert.c.severity.in_(choice.severities)] if choice.severities else []
        conditions += [alert.c.subject == choice.subject] if choice.subject else []
        conditions += [alert.c.rule == choice.rule] if choice.rule else []
        newest = select(alert).where(*conditions).order_by(alert.c.since.desc(), alert.c.id.desc())
        return self.connection.execute(newest.limit(limit)).all()

    def _levels(self, ids: Sequence[str]) -> Mapping[str, float]:
        mine = transition.c.alert_id.in_(ids)
        last = select(transition.c.alert_id, func.max(transition.c.at).label("at")).where(mine)
        latest = last.group_by(transition.c.alert_id).subquery()
        same = and_(transition.c.alert_id == latest.c.alert_id, transition.c.at == latest.c.at)
        rows = self.connection.execute(select(transition.c.alert_id, transition.c.level).join(latest, same))
        return {row.alert_id: row.level for row in rows}

    def _changes(self, ids: Sequence[str]) -> Mapping[str, list[Transition]]:
        found: defaultdict[str, list[Transition]] = defaultdict(list)
        mine = select(transition).where(transition.c.alert_id.in_(ids)).order_by(transition.c.at, transition.c.id)
        for row in self.connection.execute(mine):
            found[row.alert_id].append(transition_of(row))
        return found

    def _notices(self, ids: Sequence[str]) -> Mapping[str, list[Mapping[str, Any]]]:
        found: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        mine = (
            select(notification, message.c.title, message_alert.c.alert_id)
            .join(message, message.c.id == notification.c.message_id)
            .join(message_alert, message_alert.c.message_id == message.c.id)
            .where(message_alert.c.alert_id.in_(ids))
            .order_by(notification.c.created_at, notification.c.id)
        )
        for row in self.connection.execute(mine):
            found[row.alert_id].append(dict(row._mapping))  # noqa: SLF001  SQLAlchemy's public name
        return found

    def articles(
        self, limit: int, before: Cursor | None = None, span: Span = ALWAYS, state: str = "", publisher: str = ""
    ) -> list[Shelved]:
        """By the index on the time of publication; texts are not read."""
        columns = (article.c.id, article.c.title, article.c.publisher, article.c.url, article.c.published_at)
        conditions = [_FROM_OUTSIDE, earlier(article.c.published_at, article.c.id, before)]
        conditions += [*_within(article.c.published_at, span)]
        conditions += [article.c.state == state] if state else []
        conditions += [article.c.publisher == publisher] if publisher else []
        chosen = select(*columns, article.c.state, article.c.last_error).where(*conditions)
        rows = self.connection.execute(chosen.order_by(article.c.published_at.desc(), article.c.id.desc()).limit(limit))
        return [Shelved(*row[:-1], row.last_error or "") for row in rows]

    def events(
        self,
        limit: int,
        before: Cursor | None = None,
        span: Span = ALWAYS,
        subjects: Collection[str] | None = None,
        signal: str = "",
    ) -> list[StoredEvent]:
        """By the index on an event's time."""
        columns = (event.c.id, event.c.at, event.c.article_id, article.c.publisher, article.c.url)
        conditions = [_FROM_OUTSIDE, earlier(event.c.at, event.c.id, before), *_within(event.c.at, span)]
        conditions += [_booked_on(subjects)] if subjects is not None else []
        conditions += [event.c.signal == signal] if signal else []
        chosen = select(*columns, article.c.published_at, event.c.body).join(
            article, article.c.id == event.c.article_id
        )
        rows = self.connection.execute(
            chosen.where(*conditions).order_by(event.c.at.desc(), event.c.id.desc()).limit(limit)
        )
        return [StoredEvent(*row[:-1], event_from_json(row.body)) for row in rows]

    def changes(self, limit: int, before: int | None = None, subject: str | None = None) -> list[AuditEntry]:
        """By their numbers."""
        chosen = select(*(audit.c[field.name] for field in fields(AuditEntry)))
        if before is not None:
            chosen = chosen.where(audit.c.number < before)
        if subject is not None:
            chosen = chosen.where(audit.c.subject == subject)
        rows = self.connection.execute(chosen.order_by(audit.c.number.desc()).limit(limit))
        return [AuditEntry(*row) for row in rows]


def earlier(at: ColumnElement[Any], key: ColumnElement[Any], cursor: Cursor | None) -> ColumnElement[bool]:
    """Whether a row comes after the cursor in an order that has the newest first; without one all do."""
    if cursor is None:
        return and_(True)  # noqa: FBT003  SQLAlchemy's empty conjunction
    return and_(at <= cursor.at, or_(at < cursor.at, key < cursor.id))


def _within(at: ColumnElement[Any], span: Span) -> list[ColumnElement[bool]]:
    begun = [at >= span.since] if span.since else []
    return begun + ([at < span.until] if span.until else [])


def _booked_on(subjects: Collection[str]) -> ColumnElement[bool]:
    booked = and_(report.c.event_id == event.c.id, posting.c.subject.in_(subjects))
    return exists().where(booked, posting.c.incident_id == report.c.incident_id)
