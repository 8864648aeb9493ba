"""Let the rules look at what changed, and keep what they decide."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from service.domain.alerting.alert import Alert, Quote, Transition, fingerprint
from service.domain.alerting.condition import Measure
from service.domain.alerting.decide import decide
from service.domain.alerting.kinds.novel import what_is_new
from service.domain.alerting.labels import NOVEL, labels_given_by
from service.domain.alerting.record import record, says_something_new
from service.domain.alerting.rule import Decision, Memory, Rule, RuleKind, Severity, State
from service.domain.events.signal import ArticleRole, Signal
from service.domain.news.owner import QUARANTINE, Owner
from service.domain.risk.incident import Incident
from service.domain.risk.score import VERSION
from service.domain.risk.subject import SubjectKind
from service.flow import Task
from service.pipeline.books import Gauge
from service.pipeline.facts import Desk, Gathered, Senses, gather, reach
from service.pipeline.hearing import freshness, polled, unheard
from service.ports import Books, Clock, Queue, UnitOfWork, Units

QUOTES = 3
"""Evidence sentences an alert carries."""
Annotate = Callable[[Mapping[str, str], Mapping[str, Any]], Mapping[str, str]]
"""Templates and the values they may use → what they say; it never raises."""


def _says_nothing(_templates: Mapping[str, str], _values: Mapping[str, Any]) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Wording:
    """How annotations are written out, and how subjects are called in them."""

    annotate: Annotate = _says_nothing
    name_of: Callable[[str], str] = str


PLAIN_WORDS = Wording()


def _nobody(_publisher: str, _url: str) -> Owner:
    return Owner(QUARANTINE, "F", is_quarantined=True)


@dataclass(frozen=True, slots=True)
class Keeping:
    """What records of decisions name beside the versions of the score, and how long they are kept."""

    versions: Mapping[str, str] = field(default_factory=dict)
    decisions: timedelta = timedelta(days=400)


PLAIN = Keeping()


def evaluate(
    units: Units,
    rules: Sequence[Rule],
    gauge: Gauge,
    clock: Clock,
    queue: Queue,
    keeping: Keeping = PLAIN,
    wording: Wording = PLAIN_WORDS,
    owner_of: Callable[[str, str], Owner] = _nobody,
) -> list[str]:
    """Decide every rule on every subject that changed or that time may change; returns the new transitions' ids.

    What a rule says anew is kept in the same transaction, and what was said too long ago is thrown away. `owner_of`
    finds the owner groups of the feeds.
    """
    versions = {**keeping.versions, "score": VERSION, "scale": gauge.version}
    with units(serial=True) as unit:
        now = clock.now()
        senses = _senses(unit, rules, now, owner_of)
        subjects = {*changed(unit, gauge), *unit.alerts.watched()}
        subjects |= unheard(rules, senses.feeds, unit, now, gauge.watchlists)
        transitions = look(subjects, now, unit, rules, gauge, versions, wording, senses)
        unit.decisions.forget(now - keeping.decisions)
        if transitions:
            unit.after_commit(lambda: queue.nudge(Task.DISPATCH, transitions))
        unit.marks.set("evaluated", now.isoformat())
    return transitions


def _senses(unit: UnitOfWork, rules: Sequence[Rule], now: datetime, owner_of: Callable[[str, str], Owner]) -> Senses:
    """What feeds say of themselves, where a rule asks for it."""
    listens = any(rule.kind is RuleKind.SILENCE for rule in rules)
    trusts = any(rule.asks(Measure.CONFIDENCE) for rule in rules)
    return Senses(polled(unit, owner_of) if listens else (), freshness(unit, now) if trusts else 1.0)


def changed(unit: Books, gauge: Gauge) -> set[str]:
    """The subjects marked as changed, which are marked no longer, and the watchlists they are on."""
    marked = unit.ledger.take_changed()
    return {*marked, *(name for name, members in gauge.watchlists.items() if not set(members).isdisjoint(marked))}


def look(
    subjects: Collection[str],
    now: datetime,
    unit: Books,
    rules: Sequence[Rule],
    gauge: Gauge,
    versions: Mapping[str, str] | None = None,
    wording: Wording = PLAIN_WORDS,
    senses: Senses = Senses(),  # noqa: B008  it cannot be changed
) -> list[str]:
    """Decide every rule on these subjects; returns the new transitions' ids. Needs a serial transaction.

    What rules say anew is kept with these versions; without any nothing is kept.
    """
    desk = Desk(now, unit, gauge, unit.ledger.floods(now - reach(rules)), senses)
    return [made for subject in sorted(subjects) for made in _look_at(subject, desk, rules, versions, wording)]


def _look_at(
    subject: str, desk: Desk, rules: Sequence[Rule], versions: Mapping[str, str] | None, wording: Wording
) -> list[str]:
    is_gone = subject.startswith(f"{SubjectKind.WATCH}:") and subject not in desk.gauge.watchlists
    watching = [] if is_gone else [rule for rule in rules if rule.covers(subject)]
    alerts = {alert.rule: alert for alert in desk.unit.alerts.for_subjects([subject])}
    _end_abandoned(alerts, watching, rules, desk)
    if not watching:
        return []
    gathered = gather(subject, watching, alerts, desk)
    said = {} if versions is None else desk.unit.decisions.standing(subject)
    made, novel = [], ""
    for rule in sorted(watching, key=lambda rule: rule.kind is not RuleKind.NOVEL):  # what is new raises the others
        facts = gathered.facts_for(rule, novel)
        old = alerts.get(rule.name)
        memory = old.memory if old else Memory()
        decision = decide(rule, memory, facts)
        if versions is not None:
            new = record(rule, memory, decision, facts, versions)
            if says_something_new(new, said.get(rule.name)):
                desk.unit.decisions.add(new)
        if rule.kind is RuleKind.NOVEL and rule.raises and decision.memory.state is State.FIRING:
            novel = novel or what_is_new(rule)
        if transition := _keep(rule, old, decision, gathered, wording):
            made.append(transition)
    return made


def _end_abandoned(alerts: Mapping[str, Alert], watching: Sequence[Rule], rules: Sequence[Rule], desk: Desk) -> None:
    """Alerts that no rule decides any more are over, and nobody is told: nothing happened but a change of the rules."""
    deciding, configured = {rule.name for rule in watching}, {rule.name for rule in rules}
    for alert in alerts.values():
        if alert.rule in deciding or alert.state not in {State.PENDING, State.FIRING}:
            continue
        fired = alert.state is State.FIRING
        state = State.RESOLVED if fired else State.INACTIVE
        over = Memory(state, since=desk.now, fired_at=alert.memory.fired_at, resolved_at=desk.now if fired else None)
        why = "the rule no longer covers it" if alert.rule in configured else "the rule was removed"
        desk.unit.alerts.save(
            replace(alert, state=state, severity=Severity.INFO, reason=why, since=desk.now, memory=over)
        )


def _keep(rule: Rule, old: Alert | None, decision: Decision, gathered: Gathered, wording: Wording) -> str | None:
    """Store the alert's new state; a change that people should hear of becomes a transition, whose id is returned."""
    subject, now, unit = gathered.facts.subject, gathered.facts.now, gathered.desk.unit
    old_state = old.state if old else State.INACTIVE
    if old is None and decision.memory.state is State.INACTIVE:
        return None
    quotes, owners = _evidence(rule, gathered.recent, unit)
    same = old is not None and old_state is decision.memory.state
    alert = Alert(
        rule=rule.name,
        subject=subject,
        labels=_labels(rule, subject, decision.memory),
        state=decision.memory.state,
        severity=decision.severity,
        reason=decision.reason,
        since=old.since if same and old else now,
        memory=decision.memory,
        evidence=quotes or (old.evidence if old else ()),
        owner_groups=owners if quotes else (old.owner_groups if old else 0),
    )
    news = not same or decision.notify or (old is not None and old.severity is not decision.severity)
    alert = replace(
        alert, annotations=_annotations(rule, alert, gathered, wording) if news or old is None else old.annotations
    )
    unit.alerts.save(alert)
    if not decision.notify:
        return None
    transition = Transition(
        alert_id=fingerprint(rule.name, subject),
        at=now,
        from_state=old_state,
        to_state=alert.state,
        severity=decision.severity,
        level=gathered.facts.score.level,
        level_before=gathered.level_before(),
        reason=decision.reason,
        evidence=quotes,
        owner_groups=owners,
        confirmed=decision.memory.confirmed,
    )
    return transition.id if unit.alerts.add_transition(transition) else None


def _labels(rule: Rule, subject: str, memory: Memory) -> dict[str, str]:
    return {**labels_given_by(rule), "subject": subject, **({NOVEL: "true"} if memory.raised else {})}


def _annotations(rule: Rule, alert: Alert, gathered: Gathered, wording: Wording) -> Mapping[str, str]:
    if not rule.annotations:
        return {}
    values = {
        "subject": alert.subject,
        "name": wording.name_of(alert.subject),
        "level": round(gathered.facts.score.level, 1),
        "level_before": round(gathered.level_before(), 1),
        "surge": round(gathered.facts.stir.surge, 1),
        "severity": str(alert.severity),
        "state": str(alert.state),
        "reason": alert.reason,
        "labels": dict(alert.labels),
        "owners": alert.owner_groups,
        "evidence": [{"publisher": q.publisher, "url": q.url, "text": q.text} for q in alert.evidence],
    }
    return wording.annotate(rule.annotations, values)


def _evidence(rule: Rule, recent: Sequence[Incident], unit: Books) -> tuple[tuple[Quote, ...], int]:
    """Sentences of the side that the rule is about; of dark feeds none tells."""
    danger = [i for i in recent if i.signal is Signal.ESCALATION]
    peace = [i for i in recent if i.signal is Signal.DE_ESCALATION]
    match rule.kind:
        case RuleKind.SILENCE:
            return (), 0
        case RuleKind.DEESC | RuleKind.ALLCLEAR:
            return _quotes(peace, unit)
        case RuleKind.CUSTOM:
            return _quotes(danger or peace, unit)
        case _:
            return _quotes(danger, unit)


def _quotes(incidents: Sequence[Incident], unit: Books) -> tuple[tuple[Quote, ...], int]:
    """The sentences that say so, of different owners, quarantine last, and how many owner groups vouch for them."""
    reports = [r for i in incidents for r in i.best_by_owner if r.credibility > 0]
    reports.sort(
        key=lambda r: (
            r.owner == QUARANTINE,
            r.event.role is not ArticleRole.LEAD,
            -r.event.mass * r.credibility,
            r.id,
        )
    )
    chosen = list({r.owner: r for r in reversed(reports)}.values())[::-1][:QUOTES]
    articles = unit.articles.get([r.article_id for r in chosen])
    quotes = tuple(
        Quote(articles[r.article_id].publisher, articles[r.article_id].url, r.event.text, r.article_id) for r in chosen
    )
    return quotes, len({r.owner for r in reports} - {QUARANTINE})
