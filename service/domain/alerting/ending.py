"""What an alert waits for."""

from datetime import timedelta

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.rule import NOTICES, Rule, RuleKind, State, span


def what_ends(alert: Alert, rule: Rule | None, level: float, surge: float) -> str:
    """What would end the alert, or what it waits for, in a sentence; `level` and `surge` are the subject's now."""
    if alert.state in {State.RESOLVED, State.INACTIVE}:
        return f"Nothing: it is {alert.state} since {alert.since:%Y-%m-%d %H:%M}Z."
    if rule is None or not rule.covers(alert.subject):
        return f"The next evaluation ends it: no rule {alert.rule} that covers {alert.subject} is configured."
    return _pending(alert, rule, level, surge) if alert.state is State.PENDING else _firing(alert, rule, level, surge)


def _firing(alert: Alert, rule: Rule, level: float, surge: float) -> str:
    match rule.kind:
        case RuleKind.LEVEL:
            return _falls(alert, rule, "level", level, rule.steps[0].leave)
        case RuleKind.SURGE:
            return _falls(alert, rule, "surge", surge, rule.leave)
        case RuleKind.NOVEL:
            return f"It ends without a message {span(timedelta(days=1) + rule.keep)} after what was new."
        case RuleKind.DEESC:
            return f"It ends without a message {span(rule.keep)} after the last strong peace news, {_last_true(alert)}."
        case _:
            edge = _ends_if(rule, span(rule.keep) if rule.keep else "")
            return f"It ends when {edge}; the last time it held was {_last_true(alert)}."


def ends_when(transition: Transition, rule: Rule) -> str:
    """What would end an alert that fires, in a sentence for a message; empty where nobody will hear of the end."""
    if transition.to_state is not State.FIRING or rule.kind in NOTICES or rule.kind is RuleKind.ALLCLEAR:
        return ""
    hours = f"{rule.keep.total_seconds() / 3600:g} h" if rule.keep else ""
    return f"Resolves when {_ends_if(rule, hours)}."


def _ends_if(rule: Rule, keep: str) -> str:
    """`keep` is how long it must have been so, in words; empty for at once."""
    long = f" for {keep}" if keep else ""
    match rule.kind:
        case RuleKind.LEVEL:
            return f"the level has stayed below {rule.steps[0].leave:g}{long}"
        case RuleKind.SURGE:
            return f"the surge has stayed below {rule.leave:g}{long}"
        case RuleKind.RISE:
            return f"the level has stayed less than {rule.leave:g} above its lowest of {span(rule.within)}{long}"
        case RuleKind.SILENCE:
            return f"one of the feeds has had a good poll again{long}"
        case _:
            return _condition_ends(rule, long)


def _condition_ends(rule: Rule, long: str) -> str:
    if rule.leave_when:
        return f"this {'has held' if long else 'holds'}{long}: {', '.join(map(str, rule.leave_when))}"
    no_longer = f"has not held{long}" if long else "no longer holds"
    return f"{'one of these' if len(rule.when) > 1 else 'this'} {no_longer}: {', '.join(map(str, rule.when))}"


def _pending(alert: Alert, rule: Rule, level: float, surge: float) -> str:
    since = alert.memory.since or alert.since
    if rule.kind is RuleKind.ALLCLEAR:
        due = since + rule.quiet
        return (
            f"A level of {rule.below:g} or more, now {level:.1f}; otherwise the all-clear comes {due:%Y-%m-%d %H:%M}Z."
        )
    return f"{_spoils(rule, level, surge)}; otherwise it fires {since + rule.hold:%Y-%m-%d %H:%M}Z."


def _spoils(rule: Rule, level: float, surge: float) -> str:
    """What would end a wait."""
    match rule.kind:
        case RuleKind.LEVEL:
            return f"A level below {rule.steps[0].enter:g}, now {level:.1f}"
        case RuleKind.SURGE:
            return f"A surge below {rule.enter:g}, now {surge:.1f}"
        case RuleKind.RISE:
            return f"A rise of less than {rule.enter:g} in {span(rule.within)}"
        case RuleKind.CUSTOM:
            return f"That this holds no longer: {', '.join(map(str, rule.when))}"
        case _:
            return _TURNS[rule.kind]


_TURNS = {
    RuleKind.DEESC: "The end of the peace news",
    RuleKind.SILENCE: "A good poll of one of the feeds",
    RuleKind.NOVEL: "An older act of its kind that is still told of",
}
"""What would end the wait of a kind that waits for no number."""


def _falls(alert: Alert, rule: Rule, what: str, now: float, leave: float) -> str:
    said = f"It ends when the {what} has stayed below {leave:g} for {span(rule.keep)}; it is {now:.1f} now"
    return f"{said}, below since {_last_true(alert)}." if now < leave else f"{said}."


def _last_true(alert: Alert) -> str:
    return f"{alert.memory.last_true_at or alert.since:%Y-%m-%d %H:%M}Z"
