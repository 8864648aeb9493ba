"""The composition root: the one place where ports and adapters meet.

Foundation, files, model and mailroom stand on each other; here are the steps and what is asked of the whole. Large
libraries are loaded where they are used: a command that only reads answers in a fraction of a second.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cached_property, partial
from typing import Any

from service.adapters.clock import SystemClock
from service.adapters.storage.memory import MemoryUnits
from service.bootstrap.folders import make_folder, shipped
from service.bootstrap.foundation import DRAIN, PATIENCE
from service.bootstrap.mailroom import Mailroom
from service.bootstrap.reach import reach_of
from service.config.reading import configured
from service.domain.alerting.rule import Rule
from service.domain.events.event import Event
from service.domain.news.article import Article
from service.domain.news.pace import Bounds
from service.domain.risk.subject import Subject
from service.flow import Task
from service.operations.canary import look_after
from service.operations.correction import correct, retract
from service.operations.heartbeat import beat
from service.operations.mirror import Mirror
from service.operations.ping import ping
from service.operations.rebuild import rebuild
from service.operations.remembered import Remembered
from service.operations.replay import Replay, VirtualClock
from service.operations.rule_tests import Outcome, RuleTest
from service.operations.rule_tests import run as run_test
from service.operations.sources import Sources, sources
from service.operations.status import problems
from service.operations.sweep import drain, sweep
from service.operations.tuner import Tuner
from service.operations.world import LiveWorld, World
from service.pipeline.attribute import attribute
from service.pipeline.classify import classify
from service.pipeline.complete import complete
from service.pipeline.deduplicate import Voices, deduplicate
from service.pipeline.evaluate import Keeping, Wording, evaluate
from service.pipeline.extract import extract
from service.pipeline.fetch import Manners, fetch
from service.pipeline.group import Editor, group
from service.pipeline.ingest import ingest
from service.pipeline.line import StepFunction, carry, carry_next
from service.pipeline.notify import notify
from service.pipeline.route import route
from service.pipeline.score import score
from service.ports import Fetcher, Pages

HEARD = timedelta(seconds=10)
"""How old what is said of the sources may be."""
__all__ = ["PATIENCE", "Detente", "make_folder", "shipped"]


class Detente(Mailroom):
    """The service, put together on demand: nothing is opened or loaded before it is needed.

    `cores` may be used for reading. Raises ConfigError on creation when settings are wrong; rules, routes and sources
    are read when first used.
    """

    def prepare_database(self) -> None:
        """Create or migrate the tables, write the books anew if need be, and make the feeds those configured."""
        if not self.settings.database_url:
            make_folder(self.data_dir)
        from service.adapters.storage import migrate

        migrate.upgrade(self._engine)
        rebuild(self.units, lambda: self.gazetteer.geography, self.clock.now())
        with self.units() as unit:
            unit.feeds.sync(self._feeds)

    def _steps(self, task: Task) -> Sequence[StepFunction]:
        steps: Sequence[StepFunction]
        match task:
            case Task.FETCH:
                steps = [self._step(fetch, self.fetcher, self.clock, self.queue, self._manners)]
            case Task.COMPLETE:
                steps = [self._step(complete, self._pages, self.clock, self.queue, self.settings.intake.host_gap)]
            case Task.ANALYSE:
                steps = self._analysis()
            case Task.ASSESS:
                steps = [self._step(score, self.owner_of, self.gazetteer.geography, self.clock)]
            case Task.DISPATCH:
                steps = [self._step(route, self.directory_of, self.clock, self.queue)]
            case Task.GATHER:
                editor = Editor(self.portrait, self._title, self.watching)
                steps = [self._step(group, self.directory_of, editor, self.clock, self.queue)]
            case Task.DELIVER:
                from service.adapters.channels.apprise_notifier import AppriseNotifier

                sending = self.settings.notify
                notifier = AppriseNotifier(allow_private=sending.allow_private, allow=sending.allow_networks)
                steps = [self._step(notify, self.post_office(notifier))]
        return steps

    def _analysis(self) -> Sequence[StepFunction]:
        from service.adapters.nlp.fingerprints import RensaFingerprints

        desk, voices = self.desk, Voices(self.owner_of, self.agencies)
        return [
            self._step(deduplicate, RensaFingerprints(), voices, self.gazetteer.geography, self.clock),
            self._step(classify, desk.classifier, desk.gazetteer, desk.splitter, desk.recogniser, self.clock),
            self._step(extract, desk.band.high),
            self._step(attribute, self.queue, desk.pairs),
        ]

    @property
    def fetcher(self) -> Fetcher:
        """Asks feeds for what is new."""
        from service.adapters.feeds.fetchers import EveryKind

        return EveryKind(reach_of(self.settings.intake), self.mailbox_passwords)

    @property
    def _pages(self) -> Pages:
        from service.adapters.feeds.http import PageFetcher

        return PageFetcher(reach_of(self.settings.intake))

    @property
    def _manners(self) -> Manners:
        intake = self.settings.intake
        bounds = Bounds(intake.interval, intake.least, intake.most)
        return Manners(bounds, intake.host_gap, lambda: self.gazetteer.geography)

    def _step(self, step: Any, *arguments: Any) -> StepFunction:
        def run(claims: Any) -> Any:
            return step(claims, self.units, *arguments)

        return run

    @configured
    def _lines(self) -> dict[Task, Sequence[StepFunction]]:
        return {}

    def perform(self, task: Task, ids: Sequence[str]) -> int:
        """Claim these rows and take them through the task's steps; returns how many came through.

        All of it goes by one reading of the configuration.
        """
        with self._readings.holding():
            return carry(task, ids, self.units, self._line(task), PATIENCE[task])

    def _perform_next(self, task: Task) -> int | None:
        """The same with the row whose turn it is; None when none is due."""
        with self._readings.holding():
            return carry_next(task, self.units, self._line(task), PATIENCE[task])

    def _line(self, task: Task) -> Sequence[StepFunction]:
        with self._building:
            if task not in self._lines:
                self._lines[task] = self._steps(task)
            return self._lines[task]

    def drain(self, task: Task) -> int:
        """Take what else is due through the task's steps, for a while; returns how many rows came through."""
        return drain(task, self.queue, partial(self._perform_next, task), DRAIN)

    def take_in(self, articles: Sequence[Article], origin: str) -> Sequence[str]:
        """Store articles: "new", "duplicate" or "conflict" for each."""
        return ingest(articles, origin, self.units, self.queue).outcomes

    def correct(self, articles: Sequence[Article], origin: str) -> Sequence[str]:
        """Store articles, in the place of others with their ids: "new", "duplicate" or "corrected" for each."""
        return correct(articles, origin, self.units, self.queue, self.gazetteer.geography, self.clock)

    def retract(self, article_id: str, reason: str) -> None:
        """Take an article back. Raises NotFound."""
        retract(article_id, reason, self.units, self.gazetteer.geography, self.clock)

    def evaluate(self) -> Sequence[str]:
        """Let the rules look at what changed; returns the ids of new transitions."""
        keeping = Keeping(self.versions, self.settings.retention.decisions)
        from service.adapters.annotations import annotate

        wording = Wording(annotate, lambda written: self.name_of(Subject.parse(written)))
        with self._readings.holding():
            return evaluate(
                self.units, self.watching, self.gauge, self.clock, self.queue, keeping, wording, self.owner_of
            )

    def replay(self, rules: Sequence[Rule]) -> Replay:
        """A replay on empty books of its own, which touches nothing and tells nobody.

        Unknown publishers are believed as those not assessed, for somebody has chosen what to replay.
        """
        from service.adapters.nlp.fingerprints import RensaFingerprints

        clock, owner_of = VirtualClock(), self.owner_in_history
        units, geography = MemoryUnits(clock.now), self.gazetteer.geography
        fingerprints, agencies = RensaFingerprints(), self.agencies
        return Replay(units, clock, owner_of, geography, rules, self.gauge, fingerprints, agencies=agencies)

    def replay_own(self, rules: Sequence[Rule]) -> Replay:
        """The same for articles of the service itself: strangers are quarantined, as when they came in."""
        return replace(self.replay(rules), owner_of=self.owner_of)

    def prove(self, test: RuleTest) -> Outcome:
        """Run a test of rules. Raises ModelError where it has a text and the model is missing."""

        def read(articles: Sequence[Article]) -> list[Sequence[Event]]:
            return [coded.events for coded in self.desk.read(articles)]

        return run_test(test, self.replay_own(test.rules), read)

    @cached_property
    def tuner(self) -> Tuner:
        """What an operator does with thresholds."""
        from service.bootstrap.workshop import tuner_of

        return tuner_of(self, self._overrides)

    def sweep(self) -> int:
        """Nudge forgotten work, and give the signs of life that are due; returns the rows nudged."""
        nudged = sweep(self.units, self.queue, {t: p.max_attempts for t, p in PATIENCE.items()}, self.settings.tick)
        self.give_signs()
        return nudged

    def give_signs(self) -> None:
        """Write the heartbeat, look after the canary, and call outside, each if it is time.

        Raises ConfigError, StorageUnavailable, or FetchFailed when the call failed.
        """
        signs, called = self.signs, self.settings.notify.ping
        if signs.heartbeat:
            beat(signs.heartbeat, self.units, self.queue, self.clock)
        if signs.canary:
            look_after(signs.canary, self.units, self.queue, lambda: self.gazetteer.geography, self.clock)
        if called.url:
            ping(self.units, called.every, self.problems, partial(self._call, called.url.get_secret_value()))

    def _call(self, url: str) -> None:
        from service.adapters.pinger import call

        sending = self.settings.notify
        call(url, allow_private=sending.allow_private, allow=sending.allow_networks)

    @cached_property
    def _live(self) -> LiveWorld:
        return LiveWorld(self.units)

    def world(self) -> World:
        """The world now, as this process remembers it. Raises StorageUnavailable."""
        return self._live(self.clock.now(), self.gauge, self.versions)

    @property
    def mirror(self) -> Mirror:
        """The copy of the sums that the world is read from."""
        return self._live.mirror

    @cached_property
    def _heard(self) -> Remembered[Sources]:
        return Remembered(keep=HEARD, rest=HEARD)

    def heard(self) -> Sources:
        """Where news comes from, as this process remembers it. Raises ConfigError or StorageUnavailable."""
        listed = tuple(one.listed for one in self.sources.publishers)
        return self._heard.get(SystemClock().now(), lambda: listed, lambda: sources(self.units, self.clock, listed))

    def problems(self) -> Sequence[str]:
        """What is wrong with the service, missing signs of life among it; nothing when all is well."""
        return problems(self.units, self.queue, self.is_prepared, self.signs)
