"""Thresholds for a budget of pages: the operator's own history with every threshold beside every other, then proved."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fnmatch import fnmatchcase

from service.domain.alerting.alert import Transition
from service.domain.alerting.rule import ALARMS, Rule, State
from service.domain.evaluation.episode import Episode, between
from service.domain.evaluation.tuning import (
    LEAST_HISTORY,
    Budget,
    Known,
    Told,
    Tried,
    choose,
    compare,
    fair_shares,
    known_episodes,
    need,
    pages,
    past_alarms,
)
from service.domain.events.event import Event
from service.domain.events.signal import Signal
from service.domain.news.article import Article
from service.domain.risk.subject import Subject, SubjectKind
from service.operations.replay import Change, Replay
from service.pipeline.speaking import speaker
from service.ports import Units

BATCH = 500
"""Articles read from the database at a time."""
Engine = Callable[[Sequence[Rule]], Replay]
"""Makes a replay on empty books with these rules."""
Advance = Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Tunable:
    """A rule with a threshold, which stands under `key` and is `now`, and what it would be with each of others."""

    name: str
    key: str
    now: float
    signal: Signal
    rules: Mapping[float, Rule]


@dataclass(frozen=True, slots=True)
class History:
    """Articles that repeat no other, the oldest first, and their events. At least one."""

    articles: Sequence[Article]
    events: Sequence[Sequence[Event]]

    @property
    def first(self) -> date:
        """The day of the first article."""
        return self.articles[0].published_at.date()

    @property
    def last(self) -> date:
        """The day of the last one."""
        return self.articles[-1].published_at.date()

    @property
    def days(self) -> int:
        """How many days it spans, both included."""
        return (self.last - self.first).days + 1


def stored(units: Units, most: int | None = None) -> History | None:
    """What the database holds as booked, or the last so many articles of that; None when that is nothing."""
    with units(read_only=True) as unit:
        ids = unit.articles.booked()[-most if most else None :]
        articles: list[Article] = []
        events: list[Sequence[Event]] = []
        for n in range(0, len(ids), BATCH):
            part = ids[n : n + BATCH]
            found, told = unit.articles.get(part), unit.articles.events(part)
            articles += (found[i] for i in part)
            events += (told[i] for i in part)
    return History(articles, events) if articles else None


@dataclass(frozen=True, slots=True)
class Focus:
    """Pages count on subjects of these patterns; `episodes` are those that are known, None for no list."""

    subjects: tuple[str, ...] = ("*",)
    episodes: Sequence[Episode] | None = None

    def counts(self, subject: str) -> bool:
        """Whether pages of this subject count."""
        return any(fnmatchcase(subject, pattern) for pattern in self.subjects)


@dataclass(frozen=True, slots=True)
class Aim:
    """So many pages, and which count, as in `Focus`."""

    budget: Budget
    subjects: tuple[str, ...] = ("*",)
    episodes: Sequence[Episode] | None = None

    @property
    def focus(self) -> Focus:
        """What counts."""
        return Focus(self.subjects, self.episodes)


@dataclass(frozen=True, slots=True)
class Trial:
    """What every threshold of one rule brings, beside all others; `out_of_reach` no threshold catches."""

    tunable: Tunable
    tried: Sequence[Tried]
    known: Sequence[Known]
    out_of_reach: Sequence[str]


@dataclass(frozen=True, slots=True)
class Advice:
    """What is found of one rule: `share` pages of the history are its part, `out_of_reach` no threshold catches."""

    tunable: Tunable
    tried: Sequence[Tried]
    known: Sequence[Known]
    out_of_reach: Sequence[str]
    share: float
    proposed: float


@dataclass(frozen=True, slots=True)
class Proof:
    """The pages of a replay with the proposal, by rule; `kept` when they are within the budget."""

    told: Mapping[str, Sequence[Told]]
    kept: bool

    @property
    def pages(self) -> int:
        """All of them."""
        return sum(map(len, self.told.values()))


@dataclass(frozen=True, slots=True)
class Tuning:
    """What is proposed, rule by rule, and how a replay proved it. `is_short` when the history let nothing be lowered.

    `left_out` are ids of episodes outside the history.
    """

    history: History
    advice: Sequence[Advice]
    proof: Proof
    is_short: bool
    left_out: Sequence[str]


def tune(
    history: History, tunables: Sequence[Tunable], rules: Sequence[Rule], aim: Aim, engine: Engine, advance: Advance
) -> Tuning:
    """Propose a threshold for each rule that has one; `rules` are all rules as they are, in order.

    Pages of rules without a threshold are taken off the budget first.
    """
    found, fixed = trials(history, tunables, rules, aim.focus, engine, advance)
    allowed = aim.budget.over(history.days)
    is_short = history.days < LEAST_HISTORY
    advice = _advise(found, max(0.0, allowed - fixed), is_short=is_short)
    advice, proof = _prove(history, advice, rules, aim.focus, allowed, engine, advance)
    return Tuning(history, advice, proof, is_short, outside(aim.focus, history))


def trials(
    history: History, tunables: Sequence[Tunable], rules: Sequence[Rule], focus: Focus, engine: Engine, advance: Advance
) -> tuple[list[Trial], int]:
    """Every threshold of these rules beside every other in one replay, and the pages of rules without a threshold."""
    beside = {_named(t, threshold): rule for t in tunables for threshold, rule in t.rules.items()}
    own = {t.name for t in tunables}
    fixed = [rule for rule in rules if rule.name not in own]
    tested = [*(replace(rule, name=name) for name, rule in beside.items()), *fixed]
    told = _told(history, tested, {name: [name] for name in beside}, focus, engine, advance)
    return [_trial(t, told, history, focus) for t in tunables], sum(len(told[rule.name]) for rule in fixed)


def _named(tunable: Tunable, threshold: float) -> str:
    return f"{tunable.name}@{threshold:g}"


def _trial(tunable: Tunable, told: Mapping[str, Sequence[Told]], history: History, focus: Focus) -> Trial:
    by_threshold = {threshold: told[_named(tunable, threshold)] for threshold in tunable.rules}
    known = _known(tunable, by_threshold[tunable.now], history, focus)
    tried, out_of_reach = compare(by_threshold, known)
    return Trial(tunable, tried, known, out_of_reach)


def _advise(found: Sequence[Trial], spare: float, *, is_short: bool) -> list[Advice]:
    eligible = {
        trial.tunable.name: [one for one in trial.tried if not is_short or one.threshold >= trial.tunable.now]
        for trial in found
    }
    shares = fair_shares({t.tunable.name: need(eligible[t.tunable.name], t.tunable.now) for t in found}, spare)
    return [_advice(trial, eligible[trial.tunable.name], shares[trial.tunable.name]) for trial in found]


def _advice(trial: Trial, eligible: Sequence[Tried], share: float) -> Advice:
    proposed = _chosen(eligible, trial.tunable.now, share)
    return Advice(trial.tunable, trial.tried, trial.known, trial.out_of_reach, share, proposed)


def _chosen(eligible: Sequence[Tried], now: float, share: float) -> float:
    """The highest where none keeps to the share: the proof tells whether the budget is kept all the same."""
    chosen = choose(eligible, now, share)
    return eligible[-1].threshold if chosen is None else chosen


def _known(tunable: Tunable, present: Sequence[Told], history: History, focus: Focus) -> list[Known]:
    """The episodes on subjects the rule covers and that count; without a list its own past alarms."""
    if focus.episodes is None:
        return past_alarms(present)
    rule = tunable.rules[tunable.now]
    return known_episodes(
        episode
        for episode in between(focus.episodes, history.first, history.last)
        if episode.signal is tunable.signal and rule.covers(str(episode.subject)) and focus.counts(str(episode.subject))
    )


def outside(focus: Focus, history: History) -> list[str]:
    """Ids of known episodes that start outside the history."""
    inside = {e.id for e in between(focus.episodes or (), history.first, history.last)}
    return sorted(e.id for e in focus.episodes or () if e.id not in inside)


def _prove(
    history: History,
    advice: Sequence[Advice],
    rules: Sequence[Rule],
    focus: Focus,
    allowed: float,
    engine: Engine,
    advance: Advance,
) -> tuple[list[Advice], Proof]:
    """Replay with the proposal alone; while that pages too often, the rule furthest above its share goes higher.

    Rules see each other: what was a page beside all other thresholds need not be one beside the proposal.
    """
    chosen = {one.tunable.name: one for one in advice}
    while True:
        proposal = [_proposed(rule, chosen) for rule in rules]
        told = rehearse(history, proposal, focus, engine, advance)
        proof = Proof(told, sum(map(len, told.values())) <= allowed)
        raised = None if proof.kept else _raised(list(chosen.values()), told)
        if raised is None:
            return list(chosen.values()), proof
        chosen[raised.tunable.name] = raised


def rehearse(
    history: History, rules: Sequence[Rule], focus: Focus, engine: Engine, advance: Advance
) -> dict[str, list[Told]]:
    """Rule → its pages that count, had these rules and no others been in force."""
    speakers = {r.name: [other.name for other in rules if other.kind is r.kind] for r in rules}
    return _told(history, rules, speakers, focus, engine, advance)


def _proposed(rule: Rule, chosen: Mapping[str, Advice]) -> Rule:
    advice = chosen.get(rule.name)
    return advice.tunable.rules[advice.proposed] if advice else rule


def _raised(advice: Sequence[Advice], told: Mapping[str, Sequence[Told]]) -> Advice | None:
    """The rule whose pages are furthest above its share, with the next higher threshold; None when all stand highest.

    A rule without a page is left as it is: to raise it would cost and bring nothing.
    """
    higher = {}
    for one in advice:
        above = [t for t in sorted(one.tunable.rules) if t > one.proposed]
        if above and told[one.tunable.name]:
            higher[one.tunable.name] = (len(told[one.tunable.name]) - one.share, replace(one, proposed=above[0]))
    return higher[max(higher, key=lambda name: (higher[name][0], name))][1] if higher else None


def _told(
    history: History,
    rules: Sequence[Rule],
    speakers: Mapping[str, Sequence[str]],
    focus: Focus,
    engine: Engine,
    advance: Advance,
) -> dict[str, list[Told]]:
    """Rule → its pages that count. A firing dyad of the rule's `speakers` speaks for its countries, as in service."""
    replay = engine(rules)
    replay.store(history.articles)
    until = history.articles[-1].published_at + max((rule.hold for rule in rules), default=timedelta(0))
    changes: defaultdict[str, list[tuple[Transition, str]]] = defaultdict(list)
    for change, alert in replay.run(history.articles, history.events, until, advance):
        if focus.counts(alert.subject) and not _is_spoken_for((change, alert), speakers.get(alert.rule, ()), replay):
            changes[alert.rule].append((change, alert.subject))
    return {rule.name: pages(changes[rule.name]) for rule in rules}


def _is_spoken_for(change: Change, speakers: Sequence[str], replay: Replay) -> bool:
    transition, alert = change
    if transition.to_state is not State.FIRING or alert.labels["kind"] not in ALARMS:
        return False
    with replay.units(read_only=True) as unit:
        firing = {a.subject for name in speakers for a in unit.alerts.firing(name)}
        dyads = sorted(s for s in firing if Subject.parse(s).kind is SubjectKind.DYAD)
        return speaker(alert.subject, dyads, transition.at, unit) is not None
