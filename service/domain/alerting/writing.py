"""What a message says of an alert."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from service.domain.alerting.ending import ends_when
from service.domain.alerting.group import Waiting
from service.domain.alerting.message import Item
from service.domain.alerting.rule import Rule


@dataclass(frozen=True, slots=True)
class Portrait:
    """A subject at a moment: its name, the 80 % interval of its level, confidence 0 … 1, and its level until then."""

    name: str
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    curve: tuple[tuple[datetime, float], ...] = ()


def item_of(told: Waiting, portrait: Portrait, rules: Mapping[str, Rule]) -> Item:
    """The alert of a change, as its message tells it."""
    change, alert = told.transition, told.alert
    rule = rules.get(alert.rule)
    return Item(
        alert_id=alert.id,
        rule=alert.rule,
        kind=alert.labels["kind"],
        subject=alert.subject,
        name=portrait.name,
        state=change.to_state,
        before=change.from_state,
        at=change.at,
        since=alert.since,
        severity=change.severity,
        confirmed=change.confirmed,
        level=change.level,
        level_before=change.level_before,
        reason=change.reason,
        low=portrait.low,
        high=portrait.high,
        confidence=portrait.confidence,
        owners=change.owner_groups,
        quotes=change.evidence,
        ends_when=ends_when(change, rule) if rule else "",
        annotations=alert.annotations,
        curve=portrait.curve,
        held=told.held,
    )
