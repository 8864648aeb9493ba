"""What waits for receivers, what they were told, and the messages on their way."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Select, and_, bindparam, case, delete, func, or_, select, update

from service.adapters.storage.alerts import alert_of, transition_of
from service.adapters.storage.records import message_from_json, message_to_json
from service.adapters.storage.schema import (
    INSERT_INTO,
    alert,
    alert_group,
    group_entry,
    message,
    message_alert,
    notification,
    transition,
)
from service.domain.alerting import canary
from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.group import Group, GroupKind, Sent, Told
from service.domain.alerting.message import ABOUT_ALERTS, Message, MessageReason
from service.domain.alerting.notification import Notification, Outgoing
from service.domain.alerting.route import Withheld, WithheldKind
from service.domain.alerting.rule import Severity, State
from service.flow import RowState
from service.ports import Arrival, Course, Fate, Settled

MOST_PARAMETERS = 500
"""Values in one IN clause; both databases take more, older SQLite does not."""
Item = TypeVar("Item")


class SqlOutbox:
    """Implements `ports.Outbox`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def enter(self, arrivals: Sequence[Arrival]) -> list[str]:
        """In three statements, however many there are."""
        if not arrivals:
            return []
        now = self.now()
        self._make_groups({entry.group.id: entry.group for entry in arrivals}.values(), now)
        new = self._add_entries(arrivals, now)
        due: dict[str, datetime] = {}
        for entry in new:
            due[entry.group.id] = min(entry.due_at, due.get(entry.group.id, entry.due_at))
        self._make_due(due)
        return list(due)

    def _make_groups(self, groups: Iterable[Group], now: datetime) -> None:
        rows = [
            {
                "id": group.id,
                "kind": str(group.kind),
                "receiver": group.receiver,
                "path": group.path,
                "labels": dict(group.labels),
                "told": {},
                "state": RowState.IDLE,
                "created_at": now,
                "updated_at": now,
            }
            for group in groups
        ]
        self.connection.execute(self._insert(alert_group).on_conflict_do_nothing(), rows)

    def _insert(self, table: Any) -> Any:
        return INSERT_INTO[self.connection.dialect.name](table)

    def _add_entries(self, arrivals: Sequence[Arrival], now: datetime) -> list[Arrival]:
        """A change that came to a group once, and went on to a digest from there, is not let in again."""
        keys = {(entry.group.id, entry.transition_id) for entry in arrivals}
        known: set[tuple[str, str]] = set()
        for ids in chunks(sorted({transition_id for _, transition_id in keys})):
            mine = select(group_entry.c.group_id, group_entry.c.transition_id).where(
                group_entry.c.transition_id.in_(ids)
            )
            known |= {(row.group_id, row.transition_id) for row in self.connection.execute(mine)}
        new = [e for e in arrivals if (e.group.id, e.transition_id) not in known]
        rows = [
            {
                "group_id": e.group.id,
                "transition_id": e.transition_id,
                "receiver": e.group.receiver,
                "waits": True,
                "held": e.held,
                "entered_at": now,
            }
            for e in new
        ]
        if rows:
            self.connection.execute(self._insert(group_entry).on_conflict_do_nothing(), rows)
        return new

    def _make_due(self, due: Mapping[str, datetime]) -> None:
        """A group that waits for something already keeps its time, unless it would be told later than this."""
        by_time: defaultdict[datetime, list[str]] = defaultdict(list)
        for group_id, moment in due.items():
            by_time[moment].append(group_id)
        for moment, ids in by_time.items():
            sooner = or_(alert_group.c.state != RowState.PENDING, alert_group.c.due_at > moment)
            for some in chunks(ids):
                self.connection.execute(
                    update(alert_group)
                    .where(alert_group.c.id.in_(some), sooner)
                    .values(
                        due_at=moment,
                        nudged_at=None,
                        attempt=case((alert_group.c.state == RowState.PENDING, alert_group.c.attempt), else_=0),
                        state=RowState.PENDING,
                    )
                )

    def groups(self, ids: Sequence[str]) -> dict[str, Group]:
        """Groups by id."""
        found = {}
        for some in chunks(ids):
            for row in self.connection.execute(select(alert_group).where(alert_group.c.id.in_(some))):
                found[row.id] = _group(row)
        return found

    def waiting(self, group_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """In the order of the changes themselves."""
        found: dict[str, list[tuple[str, str]]] = {group_id: [] for group_id in group_ids}
        for some in chunks(group_ids):
            rows = self.connection.execute(
                select(group_entry.c.group_id, group_entry.c.transition_id, group_entry.c.held)
                .join(transition, transition.c.id == group_entry.c.transition_id)
                .where(group_entry.c.group_id.in_(some), group_entry.c.waits)
                .order_by(transition.c.at, transition.c.id)
            )
            for row in rows:
                found[row.group_id].append((row.transition_id, row.held))
        return found

    def settle(self, settled: Sequence[Settled]) -> None:
        """Why it was withheld is kept for those who ask; the row stays, as a proof that the change was here."""
        mine = (group_entry.c.group_id == bindparam("of"), group_entry.c.transition_id == bindparam("which"))
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("withheld", "withheld_by")}
        held = case((bindparam("moved"), MOVED), else_=group_entry.c.held)
        rows = [
            {
                "of": one.group_id,
                "which": one.transition_id,
                "moved": one.moved,
                "new_withheld": str(one.withheld.kind) if one.withheld else None,
                "new_withheld_by": (one.withheld.by or None) if one.withheld else None,
            }
            for one in settled
        ]
        if rows:
            self.connection.execute(update(group_entry).where(*mine).values(waits=False, held=held, **values), rows)

    def withhold(self, transition_id: str, why: Withheld) -> None:
        """Kept in the transition's row."""
        values = {"withheld": str(why.kind), "withheld_by": why.by or None}
        self.connection.execute(update(transition).where(transition.c.id == transition_id).values(values))

    def homes(self, alert_ids: Collection[str], since: datetime | None) -> list[Group]:
        """A change that waits in a digest has its entry in the group it came from, too."""
        firing = (transition.c.to_state == State.FIRING, *((transition.c.at >= since,) if since else ()))
        rows = self.connection.execute(
            select(alert_group)
            .join(group_entry, group_entry.c.group_id == alert_group.c.id)
            .join(transition, transition.c.id == group_entry.c.transition_id)
            .where(transition.c.alert_id.in_(alert_ids), alert_group.c.kind == GroupKind.ALERTS, *firing)
            .order_by(alert_group.c.id)
        )
        return list({row.id: _group(row) for row in rows}.values())

    def keep(self, groups: Sequence[Group]) -> None:
        """Keep what the groups' receivers were told."""
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in ("told", "told_at", "thread")}
        rows = [
            {"of": group.id, "new_told": _told_json(group), "new_told_at": group.told_at, "new_thread": group.thread}
            for group in groups
        ]
        if rows:
            self.connection.execute(update(alert_group).where(alert_group.c.id == bindparam("of")).values(values), rows)

    def hurry(self, now: datetime) -> list[str]:
        """A silence that ends early, or a changed route, may free what waits."""
        waiting = select(group_entry.c.group_id).where(group_entry.c.waits).distinct()
        mine = (alert_group.c.id.in_(waiting), alert_group.c.state == RowState.PENDING, alert_group.c.due_at > now)
        hurried = update(alert_group).where(*mine).values(due_at=now, nudged_at=None).returning(alert_group.c.id)
        return [row.id for row in self.connection.execute(hurried)]

    def write(self, messages: Sequence[Outgoing]) -> list[str]:
        """In three statements, however many there are."""
        known: set[str] = set()
        for ids in chunks([m.id for m in messages]):
            known |= {row.id for row in self.connection.execute(select(message.c.id).where(message.c.id.in_(ids)))}
        new = [m for m in messages if m.id not in known]
        now = self.now()
        self._insert_all(message, (_message_row(m) for m in new))
        parts = (
            {"message_id": m.id, "transition_id": transition_id, "alert_id": alert_id}
            for m in new
            for transition_id, alert_id in m.changes
        )
        self._insert_all(message_alert, parts)
        made = [n for m in new for n in m.notifications(now)]
        self._insert_all(notification, (_notification_row(n, now) for n in made))
        return [n.id for n in made]

    def _insert_all(self, table: Any, rows: Iterator[dict[str, Any]]) -> None:
        if values := list(rows):
            self.connection.execute(self._insert(table), values)

    def notifications(self, ids: Sequence[str]) -> dict[str, Notification]:
        """Notifications by id."""
        rows = self.connection.execute(select(notification).where(notification.c.id.in_(ids)))
        names = ("message_id", "receiver", "channel", "created_at", "urgency")
        return {row.id: Notification(**{name: getattr(row, name) for name in names}) for row in rows}

    def messages(self, ids: Collection[str]) -> dict[str, Message]:
        """Messages by id."""
        rows = self.connection.execute(select(message.c.id, message.c.content).where(message.c.id.in_(ids)))
        return {row.id: message_from_json(row.content) for row in rows}

    def changes(self, message_id: str) -> list[str]:
        """The transitions a message tells of."""
        mine = select(message_alert.c.transition_id).where(message_alert.c.message_id == message_id)
        return [row.transition_id for row in self.connection.execute(mine)]

    def written_to(self, receiver: str) -> list[Mapping[str, Any]]:
        """Deliveries with what they say."""
        columns = (
            *(message.c[name] for name in ("reason", "title", "content", "created_at")),
            *(notification.c[name] for name in ("channel", "state", "sent_at")),
        )
        mine = select(*columns).join(message, message.c.id == notification.c.message_id)
        chosen = mine.where(notification.c.receiver == receiver).order_by(message.c.created_at, notification.c.id)
        return [dict(row) for row in self.connection.execute(chosen).mappings()]

    def sent(self, receivers: Collection[str], since: datetime) -> dict[str, list[Sent]]:
        """Read by the index on receiver and time."""
        found: dict[str, list[Sent]] = {receiver: [] for receiver in receivers}
        counted = [str(reason) for reason in ABOUT_ALERTS]
        for some in chunks(list(receivers)):
            mine = (message.c.receiver.in_(some), message.c.created_at > since, message.c.reason.in_(counted))
            columns = (message.c.receiver, message.c.created_at, message.c.severity)
            for row in self.connection.execute(select(*columns).where(*mine)):
                found[row.receiver].append(Sent(row.created_at, Severity(row.severity)))
        return found

    def told(self, receivers: Collection[str], subjects: Collection[str]) -> dict[str, set[str]]:
        """Only what people heard begin is worth telling them the end of."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for some in chunks(list(receivers)):
            rows = self.connection.execute(
                select(message.c.receiver, alert.c.subject)
                .join(message_alert, message_alert.c.message_id == message.c.id)
                .join(transition, transition.c.id == message_alert.c.transition_id)
                .join(alert, alert.c.id == transition.c.alert_id)
                .where(
                    message.c.receiver.in_(some), alert.c.subject.in_(subjects), transition.c.to_state == State.FIRING
                )
                .distinct()
            )
            for row in rows:
                found[row.receiver].add(row.subject)
        return dict(found)

    def course(self, alert_id: str) -> Course:
        """Read by the indexes on the alert."""
        found = self.connection.execute(select(alert).where(alert.c.id == alert_id)).one()
        order = (transition.c.at, transition.c.id)
        mine = select(transition).where(transition.c.alert_id == alert_id).order_by(*order)
        changes = self.connection.execute(mine).all()
        return Course(
            alert=alert_of(found),
            transitions=[transition_of(row) for row in changes],
            notifications=self._records(_notices().where(message_alert.c.alert_id == alert_id)),
            states={row.id: row.state for row in changes},
            withheld={
                row.id: Withheld(WithheldKind(row.withheld), row.withheld_by or "") for row in changes if row.withheld
            },
            fates=self._fates([row.id for row in changes]),
        )

    def _fates(self, transition_ids: Sequence[str]) -> dict[str, list[Fate]]:
        found: defaultdict[str, list[Fate]] = defaultdict(list)
        for some in chunks(transition_ids):
            mine = and_(group_entry.c.transition_id.in_(some), group_entry.c.held != MOVED)
            order = (group_entry.c.entered_at, group_entry.c.receiver)
            for row in self.connection.execute(select(group_entry).where(mine).order_by(*order)):
                why = Withheld(WithheldKind(row.withheld), row.withheld_by or "") if row.withheld else None
                found[row.transition_id].append(Fate(row.receiver, why, row.waits, row.held))
        return dict(found)

    def _records(self, chosen: Select[Any]) -> list[Mapping[str, Any]]:
        return [dict(row) for row in self.connection.execute(chosen).mappings()]

    def history(self) -> list[tuple[Alert, list[Transition], list[Mapping[str, Any]]]]:
        """All alerts but that of canaries, newest first, with transitions and notification records."""
        real = select(alert).where(alert.c.id != canary.ALERT)
        alerts = self.connection.execute(real.order_by(alert.c.since.desc(), alert.c.id)).all()
        changes: defaultdict[str, list[Transition]] = defaultdict(list)
        for row in self.connection.execute(select(transition).order_by(transition.c.at, transition.c.id)):
            changes[row.alert_id].append(transition_of(row))
        notices: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for record in self._records(_notices()):
            notices[record["alert_id"]].append(record)
        return [(alert_of(row), changes[row.id], notices[row.id]) for row in alerts]

    def begun(self, since: datetime) -> int:
        """Ends are not counted."""
        real = (transition.c.alert_id != canary.ALERT, transition.c.to_state == State.FIRING)
        mine = select(func.count()).where(*real, transition.c.created_at >= since)
        return self.connection.execute(mine).scalar_one()

    def deliveries(self, receiver: str, reason: MessageReason) -> dict[str, tuple[datetime, datetime | None]]:
        """A row that was sent is not touched any more."""
        taken = case((notification.c.state == RowState.SENT, notification.c.updated_at))
        found = self.connection.execute(
            select(notification.c.channel, func.min(notification.c.created_at), func.max(taken))
            .join(message, message.c.id == notification.c.message_id)
            .where(message.c.receiver == receiver, message.c.reason == reason)
            .group_by(notification.c.channel)
        )
        return {channel: (first, last) for channel, first, last in found}

    def forget(self, alert_id: str, before: datetime) -> None:
        """Groups that wait for something, or have been at work since, stay."""
        old = select(transition.c.id).where(transition.c.alert_id == alert_id, transition.c.created_at < before)
        about = select(message_alert.c.message_id).where(message_alert.c.transition_id.in_(old))
        entered = select(group_entry.c.group_id).where(group_entry.c.transition_id.in_(old))
        idle = (alert_group.c.id.in_(entered), alert_group.c.updated_at < before)
        self.connection.execute(delete(message).where(message.c.id.in_(about)))
        self.connection.execute(delete(alert_group).where(*idle))
        self.connection.execute(delete(transition).where(transition.c.id.in_(old)))


MOVED = "moved"
"""Of an entry: the change waits in another group of the receiver."""


def _notices() -> Select[Any]:
    """Deliveries with the alert and the transition they tell of; one of several alerts comes once for each."""
    return (
        select(
            notification,
            message.c.title,
            message.c.reason,
            message_alert.c.transition_id,
            message_alert.c.alert_id,
        )
        .join(message, message.c.id == notification.c.message_id)
        .join(message_alert, message_alert.c.message_id == message.c.id)
        .order_by(notification.c.created_at, notification.c.id)
    )


def chunks(items: Sequence[Item]) -> Iterator[list[Item]]:
    """Parts small enough for one statement."""
    rest = iter(items)
    while some := list(islice(rest, MOST_PARAMETERS)):
        yield some


def _told_json(group: Group) -> dict[str, dict[str, str]]:
    return {i: {"transition_id": told.transition_id, "state": str(told.state)} for i, told in group.told.items()}


def _group(row: Any) -> Group:
    return Group(
        id=row.id,
        kind=GroupKind(row.kind),
        receiver=row.receiver,
        path=row.path,
        labels=row.labels,
        told={i: Told(t["transition_id"], State(t["state"])) for i, t in row.told.items()},
        told_at=row.told_at,
        thread=row.thread,
    )


def _message_row(new: Outgoing) -> dict[str, Any]:
    return {
        "id": new.id,
        "group_id": new.group_id,
        "receiver": new.message.receiver,
        "reason": str(new.message.reason),
        "severity": str(new.message.severity),
        "title": new.title,
        "content": message_to_json(new.message),
        "created_at": new.message.created_at,
    }


def _notification_row(new: Notification, now: datetime) -> dict[str, Any]:
    times = {"due_at": now, "created_at": now, "updated_at": now}
    return {**asdict(new), **times, "id": new.id, "idem": new.idem, "state": RowState.PENDING}
