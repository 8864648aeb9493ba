"""What a rule says now: one pure function, whatever its kind."""

from collections.abc import Callable, Mapping
from datetime import datetime

from service.domain.alerting.kinds import accord, calm, custom, level, novel, rise, silence, surge
from service.domain.alerting.rule import Decision, Facts, Memory, Rule, RuleKind, State

_DECIDERS: Mapping[RuleKind, Callable[[Rule, Memory, Facts], Decision]] = {
    RuleKind.LEVEL: level.decide,
    RuleKind.SURGE: surge.decide,
    RuleKind.NOVEL: novel.decide,
    RuleKind.RISE: rise.decide,
    RuleKind.DEESC: accord.decide,
    RuleKind.ALLCLEAR: calm.decide,
    RuleKind.SILENCE: silence.decide,
    RuleKind.CUSTOM: custom.decide,
}


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """What the rule says of the facts, given what it said before. Pure: same input, same answer."""
    return _DECIDERS[rule.kind](rule, memory, facts)


def due_at(rule: Rule, memory: Memory) -> datetime | None:
    """When the wait of a pending rule is over, None where it does not wait."""
    if memory.state is not State.PENDING or memory.since is None:
        return None
    return memory.since + (rule.quiet if rule.kind is RuleKind.ALLCLEAR else rule.hold)
