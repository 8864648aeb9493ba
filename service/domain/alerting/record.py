"""What is kept of a decision, so that it can be told later and need not be made again."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from service.domain.alerting.rule import Decision, Facts, Memory, ReasonKind, Rule, RuleKind, Severity, State

SEEN = ("level", "e", "d", "e_24h", "d_24h", "e_30d")
"""Figures of the score that a record keeps."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a rule said of a subject from `at` on, until the next record of the two.

    `facts` is plain JSON: what the decision saw (see `facts_seen`) and `rule`, the thresholds it went by. `versions`
    say what the figures depend on.
    """

    rule: str
    subject: str
    at: datetime
    before: State
    after: State
    rung: int
    notify: bool
    kind: ReasonKind
    reason: str
    severity: Severity
    facts: Mapping[str, Any]
    versions: Mapping[str, str]


def record(rule: Rule, before: Memory, decision: Decision, facts: Facts, versions: Mapping[str, str]) -> Record:
    """The record of a decision."""
    return Record(
        rule=rule.name,
        subject=facts.subject,
        at=facts.now,
        before=before.state,
        after=decision.memory.state,
        rung=decision.memory.rung,
        notify=decision.notify,
        kind=decision.kind,
        reason=decision.reason,
        severity=decision.severity,
        facts={
            **facts_seen(facts, stirred=rule.asks_stir),
            "since": _moment(decision.memory.since),
            "confirmed": decision.memory.confirmed,
            "rule": thresholds(rule),
        },
        versions=versions,
    )


def says_something_new(new: Record, last: Record | None) -> bool:
    """Whether it differs from the last record in kind: a number that moved is no news, a changed rule is."""
    return last is None or new.notify or _gist(new) != _gist(last)


def _gist(kept: Record) -> tuple[object, ...]:
    return kept.after, kept.rung, kept.kind, kept.severity, kept.facts["rule"]


def facts_seen(facts: Facts, *, stirred: bool) -> dict[str, Any]:
    """What a decision may look at, as plain JSON; how much the subject is stirred only where the rule asks for it."""
    evidence, accord = facts.evidence, facts.accord
    return {
        **{name: getattr(facts.score, name) for name in SEEN},
        **(asdict(facts.stir) if stirred else {}),
        "evidence": asdict(evidence),
        "accord": {**asdict(accord), "at": _moment(accord.at)} if accord else None,
        "fired_within_30d": facts.fired_within_30d,
        "resolved_at": _moment(facts.resolved_at),
    }


def thresholds(rule: Rule) -> dict[str, Any]:
    """What the rule goes by, as plain JSON; spans in seconds."""
    kept: dict[str, Any] = {"kind": str(rule.kind), "for": _seconds(rule.hold), "keep": _seconds(rule.keep)}
    match rule.kind:
        case RuleKind.LEVEL:
            steps = [{"enter": s.enter, "leave": s.leave, "severity": str(s.severity)} for s in rule.steps]
            return {**kept, "steps": steps}
        case RuleKind.SURGE:
            told = {"enter": rule.enter, "leave": rule.leave, "again": rule.again, "severity": str(rule.severity)}
            return {**kept, **told}
        case RuleKind.DEESC:
            peace = {"peace": rule.peace} if rule.asks_stir else {}
            return {**kept, "hot_rate": rule.hot_rate, "intensity": rule.intensity, **peace}
        case RuleKind.ALLCLEAR:
            return {**kept, "below": rule.below, "quiet": _seconds(rule.quiet)}


def _seconds(span: timedelta) -> float:
    return span.total_seconds()


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
