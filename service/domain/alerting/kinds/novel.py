"""NOVEL: the first act of its kind for a long time. It is information; what it is worth is in the alerts it raises."""

from service.domain.alerting.act import RUNGS
from service.domain.alerting.kinds.holding import condition_false_quietly, condition_true
from service.domain.alerting.rule import Decision, Facts, Memory, Novelty, ReasonKind, Rule, span


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """Told once; over without a message. Where the books do not go back far enough nothing is said to be the first."""
    novelty = facts.novelty
    if novelty is None or novelty.act is None:
        none = f"no act of rung {rule.rung} or more in 24 h"
        return condition_false_quietly(rule, memory, facts, ReasonKind.NO_ACT, none)
    if novelty.before is not None:
        before = f"not the first in {span(rule.within)}: the last one before was {novelty.before:%Y-%m-%d %H:%M}Z"
        return condition_false_quietly(rule, memory, facts, ReasonKind.NOT_FIRST, before)
    if not novelty.is_covered:
        short = books_are_short(novelty, rule)
        return condition_false_quietly(rule, memory, facts, ReasonKind.SHORT_BOOKS, short)
    act = novelty.act
    reason = f"{what_is_new(rule)}: {' and '.join(act.types)}"
    return condition_true(rule, memory, facts, 1, reason, rule.severity, confirmed=act.is_confirmed)


def what_is_new(rule: Rule) -> str:
    """As "the first use of force in 180 d"."""
    return f"the first {RUNGS[rule.rung]} in {span(rule.within)}"


def books_are_short(seen: Novelty, rule: Rule) -> str:
    """That the books do not go back far enough."""
    begin = f"begin {seen.began:%Y-%m-%d %H:%M}Z" if seen.began else "are empty"
    return f"the books {begin}, too late to tell of {span(rule.within)}"
