"""Why somebody was not told of a subject: each rule's chain from its pattern to the channel, from what was kept."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from service.domain.alerting.alert import Transition
from service.domain.alerting.directory import Directory
from service.domain.alerting.labels import make_labels
from service.domain.alerting.record import Record, thresholds
from service.domain.alerting.rule import Rule, Severity, State
from service.domain.risk.score import HORIZON, Score
from service.domain.risk.score import score as score_of
from service.domain.risk.subject import Subject
from service.domain.risk.surge import Stir
from service.errors import NotFound
from service.flow import RowState
from service.operations.missing import Miss, Position, verdict
from service.operations.naming import near
from service.operations.why import fate_in_words, untold
from service.pipeline.books import Gauge, entries_of, stir_at
from service.ports import Course, DirectoryOf, UnitOfWork, Units


class LinkName(StrEnum):
    """The links of the chain, in order."""

    COVERS = "covers"
    RECORD = "record"
    CONDITION = "condition"
    CHANGE = "change"
    ROUTE = "route"
    MESSAGE = "message"
    DELIVERY = "delivery"


@dataclass(frozen=True, slots=True)
class Link:
    """One link: whether it held, in words, and by how much it missed where that is a number."""

    name: LinkName
    holds: bool
    says: str
    miss: Miss | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of one rule: the links that were looked at, and the record that stood."""

    rule: str
    links: Sequence[Link]
    record: Record | None

    @property
    def missing(self) -> Sequence[Link]:
        """The links that did not hold, the first first."""
        return [link for link in self.links if not link.holds]

    @property
    def reached(self) -> int:
        """How far it came: the number of the first missing link, more than all where nothing is missing."""
        order = list(LinkName)
        return order.index(self.missing[0].name) if self.missing else len(order)


@dataclass(frozen=True, slots=True)
class Explanation:
    """The rules' answers, the one that came furthest first. `score` is as the books have the moment today."""

    receiver: str
    subject: str
    at: datetime
    score: Score
    answers: Sequence[Answer]

    @property
    def says(self) -> str:
        """The answer in a sentence."""
        if not self.answers:
            return "no rule is configured"
        best = self.answers[0]
        if not best.missing:
            return f"{self.receiver} was told, by rule {best.rule}: {best.links[-1].says}"
        return f"rule {best.rule}: {best.missing[0].says}"


@dataclass(frozen=True, slots=True)
class _Case:
    receiver: str
    subject: str
    at: datetime
    score: Score
    stir: Stir
    directory: Directory
    no_record: str


def why_not(
    units: Units,
    receiver: str,
    subject: str,
    at: datetime,
    rules: Sequence[Rule],
    directory_of: DirectoryOf,
    gauge: Gauge,
) -> Explanation:
    """Why this receiver had not been told of this subject by a moment. Raises NotFound for unknown names."""
    with units(read_only=True) as unit:
        directory = directory_of(unit)
        if directory.receivers and receiver not in directory.receivers:
            raise NotFound(f"there is no receiver {receiver!r}{near(receiver, list(directory.receivers))}")
        floods = unit.ledger.floods(at - HORIZON)
        entries = entries_of(subject, unit, at - HORIZON, at, gauge.watchlists)
        score = score_of(entries, at, gauge.scale, floods)
        stirred = stir_at(subject, unit, at, gauge.watchlists)
        no_record = _no_record(at, unit, is_reported=bool(entries))
        case = _Case(receiver, subject, at, score, stirred, directory, no_record)
        records, courses = unit.decisions.standing(subject, at), _courses(subject, unit)
    configured = {rule.name: rule for rule in rules}
    names = [*configured, *sorted({*records, *courses} - set(configured))]
    answers = [_answer(case, n, configured.get(n), records.get(n), courses.get(n)) for n in names]
    return Explanation(receiver, subject, at, score, sorted(answers, key=lambda a: -a.reached))


def _courses(subject: str, unit: UnitOfWork) -> dict[str, Course]:
    return {alert.rule: unit.outbox.course(alert.id) for alert in unit.alerts.for_subjects([subject])}


def _no_record(at: datetime, unit: UnitOfWork, *, is_reported: bool) -> str:
    began, said = unit.decisions.began_at(), "there is no record of what the rule said"
    if began is None or began > at:
        return f"{said}: " + (f"records begin {began:%Y-%m-%d %H:%M}Z" if began else "nothing is recorded yet")
    if not is_reported:
        return f"{said}: nothing was reported on it in the 90 days before, so the rule was not asked"
    return f"{said}: it was not asked by then, or said so longer ago than records are kept"


def _answer(case: _Case, name: str, rule: Rule | None, kept: Record | None, course: Course | None) -> Answer:
    covers = _covers(case, rule)
    links = [covers]
    if covers.holds or kept:
        links += _decided(case, rule, kept)
        change = _last_change(case, course) if kept is None or links[-1].holds else None
        links += _told(case, change, course, _routes(case, rule))
    return Answer(name, links, kept)


def _covers(case: _Case, rule: Rule | None) -> Link:
    if rule is None:
        return Link(LinkName.COVERS, holds=False, says="the rule is no longer configured")
    patterns = ", ".join(rule.subjects)
    if rule.covers(case.subject):
        return Link(LinkName.COVERS, holds=True, says=f"it watches {patterns}")
    return Link(LinkName.COVERS, holds=False, says=f"it watches {patterns} only, not {case.subject}")


def _decided(case: _Case, rule: Rule | None, kept: Record | None) -> list[Link]:
    if kept is None:
        return [Link(LinkName.RECORD, holds=False, says=case.no_record)]
    changed = " (its thresholds have been changed since)" if rule and thresholds(rule) != kept.facts["rule"] else ""
    found = verdict(kept, Position(case.score, case.stir), case.at)
    word = f"its last word by then is of {kept.at:%Y-%m-%d %H:%M}Z: {kept.kind}{changed}"
    return [
        Link(LinkName.RECORD, holds=True, says=word),
        Link(LinkName.CONDITION, found.holds, found.says, found.miss),
    ]


def _last_change(case: _Case, course: Course | None) -> Transition | None:
    """The change that told of what the rule still said at the moment."""
    begun = [t for t in course.transitions if t.at <= case.at and t.to_state is not State.PENDING] if course else []
    return begun[-1] if begun else None


def _routes(case: _Case, rule: Rule | None) -> list[str]:
    """Whom an alert of the rule on the subject comes to by the routes of today, at any severity, confirmed or not."""
    if rule is None:
        return []
    labels = [
        make_labels(
            rule=rule.name,
            kind=rule.kind,
            subject=Subject.parse(case.subject),
            severity=severity,
            confirmed=confirmed,
            countries_of=case.directory.countries_of,
            own=rule.labels,
        )
        for severity in Severity
        for confirmed in (True, False)
    ]
    return sorted({route.receiver for one in labels for route in case.directory.find(one)})


def _told(case: _Case, change: Transition | None, course: Course | None, routed: Sequence[str]) -> list[Link]:
    """From the change to the channel. Without a change, only whether a way would lead to the receiver."""
    if change is None or course is None:
        return _gap(case, routed)
    when = f"{change.at:%Y-%m-%d %H:%M}Z"
    fates, sent = course.fates.get(change.id, ()), [n for n in course.notifications if n["transition_id"] == change.id]
    if not fates and not sent:
        says = f"nobody was told of the change of {when}: {untold(change, course)}"
        return [Link(LinkName.CHANGE, holds=False, says=says), *_gap(case, routed)]
    told = Link(LinkName.CHANGE, holds=True, says=f"the change of {when} was news")
    if mine := [n for n in sent if n["receiver"] == case.receiver]:
        return [told, Link(LinkName.ROUTE, holds=True, says=f"it went to {case.receiver}"), _delivery(mine)]
    if own := [fate for fate in fates if fate.receiver == case.receiver]:
        routed_to = Link(LinkName.ROUTE, holds=True, says=f"it was routed to {case.receiver}")
        return [told, routed_to, Link(LinkName.MESSAGE, holds=False, says=fate_in_words(own[-1]))]
    others = ", ".join(sorted({str(n["receiver"]) for n in sent} | {fate.receiver for fate in fates}))
    return [told, Link(LinkName.ROUTE, holds=False, says=f"the change of {when} went to {others}")]


def _gap(case: _Case, routed: Sequence[str]) -> list[Link]:
    """The missing link where the routes of today do not lead to the receiver."""
    if case.receiver in routed:
        return []
    if not case.directory.receivers:
        says = "no receiver is configured in routes.yaml: nobody is told of anything"
    else:
        says = f"the routes lead to {', '.join(routed) or 'nobody'}, not to {case.receiver}"
    return [Link(LinkName.ROUTE, holds=False, says=says)]


def _delivery(messages: Sequence[Mapping[str, Any]]) -> Link:
    says = "; ".join(f"{n['channel']}: {_OUTCOMES[n['state']](n)}" for n in messages)
    return Link(LinkName.DELIVERY, any(n["state"] == RowState.SENT for n in messages), says)


def _sent(row: Mapping[str, Any]) -> str:
    return f"sent {row['updated_at']:%Y-%m-%d %H:%M}Z"


def _cancelled(row: Mapping[str, Any]) -> str:
    return f"not sent {row['updated_at']:%Y-%m-%d %H:%M}Z: {row['last_error']}"


def _pending(row: Mapping[str, Any]) -> str:
    tried = f"; {row['attempt']} attempts failed, last: {row['last_error']}" if row["last_error"] else ""
    return f"not delivered yet, next attempt {row['due_at']:%Y-%m-%d %H:%M}Z{tried}"


def _dead(row: Mapping[str, Any]) -> str:
    return f"given up {row['updated_at']:%Y-%m-%d %H:%M}Z after {row['attempt']} attempts: {row['last_error']}"


_OUTCOMES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    RowState.SENT: _sent,
    RowState.PENDING: _pending,
    RowState.CANCELLED: _cancelled,
    RowState.DEAD: _dead,
}
