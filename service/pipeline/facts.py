"""What a rule may look at, gathered from the books; what is dear only where a rule asks for it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from service.domain.alerting.act import Act
from service.domain.alerting.alert import Alert
from service.domain.alerting.condition import OF_ACTS, Measure
from service.domain.alerting.rule import ALARMS, Climb, Facts, Novelty, Rule, RuleKind, State
from service.domain.events.signal import Signal
from service.domain.risk.baseline import MEMORY, surprise
from service.domain.risk.caps import Flood, day_of
from service.domain.risk.incident import Incident
from service.domain.risk.ledger import Channel, Entry
from service.domain.risk.score import HORIZON, Score
from service.domain.risk.score import score as score_of
from service.domain.risk.surge import REACH, Stir, stir
from service.pipeline.attest import accord_of, acts_of, evidence_of
from service.pipeline.books import Gauge, entries_of, postings_of
from service.pipeline.hearing import Polled, attested, ears
from service.ports import Books

DAY = timedelta(days=1)
MONTH = timedelta(days=30)
BACK = max(DAY + HORIZON, REACH)
"""How old what rules look at may be: a level of the day before, or the usual that a surge is measured in."""
LOOKS = 7
"""Earlier levels that the level of now is compared with, evenly over the span of a rule of kind RISE."""


def reach(rules: Sequence[Rule]) -> timedelta:
    """How far back the books are read for these rules."""
    climbs = [rule.within + HORIZON for rule in rules if rule.kind is RuleKind.RISE]
    memory = [MEMORY for rule in rules if rule.asks(Measure.SURPRISE)]
    return max(BACK, *climbs, *memory, timedelta(0))


@dataclass(frozen=True, slots=True)
class Senses:
    """What deciding needs beside the books: the feeds and the share of them that answer."""

    feeds: Sequence[Polled] = ()
    freshness: float = 1.0


@dataclass(frozen=True, slots=True)
class Desk:
    """One evaluation: its moment, its transaction, and how the books are read in it."""

    now: datetime
    unit: Books
    gauge: Gauge
    floods: Collection[Flood]
    senses: Senses = field(default_factory=Senses)

    def score_before(self, entries: Sequence[Entry], ago: timedelta) -> Score:
        """The score so long ago, as the books have it now."""
        return score_of(entries, self.now - ago, self.gauge.scale, self.floods)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is common to all rules on a subject, and what single ones need to know more."""

    facts: Facts
    entries: Sequence[Entry]
    recent: Sequence[Incident]
    desk: Desk

    def facts_for(self, rule: Rule, novel: str) -> Facts:
        """What this rule may look at; `novel` says what is new while a rule of kind NOVEL fires."""
        subject = self.facts.subject
        match rule.kind:
            case RuleKind.NOVEL:
                return replace(self.facts, novelty=_novelty(subject, rule, self.recent, self.desk))
            case RuleKind.RISE:
                return replace(self.facts, climb=_climb(rule, self.entries, self.desk))
            case RuleKind.SILENCE:
                desk = self.desk
                heard = ears(subject, desk.senses.feeds, desk.unit, desk.now, desk.gauge.watchlists)
                return replace(self.facts, ears=heard)
            case _:
                return replace(self.facts, novel=novel)

    def level_before(self) -> float:
        """The level of a day ago."""
        return self.desk.score_before(self.entries, DAY).level


def gather(subject: str, rules: Sequence[Rule], alerts: Mapping[str, Alert], desk: Desk) -> Gathered:
    """All that these rules, which cover the subject, ask about it; `alerts` are the subject's, by rule."""
    now, gauge = desk.now, desk.gauge
    entries = entries_of(subject, desk.unit, now - reach(rules), now, gauge.watchlists)
    recent = _recent(subject, desk)
    fired = [alerts[r.name].memory.fired_at for r in rules if r.kind in ALARMS and r.name in alerts]
    facts = Facts(
        subject=subject,
        now=now,
        score=score_of(entries, now, gauge.scale, desk.floods),
        stir=stir(entries, now, desk.floods) if any(rule.asks_stir for rule in rules) else Stir(),
        evidence=evidence_of([i for i in recent if i.signal is Signal.ESCALATION]),
        accord=accord_of([i for i in recent if i.signal is Signal.DE_ESCALATION]),
        fired_within_30d=any(at is not None and now - at <= MONTH for at in fired),
        resolved_at=_resolved_at(rules, alerts),
        surprise=_surprise(entries, desk) if any(r.asks(Measure.SURPRISE) for r in rules) else None,
        confidence=_confidence(subject, desk) if any(r.asks(Measure.CONFIDENCE) for r in rules) else 0.0,
        acts=acts_of(recent) if any(r.asks(*OF_ACTS) for r in rules) else (),
    )
    return Gathered(facts, entries, recent, desk)


def _recent(subject: str, desk: Desk) -> list[Incident]:
    """Incidents of the last day on the subject, the weightiest first; not what a flooding owner alone tells."""
    booked = postings_of(subject, desk.unit, desk.now - DAY, desk.now, desk.gauge.watchlists)
    ids = sorted(i for i, entry in booked.items() if (entry.owner, day_of(entry.hour)) not in desk.floods)
    return sorted(desk.unit.ledger.incidents(ids).values(), key=lambda i: (-i.weight, i.id))


def _resolved_at(rules: Sequence[Rule], alerts: Mapping[str, Alert]) -> datetime | None:
    """When the last LEVEL alert ended, None while any alarm fires."""
    alarms = [(alerts[rule.name], rule.kind) for rule in rules if rule.kind in ALARMS and rule.name in alerts]
    if any(alert.state is State.FIRING for alert, _ in alarms):
        return None
    ends = [a.memory.resolved_at for a, kind in alarms if kind is RuleKind.LEVEL and a.memory.resolved_at]
    return max(ends, default=None)


def _surprise(entries: Sequence[Entry], desk: Desk) -> float | None:
    began = desk.unit.ledger.began_at()
    history = desk.now - began if began else timedelta(0)
    return surprise(entries, desk.now, history, desk.gauge.usual, desk.floods)


def _confidence(subject: str, desk: Desk) -> float:
    return attested(subject, desk.unit, desk.now, desk.gauge.watchlists) * desk.senses.freshness


def _climb(rule: Rule, entries: Sequence[Entry], desk: Desk) -> Climb:
    began, since = desk.unit.ledger.began_at(), desk.now - rule.within
    spans = [rule.within * n / LOOKS for n in range(1, LOOKS + 1)]
    levels = [(desk.score_before(entries, ago).level, desk.now - ago) for ago in spans]
    lowest, at = min(levels)
    return Climb(lowest, at, began, since)


def _novelty(subject: str, rule: Rule, recent: Sequence[Incident], desk: Desk) -> Novelty:
    today = [act for act in acts_of(recent) if _counts(act, rule)]
    first = min(today, key=lambda act: act.at, default=None)
    since = (first.at if first else desk.now) - rule.within
    before = _last_before(subject, first, since, rule, desk) if first else None
    return Novelty(first, before, desk.unit.ledger.began_at(), since)


def _counts(act: Act, rule: Rule) -> bool:
    return act.is_done and act.rung >= rule.rung


def _last_before(subject: str, first: Act, since: datetime, rule: Rule, desk: Desk) -> datetime | None:
    """When the last such act before this one was. The nearer past is read first: on a hot subject that is enough."""
    until, step = first.at, DAY
    while until > since:
        begin = max(since, until - step)
        booked = postings_of(subject, desk.unit, begin, until, desk.gauge.watchlists)
        ids = [i for i, entry in booked.items() if entry.channel is Channel.ESCALATION and i != first.incident_id]
        acts = acts_of(list(desk.unit.ledger.incidents(sorted(ids)).values()))
        found = [act.at for act in acts if _counts(act, rule) and since <= act.at <= first.at]
        if found:
            return max(found)
        until, step = begin, step * 2
    return None
