"""What those who look after the service leaf through; nothing is read that is not shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.domain.alerting.subscriber import Subscriber
from service.ports.texts import Cursor
from service.ports.works import Dead


@dataclass(frozen=True, slots=True)
class Heard:
    """What came under one publisher's name from one host, either may be empty: of all, how many of late, and when last.

    `url` is one of its addresses.
    """

    publisher: str
    host: str
    url: str
    articles: int
    of_late: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Sending:
    """A message on its way to one channel. `error` is empty while all is well; `at` is when the message was written."""

    id: str
    at: datetime
    receiver: str
    channel: str
    reason: str
    title: str
    state: str
    attempt: int
    due_at: datetime | None
    sent_at: datetime | None
    error: str

    @property
    def cursor(self) -> Cursor:
        """Its place among all."""
        return Cursor(self.at, self.id)


class Desk(Protocol):
    """Pages and counts for operators."""

    def heard(self, since: datetime, of_late: datetime) -> list[Heard]:
        """What was published from `since` on, canaries left out, by publisher and host; the most frequent first."""
        ...

    def deliveries(self, limit: int, before: Cursor | None = None, state: str = "") -> list[Sending]:
        """Messages on their way, the newest first; with a state those in it."""
        ...

    def dead(self, limit: int, before: Cursor | None = None) -> list[Dead]:
        """Rows that were given up, the last first."""
        ...

    def subscribers(self, limit: int, after: tuple[str, str] | None = None, written: str = "") -> Sequence[Subscriber]:
        """Subscribers by name and id, from after such a pair on; with `written` those whose name or id has it."""
        ...

    def owner(self, subscriber_id: str) -> str:
        """The name of the account whose own subscription this is, empty without one."""
        ...
