"""Subscribers and their channels; addresses are sealed before they come here."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select, update

from service.adapters.storage.schema import contacted, subscriber, subscriber_channel
from service.domain.alerting.subscriber import (
    ChannelState,
    Subscriber,
    SubscriberChannel,
    SubscriberState,
    wishes,
    with_wishes,
)
from service.ports import Enrolled

_TIMES = ("created_at", "asked_at", "unsubscribed_at")
_KEPT = ("subscriber_id", "serial", "sealed", "fingerprint", *_TIMES)


class SqlSubscribers:
    """Implements `ports.Subscribers`."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def get(self, subscriber_id: str) -> Subscriber | None:
        """One subscriber with their channels."""
        return next(iter(self._read(subscriber.c.id == subscriber_id)), None)

    def all(self) -> list[Subscriber]:
        """Every subscriber."""
        return self._read()

    def active(self, ids: Collection[str] | None = None) -> list[Subscriber]:
        """Those in the state active, of all or of these."""
        named = () if ids is None else (subscriber.c.id.in_(ids),)
        return self._read(subscriber.c.state == SubscriberState.ACTIVE, *named)

    def named(self, ids: Collection[str]) -> dict[str, Subscriber]:
        """Those with these ids, by name and id."""
        return {one.id: one for one in self._read(subscriber.c.id.in_(ids))}

    def _read(self, *conditions: ColumnElement[bool]) -> list[Subscriber]:
        """Two statements, however many there are."""
        rows = self.connection.execute(select(subscriber).where(*conditions)).all()
        theirs = select(subscriber_channel).join(subscriber, subscriber.c.id == subscriber_channel.c.subscriber_id)
        channels: defaultdict[str, list[SubscriberChannel]] = defaultdict(list)
        for row in self.connection.execute(theirs.where(*conditions).order_by(subscriber_channel.c.name)):
            channels[row.subscriber_id].append(_channel(row))
        found = [_subscriber(row, channels[row.id]) for row in rows]
        return sorted(found, key=lambda one: (one.name, one.id))

    def save(self, new: Subscriber) -> None:
        """Keep what they want."""
        wanted = {key: value for key, value in wishes(new).items() if key != "name"}
        values = {"name": new.name, "state": str(new.state), "wishes": wanted, "created_at": new.created_at}
        if not self.connection.execute(update(subscriber).where(subscriber.c.id == new.id).values(values)).rowcount:
            self.connection.execute(insert(subscriber).values(id=new.id, **values))

    def delete(self, subscriber_id: str) -> bool:
        """Their channels go with them."""
        return bool(self.connection.execute(delete(subscriber).where(subscriber.c.id == subscriber_id)).rowcount)

    def put(self, enrolled: Enrolled) -> None:
        """Keep a channel."""
        channel = enrolled.channel
        values = {
            **{name: getattr(enrolled, name) for name in _KEPT},
            "name": channel.name,
            "schema": channel.schema,
            "state": str(channel.state),
            "confirmed_at": channel.confirmed_at,
        }
        mine = _named(enrolled.subscriber_id, channel.name)
        if not self.connection.execute(update(subscriber_channel).where(*mine).values(values)).rowcount:
            self.connection.execute(insert(subscriber_channel).values(values))

    def remove(self, subscriber_id: str, channel: str) -> bool:
        """Forget a channel."""
        mine = _named(subscriber_id, channel)
        return bool(self.connection.execute(delete(subscriber_channel).where(*mine)).rowcount)

    def enrolled(self, subscriber_id: str | None = None) -> list[Enrolled]:
        """Channels with what is kept of their addresses."""
        order = (subscriber_channel.c.subscriber_id, subscriber_channel.c.name)
        chosen = select(subscriber_channel).order_by(*order)
        if subscriber_id is not None:
            chosen = chosen.where(subscriber_channel.c.subscriber_id == subscriber_id)
        return [
            Enrolled(channel=_channel(row), **{name: getattr(row, name) for name in _KEPT})
            for row in self.connection.execute(chosen)
        ]

    def contacted_at(self, fingerprints: Sequence[str]) -> datetime | None:
        """The latest of them."""
        mine = contacted.c.fingerprint.in_(fingerprints)
        return self.connection.execute(select(func.max(contacted.c.at)).where(mine)).scalar()

    def set_contacted(self, fingerprint: str, at: datetime) -> None:
        """One row for each address."""
        self.connection.execute(delete(contacted).where(contacted.c.fingerprint == fingerprint))
        self.connection.execute(insert(contacted).values(fingerprint=fingerprint, at=at))

    def forget_contacts(self, before: datetime) -> None:
        """Throw away what is older."""
        self.connection.execute(delete(contacted).where(contacted.c.at < before))


def _named(subscriber_id: str, channel: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return subscriber_channel.c.subscriber_id == subscriber_id, subscriber_channel.c.name == channel


def _subscriber(row: Row[Any], channels: Sequence[SubscriberChannel]) -> Subscriber:
    state = SubscriberState(row.state)
    bare = Subscriber(row.id, row.name, row.created_at, state, channels=tuple(channels))
    return with_wishes(bare, row.wishes)


def _channel(row: Row[Any]) -> SubscriberChannel:
    return SubscriberChannel(row.name, row.schema, ChannelState(row.state), row.confirmed_at)
