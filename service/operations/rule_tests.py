"""Tests of rules that operators write: these articles at these times, then this alert in that state."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.record import Record
from service.domain.alerting.rule import Rule, RuleKind, Severity, State
from service.domain.events.event import Event
from service.domain.news.article import Article, content_hash
from service.domain.risk.subject import Subject
from service.operations.replay import Change, Replay, last_look
from service.pipeline.hearing import Polled
from service.pipeline.score import OwnerOf

GRID = timedelta(hours=1)
"""How often the rules of a test look at what time alone may change, besides the moments it asks about."""


@dataclass(frozen=True, slots=True)
class Told:
    """An article of a test: a text to be read (`event` is None), or what is coded already."""

    article: Article
    event: Event | None


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a rule must say of a subject at a moment; what is None may be anything. `where` it stands in the file."""

    where: str
    at: datetime
    rule: str
    subject: Subject
    state: State
    severity: Severity | None = None
    confirmed: bool | None = None

    def __str__(self) -> str:
        """As a reader would say it."""
        more = [str(self.severity)] if self.severity else []
        more += [] if self.confirmed is None else ["confirmed" if self.confirmed else "unconfirmed"]
        return f"{self.rule}/{self.subject} {', '.join([str(self.state), *more])} at {moment(self.at)}"


@dataclass(frozen=True, slots=True)
class Dark:
    """A publisher's feed that has no good poll from a moment on, until another (None: to the end)."""

    publisher: str
    since: datetime
    until: datetime | None = None

    def at(self, moment: datetime) -> timedelta:
        """How long it has been dark."""
        is_dark = self.since <= moment and (self.until is None or moment < self.until)
        return moment - self.since if is_dark else timedelta(0)


@dataclass(frozen=True, slots=True)
class RuleTest:
    """One file: articles by time, rules, what must come of them, and whether nobody may hear of anything.

    The only feeds there are are those that get `dark`.
    """

    name: str
    told: Sequence[Told]
    rules: Sequence[Rule]
    expectations: Sequence[Expectation]
    dark: Sequence[Dark] = ()
    nothing_where: str = ""
    """Where it stands that nobody may hear of anything; empty: it does not."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What was expected where, what was found, and the reason the rule gave."""

    where: str
    expected: str
    found: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a test; `changes` is what people would have heard of, in order."""

    name: str
    failures: Sequence[Failure]
    changes: Sequence[Change]


Read = Callable[[Sequence[Article]], Sequence[Sequence[Event]]]
"""Articles → the events of each."""


def run(test: RuleTest, engine: Replay, read: Read) -> Outcome:
    """Run a test through the decisions of the service; `engine` is fresh, `read` is called for texts only."""
    engine = replace(engine, grid=GRID, versions={}, feeds=lambda moment: _polled(test.dark, engine.owner_of, moment))
    articles, events = _stored(test.told, engine, read)
    asked = [expectation.at for expectation in test.expectations]
    moments = [*asked, *_turns(test)]
    last = max(asked, default=None)
    if test.nothing_where and articles:
        last = max(last or articles[-1].published_at, last_look(articles, test.rules))
    changes = list(engine.run(articles, events, last, moments=moments)) if last else []
    failures = [failure for expected in test.expectations if (failure := _check(expected, engine))]
    return Outcome(test.name, [*failures, *_anything(test, changes)], changes)


def _polled(dark: Sequence[Dark], owner_of: OwnerOf, moment: datetime) -> list[Polled]:
    owners = [(one, owner_of(one.publisher, "")) for one in dark]
    return [Polled(one.publisher, owner.group, one.at(moment)) for one, owner in owners if not owner.is_quarantined]


def _turns(test: RuleTest) -> list[datetime]:
    """When a feed has been dark for as long as a rule asks, and when it is heard again."""
    stale = {rule.stale for rule in test.rules if rule.kind is RuleKind.SILENCE}
    found = {one.since + span for one in test.dark for span in stale}
    return sorted({*found, *(one.until for one in test.dark if one.until)})


def _stored(told: Sequence[Told], engine: Replay, read: Read) -> tuple[list[Article], list[Sequence[Event]]]:
    """The articles that count and their events, by time; of texts those that repeat another do not."""
    new = engine.store_new(t.article for t in told if t.event is None)
    coded = {t.article.id: (t.article, [t.event]) for t in told if t.event}
    with engine.units(serial=True) as unit:
        for article, _ in coded.values():
            unit.articles.add(article, "test", content_hash(article.id, article.text))
    texts = zip(new, read(new), strict=True) if new else ()
    pairs = sorted([*coded.values(), *texts], key=lambda pair: (pair[0].published_at, pair[0].id))
    return [article for article, _ in pairs], [events for _, events in pairs]


def _check(expected: Expectation, engine: Replay) -> Failure | None:
    with engine.units(read_only=True) as unit:
        said = unit.decisions.standing(str(expected.subject), expected.at).get(expected.rule)
    if said is None:
        if expected.state is State.INACTIVE:
            return None
        nothing = "nothing was reported that would make the rule look at it"
        return Failure(expected.where, str(expected), str(State.INACTIVE), nothing)
    wrong = (
        said.after is not expected.state
        or expected.severity not in {None, said.severity}
        or expected.confirmed not in {None, said.facts["confirmed"]}
    )
    return Failure(expected.where, str(expected), _found(said), said.reason) if wrong else None


def _found(said: Record) -> str:
    confirmed = ", confirmed" if said.facts["confirmed"] else ", unconfirmed"
    return f"{said.after}, {said.severity}{confirmed if said.after is State.FIRING else ''} since {moment(said.at)}"


def _anything(test: RuleTest, changes: Sequence[Change]) -> list[Failure]:
    if not test.nothing_where:
        return []
    return [Failure(test.nothing_where, "that nobody hears of anything", _heard(t, a), t.reason) for t, a in changes]


def _heard(t: Transition, a: Alert) -> str:
    return f"{a.rule}/{a.subject} {t.to_state}, {t.severity} at {moment(t.at)}"


def moment(at: datetime) -> str:
    """A moment as it is shown, to the minute."""
    return f"{at:%Y-%m-%d %H:%M}Z"
