"""ALLCLEAR: it has been calm long enough after an alert."""

from service.domain.alerting.rule import Decision, Facts, Memory, ReasonKind, Rule, State, span


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """Given once for each end."""
    if facts.resolved_at is None:
        return Decision(Memory(), ReasonKind.NOTHING_RESOLVED, "no alert was resolved here", rule.severity)
    if memory.fired_at is not None and memory.fired_at >= facts.resolved_at:
        return Decision(memory, ReasonKind.GIVEN, "the all-clear was given", rule.severity)
    if facts.score.level >= rule.below:
        above = f"level {facts.score.level:.1f} is not below {rule.below:g}"
        return Decision(Memory(), ReasonKind.NOT_BELOW, above, rule.severity)
    since = memory.since if memory.state is State.PENDING and memory.since else facts.now
    if facts.now - since < rule.quiet:
        waits = f"level below {rule.below:g} since {since:%Y-%m-%d %H:%M}Z, not yet for {span(rule.quiet)}"
        return Decision(Memory(State.PENDING, 1, since, facts.now), ReasonKind.WAITS, waits, rule.severity)
    reason = f"level {facts.score.level:.1f} has stayed below {rule.below:g} for {span(rule.quiet)}"
    given = Memory(State.RESOLVED, 0, facts.now, facts.now, facts.now, str(rule.severity))
    return Decision(given, ReasonKind.ALL_CLEAR, reason, rule.severity, notify=True)
