"""The condition a rule found, and its changes of state."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from service.domain.alerting.rule import Memory, RuleKind, Severity, State


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that says so, who printed it, and where to read it."""

    publisher: str
    url: str
    text: str
    article_id: str


@dataclass(frozen=True, slots=True)
class Alert:
    """One per rule and subject, for ever; `memory` is what the rule must remember.

    `annotations` are the rule's templates as they were written out when the alert last changed.
    """

    rule: str
    subject: str
    labels: Mapping[str, str]
    state: State
    severity: Severity
    reason: str
    since: datetime
    memory: Memory
    evidence: tuple[Quote, ...] = ()
    owner_groups: int = 0
    annotations: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The fingerprint of its labels, sixteen hexadecimal digits."""
        return fingerprint(self.rule, self.subject)


@dataclass(frozen=True, slots=True)
class Transition:
    """A change people may hear of. `level` and `level_before` (a day earlier) are 0 … 100."""

    alert_id: str
    at: datetime
    from_state: State
    to_state: State
    severity: Severity
    level: float
    level_before: float
    reason: str
    evidence: tuple[Quote, ...]
    owner_groups: int
    confirmed: bool

    @property
    def id(self) -> str:
        """The same transition has the same id, whoever finds it."""
        parts = f"{self.alert_id}|{self.at.isoformat()}|{self.to_state}|{self.severity}"
        return sha256(parts.encode()).hexdigest()[:32]


def may_change(alerts: Iterable[Alert]) -> bool:
    """Whether time alone can change one of a subject's alerts: one that waits, fires, or may get its all-clear."""
    found = list(alerts)
    if any(a.state in {State.PENDING, State.FIRING} for a in found):
        return True
    given = max((a.memory.fired_at for a in found if _is(a, RuleKind.ALLCLEAR) and a.memory.fired_at), default=None)
    over = [a for a in found if _is(a, RuleKind.LEVEL) and a.state is State.RESOLVED]
    return any(given is None or a.memory.resolved_at is None or a.memory.resolved_at > given for a in over)


def _is(alert: Alert, kind: RuleKind) -> bool:
    return alert.labels.get("kind") == kind


def fingerprint(rule: str, subject: str) -> str:
    """The id of the alert of a rule and subject."""
    return sha256(f"{rule}|{subject}".encode()).hexdigest()[:16]
