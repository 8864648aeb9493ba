"""SURGE: far more danger in two days than the subject usually has."""

from dataclasses import replace

from service.domain.alerting.kinds.holding import condition_false, condition_true
from service.domain.alerting.rule import Decision, Facts, Memory, ReasonKind, Rule, State


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """The form that was back-tested: a message at `enter`, and another whenever it is `again` times as high."""
    surge, is_new = facts.stir.surge, facts.stir.fresh > 0 and facts.evidence.has_lead
    fires, waits = memory.state is State.FIRING, memory.state is State.PENDING
    edge = rule.leave if fires else rule.enter
    if surge < edge:
        below = f"surge {surge:.1f} is below {edge:g}"
        return condition_false(rule, memory, facts, ReasonKind.BELOW_ENTER, below)
    if not (fires or waits or is_new):
        stale = f"surge {surge:.1f} without news of danger"
        return condition_false(rule, memory, facts, ReasonKind.NOT_NEW, stale)
    higher = fires and is_new and surge >= max(rule.enter, rule.again * memory.told_surge)
    reason = _surges(surge, rule, memory.told_surge if higher else 0.0)
    decision = condition_true(rule, memory, facts, 1, reason, rule.severity, again=higher)
    told = surge if decision.notify else memory.told_surge
    return replace(decision, memory=replace(decision.memory, told_surge=told))


def _surges(surge: float, rule: Rule, told: float) -> str:
    """In words. The usual is never less than nothing, so `surge` days of it are the least that came."""
    if told:
        return f"surge {surge:.1f} is {rule.again:g} times the {told:.1f} told before, or more{_in_days(surge)}"
    if surge >= rule.enter:
        return f"surge {surge:.1f} is {rule.enter:g} or more{_in_days(surge)}"
    return f"surge {surge:.1f} has not fallen below {rule.leave:g}"


def _in_days(surge: float) -> str:
    days = int(surge)
    return f": at least as much in two days as usually in {days} day{'' if days == 1 else 's'}" if days else ""
