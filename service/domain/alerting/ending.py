"""What an alert waits for."""

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import ALARMS, Rule, RuleKind, State, span


def what_ends(alert: Alert, rule: Rule | None, level: float, surge: float) -> str:
    """What would end the alert, or what it waits for, in a sentence; `level` and `surge` are the subject's now."""
    if alert.state in {State.RESOLVED, State.INACTIVE}:
        return f"Nothing: it is {alert.state} since {alert.since:%Y-%m-%d %H:%M}Z."
    if rule is None:
        return f"Nothing decides it any more: no rule {alert.rule} is configured."
    if alert.state is State.PENDING:
        return _pending(alert, rule, level, surge)
    if rule.kind is RuleKind.LEVEL:
        return _falls(alert, rule, "level", level, rule.steps[0].leave)
    if rule.kind is RuleKind.SURGE:
        return _falls(alert, rule, "surge", surge, rule.leave)
    return f"It ends without a message {span(rule.keep)} after the last strong peace news, {_last_true(alert)}."


def _pending(alert: Alert, rule: Rule, level: float, surge: float) -> str:
    since = alert.memory.since or alert.since
    if rule.kind is RuleKind.ALLCLEAR:
        due = since + rule.quiet
        return (
            f"A level of {rule.below:g} or more, now {level:.1f}; otherwise the all-clear comes {due:%Y-%m-%d %H:%M}Z."
        )
    due = since + rule.hold
    if rule.kind is RuleKind.SURGE:
        return f"A surge below {rule.enter:g}, now {surge:.1f}; otherwise it fires {due:%Y-%m-%d %H:%M}Z."
    return f"A level below {rule.steps[0].enter:g}, now {level:.1f}; otherwise it fires {due:%Y-%m-%d %H:%M}Z."


def _falls(alert: Alert, rule: Rule, what: str, now: float, leave: float) -> str:
    said = f"It ends when the {what} has stayed below {leave:g} for {span(rule.keep)}; it is {now:.1f} now"
    return f"{said}, below since {_last_true(alert)}." if now < leave else f"{said}."


def _last_true(alert: Alert) -> str:
    return f"{alert.memory.last_true_at or alert.since:%Y-%m-%d %H:%M}Z"


def ends_when(transition: Transition, rule: Rule) -> str:
    """What would end an alarm that fires, in a sentence; empty for all else."""
    if rule.kind not in ALARMS or transition.to_state is not State.FIRING:
        return ""
    keep = f" for {rule.keep.total_seconds() / 3600:g} h" if rule.keep else ""
    edge = f"surge has stayed below {rule.leave:g}"
    if rule.kind is RuleKind.LEVEL:
        edge = f"level has stayed below {rule.steps[0].leave:g}"
    return f"Resolves when the {edge}{keep}."
