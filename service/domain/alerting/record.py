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
            **facts_seen(facts, rule),
            **({"unmet": [asdict(short) for short in decision.unmet]} if rule.kind is RuleKind.CUSTOM else {}),
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
    unmet = [short["clause"] for short in kept.facts.get("unmet", ())]
    return kept.after, kept.rung, kept.kind, kept.severity, unmet, kept.facts["rule"]


def facts_seen(facts: Facts, rule: Rule) -> dict[str, Any]:
    """What a decision of the rule may look at, as plain JSON; what only some rules ask for stands where they do."""
    evidence, accord = facts.evidence, facts.accord
    return {
        **{name: getattr(facts.score, name) for name in SEEN},
        **(asdict(facts.stir) if rule.asks_stir else {}),
        "evidence": asdict(evidence),
        "accord": {**asdict(accord), "at": _moment(accord.at)} if accord else None,
        "fired_within_30d": facts.fired_within_30d,
        "resolved_at": _moment(facts.resolved_at),
        **({"novel": facts.novel} if facts.novel else {}),
        **_seen_by(rule.kind, facts),
    }


def _seen_by(kind: RuleKind, facts: Facts) -> dict[str, Any]:
    """What only one kind of rule looks at."""
    match kind:
        case RuleKind.NOVEL:
            return {"novelty": _plain(asdict(facts.novelty)) if facts.novelty else None}
        case RuleKind.RISE:
            return {"climb": _plain(asdict(facts.climb)) if facts.climb else None}
        case RuleKind.SILENCE:
            return {"ears": _plain(asdict(facts.ears)) if facts.ears else None}
        case RuleKind.CUSTOM:
            acts = [_plain(asdict(act)) for act in facts.acts]
            return {"surprise": facts.surprise, "confidence": facts.confidence, "acts": acts}
        case _:
            return {}


def _plain(value: Any) -> Any:
    """Times as text, spans in seconds, tuples as lists."""
    match value:
        case dict():
            return {name: _plain(inner) for name, inner in value.items()}
        case list() | tuple():
            return [_plain(inner) for inner in value]
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case _:
            return value


def thresholds(rule: Rule) -> dict[str, Any]:
    """What the rule goes by, as plain JSON; spans in seconds."""
    kept = {"kind": str(rule.kind), "for": _seconds(rule.hold), "keep": _seconds(rule.keep)}
    return kept | _own_thresholds(rule)


def _own_thresholds(rule: Rule) -> dict[str, Any]:
    """Those that only rules of its kind have."""
    loud, edges = {"severity": str(rule.severity)}, {"enter": rule.enter, "leave": rule.leave}
    own: Mapping[RuleKind, Mapping[str, Any]] = {
        RuleKind.LEVEL: {
            "steps": [{"enter": s.enter, "leave": s.leave, "severity": str(s.severity)} for s in rule.steps],
        },
        RuleKind.SURGE: {**edges, "again": rule.again, **loud},
        RuleKind.NOVEL: {"rung": rule.rung, "within": _seconds(rule.within), "raises": rule.raises},
        RuleKind.RISE: {**edges, "within": _seconds(rule.within), **loud},
        RuleKind.DEESC: {
            "hot_rate": rule.hot_rate,
            "intensity": rule.intensity,
            **({"peace": rule.peace} if rule.asks_stir else {}),
        },
        RuleKind.ALLCLEAR: {"below": rule.below, "quiet": _seconds(rule.quiet)},
        RuleKind.SILENCE: {"stale": _seconds(rule.stale), **loud},
        RuleKind.CUSTOM: {
            "when": [str(clause) for clause in rule.when],
            "leave_when": [str(clause) for clause in rule.leave_when],
            **loud,
        },
    }
    return dict(own[rule.kind])


def _seconds(span: timedelta) -> float:
    return span.total_seconds()


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
