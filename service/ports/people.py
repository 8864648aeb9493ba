"""Who subscribed, and who changed what."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from service.domain.alerting.subscriber import Subscriber, SubscriberChannel
from service.domain.audit import AuditEntry


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A subscriber's channel with what is kept of its address.

    `sealed` is the encrypted address; `fingerprint` is the same for equal addresses; `serial` tells this channel from
    an earlier one of its name. `asked_at` is when the last confirmation message was made.
    """

    subscriber_id: str
    channel: SubscriberChannel
    serial: str
    sealed: str = field(repr=False)
    fingerprint: str
    created_at: datetime
    asked_at: datetime | None = None
    unsubscribed_at: datetime | None = None


class Subscribers(Protocol):
    """Who subscribed to what, and sealed addresses."""

    def get(self, subscriber_id: str) -> Subscriber | None:
        """One subscriber with their channels, by name."""
        ...

    def all(self) -> list[Subscriber]:
        """Every subscriber, by name and id."""
        ...

    def active(self, ids: Collection[str] | None = None) -> list[Subscriber]:
        """Those in the state active, of all or of these, by name and id."""
        ...

    def save(self, subscriber: Subscriber) -> None:
        """Keep a subscriber; their channels are kept by `put`."""
        ...

    def delete(self, subscriber_id: str) -> bool:
        """Forget a subscriber and their channels; False if there is none."""
        ...

    def put(self, enrolled: Enrolled) -> None:
        """Keep a channel of a stored subscriber, in the place of the one with its name."""
        ...

    def remove(self, subscriber_id: str, channel: str) -> bool:
        """Forget a channel; False if there is none."""
        ...

    def enrolled(self, subscriber_id: str | None = None) -> list[Enrolled]:
        """The channels of a subscriber, or of all, by subscriber's id and channel's name."""
        ...

    def contacted_at(self, fingerprints: Sequence[str]) -> datetime | None:
        """When an address was last sent a confirmation message."""
        ...

    def set_contacted(self, fingerprint: str, at: datetime) -> None:
        """Remember that an address was sent a confirmation message."""
        ...

    def forget_contacts(self, before: datetime) -> None:
        """Forget which addresses were sent confirmation messages before then."""
        ...


class Audit(Protocol):
    """Who changed what; entries are only ever added."""

    def add(
        self,
        actor: str,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> AuditEntry:
        """Add an entry at the end of the chain, at the time of the books. Plain JSON, no secrets.

        Whoever else adds waits for the end of this transaction, so this comes after all its other changes.
        """
        ...

    def entries(self, subject: str | None = None, last: int | None = None) -> list[AuditEntry]:
        """Entries in order: all or those about a subject; of these all or the last few."""
        ...
