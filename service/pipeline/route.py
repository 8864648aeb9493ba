"""Let changes of alerts wait in the groups of those who are to hear of them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.directory import Directory, group_on
from service.domain.alerting.group import Group, flush_at
from service.domain.alerting.route import NOBODY, Withheld, WithheldKind
from service.domain.alerting.rule import ALARMS, RuleKind, State
from service.flow import RowState, Task
from service.ports import Arrival, Claim, Clock, DirectoryOf, Queue, UnitOfWork, Units


def route(claims: Sequence[Claim], units: Units, directory_of: DirectoryOf, clock: Clock, queue: Queue) -> list[Claim]:
    """Enter each change into the groups of its routes, in the transaction that marks it as routed.

    The end of an alert goes to the groups that heard of its beginning. Where nobody can be told, why is kept with the
    change.
    """
    with units(serial=True) as unit:
        held = unit.works.finish(claims, RowState.ROUTED)
        directory = directory_of(unit)
        arrivals: list[Arrival] = []
        for transition, alert in unit.alerts.transitions([c.id for c in held]).values():
            found = _arrivals(transition, alert, directory, unit, clock.now())
            if not found:
                unit.outbox.withhold(transition.id, _why_nobody(transition))
            arrivals += found
        now = unit.marks.now()
        due = [arrival.group.id for arrival in arrivals if arrival.due_at <= now]
        entered = set(unit.outbox.enter(arrivals))
        if ready := [group_id for group_id in dict.fromkeys(due) if group_id in entered]:
            unit.after_commit(lambda: queue.nudge(Task.GATHER, ready))
    return held


def _arrivals(
    transition: Transition, alert: Alert, directory: Directory, unit: UnitOfWork, now: datetime
) -> list[Arrival]:
    if transition.to_state is State.RESOLVED:
        groups = unit.outbox.homes(*_beginning(alert, unit))
    else:
        labels = directory.labels(alert, transition)
        groups = [group_on(route, labels) for route in directory.find(labels)]
    known, work_now = unit.outbox.groups([group.id for group in groups]), unit.marks.now()
    waits = [_wait(known.get(group.id, group), directory, now) for group in groups]
    return [Arrival(group, transition.id, work_now + wait) for group, wait in zip(groups, waits, strict=True)]


def _beginning(alert: Alert, unit: UnitOfWork) -> tuple[list[str], datetime | None]:
    """Whose beginnings an end belongs to, and since when: an all-clear ends what alarms of its subject told."""
    if RuleKind(alert.labels["kind"]) is RuleKind.ALLCLEAR:
        alarms = [a for a in unit.alerts.for_subjects([alert.subject]) if RuleKind(a.labels["kind"]) in ALARMS]
    else:
        alarms = [alert]
    fired = [a.memory.fired_at for a in alarms if a.memory.fired_at]
    return [a.id for a in alarms], min(fired, default=None)


def _wait(group: Group, directory: Directory, now: datetime) -> timedelta:
    timing = (directory.route_of(group) or NOBODY).timing
    return flush_at(group, now, timing.group_wait, timing.group_interval) - now


def _why_nobody(transition: Transition) -> Withheld:
    ended = transition.to_state is State.RESOLVED
    return Withheld(WithheldKind.UNTOLD if ended else WithheldKind.NO_RECEIVER)
