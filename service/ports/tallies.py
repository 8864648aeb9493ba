"""Counts over the tables, for those who watch the service: few statements, none that grows with the texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from service.domain.alerting.rule import Severity, State

Named = tuple[str, str]
"""A receiver of routes.yaml and its channel."""


@dataclass(frozen=True, slots=True)
class AlertTally:
    """How many alerts of a rule are in a state, so loud."""

    rule: str
    severity: Severity
    state: State
    number: int


class Tallies(Protocol):
    """Counts over the tables; what canaries move is left out where that is said."""

    def alerts(self) -> list[AlertTally]:
        """Alerts that are not inactive, but that of canaries."""
        ...

    def notifications(self) -> Mapping[Named, Mapping[str, int]]:
        """(receiver, channel) → state → messages to the receivers of routes.yaml."""
        ...

    def personal(self) -> Mapping[str, Mapping[str, int]]:
        """Schema of the address → state → messages to subscribers; "" for channels that are gone."""
        ...

    def subscribers(self) -> Mapping[str, int]:
        """State → subscribers."""
        ...

    def ended(self, since: datetime) -> Mapping[Named, int]:
        """(kind, state) → articles and notifications that came to an end since then and were not given up."""
        ...

    def last_scored(self) -> datetime | None:
        """When an article was last booked, canaries among them."""
        ...

    def busiest(self, since: datetime, limit: int) -> list[str]:
        """The subjects on which most escalation is booked from the hour of `since` on, but what canaries move."""
        ...
