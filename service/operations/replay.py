"""The past once more: dated articles through the live decisions, under a clock of their own."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.decide import due_at
from service.domain.alerting.rule import Rule
from service.domain.events.event import Event
from service.domain.events.geography import Geography
from service.domain.news.article import Article, content_hash
from service.domain.news.credit import Agencies
from service.domain.risk.score import HORIZON
from service.pipeline.books import Gauge
from service.pipeline.deduplicate import WINDOW, Voices, judge
from service.pipeline.evaluate import changed, look
from service.pipeline.facts import Senses
from service.pipeline.hearing import Polled, unheard
from service.pipeline.score import OwnerOf, enter, reports_of
from service.ports import Books, Fingerprints, OpenBooks

GRID = timedelta(hours=6)
"""How often rules look at what time alone may change, at 0, 6, 12 and 18 h UTC. The service does every half minute."""
_EPOCH = datetime.fromtimestamp(0, UTC)


@dataclass
class VirtualClock:
    """Implements `ports.Clock`: it stands where the replay has got to."""

    moment: datetime = _EPOCH

    def now(self) -> datetime:
        """The time of what is being replayed."""
        return self.moment


Change = tuple[Transition, Alert]
"""A transition and the alert it is of."""


def last_look(articles: Sequence[Article], rules: Sequence[Rule]) -> datetime:
    """Where a replay of these articles, at least one, ends by itself: all mass has faded, and all rules have ended."""
    longest = max((rule.keep + rule.quiet for rule in rules), default=timedelta(0))
    return max(a.published_at for a in articles) + HORIZON + longest + 2 * GRID


@dataclass(frozen=True, slots=True)
class Replay:
    """All that decides, on books of its own. `clock` is that of the books, too.

    `grid` is how often rules look at what time alone may change. What they say is kept with `versions`; without any it
    is not. `feeds` tells how the feeds are at a moment: there are none unless somebody says so. What an agency among
    `agencies` is credited with is its voice.
    """

    units: OpenBooks
    clock: VirtualClock
    owner_of: OwnerOf
    geography: Geography
    rules: Sequence[Rule]
    gauge: Gauge
    fingerprints: Fingerprints
    grid: timedelta = GRID
    versions: Mapping[str, str] | None = None
    feeds: Callable[[datetime], Sequence[Polled]] = lambda _: ()
    agencies: Agencies = field(default_factory=partial(Agencies, ()))

    def store_new(self, articles: Iterable[Article]) -> list[Article]:
        """Store the articles by time and id, whatever order they come in; returns those that repeat no other."""
        new, voices = [], Voices(self.owner_of, self.agencies)
        with self.units(serial=True) as unit:
            for article in sorted(articles, key=lambda a: (a.published_at, a.id)):
                unit.articles.add(article, "replay", content_hash(article.title, article.text))
                if not judge(article, unit, self.fingerprints, voices, WINDOW).reason:
                    new.append(article)
        return new

    def store(self, articles: Iterable[Article]) -> None:
        """Store articles of which it is known that none repeats another."""
        with self.units(serial=True) as unit:
            for article in articles:
                unit.articles.add(article, "replay", content_hash(article.title, article.text))

    def book(self, articles: Sequence[Article], events: Sequence[Sequence[Event]]) -> None:
        """Book these stored articles, and let no rule look."""
        coded = dict(zip((a.id for a in articles), events, strict=True))
        with self.units(serial=True) as unit:
            self._book(articles, coded, unit)

    def run(
        self,
        articles: Sequence[Article],
        events: Sequence[Sequence[Event]],
        until: datetime,
        advance: Callable[[int], object] = lambda _: None,
        moments: Sequence[datetime] = (),
    ) -> Iterator[Change]:
        """What changes up to `until`, included, as these stored articles with these events come in, the oldest first.

        Rules look at the subjects of an article when it comes, at an alert that waits when its wait is over, and at all
        that time alone may change on the grid and at the `moments`. `advance` is told how many articles have been dealt
        with.
        """
        agenda = _Agenda(articles, self.grid, moments)
        coded = dict(zip((a.id for a in articles), events, strict=True))
        while (moment := agenda.next()) and moment <= until:
            self.clock.moment = moment
            came = agenda.articles_at(moment)
            with self.units(serial=True) as unit:
                self._book(came, coded, unit)
                senses = Senses(self.feeds(moment))
                subjects = changed(unit, self.gauge) | agenda.subjects_at(moment, unit)
                subjects |= unheard(self.rules, senses.feeds, unit, moment, self.gauge.watchlists)
                made = look(subjects, moment, unit, self.rules, self.gauge, self.versions, senses=senses)
                agenda.plan(subjects, self.rules, unit, moment)
                changes = unit.alerts.transitions(made)
            yield from (changes[transition_id] for transition_id in made)
            advance(len(came))

    def _book(self, came: Sequence[Article], coded: dict[str, Sequence[Event]], unit: Books) -> None:
        for article in came:
            unit.articles.save_events(article.id, coded.pop(article.id))
        enter(reports_of([a.id for a in came], unit, self.owner_of), unit, self.geography, self.clock.now())


class _Agenda:
    """When something is to be looked at: articles that come, waits that end, and the grid while anything is watched."""

    def __init__(self, articles: Sequence[Article], grid: timedelta, moments: Sequence[datetime]) -> None:
        self._articles, self._taken = articles, 0
        self._every, self._moments = grid, sorted(moments)
        self._waits: list[tuple[datetime, str]] = []
        self._noted: set[tuple[datetime, str]] = set()
        self._grid: datetime | None = None

    def next(self) -> datetime | None:
        """The next such moment, None when nothing will happen any more."""
        article = self._articles[self._taken].published_at if self._taken < len(self._articles) else None
        wait = self._waits[0][0] if self._waits else None
        asked = self._moments[0] if self._moments else None
        return min((moment for moment in (article, wait, self._grid, asked) if moment), default=None)

    def articles_at(self, moment: datetime) -> Sequence[Article]:
        """Those published then; each is given once."""
        first = self._taken
        while self._taken < len(self._articles) and self._articles[self._taken].published_at == moment:
            self._taken += 1
        return self._articles[first : self._taken]

    def subjects_at(self, moment: datetime, unit: Books) -> set[str]:
        """Those whose wait is over, and on the grid and when asked for all that are watched."""
        asked = [m for m in self._moments if m <= moment]
        self._moments = self._moments[len(asked) :]
        due = set(unit.alerts.watched()) if asked or moment == self._grid else set()
        while self._waits and self._waits[0][0] <= moment:
            wait = heappop(self._waits)
            self._noted.discard(wait)
            due.add(wait[1])
        return due

    def plan(self, subjects: Iterable[str], rules: Sequence[Rule], unit: Books, moment: datetime) -> None:
        """Note when these subjects, just looked at, have to be looked at again."""
        by_name = {rule.name: rule for rule in rules}
        for alert in unit.alerts.for_subjects(sorted(subjects)):
            due = due_at(by_name[alert.rule], alert.memory)
            if due and due > moment and (due, alert.subject) not in self._noted:
                self._noted.add((due, alert.subject))
                heappush(self._waits, (due, alert.subject))
        every = self._every
        self._grid = moment + every - (moment - _EPOCH) % every if unit.alerts.watched() else None
