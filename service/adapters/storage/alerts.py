"""Alert states, transitions and the outbox of messages."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, insert, select, update

from service.adapters.storage.records import memory_from_json, memory_to_json, quotes_from_json
from service.adapters.storage.schema import alert, notification, transition
from service.domain.alerting.alert import Alert, Transition, may_change
from service.domain.alerting.notification import Notification
from service.domain.alerting.route import Withheld, WithheldKind
from service.domain.alerting.rule import Severity, State
from service.flow import RowState
from service.ports import Course

_TRANSITION = ("alert_id", "at", "level", "level_before", "reason", "owner_groups", "confirmed")


class SqlAlerts:
    """Implements `ports.Alerts`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def for_subjects(self, subjects: Sequence[str]) -> list[Alert]:
        """The alerts of these subjects."""
        return [_alert(row) for row in self.connection.execute(select(alert).where(alert.c.subject.in_(subjects)))]

    def watched(self) -> list[str]:
        """Alerts that were never anything but inactive are not read."""
        moving = (State.PENDING, State.FIRING, State.RESOLVED)
        by_subject: defaultdict[str, list[Alert]] = defaultdict(list)
        for row in self.connection.execute(select(alert).where(alert.c.state.in_(moving))):
            by_subject[row.subject].append(_alert(row))
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
        alerts = {row.id: _alert(row) for row in owners}
        return {row.id: (_transition(row), alerts[row.alert_id]) for row in rows}

    def withhold(self, transition_id: str, why: Withheld) -> None:
        """Kept in the transition's row."""
        values = {"withheld": str(why.kind), "withheld_by": why.by or None}
        self.connection.execute(update(transition).where(transition.c.id == transition_id).values(values))

    def names(self) -> list[tuple[str, str, str]]:
        """(id, rule, subject) of every alert."""
        columns = (alert.c.id, alert.c.rule, alert.c.subject)
        rows = self.connection.execute(select(*columns).order_by(alert.c.rule, alert.c.subject))
        return [(row.id, row.rule, row.subject) for row in rows]

    def course(self, alert_id: str) -> Course:
        """Read by the indexes on the alert."""
        found = self.connection.execute(select(alert).where(alert.c.id == alert_id)).one()
        order = (transition.c.at, transition.c.id)
        mine = select(transition).where(transition.c.alert_id == alert_id).order_by(*order)
        changes = self.connection.execute(mine).all()
        return Course(
            alert=_alert(found),
            transitions=[_transition(row) for row in changes],
            notifications=self._messages(notification.c.alert_id == alert_id),
            states={row.id: row.state for row in changes},
            withheld={
                row.id: Withheld(WithheldKind(row.withheld), row.withheld_by or "") for row in changes if row.withheld
            },
        )

    def _messages(self, *conditions: ColumnElement[bool]) -> list[Mapping[str, Any]]:
        chosen = select(notification).where(*conditions).order_by(notification.c.created_at, notification.c.id)
        return [dict(row) for row in self.connection.execute(chosen).mappings()]

    def history(self) -> list[tuple[Alert, list[Transition], list[Mapping[str, Any]]]]:
        """All alerts, newest first, with transitions and notification records."""
        alerts = [
            _alert(row) for row in self.connection.execute(select(alert).order_by(alert.c.since.desc(), alert.c.id))
        ]
        changes = self.connection.execute(select(transition).order_by(transition.c.at, transition.c.id)).all()
        messages = self._messages()
        return [
            (
                a,
                [_transition(row) for row in changes if row.alert_id == a.id],
                [message for message in messages if message["alert_id"] == a.id],
            )
            for a in alerts
        ]

    def firing(self, rule: str) -> list[Alert]:
        """The rule's firing alerts."""
        mine = (alert.c.rule == rule, alert.c.state == State.FIRING)
        return [_alert(row) for row in self.connection.execute(select(alert).where(*mine))]

    def was_told(self, subject: str) -> bool:
        """Only what people heard begin is worth telling them the end of."""
        told = (
            select(notification.c.id)
            .join(transition, transition.c.id == notification.c.transition_id)
            .join(alert, alert.c.id == transition.c.alert_id)
            .where(alert.c.subject == subject, transition.c.to_state == State.FIRING)
            .limit(1)
        )
        return self.connection.execute(told).scalar() is not None

    def add_notification(self, new: Notification) -> bool:
        """The unique key keeps a second one out."""
        if self.connection.execute(select(notification.c.id).where(notification.c.idem == new.idem)).scalar():
            return False
        now = self.now()
        names = ("id", "idem", "transition_id", "alert_id", "receiver", "channel", "title", "body", "urgency")
        values = {name: getattr(new, name) for name in names}
        times = {"due_at": now, "created_at": now, "updated_at": now}
        self.connection.execute(insert(notification).values(**values, **times, state=RowState.PENDING))
        return True

    def notifications(self, ids: Sequence[str]) -> dict[str, Notification]:
        """Messages by id."""
        rows = self.connection.execute(select(notification).where(notification.c.id.in_(ids)))
        names = ("transition_id", "alert_id", "receiver", "channel", "title", "body", "created_at", "urgency")
        return {row.id: Notification(**{name: getattr(row, name) for name in names}) for row in rows}


def _alert(row: Row[Any]) -> Alert:
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
    )


def _transition(row: Row[Any]) -> Transition:
    return Transition(
        **{name: getattr(row, name) for name in _TRANSITION},
        from_state=State(row.from_state),
        to_state=State(row.to_state),
        severity=Severity(row.severity),
        evidence=quotes_from_json(row.evidence),
    )
