"""Rules, and the pure decision what one of them says now."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache

from service.domain.risk.score import Score, band
from service.domain.risk.surge import Stir


class RuleKind(StrEnum):
    """What a rule watches: the level, a sudden rise of danger, peace news on a hot dyad, or quiet after an alert."""

    LEVEL = "LEVEL"
    SURGE = "SURGE"
    DEESC = "DEESC"
    ALLCLEAR = "ALLCLEAR"


ALARMS = frozenset({RuleKind.LEVEL, RuleKind.SURGE})
"""The kinds that tell of danger."""


class State(StrEnum):
    """As in Prometheus; `resolved` is the state after firing."""

    INACTIVE = "inactive"
    PENDING = "pending"
    FIRING = "firing"
    RESOLVED = "resolved"


class Severity(StrEnum):
    """How loud an alert is."""

    INFO = "info"
    WARNING = "warning"
    HIGH = "high"
    CRITICAL = "critical"


class ReasonKind(StrEnum):
    """Why a rule says what it says, without the numbers. A closed list: records are compared and asked by it."""

    BELOW_ENTER = "below-enter"
    NOT_NEW = "not-new"
    WAITS = "waits-for"
    FIRING = "firing"
    UNCONFIRMED = "unconfirmed"
    KEPT = "kept-firing"
    RESOLVED = "resolved"
    NO_PEACE = "no-peace-news"
    MILD_PEACE = "mild-peace-news"
    LITTLE_PEACE = "little-peace-news"
    NOT_HOT = "not-hot"
    NOTHING_RESOLVED = "nothing-resolved"
    NOT_BELOW = "not-below"
    ALL_CLEAR = "all-clear"
    GIVEN = "all-clear-given"


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of a LEVEL rule: enter at `enter`, leave below `leave` (levels 0 … 100)."""

    enter: float
    leave: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as configured. `subjects` are shell patterns over written subjects, e.g. `dyad:*`.

    `hold` is how long the condition must last before firing (`for`), `keep` how long firing outlasts it
    (`keep_firing_for`). `steps` belong to LEVEL; `enter` and `leave` (surges, in days) and `again`, how many times the
    surge last told is told anew, to SURGE; `hot_rate` (mass per day), `intensity` and `peace` (stir) to DEESC; `below`
    (level) and `quiet` to ALLCLEAR.
    """

    name: str
    kind: RuleKind
    subjects: tuple[str, ...] = ("*",)
    hold: timedelta = timedelta(0)
    keep: timedelta = timedelta(0)
    steps: tuple[Step, ...] = ()
    enter: float = 0.0
    leave: float = 0.0
    again: float = 1.5
    hot_rate: float = 0.02
    intensity: float = 4.0
    peace: float = 0.0
    severity: Severity = Severity.INFO
    below: float = 25.0
    quiet: timedelta = timedelta(days=7)
    labels: Mapping[str, str] = field(default_factory=dict)

    def covers(self, subject: str) -> bool:
        """Whether the rule watches this subject."""
        return _covers(self.subjects, subject)

    @property
    def asks_stir(self) -> bool:
        """Whether it looks at how much news stirs the subject; that costs a walk over 92 days."""
        return self.kind is RuleKind.SURGE or (self.kind is RuleKind.DEESC and self.peace > 0)


@lru_cache(maxsize=100_000)
def _covers(patterns: tuple[str, ...], subject: str) -> bool:
    return any(fnmatchcase(subject, pattern) for pattern in patterns)


@dataclass(frozen=True, slots=True)
class Accord:
    """A de-escalation incident in the news: when, how strong (0 … 10), and how many owner groups told of it.

    None did where only quarantined publishers do.
    """

    incident_id: str
    at: datetime
    intensity: float
    owners: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """How well the danger of the last 24 hours is attested: the best incident's owner groups, certainty, best grade.

    News that only quarantined publishers tell has a lead and no owner group.
    """

    owners: int = 0
    certainty: float = 0.0
    best_grade: str = "F"
    has_lead: bool = False

    @property
    def confirmed(self) -> bool:
        """Two owner groups, or one of grade A that is sure enough: only then may an alert page."""
        return self.owners >= 2 or (self.best_grade == "A" and self.certainty >= 0.8)  # noqa: PLR2004


@dataclass(frozen=True, slots=True)
class Facts:
    """All a decision may look at. Times are UTC-aware. `stir` is that of nothing where no rule asks for it."""

    subject: str
    now: datetime
    score: Score
    stir: Stir = field(default_factory=Stir)
    evidence: Evidence = field(default_factory=Evidence)
    accord: Accord | None = None
    fired_within_30d: bool = False
    resolved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a rule and subject between two decisions.

    `rung` counts the LEVEL step held, 0 for none; `told_surge` is the surge people last heard of while it fires.
    """

    state: State = State.INACTIVE
    rung: int = 0
    since: datetime | None = None
    last_true_at: datetime | None = None
    fired_at: datetime | None = None
    told: str = ""
    confirmed: bool = False
    resolved_at: datetime | None = None
    told_surge: float = 0.0


@dataclass(frozen=True, slots=True)
class Decision:
    """The new memory, and why: a kind and a sentence. `notify` is true when people should hear of it."""

    memory: Memory
    kind: ReasonKind
    reason: str
    severity: Severity
    notify: bool = False


def decide(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """What the rule says of the facts, given what it said before. Pure: same input, same answer."""
    match rule.kind:
        case RuleKind.LEVEL:
            return _decide_level(rule, memory, facts)
        case RuleKind.SURGE:
            return _decide_surge(rule, memory, facts)
        case RuleKind.DEESC:
            return _decide_accord(rule, memory, facts)
        case RuleKind.ALLCLEAR:
            return _decide_all_clear(rule, memory, facts)


def due_at(rule: Rule, memory: Memory) -> datetime | None:
    """When the wait of a pending rule is over, None where it does not wait."""
    if memory.state is not State.PENDING or memory.since is None:
        return None
    return memory.since + (rule.quiet if rule.kind is RuleKind.ALLCLEAR else rule.hold)


def _decide_level(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    level, is_new = facts.score.level, facts.score.e_24h > 0 and facts.evidence.has_lead
    held = memory.rung if memory.state in {State.PENDING, State.FIRING} else 0
    reached = max((n for n, step in enumerate(rule.steps, 1) if level >= step.enter), default=0)
    kept = _kept(rule, held, level) if memory.state is State.FIRING else min(held, reached)
    rung = max(reached if is_new else 0, kept)
    if rung == 0:
        return _condition_false(rule, memory, facts, *_not_reached(rule, memory, level))
    step = rule.steps[rung - 1]
    reason = _stands(level, step)
    return _condition_true(rule, memory, facts, rung, reason, step.severity)


def _kept(rule: Rule, held: int, level: float) -> int:
    """The highest step among those held whose lower edge the level has not crossed."""
    return max((n for n, step in enumerate(rule.steps[:held], 1) if level >= step.leave), default=0)


def _not_reached(rule: Rule, memory: Memory, level: float) -> tuple[ReasonKind, str]:
    lowest = rule.steps[0]
    edge = lowest.leave if memory.state is State.FIRING else lowest.enter
    if level < edge:
        return ReasonKind.BELOW_ENTER, f"level {level:.1f} is below {edge:g}"
    return ReasonKind.NOT_NEW, f"level {level:.1f} without news of danger"


def _stands(level: float, step: Step) -> str:
    at = f"level {level:.1f} ({band(level)})"
    return f"{at} is {step.enter:g} or more" if level >= step.enter else f"{at} has not fallen below {step.leave:g}"


def _decide_surge(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    """The form that was back-tested: a message at `enter`, and another whenever it is `again` times as high."""
    surge, is_new = facts.stir.surge, facts.stir.fresh > 0 and facts.evidence.has_lead
    fires, waits = memory.state is State.FIRING, memory.state is State.PENDING
    edge = rule.leave if fires else rule.enter
    if surge < edge:
        below = f"surge {surge:.1f} is below {edge:g}"
        return _condition_false(rule, memory, facts, ReasonKind.BELOW_ENTER, below)
    if not (fires or waits or is_new):
        stale = f"surge {surge:.1f} without news of danger"
        return _condition_false(rule, memory, facts, ReasonKind.NOT_NEW, stale)
    higher = fires and is_new and surge >= max(rule.enter, rule.again * memory.told_surge)
    reason = _surges(surge, rule, memory.told_surge if higher else 0.0)
    decision = _condition_true(rule, memory, facts, 1, reason, rule.severity, again=higher)
    told = surge if decision.notify else memory.told_surge
    return replace(decision, memory=replace(decision.memory, told_surge=told))


def _surges(surge: float, rule: Rule, told: float) -> str:
    """In words. The usual is never less than nothing, so `surge` days of it are the least that came."""
    if told:
        return f"surge {surge:.1f} is {rule.again:g} times the {told:.1f} told before, or more{_in_days(surge)}"
    if surge >= rule.enter:
        return f"surge {surge:.1f} is {rule.enter:g} or more{_in_days(surge)}"
    return f"surge {surge:.1f} has not fallen below {rule.leave:g}"


def _in_days(surge: float) -> str:
    days = int(surge)
    return f": at least as much in two days as usually in {days} day{'' if days == 1 else 's'}" if days else ""


def _condition_true(
    rule: Rule, memory: Memory, facts: Facts, rung: int, reason: str, loud: Severity, *, again: bool = False
) -> Decision:
    """`loud` is the severity once confirmed; `again` makes a message of what fires already."""
    now, confirmed = facts.now, memory.confirmed or facts.evidence.confirmed
    severity = loud if confirmed else Severity.INFO
    since = memory.since if memory.state in {State.PENDING, State.FIRING} else now
    assert since is not None
    base = Memory(
        State.PENDING, rung, since, now, memory.fired_at, memory.told, confirmed, resolved_at=memory.resolved_at
    )
    if memory.state is not State.FIRING and now - since < rule.hold:
        waits = f"{reason}; waits until it has held for {span(rule.hold)}"
        return Decision(base, ReasonKind.WAITS, waits, severity)
    louder = memory.state is State.FIRING and _order(severity) > _order(memory.told)
    first = memory.state is not State.FIRING
    notify = first or louder or again
    told = str(severity) if notify else memory.told
    fired_at = now if first else memory.fired_at
    fired = Memory(State.FIRING, rung, since, now, fired_at, told, confirmed)
    told_by = _with_evidence(reason, facts.evidence, confirmed=confirmed)
    kind = ReasonKind.FIRING if confirmed else ReasonKind.UNCONFIRMED
    return Decision(fired, kind, told_by, severity, notify=notify)


def _order(severity: str) -> int:
    return list(Severity).index(Severity(severity)) if severity else -1


def _with_evidence(reason: str, evidence: Evidence, *, confirmed: bool) -> str:
    if confirmed:
        return reason
    only = "quarantined publishers" if evidence.has_lead and not evidence.owners else "one owner group"
    return f"{reason}; unconfirmed: {only} so far"


def _condition_false(rule: Rule, memory: Memory, facts: Facts, kind: ReasonKind, reason: str) -> Decision:
    if memory.state is State.FIRING:
        quiet_since = memory.last_true_at or facts.now
        if facts.now - quiet_since < rule.keep:
            kept = f"{reason}; kept firing until it has been so for {span(rule.keep)}"
            return Decision(memory, ReasonKind.KEPT, kept, Severity(memory.told or Severity.INFO))
        return Decision(
            Memory(State.RESOLVED, since=facts.now, fired_at=memory.fired_at, resolved_at=facts.now),
            ReasonKind.RESOLVED,
            reason,
            Severity.INFO,
            notify=True,
        )
    state = State.RESOLVED if memory.resolved_at else State.INACTIVE
    quiet = Memory(state, since=memory.since, fired_at=memory.fired_at, resolved_at=memory.resolved_at)
    return Decision(quiet, kind, reason, Severity.INFO)


def _decide_accord(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    accord, hot = facts.accord, facts.score.e_30d >= rule.hot_rate or facts.fired_within_30d
    if accord is None:
        return _condition_false_quietly(rule, memory, facts, ReasonKind.NO_PEACE, "no peace news")
    if accord.intensity < rule.intensity:
        mild = f"peace news of intensity +{accord.intensity:.1f} is below +{rule.intensity:g}"
        return _condition_false_quietly(rule, memory, facts, ReasonKind.MILD_PEACE, mild)
    if facts.stir.peace < rule.peace:
        little = f"peace news stirs {facts.stir.peace:.2f}, below {rule.peace:g}"
        return _condition_false_quietly(rule, memory, facts, ReasonKind.LITTLE_PEACE, little)
    if not hot:
        cold = f"not hot: {facts.score.e_30d:.3f} is below {rule.hot_rate:g}"
        return _condition_false_quietly(rule, memory, facts, ReasonKind.NOT_HOT, cold)
    reason = f"de-escalation reported (intensity +{accord.intensity:.1f}), {_told_by(accord.owners)}"
    severity = rule.severity if accord.owners else Severity.INFO
    first = memory.state is not State.FIRING
    louder = not first and _order(severity) > _order(memory.told)
    told = str(severity) if first or louder else memory.told
    since = facts.now if first else memory.since
    fired = Memory(State.FIRING, 1, since, facts.now, facts.now if first else memory.fired_at, told)
    kind = ReasonKind.FIRING if accord.owners > 1 else ReasonKind.UNCONFIRMED
    return Decision(fired, kind, reason, severity, notify=first or louder)


def _told_by(owners: int) -> str:
    if not owners:
        return "quarantined publishers only, unconfirmed"
    return f"{owners} owner groups" if owners > 1 else "1 owner group, unconfirmed"


def _condition_false_quietly(rule: Rule, memory: Memory, facts: Facts, kind: ReasonKind, reason: str) -> Decision:
    """A notice ends without a second message."""
    return replace(_condition_false(rule, memory, facts, kind, reason), notify=False)


def _decide_all_clear(rule: Rule, memory: Memory, facts: Facts) -> Decision:
    if facts.resolved_at is None:
        return Decision(Memory(), ReasonKind.NOTHING_RESOLVED, "no alert was resolved here", rule.severity)
    if memory.fired_at is not None and memory.fired_at >= facts.resolved_at:
        return Decision(memory, ReasonKind.GIVEN, "the all-clear was given", rule.severity)
    if facts.score.level >= rule.below:
        above = f"level {facts.score.level:.1f} is not below {rule.below:g}"
        return Decision(Memory(), ReasonKind.NOT_BELOW, above, rule.severity)
    since = memory.since if memory.state is State.PENDING and memory.since else facts.now
    if facts.now - since < rule.quiet:
        waits = f"level below {rule.below:g} since {since:%Y-%m-%d %H:%M}Z, not yet for {span(rule.quiet)}"
        return Decision(Memory(State.PENDING, 1, since, facts.now), ReasonKind.WAITS, waits, rule.severity)
    reason = f"level {facts.score.level:.1f} has stayed below {rule.below:g} for {span(rule.quiet)}"
    given = Memory(State.RESOLVED, 0, facts.now, facts.now, facts.now, str(rule.severity))
    return Decision(given, ReasonKind.ALL_CLEAR, reason, rule.severity, notify=True)


def span(duration: timedelta) -> str:
    """A length of time in words: "15 min", "72 h" as "3 d"."""
    minutes = int(duration.total_seconds() // 60)
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
