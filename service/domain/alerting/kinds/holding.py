"""The way of an alert: from a condition that holds to waiting, firing, being kept and being over."""

from dataclasses import replace

from service.domain.alerting.rule import (
    Decision,
    Evidence,
    Facts,
    Memory,
    ReasonKind,
    Rule,
    RuleKind,
    Severity,
    State,
    span,
)

RAISED = frozenset({RuleKind.LEVEL, RuleKind.SURGE})
"""The kinds that are one severity louder when they begin while a rule of kind NOVEL fires."""


def condition_true(
    rule: Rule,
    memory: Memory,
    facts: Facts,
    rung: int,
    reason: str,
    loud: Severity,
    *,
    again: bool = False,
    confirmed: bool | None = None,
) -> Decision:
    """`loud` is the severity once confirmed; `again` makes a message of what fires already.

    `confirmed` says whether it is confirmed now; without it the facts do.
    """
    now = facts.now
    sure = memory.confirmed or (facts.evidence.confirmed if confirmed is None else confirmed)
    raised = _raised(rule, memory, facts)
    severity = (louder(loud) if raised else loud) if sure else Severity.INFO
    reason = f"{reason}; {raised}" if raised else reason
    since = memory.since if memory.state in {State.PENDING, State.FIRING} else now
    assert since is not None
    base = Memory(State.PENDING, rung, since, now, memory.fired_at, memory.told, sure, memory.resolved_at)
    base = replace(base, raised=raised)
    if memory.state is not State.FIRING and now - since < rule.hold:
        waits = f"{reason}; waits until it has held for {span(rule.hold)}"
        return Decision(base, ReasonKind.WAITS, waits, severity)
    first = memory.state is not State.FIRING
    notify = first or order(severity) > order(memory.told) or again
    fired = replace(
        base,
        state=State.FIRING,
        fired_at=now if first else memory.fired_at,
        told=str(severity) if notify else memory.told,
        resolved_at=None,
    )
    kind = ReasonKind.FIRING if sure else ReasonKind.UNCONFIRMED
    return Decision(fired, kind, _with_evidence(reason, facts.evidence, sure=sure), severity, notify=notify)


def _raised(rule: Rule, memory: Memory, facts: Facts) -> str:
    """Why it is louder than its rule. What fired before the new thing happened stays as it was."""
    if memory.state is State.FIRING or rule.kind not in RAISED:
        return memory.raised
    return memory.raised or facts.novel


def louder(severity: Severity) -> Severity:
    """The next severity; the loudest stays."""
    every = list(Severity)
    return every[min(every.index(severity) + 1, len(every) - 1)]


def order(severity: str) -> int:
    """How loud it is; nothing told is the least."""
    return list(Severity).index(Severity(severity)) if severity else -1


def _with_evidence(reason: str, evidence: Evidence, *, sure: bool) -> str:
    if sure:
        return reason
    only = "quarantined publishers" if evidence.has_lead and not evidence.owners else "one owner group"
    return f"{reason}; unconfirmed: {only} so far"


def condition_false(rule: Rule, memory: Memory, facts: Facts, kind: ReasonKind, reason: str) -> Decision:
    """What fires is kept for a while, then it is over."""
    if memory.state is State.FIRING:
        quiet_since = memory.last_true_at or facts.now
        if facts.now - quiet_since < rule.keep:
            kept = f"{reason}; kept firing until it has been so for {span(rule.keep)}"
            return Decision(memory, ReasonKind.KEPT, kept, Severity(memory.told or Severity.INFO))
        return Decision(
            Memory(State.RESOLVED, since=facts.now, fired_at=memory.fired_at, resolved_at=facts.now),
            ReasonKind.RESOLVED,
            reason,
            Severity.INFO,
            notify=True,
        )
    state = State.RESOLVED if memory.resolved_at else State.INACTIVE
    quiet = Memory(state, since=memory.since, fired_at=memory.fired_at, resolved_at=memory.resolved_at)
    return Decision(quiet, kind, reason, Severity.INFO)


def condition_false_quietly(rule: Rule, memory: Memory, facts: Facts, kind: ReasonKind, reason: str) -> Decision:
    """A notice ends without a second message."""
    return replace(condition_false(rule, memory, facts, kind, reason), notify=False)
