"""Why people were told: the trace of an alert, from what was kept when it was decided."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.domain.alerting.alert import Transition
from service.domain.alerting.ending import what_ends
from service.domain.alerting.record import Record
from service.domain.alerting.route import Withheld, WithheldKind
from service.domain.alerting.rule import Rule
from service.errors import NotFound
from service.flow import RowState
from service.operations.naming import near
from service.operations.scores import Explained, explained_in, read
from service.pipeline.books import Gauge, stir_at
from service.ports import Alerts, Course, Fate, UnitOfWork, Units

MOST_STEPS = 10
"""Changes that are told in full; an alert is one for ever, so it may have had many."""
MOST_CONTRIBUTIONS = 3
SHORTEST = 4
"""Digits of an id that can stand for the whole."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One change of the alert.

    `decisions` are what its rule said since the change before, up to the one that made this. `score` is that of the
    moment as the ledger has it today, with the largest contributions. `untold` says why nobody was told, and is empty
    where there are `notifications` (rows).
    """

    transition: Transition
    decisions: Sequence[Record]
    score: Explained
    notifications: Sequence[Mapping[str, Any]]
    untold: str


@dataclass(frozen=True, slots=True)
class Trace:
    """What led to an alert: its last changes in order, how many there were `earlier`, what was said since."""

    course: Course
    stages: Sequence[Stage]
    earlier: int
    since: Sequence[Record]
    ends: str
    at: datetime
    versions: Mapping[str, str]


def why(
    units: Units,
    name: str,
    at: datetime,
    rules: Sequence[Rule],
    gauge: Gauge,
    versions: Mapping[str, str],
    most: int = MOST_STEPS,
) -> Trace:
    """The trace of the alert of this id, beginning of an id, or RULE/SUBJECT, with at most so many stages.

    Raises NotFound, naming what is near.
    """
    with units(read_only=True) as unit:
        course = unit.outbox.course(identify(name, unit.alerts))
        alert = course.alert
        records = unit.decisions.of(alert.rule, alert.subject)
        known = {rule.name: rule for rule in rules}
        level = read(alert.subject, unit, at, gauge, versions).score.level
        surge = stir_at(alert.subject, unit, at, gauge.watchlists).surge
        stages = _stages(course, records, unit, gauge, versions, most)
        last = course.transitions[-1].at if course.transitions else None
        return Trace(
            course=course,
            stages=stages,
            earlier=len(course.transitions) - len(stages),
            since=[r for r in records if last is None or r.at > last],
            ends=what_ends(alert, known.get(alert.rule), level, surge),
            at=at,
            versions=versions,
        )


def identify(name: str, alerts: Alerts) -> str:
    """The id of the alert that is meant; whoever gives the whole id need not wait for all names. Raises NotFound."""
    return name if alerts.is_known(name) else find(name, alerts.names())


def find(name: str, names: Sequence[tuple[str, str, str]]) -> str:
    """The id of the alert that is meant, of those with these (id, rule, subject). Raises NotFound."""
    written = {f"{rule}/{subject}": alert_id for alert_id, rule, subject in names}
    if name in written:
        return written[name]
    found = [alert_id for alert_id, _, _ in names if alert_id.startswith(name) and len(name) >= SHORTEST]
    if len(found) == 1:
        return found[0]
    if found:
        raise NotFound(f"several alerts begin with {name}: {', '.join(sorted(found)[:5])}; write more of the id")
    if not names:
        raise NotFound(f"there is no alert {name!r}: no rule has ever said anything but that all is quiet")
    alike = near(name, [*written] if "/" in name or ":" in name else [*written.values()])
    raise NotFound(f"there is no alert {name!r}{alike} (an id, {SHORTEST} digits of it or more, or RULE/SUBJECT)")


def _stages(
    course: Course, records: Sequence[Record], unit: UnitOfWork, gauge: Gauge, versions: Mapping[str, str], most: int
) -> list[Stage]:
    before = [None, *(t.at for t in course.transitions)]
    steps = list(zip(before, course.transitions, strict=False))[-most:]
    return [_stage(since, change, course, records, unit, gauge, versions) for since, change in steps]


def _stage(
    since: datetime | None,
    change: Transition,
    course: Course,
    records: Sequence[Record],
    unit: UnitOfWork,
    gauge: Gauge,
    versions: Mapping[str, str],
) -> Stage:
    told = [n for n in course.notifications if n["transition_id"] == change.id]
    return Stage(
        transition=change,
        decisions=[r for r in records if (since is None or r.at > since) and r.at <= change.at],
        score=explained_in(unit, course.alert.subject, change.at, gauge, versions, MOST_CONTRIBUTIONS),
        notifications=told,
        untold="" if told else untold(change, course),
    )


def untold(change: Transition, course: Course) -> str:
    """Why there is no message about a change."""
    if change.id in course.withheld:
        return str(course.withheld[change.id])
    if fates := course.fates.get(change.id):
        said = {fate_in_words(fate) for fate in fates}
        return said.pop() if len(said) == 1 else "; ".join(f"{f.receiver}: {fate_in_words(f)}" for f in fates)
    return _UNTOLD[course.states[change.id]]


def fate_in_words(fate: Fate) -> str:
    """What became of a change on its way to a receiver that has no message of it."""
    if fate.withheld:
        return str(fate.withheld)
    if fate.waits and fate.held:
        return str(Withheld(WithheldKind(fate.held)))
    return "it waits for the group's next message" if fate.waits else "its message is older than messages are kept"


_UNTOLD: Mapping[str, str] = {
    RowState.PENDING: "not routed yet",
    RowState.ROUTED: "routed before it was kept why nobody is told",
    RowState.DEAD: "it could not be routed and was given up: it stands among the dead rows of the runbook",
}
