"""Turn changes of alerts into messages in the outbox."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.inhibit import inhibited_by
from service.domain.alerting.notification import Notification, body, title, urgency_of
from service.domain.alerting.route import Route, Withheld, WithheldKind, destinations
from service.domain.alerting.rule import ALARMS, Rule, RuleKind, State
from service.domain.risk.ledger import Channel
from service.domain.risk.subject import Subject, SubjectKind
from service.flow import RowState, Task
from service.ports import Books, Claim, Queue, UnitOfWork, Units

MONTH = timedelta(days=30)


def route(
    claims: Sequence[Claim],
    units: Units,
    table: Route,
    rules: Sequence[Rule],
    name_of: Callable[[Subject], str],
    queue: Queue,
) -> list[Claim]:
    """Write one notification for each receiver's channel, in the transaction that marks the change as routed.

    Nothing is written for a change that a firing dyad speaks for, nor for the end of what nobody was told of; why is
    kept with the change.
    """
    by_name = {rule.name: rule for rule in rules}
    with units() as unit:
        held = unit.works.finish(claims, RowState.ROUTED)
        made: list[str] = []
        for transition, alert in unit.alerts.transitions([c.id for c in held]).values():
            if why := withheld(transition, alert, unit, by_name, table):
                unit.alerts.withhold(transition.id, why)
            else:
                made += _write(transition, alert, unit, table, by_name.get(alert.rule), name_of)
        for message_id in made:  # each by itself: a lease must outlast the sends it covers
            unit.after_commit(lambda one=message_id: queue.nudge(Task.DELIVER, [one]))  # type: ignore[misc]
    return held


def withheld(
    transition: Transition, alert: Alert, unit: UnitOfWork, rules: Mapping[str, Rule], table: Route
) -> Withheld | None:
    """Why nobody is told of the change, None if it is news to somebody."""
    kind = RuleKind(alert.labels["kind"])
    if transition.to_state is State.FIRING and kind in ALARMS:
        speaker = _inhibitor(alert.subject, kind, transition.at, unit, rules)
        if speaker:
            return Withheld(WithheldKind.INHIBITED, speaker)
    if transition.to_state is State.RESOLVED and not unit.alerts.was_told(alert.subject):
        return Withheld(WithheldKind.UNTOLD)
    return None if destinations(table) else Withheld(WithheldKind.NO_RECEIVER)


def _inhibitor(subject: str, kind: RuleKind, now: datetime, unit: UnitOfWork, rules: Mapping[str, Rule]) -> str | None:
    """Only an alert of the same kind says what this one would: a war that goes on tells nothing of a new surge."""
    firing = [
        a.subject
        for name, rule in rules.items()
        if rule.kind is kind
        for a in unit.alerts.firing(name)
        if Subject.parse(a.subject).kind is SubjectKind.DYAD
    ]
    return speaker(subject, firing, now, unit)


def speaker(subject: str, firing: Sequence[str], now: datetime, unit: Books) -> str | None:
    """Which of these firing dyads speaks for a subject by what is booked, None where none does."""
    return inhibited_by(subject, firing, {s: _escalation(s, now, unit) for s in (subject, *firing)})


def _escalation(subject: str, now: datetime, unit: Books) -> dict[str, int]:
    postings = unit.ledger.postings(subject, now - MONTH, now)
    return {i: entry.micro for i, entry in postings.items() if entry.channel is Channel.ESCALATION}


def _write(
    transition: Transition,
    alert: Alert,
    unit: UnitOfWork,
    table: Route,
    rule: Rule | None,
    name_of: Callable[[Subject], str],
) -> list[str]:
    name = name_of(Subject.parse(alert.subject))
    messages = [
        Notification(
            transition_id=transition.id,
            alert_id=alert.id,
            receiver=receiver,
            channel=channel,
            title=title(alert, transition, name),
            body=body(alert, transition, name, _ends_when(transition, rule)),
            created_at=unit.marks.now(),
            urgency=urgency_of(transition.severity),
        )
        for receiver, channel in destinations(table)
    ]
    return [message.id for message in messages if unit.alerts.add_notification(message)]


def _ends_when(transition: Transition, rule: Rule | None) -> str:
    if rule is None or rule.kind not in ALARMS or transition.to_state is not State.FIRING:
        return ""
    keep = f" for {rule.keep.total_seconds() / 3600:g} h" if rule.keep else ""
    edge = f"surge has stayed below {rule.leave:g}"
    if rule.kind is RuleKind.LEVEL:
        edge = f"level has stayed below {rule.steps[0].leave:g}"
    return f"Resolves when the {edge}{keep}."
