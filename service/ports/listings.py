"""Pages of what is stored, the newest first; nothing is read that is not shown."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from service.domain.alerting.alert import Alert, Transition
from service.domain.audit import AuditEntry
from service.ports.texts import Cursor, StoredEvent

History = tuple[Alert, Sequence[Transition], Sequence[Mapping[str, Any]]]
"""An alert, its changes in order, and what became of the messages about it."""


@dataclass(frozen=True, slots=True)
class Head:
    """An alert without its history. `level` is that of its last change, None before the first."""

    alert: Alert
    level: float | None

    @property
    def cursor(self) -> Cursor:
        """Its place among all."""
        return Cursor(self.alert.since, self.alert.id)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which alerts are asked for; what is left empty asks for all."""

    states: Collection[str] = ()
    severities: Collection[str] = ()
    subject: str = ""
    rule: str = ""


EVERY = Choice()


@dataclass(frozen=True, slots=True)
class Shelved:
    """An article without its text, and where it stands. `reason` is empty while all is well."""

    id: str
    title: str
    publisher: str
    url: str
    published_at: datetime
    state: str
    reason: str

    @property
    def cursor(self) -> Cursor:
        """Its place among all."""
        return Cursor(self.published_at, self.id)


@dataclass(frozen=True, slots=True)
class Span:
    """Times asked for: `since` is counted in, `until` is not; None for no bound."""

    since: datetime | None = None
    until: datetime | None = None


ALWAYS = Span()


class Listings(Protocol):
    """Pages of at most `limit`, from before a cursor on."""

    def alerts(
        self,
        limit: int,
        before: Cursor | None = None,
        states: Collection[str] = (),
        subject: str = "",
        rule: str = "",
    ) -> list[History]:
        """Alerts but that of canaries, by the time of their state; with `states` in one of these."""
        ...

    def heads(self, limit: int, before: Cursor | None = None, choice: Choice = EVERY) -> list[Head]:
        """Alerts but that of canaries, by the time of their state."""
        ...

    def articles(
        self, limit: int, before: Cursor | None = None, span: Span = ALWAYS, state: str = "", publisher: str = ""
    ) -> list[Shelved]:
        """Articles but canaries, by the time of publication."""
        ...

    def events(
        self,
        limit: int,
        before: Cursor | None = None,
        span: Span = ALWAYS,
        subjects: Collection[str] | None = None,
        signal: str = "",
    ) -> list[StoredEvent]:
        """Events by the time they tell of; with `subjects` those that are booked on one of them."""
        ...

    def changes(self, limit: int, before: int | None = None, subject: str | None = None) -> list[AuditEntry]:
        """Entries of the record with numbers below `before`, of all or about a subject."""
        ...
