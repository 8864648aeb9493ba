"""CUSTOM: conditions of the operator's own."""

from dataclasses import replace

from service.domain.alerting.condition import Finding, Measure, Sight, judge, told
from service.domain.alerting.kinds.holding import condition_false, condition_true
from service.domain.alerting.rule import Decision, Facts, Memory, ReasonKind, Rule, State


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """It fires when all of `when` holds, and lasts until all of `leave_when` holds; without that while `when` does."""
    sight = _sight(facts)
    found = judge(rule.when, sight)
    if found.holds:
        return _holds(rule, memory, facts, f"{told(rule.when, found)}", found)
    unmet = "; ".join(map(str, found.missing))
    if memory.state is State.FIRING and rule.leave_when:
        left = judge(rule.leave_when, sight)
        if not left.holds:
            return _holds(rule, memory, facts, f"it has not left: {'; '.join(map(str, left.missing))}", left)
        unmet = f"it has left: {told(rule.leave_when, left)}"
    decision = condition_false(rule, memory, facts, ReasonKind.UNMET, unmet)
    return replace(decision, unmet=found.missing)


def _holds(rule: Rule, memory: Memory, facts: Facts, reason: str, found: Finding) -> Decision:
    """An incident that it holds of may confirm it, danger or not."""
    confirmed = facts.evidence.confirmed or (found.act is not None and found.act.is_confirmed)
    return condition_true(rule, memory, facts, 1, reason, rule.severity, confirmed=confirmed)


def _sight(facts: Facts) -> Sight:
    values = {
        Measure.LEVEL: facts.score.level,
        Measure.SURPRISE: facts.surprise,
        Measure.SURGE: facts.stir.surge,
        Measure.CONFIDENCE: facts.confidence,
        Measure.E_24H: facts.score.e_24h,
        Measure.D_24H: facts.score.d_24h,
        Measure.SUBJECT_KIND: facts.subject.partition(":")[0],
    }
    return Sight(values, facts.acts)
