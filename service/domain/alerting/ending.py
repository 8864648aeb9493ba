"""What an alert waits for."""

from service.domain.alerting.alert import Alert
from service.domain.alerting.rule import Rule, RuleKind, State, span


def what_ends(alert: Alert, rule: Rule | None, level: float) -> str:
    """What would end the alert, or what it waits for, in a sentence; `level` is the subject's level now."""
    if alert.state in {State.RESOLVED, State.INACTIVE}:
        return f"Nothing: it is {alert.state} since {alert.since:%Y-%m-%d %H:%M}Z."
    if rule is None:
        return f"Nothing decides it any more: no rule {alert.rule} is configured."
    if alert.state is State.PENDING:
        return _pending(alert, rule, level)
    if rule.kind is RuleKind.LEVEL:
        return _level(alert, rule, level)
    return f"It ends without a message {span(rule.keep)} after the last strong peace news, {_last_true(alert)}."


def _pending(alert: Alert, rule: Rule, level: float) -> str:
    since = alert.memory.since or alert.since
    if rule.kind is RuleKind.ALLCLEAR:
        due = since + rule.quiet
        return (
            f"A level of {rule.below:g} or more, now {level:.1f}; otherwise the all-clear comes {due:%Y-%m-%d %H:%M}Z."
        )
    due = since + rule.hold
    return f"A level below {rule.steps[0].enter:g}, now {level:.1f}; otherwise it fires {due:%Y-%m-%d %H:%M}Z."


def _level(alert: Alert, rule: Rule, level: float) -> str:
    leave = rule.steps[0].leave
    said = f"It ends when the level has stayed below {leave:g} for {span(rule.keep)}; it is {level:.1f} now"
    return f"{said}, below since {_last_true(alert)}." if level < leave else f"{said}."


def _last_true(alert: Alert) -> str:
    return f"{alert.memory.last_true_at or alert.since:%Y-%m-%d %H:%M}Z"
