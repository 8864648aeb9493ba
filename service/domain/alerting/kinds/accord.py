"""DEESC: strong peace news on a hot subject."""

from service.domain.alerting.kinds.holding import condition_false_quietly, order
from service.domain.alerting.rule import Decision, Facts, Memory, ReasonKind, Rule, Severity, State, span


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """Told once, and again when it is vouched for; over without a message."""
    accord, hot = facts.accord, facts.score.e_30d >= rule.hot_rate or facts.fired_within_30d
    if accord is None:
        return condition_false_quietly(rule, memory, facts, ReasonKind.NO_PEACE, "no peace news")
    if accord.intensity < rule.intensity:
        mild = f"peace news of intensity +{accord.intensity:.1f} is below +{rule.intensity:g}"
        return condition_false_quietly(rule, memory, facts, ReasonKind.MILD_PEACE, mild)
    if facts.stir.peace < rule.peace:
        little = f"peace news stirs {facts.stir.peace:.2f}, below {rule.peace:g}"
        return condition_false_quietly(rule, memory, facts, ReasonKind.LITTLE_PEACE, little)
    if not hot:
        cold = f"not hot: {facts.score.e_30d:.3f} is below {rule.hot_rate:g}"
        return condition_false_quietly(rule, memory, facts, ReasonKind.NOT_HOT, cold)
    reason = f"de-escalation reported (intensity +{accord.intensity:.1f}), {_told_by(accord.owners)}"
    severity = rule.severity if accord.owners else Severity.INFO
    first = memory.state is not State.FIRING
    since = memory.since if memory.state in {State.PENDING, State.FIRING} and memory.since else facts.now
    if first and facts.now - since < rule.hold:
        waiting = Memory(State.PENDING, 1, since, facts.now, memory.fired_at, resolved_at=memory.resolved_at)
        waits = f"{reason}; waits until it has held for {span(rule.hold)}"
        return Decision(waiting, ReasonKind.WAITS, waits, severity)
    louder = not first and order(severity) > order(memory.told)
    told = str(severity) if first or louder else memory.told
    fired = Memory(State.FIRING, 1, since, facts.now, facts.now if first else memory.fired_at, told)
    kind = ReasonKind.FIRING if accord.owners > 1 else ReasonKind.UNCONFIRMED
    return Decision(fired, kind, reason, severity, notify=first or louder)


def _told_by(owners: int) -> str:
    if not owners:
        return "quarantined publishers only, unconfirmed"
    return f"{owners} owner groups" if owners > 1 else "1 owner group, unconfirmed"
