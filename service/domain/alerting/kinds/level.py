"""LEVEL: the level has reached a step and something new happened."""

from service.domain.alerting.kinds.holding import condition_false, condition_true
from service.domain.alerting.rule import Decision, Facts, Memory, ReasonKind, Rule, State, Step
from service.domain.risk.score import band


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """The highest step that is reached with news of danger, or held since then."""
    level, is_new = facts.score.level, facts.score.e_24h > 0 and facts.evidence.has_lead
    held = memory.rung if memory.state in {State.PENDING, State.FIRING} else 0
    reached = max((n for n, step in enumerate(rule.steps, 1) if level >= step.enter), default=0)
    kept = _kept(rule, held, level) if memory.state is State.FIRING else min(held, reached)
    rung = max(reached if is_new else 0, kept)
    if rung == 0:
        return condition_false(rule, memory, facts, *_not_reached(rule, memory, level))
    step = rule.steps[rung - 1]
    reason = _stands(level, step)
    return condition_true(rule, memory, facts, rung, reason, step.severity)


def _kept(rule: Rule, held: int, level: float) -> int:
    """The highest step among those held whose lower edge the level has not crossed."""
    return max((n for n, step in enumerate(rule.steps[:held], 1) if level >= step.leave), default=0)


def _not_reached(rule: Rule, memory: Memory, level: float) -> tuple[ReasonKind, str]:
    lowest = rule.steps[0]
    edge = lowest.leave if memory.state is State.FIRING else lowest.enter
    if level < edge:
        return ReasonKind.BELOW_ENTER, f"level {level:.1f} is below {edge:g}"
    return ReasonKind.NOT_NEW, f"level {level:.1f} without news of danger"


def _stands(level: float, step: Step) -> str:
    at = f"level {level:.1f} ({band(level)})"
    return f"{at} is {step.enter:g} or more" if level >= step.enter else f"{at} has not fallen below {step.leave:g}"
