"""A message on its way to one channel, and when it is tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from service.domain.alerting.message import Message
from service.domain.alerting.rule import Severity

RETRY_PLAN = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""Waits after the first, second … failed attempt; jitter of ±20 % is added where it is used."""
GIVE_UP_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Notification:
    """A message in the outbox. `idem` is its unique key: one row ever for the same news to the same channel."""

    message_id: str
    receiver: str
    channel: str
    created_at: datetime
    urgency: int = 0

    @property
    def idem(self) -> str:
        """Hash of message, receiver and channel; channels that can are told it, to know a repetition."""
        return sha256(f"{self.message_id}|{self.receiver}|{self.channel}".encode()).hexdigest()

    @property
    def id(self) -> str:
        """Thirty-two hexadecimal digits of the key."""
        return self.idem[:32]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message about these changes – (transition id, alert id) – for these channels of its receiver."""

    id: str
    message: Message
    title: str
    channels: Sequence[str]
    changes: Sequence[tuple[str, str]] = ()
    group_id: str | None = None

    def notifications(self, now: datetime) -> list[Notification]:
        """One for each channel."""
        urgency = urgency_of(self.message.severity)
        return [Notification(self.id, self.message.receiver, channel, now, urgency) for channel in self.channels]


def urgency_of(severity: Severity) -> int:
    """What goes first has the higher number."""
    return list(Severity).index(severity)
