"""Rules, what they look at, and what they say. How they decide stands in `decide` and `kinds`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import lru_cache

from service.domain.alerting.act import Act
from service.domain.alerting.condition import Clause, Measure, Shortfall, measures
from service.domain.news.canary import is_invented
from service.domain.risk.score import Score
from service.domain.risk.surge import Stir


class RuleKind(StrEnum):
    """What a rule watches.

    The level; far more danger than is usual; a first act of its kind; a climbing level; peace news on a hot dyad; quiet
    after an alert; feeds that are dark; conditions of the operator's own.
    """

    LEVEL = "LEVEL"
    SURGE = "SURGE"
    NOVEL = "NOVEL"
    RISE = "RISE"
    DEESC = "DEESC"
    ALLCLEAR = "ALLCLEAR"
    SILENCE = "SILENCE"
    CUSTOM = "CUSTOM"


ALARMS = frozenset({RuleKind.LEVEL, RuleKind.SURGE, RuleKind.RISE})
"""The kinds that tell of danger: while one fires there is no all-clear, and after it a subject is hot."""
CONFIRMED = ALARMS | {RuleKind.CUSTOM}
"""The kinds that are info until they are confirmed."""
NOTICES = frozenset({RuleKind.DEESC, RuleKind.NOVEL})
"""The kinds that end without a second message."""


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
    NO_ACT = "no-act"
    NOT_FIRST = "not-first"
    SHORT_BOOKS = "short-books"
    NO_FEED = "no-feed"
    HEARD = "heard"
    UNMET = "condition-unmet"


@dataclass(frozen=True, slots=True)
class Step:
    """One rung of a LEVEL rule: enter at `enter`, leave below `leave` (levels 0 … 100)."""

    enter: float
    leave: float
    severity: Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as configured. `subjects` are shell patterns over written subjects, e.g. `dyad:*`; `but` takes some out.

    `hold` is how long the condition must last before firing (`for`), `keep` how long firing outlasts it
    (`keep_firing_for`). `steps` belong to LEVEL; `enter` and `leave` (surges, in days) and `again`, how many times the
    surge last told is told anew, to SURGE; `hot_rate` (mass per day), `intensity` and `peace` (stir) to DEESC; `below`
    (level) and `quiet` to ALLCLEAR; `rung` (0 … 5), `within` and `raises` to NOVEL; `enter` and `leave` (points of the
    level) and `within` to RISE; `stale` to SILENCE; `when` and `leave_when` to CUSTOM. `annotations` are templates.
    """

    name: str
    kind: RuleKind
    subjects: tuple[str, ...] = ("*",)
    but: tuple[str, ...] = ()
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
    rung: int = 4
    within: timedelta = timedelta(0)
    raises: bool = True
    stale: timedelta = timedelta(hours=6)
    when: tuple[Clause, ...] = ()
    leave_when: tuple[Clause, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    annotations: Mapping[str, str] = field(default_factory=dict)

    def covers(self, subject: str) -> bool:
        """Whether the rule watches this subject. What only canaries move has to be named: no pattern takes it."""
        if is_invented(subject):
            return subject in self.subjects
        return _covers(self.subjects, subject) and not _covers(self.but, subject)

    def asks(self, *what: Measure) -> bool:
        """Whether one of its conditions is about one of these."""
        return not measures((*self.when, *self.leave_when)).isdisjoint(what)

    @property
    def asks_stir(self) -> bool:
        """Whether it looks at how much news stirs the subject; that costs a walk over 92 days."""
        wants_peace = self.kind is RuleKind.DEESC and self.peace > 0
        return self.kind is RuleKind.SURGE or wants_peace or self.asks(Measure.SURGE)


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


class _Covered:
    """`began` is since when there are books, None for never; `since` is how far back they must go."""

    __slots__ = ()
    began: datetime | None
    since: datetime

    @property
    def is_covered(self) -> bool:
        """Whether the books go back far enough to tell."""
        return self.began is not None and self.began <= self.since


@dataclass(frozen=True, slots=True)
class Novelty(_Covered):
    """Whether an act is the first of its kind: the first of the last day and the latest before it within the span."""

    act: Act | None
    before: datetime | None
    began: datetime | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Climb(_Covered):
    """The lowest level of the span, and when it was."""

    lowest: float
    at: datetime
    began: datetime | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Ears:
    """The feeds that usually tell of a subject, and for how long none of them had a good poll; None: none ever had."""

    feeds: tuple[str, ...]
    dark_for: timedelta | None


@dataclass(frozen=True, slots=True)
class Facts:
    """All a decision may look at. Times are UTC-aware.

    What no rule asks for is as if there were nothing: `stir`, `surprise` (None), `confidence`, `acts` (lead incidents
    of the last 24 hours), `novelty`, `climb`, `ears`. `novel` says what is new while a rule of kind NOVEL fires.
    """

    subject: str
    now: datetime
    score: Score
    stir: Stir = field(default_factory=Stir)
    evidence: Evidence = field(default_factory=Evidence)
    accord: Accord | None = None
    fired_within_30d: bool = False
    resolved_at: datetime | None = None
    surprise: float | None = None
    confidence: float = 0.0
    acts: tuple[Act, ...] = ()
    novelty: Novelty | None = None
    climb: Climb | None = None
    ears: Ears | None = None
    novel: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered of a rule and subject between two decisions.

    `rung` counts the LEVEL step held, 0 for none; `told_surge` is the surge people last heard of while it fires;
    `raised` says why it is one severity louder than its rule, empty where it is not.
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
    raised: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """The new memory, and why: a kind and a sentence. `notify` is true when people should hear of it.

    `unmet` are the conditions of a CUSTOM rule that did not hold.
    """

    memory: Memory
    kind: ReasonKind
    reason: str
    severity: Severity
    notify: bool = False
    unmet: tuple[Shortfall, ...] = ()


def span(duration: timedelta) -> str:
    """A length of time in words: "15 min", "72 h" as "3 d"."""
    minutes = int(duration.total_seconds() // 60)
    for size, unit in ((1440, "d"), (60, "h")):
        if minutes >= size and minutes % size == 0:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
