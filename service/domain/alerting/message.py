"""What people are told: the content of one message, before any channel gives it a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from service.domain.alerting.alert import Quote
from service.domain.alerting.rule import Severity, State


class MessageReason(StrEnum):
    """Why a message goes out now. A closed list: it labels counters and begins the sentence people read."""

    FIRED = "fired"
    CHANGED = "changed"
    RESOLVED = "resolved"
    REPEAT = "repeat"
    DIGEST = "digest"
    FLOOD = "flood"
    ESCALATED = "escalated"
    CONFIRM = "confirm"
    TEST = "test"
    HEARTBEAT = "heartbeat"


@dataclass(frozen=True, slots=True)
class Item:
    """One alert in a message, as it was when the message was written.

    `level` and `level_before` (a day earlier) are 0 … 100, `low` and `high` hold the level with 80 % probability,
    `confidence` is 0 … 1. `before` is the state it came from at `at`; `since` is when the state began. `curve` are
    levels over time, the oldest first, for a small chart. `held` says why this comes late, empty when it does not.
    """

    alert_id: str
    rule: str
    kind: str
    subject: str
    name: str
    state: State
    before: State
    at: datetime
    since: datetime
    severity: Severity
    confirmed: bool
    level: float
    level_before: float
    reason: str
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    owners: int = 0
    quotes: tuple[Quote, ...] = ()
    ends_when: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)
    curve: tuple[tuple[datetime, float], ...] = ()
    held: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one receiver about one group of alerts.

    `why` says how it came to this receiver ("route route.routes[0]: severity=~…", "your subscription to dyad:IRN-PAK").
    `thread` is the same for all messages about a group, so that channels that can keep them together. `note` is the
    text of messages that are not about alerts.
    """

    reason: MessageReason
    receiver: str
    created_at: datetime
    thread: str
    items: tuple[Item, ...] = ()
    group: Mapping[str, str] = field(default_factory=dict)
    why: str = ""
    note: str = ""

    @property
    def severity(self) -> Severity:
        """The loudest of its items; info without any."""
        order = list(Severity)
        return max((item.severity for item in self.items), key=order.index, default=Severity.INFO)


ABOUT_ALERTS = frozenset(
    {
        MessageReason.FIRED,
        MessageReason.CHANGED,
        MessageReason.RESOLVED,
        MessageReason.REPEAT,
        MessageReason.ESCALATED,
    }
)
"""The reasons of messages that each tell of something by itself: what a budget counts."""
