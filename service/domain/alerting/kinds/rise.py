"""RISE: the level has climbed by so many points."""

from service.domain.alerting.kinds.holding import condition_false, condition_true
from service.domain.alerting.rule import Climb, Decision, Facts, Memory, ReasonKind, Rule, State, span


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """It begins with news of danger alone: a level climbs by itself, too, when peace is forgotten."""
    climb = facts.climb
    if climb is None or not climb.is_covered:
        return condition_false(rule, memory, facts, ReasonKind.SHORT_BOOKS, _short(climb, rule))
    risen, is_new = facts.score.level - climb.lowest, facts.score.e_24h > 0 and facts.evidence.has_lead
    fires, waits = memory.state is State.FIRING, memory.state is State.PENDING
    edge = rule.leave if fires else rule.enter
    rose = f"level rose by {risen:.1f} in {span(rule.within)}"
    if risen < edge:
        return condition_false(rule, memory, facts, ReasonKind.BELOW_ENTER, f"{rose}, below {edge:g}")
    if not (fires or waits or is_new):
        return condition_false(rule, memory, facts, ReasonKind.NOT_NEW, f"{rose} without news of danger")
    reason = f"{rose}, from {climb.lowest:.1f} to {facts.score.level:.1f}: {_stands(risen, rule)}"
    return condition_true(rule, memory, facts, 1, reason, rule.severity)


def _stands(risen: float, rule: Rule) -> str:
    return f"{rule.enter:g} or more" if risen >= rule.enter else f"it has not fallen below {rule.leave:g}"


def _short(climb: Climb | None, rule: Rule) -> str:
    begin = f"begin {climb.began:%Y-%m-%d %H:%M}Z" if climb and climb.began else "are empty"
    return f"the books {begin}, too late to tell of {span(rule.within)}"
