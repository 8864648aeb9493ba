"""Alerts and their changes, as they are stored."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import Severity, State
from service.ports.texts import Cursor


@dataclass(frozen=True, slots=True)
class Published:
    """A transition with its alert. `stored_at` is by the database's clock: the order in which people can read it."""

    transition: Transition
    alert: Alert
    stored_at: datetime

    @property
    def cursor(self) -> Cursor:
        """Its place among all."""
        return Cursor(self.stored_at, self.transition.id)

    @property
    def begins(self) -> bool:
        """Whether the alert begins to fire with it."""
        return self.transition.to_state is State.FIRING and self.transition.from_state is not State.FIRING


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which transitions are asked for; what is left empty asks for all.

    `least` lets those through that are at least so loud, and the end of what was. `since` is counted in, `until` not;
    both are of the time the transition is about.
    """

    subjects: tuple[str, ...] = ()
    kind: str = ""
    least: Severity = Severity.INFO
    alert_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def loud(self) -> frozenset[Severity]:
        """The severities that are loud enough."""
        order = list(Severity)
        return frozenset(order[order.index(self.least) :])


ANY = Wanted()


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has taken an alert on."""

    at: datetime
    author: str
    comment: str


class Alerts(Protocol):
    """Alert states, their transitions, and who has taken them on."""

    def for_subjects(self, subjects: Sequence[str]) -> list[Alert]:
        """The alerts of these subjects."""
        ...

    def watched(self) -> list[str]:
        """Subjects with an alert that time alone may change."""
        ...

    def save(self, alert: Alert) -> None:
        """Keep an alert's state."""
        ...

    def add_transition(self, transition: Transition) -> bool:
        """Keep a transition to be routed; False if it was there."""
        ...

    def transitions(self, ids: Sequence[str]) -> dict[str, tuple[Transition, Alert]]:
        """Transitions with their alerts."""
        ...

    def is_known(self, alert_id: str) -> bool:
        """Whether there is an alert of this id."""
        ...

    def names(self) -> list[tuple[str, str, str]]:
        """(id, rule, subject) of every alert."""
        ...

    def published(self, limit: int, wanted: Wanted = ANY, before: Cursor | None = None) -> list[Published]:
        """At most `limit` transitions stored before the cursor, the newest first."""
        ...

    def published_after(self, after: Cursor | None, limit: int, wanted: Wanted = ANY) -> list[Published]:
        """At most `limit` transitions stored after the cursor, the oldest first."""
        ...

    def found(self, transition_id: str) -> Published | None:
        """One transition."""
        ...

    def of_subject(self, subject: str, most: int) -> list[tuple[Alert, list[Transition]]]:
        """The subject's alerts by rule, but that of canaries, each with its changes in order.

        Of all these changes only the `most` latest are read.
        """
        ...

    def firing(self, rule: str) -> list[Alert]:
        """The rule's firing alerts."""
        ...

    def acknowledge(self, alert_id: str, at: datetime, author: str, comment: str) -> None:
        """Remember that somebody has taken an alert on."""
        ...

    def acknowledged(self, alert_ids: Collection[str]) -> Mapping[str, Acknowledgement]:
        """Those of the firing alerts that somebody has taken on since they began to fire."""
        ...
