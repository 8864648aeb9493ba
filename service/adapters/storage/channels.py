"""How channels fare, and what waits for each of them in the outbox."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from service.adapters.storage.schema import INSERT_INTO, channel_state, notification
from service.domain.alerting.breaker import Breaker
from service.flow import RowState

_FIELDS = ("failures", "rests", "closed_at", "probe_at")


class SqlChannels:
    """Implements `ports.Channels`."""

    def __init__(self, connection: Connection, now: Callable[[], datetime]) -> None:
        self.connection, self.now = connection, now

    def breaker(self, receiver: str, channel: str) -> Breaker:
        """A channel without a row has never failed."""
        mine = (channel_state.c.receiver == receiver, channel_state.c.channel == channel)
        found = self.connection.execute(select(channel_state).where(*mine)).first()
        return Breaker(**{name: getattr(found, name) for name in _FIELDS}) if found else Breaker()

    def keep(self, receiver: str, channel: str, breaker: Breaker) -> None:
        """One row for each channel that has ever failed."""
        values = {name: getattr(breaker, name) for name in _FIELDS} | {"updated_at": self.now()}
        new = INSERT_INTO[self.connection.dialect.name](channel_state)
        new = new.values(receiver=receiver, channel=channel, **values)
        self.connection.execute(new.on_conflict_do_update(index_elements=["receiver", "channel"], set_=values))

    def ahead(self, notification_id: str) -> int:
        """Leases last equally long, so who has the earlier end came first; ids settle a draw."""
        mine = select(notification).where(notification.c.id == notification_id).subquery()
        other, now = notification.alias(), self.now()
        earlier = or_(
            other.c.lease_until < mine.c.lease_until,
            and_(other.c.lease_until == mine.c.lease_until, other.c.id < mine.c.id),
        )
        count = select(func.count()).where(
            other.c.receiver == mine.c.receiver,
            other.c.channel == mine.c.channel,
            other.c.state == RowState.PENDING,
            other.c.lease_until > now,
            earlier,
        )
        return int(self.connection.execute(count).scalar_one())

    def put_off(self, receiver: str, channel: str, until: datetime) -> int:
        """One UPDATE, however many wait."""
        changed = self.connection.execute(
            update(notification)
            .where(*self._waiting(receiver, channel), notification.c.due_at < until)
            .values(due_at=until, nudged_at=None, updated_at=self.now())
        )
        return changed.rowcount

    def hasten(self, receiver: str, channel: str, due_by: datetime) -> str | None:
        """Of the most urgent who waited longest. It is not marked as nudged: a lost nudge is soon made good."""
        chosen = (
            select(notification.c.id)
            .where(*self._waiting(receiver, channel), notification.c.due_at <= due_by)
            .order_by(notification.c.urgency.desc(), notification.c.created_at, notification.c.id)
            .limit(1)
        )
        found: str | None = self.connection.execute(chosen).scalar()
        if found:
            now = self.now()
            mine = update(notification).where(notification.c.id == found)
            self.connection.execute(mine.values(due_at=now, nudged_at=None, updated_at=now))
        return found

    def _waiting(self, receiver: str, channel: str) -> tuple[Any, ...]:
        """Rows of the channel that nobody holds."""
        return (
            notification.c.receiver == receiver,
            notification.c.channel == channel,
            notification.c.state == RowState.PENDING,
            or_(notification.c.lease_until.is_(None), notification.c.lease_until <= self.now()),
        )

    def resting(self) -> Mapping[tuple[str, str], Breaker]:
        """The channels whose breakers are open."""
        found = self.connection.execute(select(channel_state).where(channel_state.c.closed_at.is_not(None)))
        return {(r.receiver, r.channel): Breaker(**{name: getattr(r, name) for name in _FIELDS}) for r in found}
