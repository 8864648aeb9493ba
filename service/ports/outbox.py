"""What waits for receivers, what they were told, and how their channels fare."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.breaker import Breaker
from service.domain.alerting.group import Group, Sent
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import Notification, Outgoing
from service.domain.alerting.route import Withheld
from service.domain.alerting.silence import Silence


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a change on its way to a receiver: `withheld`, or it `waits` (`held` says why), or it was told."""

    receiver: str
    withheld: Withheld | None
    waits: bool
    held: str


@dataclass(frozen=True, slots=True)
class Course:
    """All that became of an alert.

    Transition ids → `states` of their rows, why nobody at all was told (`withheld`), and what became of each on its way
    to the receivers (`fates`). `notifications` are rows with the transition they tell of.
    """

    alert: Alert
    transitions: Sequence[Transition]
    notifications: Sequence[Mapping[str, Any]]
    states: Mapping[str, str]
    withheld: Mapping[str, Withheld]
    fates: Mapping[str, Sequence[Fate]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A change that is to wait in a group, which is due then, or earlier. `held` says why it waits longer."""

    group: Group
    transition_id: str
    due_at: datetime
    held: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A change that waits no more in a group: told, or `withheld`, or `moved` to another group of the receiver."""

    group_id: str
    transition_id: str
    withheld: Withheld | None = None
    moved: bool = False


class Outbox(Protocol):
    """What waits for receivers, what they were told, and the messages on their way."""

    def enter(self, arrivals: Sequence[Arrival]) -> list[str]:
        """Let changes wait in their groups, made where there are none; returns the ids of groups that got one.

        A change that has been in a group, whatever became of it, does not come in again.
        """
        ...

    def groups(self, ids: Sequence[str]) -> dict[str, Group]:
        """Groups by id."""
        ...

    def waiting(self, group_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Group id → the changes that wait in it, in the order they came: (transition id, why it is held or "")."""
        ...

    def settle(self, settled: Sequence[Settled]) -> None:
        """These wait no more."""
        ...

    def withhold(self, transition_id: str, why: Withheld) -> None:
        """Remember why nobody was told of a transition."""
        ...

    def homes(self, alert_ids: Collection[str], since: datetime | None) -> list[Group]:
        """The groups of alerts that heard one of these fire, from `since` on."""
        ...

    def keep(self, groups: Sequence[Group]) -> None:
        """Keep what the groups' receivers were told."""
        ...

    def hurry(self, now: datetime) -> list[str]:
        """Make all groups in which something waits due now; returns their ids."""
        ...

    def write(self, messages: Sequence[Outgoing]) -> list[str]:
        """Put messages into the outbox, each once ever; returns the ids of the new notifications."""
        ...

    def notifications(self, ids: Sequence[str]) -> dict[str, Notification]:
        """Notifications by id."""
        ...

    def messages(self, ids: Collection[str]) -> dict[str, Message]:
        """Messages by id."""
        ...

    def changes(self, message_id: str) -> list[str]:
        """The transitions a message tells of."""
        ...

    def sent(self, receivers: Collection[str], since: datetime) -> dict[str, list[Sent]]:
        """Receiver → its messages about alerts since then that were no digests."""
        ...

    def written_to(self, receiver: str) -> list[Mapping[str, Any]]:
        """What a receiver was written, the oldest first.

        Each with channel, reason, title, content, state, created_at and sent_at.
        """
        ...

    def told(self, receivers: Collection[str], subjects: Collection[str]) -> dict[str, set[str]]:
        """Receiver → those of the subjects of which it was told that something fires."""
        ...

    def course(self, alert_id: str) -> Course:
        """All that became of one alert, which exists."""
        ...

    def history(self) -> list[tuple[Alert, list[Transition], list[Mapping[str, Any]]]]:
        """All alerts but that of canaries, newest first, with transitions and notification records."""
        ...

    def begun(self, since: datetime) -> int:
        """How often an alert, but that of canaries, has begun to fire or grown since then, by the clock of work."""
        ...

    def deliveries(self, receiver: str, reason: MessageReason) -> Mapping[str, tuple[datetime, datetime | None]]:
        """Channel → when the first of its messages to the receiver was written, and when the last one was taken."""
        ...

    def forget(self, alert_id: str, before: datetime) -> None:
        """Throw away the changes of an alert made before then, and the messages and groups about them."""
        ...


class Silences(Protocol):
    """What nobody is to be told for a while."""

    def add(self, silence: Silence) -> None:
        """Keep a new one, or another state of a known one."""
        ...

    def get(self, silence_id: str) -> Silence | None:
        """One by its id."""
        ...

    def not_over(self, at: datetime) -> list[Silence]:
        """Those that are in force or will be, by their end."""
        ...

    def all(self) -> list[Silence]:
        """Every one, the newest first."""
        ...


class Channels(Protocol):
    """How channels fare, and what waits for each of them in the outbox."""

    def breaker(self, receiver: str, channel: str) -> Breaker:
        """What is remembered of a channel's failures."""
        ...

    def keep(self, receiver: str, channel: str, breaker: Breaker) -> None:
        """Remember it, for all processes."""
        ...

    def ahead(self, notification_id: str) -> int:
        """How many claimed messages to the same channel were claimed before this claimed one."""
        ...

    def put_off(self, receiver: str, channel: str, until: datetime) -> int:
        """All that would be due before is due then, unless somebody holds it; no attempt is used. Returns how many."""
        ...

    def hasten(self, receiver: str, channel: str, due_by: datetime) -> str | None:
        """The first message that is due by then is due now; returns its id, None when there is none."""
        ...

    def resting(self) -> Mapping[tuple[str, str], Breaker]:
        """(receiver, channel) of the channels that are left alone for now."""
        ...
