"""Let the rules look at what changed, and keep what they decide."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from service.domain.alerting.alert import Alert, Quote, Transition, fingerprint
from service.domain.alerting.record import record, says_something_new
from service.domain.alerting.rule import (
    ALARMS,
    Accord,
    Decision,
    Evidence,
    Facts,
    Memory,
    Rule,
    RuleKind,
    State,
    decide,
)
from service.domain.events.signal import ArticleRole, Signal
from service.domain.news.owner import QUARANTINE
from service.domain.risk.caps import Flood, day_of
from service.domain.risk.incident import GRADES, Incident
from service.domain.risk.score import HORIZON, VERSION, Score
from service.domain.risk.score import score as score_of
from service.domain.risk.surge import REACH, Stir
from service.domain.risk.surge import stir as stir_of
from service.flow import Task
from service.pipeline.books import Gauge, entries_of, postings_of
from service.ports import Books, Clock, Queue, Units

DAY = timedelta(days=1)
MONTH = timedelta(days=30)
BACK = max(DAY + HORIZON, REACH)
"""How old what rules look at may be: a level of the day before, or the usual that a surge is measured in."""
QUOTES = 3
"""Evidence sentences an alert carries."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What records of decisions name beside the versions of the score, and how long they are kept."""

    versions: Mapping[str, str] = field(default_factory=dict)
    decisions: timedelta = timedelta(days=400)


PLAIN = Keeping()


def evaluate(
    units: Units, rules: Sequence[Rule], gauge: Gauge, clock: Clock, queue: Queue, keeping: Keeping = PLAIN
) -> list[str]:
    """Decide every rule on every subject that changed or that time may change; returns the new transitions' ids.

    What a rule says anew is kept in the same transaction, and what was said too long ago is thrown away.
    """
    versions = {**keeping.versions, "score": VERSION, "scale": gauge.version}
    with units(serial=True) as unit:
        now = clock.now()
        transitions = look({*changed(unit, gauge), *unit.alerts.watched()}, now, unit, rules, gauge, versions)
        unit.decisions.forget(now - keeping.decisions)
        if transitions:
            unit.after_commit(lambda: queue.nudge(Task.DISPATCH, transitions))
        unit.marks.set("evaluated", now.isoformat())
    return transitions


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
) -> list[str]:
    """Decide every rule on these subjects; returns the new transitions' ids. Needs a serial transaction.

    What rules say anew is kept with these versions; without any nothing is kept.
    """
    floods = unit.ledger.floods(now - BACK)
    return [t for s in sorted(subjects) for t in _evaluate_subject(s, now, unit, rules, gauge, floods, versions)]


def _evaluate_subject(
    subject: str,
    now: datetime,
    unit: Books,
    rules: Sequence[Rule],
    gauge: Gauge,
    floods: Collection[Flood],
    versions: Mapping[str, str] | None,
) -> list[str]:
    watching = [rule for rule in rules if rule.covers(subject)]
    if not watching:
        return []
    alerts = {alert.rule: alert for alert in unit.alerts.for_subjects([subject])}
    entries = entries_of(subject, unit, now - BACK, now, gauge.watchlists)
    recent = _recent(subject, now, unit, gauge, floods)
    score = score_of(entries, now, gauge.scale, floods)
    stirred = stir_of(entries, now, floods) if any(rule.asks_stir for rule in watching) else Stir()
    facts = _facts(subject, now, score, stirred, recent, alerts, rules)
    said = {} if versions is None else unit.decisions.standing(subject)
    made = []
    for rule in watching:
        old = alerts.get(rule.name)
        memory = old.memory if old else Memory()
        decision = decide(rule, memory, facts)
        if versions is not None:
            new = record(rule, memory, decision, facts, versions)
            if says_something_new(new, said.get(rule.name)):
                unit.decisions.add(new)
        before = partial(score_of, entries, now - DAY, gauge.scale, floods)
        if transition := _keep(rule, subject, old, decision, facts, recent, before, unit):
            made.append(transition)
    return made


def _recent(subject: str, now: datetime, unit: Books, gauge: Gauge, floods: Collection[Flood]) -> list[Incident]:
    """Incidents of the last day on the subject, the weightiest first; not what a flooding owner alone tells."""
    booked = postings_of(subject, unit, now - DAY, now, gauge.watchlists)
    ids = sorted(i for i, entry in booked.items() if (entry.owner, day_of(entry.hour)) not in floods)
    return sorted(unit.ledger.incidents(ids).values(), key=lambda i: (-i.weight, i.id))


def _facts(
    subject: str,
    now: datetime,
    score: Score,
    stirred: Stir,
    recent: Sequence[Incident],
    alerts: dict[str, Alert],
    rules: Sequence[Rule],
) -> Facts:
    alarms = [(alerts[rule.name], rule.kind) for rule in rules if rule.kind in ALARMS and rule.name in alerts]
    fired = [a.memory.fired_at for a, _ in alarms if a.memory.fired_at]
    resolved = [a.memory.resolved_at for a, kind in alarms if kind is RuleKind.LEVEL and a.memory.resolved_at]
    is_firing = any(a.state is State.FIRING for a, _ in alarms)
    return Facts(
        subject=subject,
        now=now,
        score=score,
        stir=stirred,
        evidence=_evidence([i for i in recent if i.signal is Signal.ESCALATION]),
        accord=_accord([i for i in recent if i.signal is Signal.DE_ESCALATION]),
        fired_within_30d=any(now - at <= MONTH for at in fired),
        resolved_at=max(resolved) if resolved and not is_firing else None,
    )


def _evidence(incidents: Sequence[Incident]) -> Evidence:
    """How well the best attested incident is: its own owners, certainty and grade, never those of several together."""
    attested = [_attested(i) for i in incidents if i.is_lead]
    return max(attested, key=lambda e: (e.confirmed, e.owners, e.certainty), default=Evidence())


def _attested(incident: Incident) -> Evidence:
    """What quarantined publishers tell is news of danger, but attests nothing; nor does a denial."""
    vouched = _vouched(incident)
    if vouched is None:
        return Evidence(has_lead=True)
    grades = [r.grade for r in vouched.best_by_owner]
    return Evidence(vouched.owners, vouched.certainty, max(grades, key=GRADES.__getitem__), has_lead=True)


def _vouched(incident: Incident) -> Incident | None:
    """The incident as publishers out of quarantine affirm it; None where for none of those it is the news."""
    reports = tuple(r for r in incident.reports if r.owner != QUARANTINE and not r.is_denial)
    told = Incident(reports) if reports else None
    return told if told and told.is_lead else None


def _accord(incidents: Sequence[Incident]) -> Accord | None:
    """The strongest peace news; what only quarantined publishers tell has no owner group."""
    accords = []
    for incident in incidents:
        if incident.is_lead:
            vouched = _vouched(incident)
            told, owners = (vouched, vouched.owners) if vouched else (incident, 0)
            accords.append(Accord(incident.id, incident.started_at, told.intensity, owners))
    return max(accords, key=lambda a: (a.intensity, a.owners, a.incident_id), default=None)


def _keep(
    rule: Rule,
    subject: str,
    old: Alert | None,
    decision: Decision,
    facts: Facts,
    recent: Sequence[Incident],
    before: Callable[[], Score],
    unit: Books,
) -> str | None:
    """Store the alert's new state; a change that people should hear of becomes a transition, whose id is returned."""
    old_state = old.state if old else State.INACTIVE
    if old is None and decision.memory.state is State.INACTIVE:
        return None
    side = Signal.ESCALATION if rule.kind in ALARMS else Signal.DE_ESCALATION
    quotes, owners = _quotes([i for i in recent if i.signal is side], unit)
    same = old is not None and old_state is decision.memory.state
    alert = Alert(
        rule=rule.name,
        subject=subject,
        labels={**rule.labels, "kind": str(rule.kind), "subject": subject},
        state=decision.memory.state,
        severity=decision.severity,
        reason=decision.reason,
        since=old.since if same and old else facts.now,
        memory=decision.memory,
        evidence=quotes or (old.evidence if old else ()),
        owner_groups=owners if quotes else (old.owner_groups if old else 0),
    )
    unit.alerts.save(alert)
    if not decision.notify:
        return None
    transition = Transition(
        alert_id=fingerprint(rule.name, subject),
        at=facts.now,
        from_state=old_state,
        to_state=alert.state,
        severity=decision.severity,
        level=facts.score.level,
        level_before=before().level,
        reason=decision.reason,
        evidence=quotes,
        owner_groups=owners,
        confirmed=decision.memory.confirmed,
    )
    return transition.id if unit.alerts.add_transition(transition) else None


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
