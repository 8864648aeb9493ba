"""Alert states and their transitions."""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from service.adapters.storage.records import memory_from_json, memory_to_json, quotes_from_json
from service.adapters.storage.schema import acknowledgement, alert, transition
from service.domain.alerting import canary
from service.domain.alerting.alert import Alert, Transition, may_change
from service.domain.alerting.rule import Severity, State
from service.ports import ANY, Acknowledgement, Cursor, Published, Wanted

_TRANSITION = ("alert_id", "at", "level", "level_before", "reason", "owner_groups", "confirmed")


class SqlAlerts:
    """Implements `ports.Alerts`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def for_subjects(self, subjects: Sequence[str]) -> list[Alert]:
        """The alerts of these subjects."""
        return [alert_of(row) for row in self.connection.execute(select(alert).where(alert.c.subject.in_(subjects)))]

    def watched(self) -> list[str]:
        """Alerts that were never anything but inactive are not read."""
        moving = (State.PENDING, State.FIRING, State.RESOLVED)
        by_subject: defaultdict[str, list[Alert]] = defaultdict(list)
        for row in self.connection.execute(select(alert).where(alert.c.state.in_(moving))):
            by_subject[row.subject].append(alert_of(row))
        return sorted(subject for subject, mine in by_subject.items() if may_change(mine))

    def save(self, new: Alert) -> None:
        """Keep an alert's state."""
        values = {
            "labels": dict(new.labels),
            "state": str(new.state),
            "severity": str(new.severity),
            "reason": new.reason,
            "since": new.since,
            "memory": memory_to_json(new.memory),
            "evidence": [asdict(quote) for quote in new.evidence],
            "owner_groups": new.owner_groups,
            "annotations": dict(new.annotations),
            "updated_at": self.now(),
        }
        changed = self.connection.execute(update(alert).where(alert.c.id == new.id).values(values))
        if not changed.rowcount:
            self.connection.execute(insert(alert).values(id=new.id, rule=new.rule, subject=new.subject, **values))

    def add_transition(self, new: Transition) -> bool:
        """The id says what it is: the same transition cannot be stored twice."""
        if self.connection.execute(select(transition.c.id).where(transition.c.id == new.id)).scalar():
            return False
        now = self.now()
        self.connection.execute(
            insert(transition).values(
                id=new.id,
                **{name: getattr(new, name) for name in _TRANSITION},
                from_state=str(new.from_state),
                to_state=str(new.to_state),
                severity=str(new.severity),
                evidence=[asdict(quote) for quote in new.evidence],
                due_at=now,
                created_at=now,
                updated_at=now,
            )
        )
        return True

    def transitions(self, ids: Sequence[str]) -> dict[str, tuple[Transition, Alert]]:
        """Transitions with their alerts."""
        rows = self.connection.execute(select(transition).where(transition.c.id.in_(ids))).all()
        owners = self.connection.execute(select(alert).where(alert.c.id.in_({r.alert_id for r in rows})))
        alerts = {row.id: alert_of(row) for row in owners}
        return {row.id: (transition_of(row), alerts[row.alert_id]) for row in rows}

    def is_known(self, alert_id: str) -> bool:
        """By the key."""
        return self.connection.execute(select(alert.c.id).where(alert.c.id == alert_id)).scalar() is not None

    def names(self) -> list[tuple[str, str, str]]:
        """(id, rule, subject) of every alert."""
        columns = (alert.c.id, alert.c.rule, alert.c.subject)
        rows = self.connection.execute(select(*columns).order_by(alert.c.rule, alert.c.subject))
        return [(row.id, row.rule, row.subject) for row in rows]

    def published(self, limit: int, wanted: Wanted = ANY, before: Cursor | None = None) -> list[Published]:
        """Newest first, by the index on the time of storing."""
        conditions = [_is_wanted(wanted)]
        if before:
            same = and_(transition.c.created_at == before.at, transition.c.id < before.id)
            conditions += [transition.c.created_at <= before.at, or_(transition.c.created_at < before.at, same)]
        return self._published(conditions, [transition.c.created_at.desc(), transition.c.id.desc()], limit)

    def published_after(self, after: Cursor | None, limit: int, wanted: Wanted = ANY) -> list[Published]:
        """Oldest first, by the same index."""
        conditions = [_is_wanted(wanted)]
        if after:
            same = and_(transition.c.created_at == after.at, transition.c.id > after.id)
            conditions += [transition.c.created_at >= after.at, or_(transition.c.created_at > after.at, same)]
        return self._published(conditions, [transition.c.created_at, transition.c.id], limit)

    def found(self, transition_id: str) -> Published | None:
        """One transition."""
        mine = self._published([transition.c.id == transition_id], [transition.c.id], 1)
        return mine[0] if mine else None

    def _published(
        self, conditions: Sequence[ColumnElement[bool]], order: Sequence[ColumnElement[Any]], limit: int
    ) -> list[Published]:
        real = transition.c.alert_id != canary.ALERT
        joined = select(transition).join(alert, alert.c.id == transition.c.alert_id).where(real)
        rows = self.connection.execute(joined.where(*conditions).order_by(*order).limit(limit)).all()
        owners = self.connection.execute(select(alert).where(alert.c.id.in_({row.alert_id for row in rows})))
        alerts = {row.id: alert_of(row) for row in owners}
        return [Published(transition_of(row), alerts[row.alert_id], row.created_at) for row in rows]

    def of_subject(self, subject: str, most: int) -> list[tuple[Alert, list[Transition]]]:
        """In two statements."""
        mine = (alert.c.subject == subject, alert.c.id != canary.ALERT)
        alerts = [alert_of(row) for row in self.connection.execute(select(alert).where(*mine).order_by(alert.c.rule))]
        theirs = select(transition).where(transition.c.alert_id.in_([a.id for a in alerts]))
        latest = theirs.order_by(transition.c.at.desc(), transition.c.id.desc()).limit(most)
        changes: defaultdict[str, list[Transition]] = defaultdict(list)
        for row in reversed(self.connection.execute(latest).all()):
            changes[row.alert_id].append(transition_of(row))
        return [(a, changes[a.id]) for a in alerts]

    def firing(self, rule: str) -> list[Alert]:
        """The rule's firing alerts."""
        mine = (alert.c.rule == rule, alert.c.state == State.FIRING)
        return [alert_of(row) for row in self.connection.execute(select(alert).where(*mine))]

    def acknowledge(self, alert_id: str, at: datetime, author: str, comment: str) -> None:
        """Every one is kept; the last counts."""
        values = {"alert_id": alert_id, "at": at, "author": author, "comment": comment}
        self.connection.execute(insert(acknowledgement).values(**values))

    def acknowledged(self, alert_ids: Collection[str]) -> dict[str, Acknowledgement]:
        """One that is older than the firing was of an earlier one."""
        chosen = (
            select(alert, acknowledgement.c.at, acknowledgement.c.author, acknowledgement.c.comment)
            .join(acknowledgement, acknowledgement.c.alert_id == alert.c.id)
            .where(alert.c.id.in_(alert_ids), alert.c.state == State.FIRING, acknowledgement.c.at >= alert.c.since)
            .order_by(acknowledgement.c.at)
        )
        return {row.id: Acknowledgement(row.at, row.author, row.comment) for row in self.connection.execute(chosen)}


def _is_wanted(wanted: Wanted) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.subjects:
        conditions.append(alert.c.subject.in_(wanted.subjects))
    if wanted.kind:
        conditions.append(alert.c.labels["kind"].as_string() == wanted.kind)
    if wanted.alert_id:
        conditions.append(transition.c.alert_id == wanted.alert_id)
    if wanted.since:
        conditions.append(transition.c.at >= wanted.since)
    if wanted.until:
        conditions.append(transition.c.at < wanted.until)
    if wanted.loud != frozenset(Severity):
        loud = transition.c.severity.in_(wanted.loud)
        conditions.append(or_(loud, and_(transition.c.to_state == State.RESOLVED, _ends_what_was(wanted))))
    return and_(True, *conditions)  # noqa: FBT003  SQLAlchemy's empty conjunction


def _ends_what_was(wanted: Wanted) -> ColumnElement[bool]:
    """Whether a transition of the alert since its last end was loud: an end itself is never more than info."""
    earlier, end = transition.alias(), transition.alias()
    ended_between = (
        select(end.c.id)
        .where(end.c.alert_id == transition.c.alert_id, end.c.to_state == State.RESOLVED)
        .where(end.c.at > earlier.c.at, end.c.at < transition.c.at)
        .correlate(transition, earlier)
    )
    was_loud = (
        select(earlier.c.id)
        .where(earlier.c.alert_id == transition.c.alert_id, earlier.c.severity.in_(wanted.loud))
        .where(earlier.c.at < transition.c.at, ~ended_between.exists())
        .correlate(transition)
    )
    return was_loud.exists()


def alert_of(row: Row[Any]) -> Alert:
    """The alert of a row."""
    return Alert(
        rule=row.rule,
        subject=row.subject,
        labels=row.labels,
        state=State(row.state),
        severity=Severity(row.severity),
        reason=row.reason,
        since=row.since,
        memory=memory_from_json(row.memory),
        evidence=quotes_from_json(row.evidence),
        owner_groups=row.owner_groups,
        annotations=row.annotations or {},
    )


def transition_of(row: Row[Any]) -> Transition:
    """The transition of a row."""
    return Transition(
        **{name: getattr(row, name) for name in _TRANSITION},
        from_state=State(row.from_state),
        to_state=State(row.to_state),
        severity=Severity(row.severity),
        evidence=quotes_from_json(row.evidence),
    )
