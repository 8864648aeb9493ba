"""One message to one receiver through one channel, and how it reads."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from service.domain.alerting.alert import Alert, Quote, Transition
from service.domain.alerting.rule import RuleKind, Severity, State
from service.domain.risk.score import band

RETRY_PLAN = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
)
"""Waits after the first, second … failed attempt; jitter of ±20 % is added where it is used."""
GIVE_UP_AFTER = timedelta(hours=24)
LONGEST_QUOTE = 280


@dataclass(frozen=True, slots=True)
class Notification:
    """A message in the outbox. `idem` is its unique key: one row ever for the same news to the same channel."""

    transition_id: str
    alert_id: str
    receiver: str
    channel: str
    title: str
    body: str
    created_at: datetime
    urgency: int = 0

    @property
    def idem(self) -> str:
        """Hash of transition, receiver and channel."""
        return sha256(f"{self.transition_id}|{self.receiver}|{self.channel}".encode()).hexdigest()

    @property
    def id(self) -> str:
        """Thirty-two hexadecimal digits of the key."""
        return self.idem[:32]


def urgency_of(severity: Severity) -> int:
    """What goes first has the higher number."""
    return list(Severity).index(severity)


def title(alert: Alert, transition: Transition, name: str) -> str:
    """Direction, subject and band: what one reads on a lock screen."""
    where = f"{name}: {band(transition.level)} ({transition.level:.0f})"
    return f"{_headline(alert, transition)} {where}"


def _headline(alert: Alert, transition: Transition) -> str:
    kind = alert.labels.get("kind", "")
    if kind == RuleKind.ALLCLEAR:
        return "All clear"
    if kind == RuleKind.DEESC:
        return "↓ De-escalation reported"
    if transition.to_state is State.RESOLVED:
        return "↓ Surge over" if kind == RuleKind.SURGE else "↓ Resolved"
    what = "Surge" if kind == RuleKind.SURGE else "Risk"
    return f"↑ {what} {transition.severity}" if transition.confirmed else f"↑ {what} (unconfirmed)"


def body(alert: Alert, transition: Transition, name: str, ends_when: str) -> str:
    """Plain text: what changed, why, who says so, and what would end it."""
    lines = [
        f"{name} [{alert.subject}], {transition.at:%Y-%m-%d %H:%M} UTC",
        f"Level {transition.level_before:.1f} a day before, now {transition.level:.1f} ({band(transition.level)}).",
        f"Why: {transition.reason}.",
    ]
    if transition.evidence:
        groups = transition.owner_groups
        lines += ["", f"Evidence ({groups} independent owner group{'' if groups == 1 else 's'}):"]
        lines += [_quoted(quote) for quote in transition.evidence]
    if ends_when:
        lines += ["", ends_when]
    lines += ["", f"Rule {alert.rule}. Details: detente explain-score {alert.subject}"]
    return "\n".join(lines)


def _quoted(quote: Quote) -> str:
    text = quote.text if len(quote.text) <= LONGEST_QUOTE else quote.text[: LONGEST_QUOTE - 1] + "…"
    source = ", ".join(part for part in (quote.publisher or "unknown publisher", quote.url) if part)
    return f"- {' '.join(text.split())} ({source})"
