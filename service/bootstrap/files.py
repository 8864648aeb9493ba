"""The files that may change while the service runs, and the names they use."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import structlog

from service.adapters.channels.address import problem
from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.bootstrap.folders import raise_all, read_secret
from service.bootstrap.foundation import Foundation
from service.bootstrap.reach import reach_of
from service.config.codes import Names, unknown_in_publishers, unknown_in_rules, unknown_in_watchlists
from service.config.load import Model, Places, load_placed
from service.config.own_feeds import FeedsFile, doubtful_in_feeds, wrong_in_feeds
from service.config.reading import Reading, Renewal, configured
from service.config.route_checks import (
    doubtful_in_routes,
    label_values,
    shadowing_labels,
    unknown_labels,
    unknown_receivers,
    wrong_in_routes,
)
from service.config.routes import ChannelEntry, RoutesFile
from service.config.schema import Publisher, PublishersFile, RulesFile, SourcesFile, WatchlistsFile
from service.config.thresholds import tunables
from service.domain.alerting import canary
from service.domain.alerting.inhibit import InhibitRule
from service.domain.alerting.interval import TimeInterval
from service.domain.alerting.route import Receiver, Route
from service.domain.alerting.rule import Rule
from service.domain.news.canary import COUNTRIES
from service.domain.news.credit import Agencies
from service.domain.news.owner import Owners
from service.domain.risk.subject import Subject, SubjectKind
from service.domain.risk.watchlist import Watchlists
from service.errors import ConfigError, DetenteError
from service.operations.status import CONFIGURATION
from service.operations.tune import Tunable
from service.pipeline.books import Gauge
from service.ports import Feed

log = structlog.get_logger()


class Files(Foundation):
    """The files that may change while the service runs, and the names they use."""

    def renew(self, *, at_once: bool = False) -> None:
        """Take rules, routes, watchlists and sources as they stand now if they changed and are good as a whole.

        If they are not, what was taken before goes on; what is wrong is logged once, and shown by `status` until it is
        mended. Never raises. Looks once a second at most, unless it must look `at_once`.
        """
        if renewal := self._readings.renew(self.check_files, at_once=at_once):
            self._report(renewal)
            if renewal.before and not renewal.refused:
                self._follow(renewal.before)
        if not self._told:
            self._note_refusal()

    def _report(self, renewal: Renewal) -> None:
        self._refused, self._told = "\n".join(renewal.refused), False
        if renewal.refused:
            log.error("the configuration is wrong; the one before goes on", mistakes=list(renewal.refused))
        elif renewal.before:
            log.info("the configuration was read again")

    def _note_refusal(self) -> None:
        """What is wrong, where `status` finds it. Where the database is away the next look tries again."""
        try:
            with self.units(read_only=True) as unit:
                noted = unit.marks.get(CONFIGURATION)
            if self._refused != (noted[1] if noted else ""):
                with self.units() as unit:
                    unit.marks.set(CONFIGURATION, self._refused)
        except DetenteError as error:
            log.warning("what is wrong with the configuration could not be noted", detail=str(error)[:300])
        else:
            self._told = True

    def _follow(self, before: Reading) -> None:
        """Poll the feeds that are configured now."""
        try:
            with self._readings.holding(before):
                old = self._feeds
        except ConfigError:
            old = None  # it was wrong from the start
        if self._feeds == old:
            return
        try:
            with self.units(serial=True) as unit:
                unit.feeds.sync(self._feeds)
        except DetenteError as error:
            log.warning("the feeds could not be changed", detail=str(error)[:300])

    @property
    def mailbox_passwords(self) -> Mapping[str, str]:
        """The passwords of mailboxes by their feeds' names, of those that can be read."""
        return self._mailbox_secrets[0]

    def check_passwords(self) -> None:
        """Raises ConfigError that lists every mailbox whose password cannot be read."""
        raise_all(self._mailbox_secrets[1])

    @property
    def _mailbox_secrets(self) -> tuple[dict[str, str], list[str]]:
        """What can be read, and what is wrong: one mailbox must not keep all other feeds from being asked."""
        found, mistakes = {}, []
        for entry in self.sources.feeds:
            if entry.password_file and not entry.disabled:
                key = f"feed {entry.name}: password_file"
                try:
                    found[entry.name] = read_secret(self.config_dir / entry.password_file, key)
                except ConfigError as error:
                    mistakes.append(str(error))
        return found, mistakes

    @property
    def _feeds(self) -> list[Feed]:
        return [entry.feed for entry in self.sources.feeds if not entry.disabled] if self.settings.intake.poll else []

    @configured
    def _sources(self) -> tuple[SourcesFile, Places]:
        return self.reading.load("sources.yaml", SourcesFile)

    @configured
    def _decisions(self) -> tuple[PublishersFile, Places]:
        return self._optional(self.decisions_file, PublishersFile)

    @configured
    def _own_feeds(self) -> tuple[FeedsFile, Places]:
        return self._optional(self.feeds_file, FeedsFile)

    def _optional(self, path: Path, model: type[Model]) -> tuple[Model, Places]:
        """A file that need not be there."""
        return self.reading.load(path.name, model) if path.exists() else (model(), Places(str(path), {}))

    @property
    def decisions_file(self) -> Path:
        """Where the operator's decisions on publishers stand; the file need not exist."""
        return self.config_dir / "publishers.yaml"

    @property
    def decisions(self) -> Sequence[Publisher]:
        """What the operator has decided on publishers. Raises ConfigError."""
        return self._decisions[0].publishers

    @property
    def feeds_file(self) -> Path:
        """Where the operator's own feeds stand; the file need not exist."""
        return self.config_dir / "feeds.yaml"

    @configured
    def sources(self) -> SourcesFile:
        """Publishers and feeds, with the operator's decisions and own feeds on top. Raises ConfigError."""
        listed = self._sources[0].with_decisions(self.decisions)
        return listed.model_copy(update={"feeds": self._own_feeds[0].over(listed.feeds)})

    @configured
    def _rules(self) -> tuple[RulesFile, Places]:
        return self.reading.load(self.rules_file.name, RulesFile)

    @configured
    def rules(self) -> Sequence[Rule]:
        """The rules. Raises ConfigError."""
        return [entry.rule() for entry in self._rules[0].rules]

    @property
    def rules_file(self) -> Path:
        """Where the rules stand."""
        return self.config_dir / "rules.yaml"

    @property
    def tunables(self) -> Sequence[Tunable]:
        """The rules that have a threshold. Raises ConfigError."""
        return tunables(self._rules[0])

    def rules_in(self, path: Path | None) -> Sequence[Rule]:
        """The rules of another file, or without one the configured ones, after a check. Raises ConfigError."""
        rules, places = load_placed(path, RulesFile) if path else self._rules
        raise_all([*unknown_in_rules(rules, places, self.names), *_bad_templates(rules, places)])
        return [entry.rule() for entry in rules.rules]

    @configured
    def _routes(self) -> tuple[RoutesFile, Places]:
        return self._sound(*self.reading.load("routes.yaml", RoutesFile))

    @staticmethod
    def _sound(file: RoutesFile, places: Places) -> tuple[RoutesFile, Places]:
        raise_all(wrong_in_routes(file, places))
        return file, places

    @property
    def routes(self) -> RoutesFile:
        """Receivers and route. Raises ConfigError."""
        return self._routes[0]

    @property
    def names(self) -> Names:
        """What subjects can be called. Raises ConfigError."""
        geography = self.gazetteer.geography
        regions = [code.partition(":")[2] for code in geography.places if code.startswith(f"{SubjectKind.REGION}:")]
        lists = [Subject.parse(written).name for written in self.watchlists]
        return Names(self.gazetteer.country_codes, regions, geography.subregion_names, lists)

    def check_files(self) -> None:
        """All that may change while the service runs. Raises ConfigError that lists every mistake."""
        checks = (
            self.check_sources,
            self.check_decisions,
            self.check_feeds,
            self.check_watchlists,
            self.check_rules,
            self.check_routes,
            self.check_signs,
            lambda: self.addresses,
        )
        raise_all(list(dict.fromkeys(line for check in checks for line in _said_by(check))))

    def check_rules(self) -> None:
        """Rules must cover subjects that exist. Raises ConfigError that lists every mistake."""
        self.rules_in(None)

    def routes_in(self, path: Path | None) -> RoutesFile:
        """The routes of another file, or without one the configured ones, after a check. Raises ConfigError."""
        file, places = self._sound(*load_placed(path, RoutesFile)) if path else self._routes
        raise_all(unknown_labels(file, places, label_values(self.rules)))
        return file

    def check_routes(self) -> None:
        """Routes must ask for labels that some alert has, and rules give others than those built in.

        Raises ConfigError that lists every mistake.
        """
        raise_all(shadowing_labels(*self._rules))
        self.routes_in(None)

    @property
    def doubtful_routes(self) -> Sequence[str]:
        """Routes nothing can take and receivers nothing leads to, each a line with its place. Raises ConfigError."""
        return doubtful_in_routes(*self._routes, label_values(self.rules), self.settings.notify.named.values())

    def check_signs(self) -> None:
        """Signs of life must go to receivers that have a channel. Raises ConfigError that lists every mistake."""
        raise_all(unknown_receivers(self.settings.notify.named, self.receivers))

    def check_watchlists(self) -> None:
        """Watchlists must hold subjects that exist. Raises ConfigError that lists every mistake."""
        raise_all(unknown_in_watchlists(*self._watchlists, self.names))

    def check_sources(self) -> None:
        """Publishers must sit in countries that exist. Raises ConfigError that lists every mistake."""
        raise_all(unknown_in_publishers(*self._sources, self.gazetteer.country_codes))

    def check_decisions(self) -> None:
        """The same for the publishers the operator has decided on. Raises ConfigError that lists every mistake."""
        raise_all(unknown_in_publishers(*self._decisions, self.gazetteer.country_codes))

    def check_feeds(self) -> None:
        """No address may stand twice among the operator's own feeds. Raises ConfigError that lists every mistake."""
        raise_all(wrong_in_feeds(*self._own_feeds))

    @property
    def doubtful_feeds(self) -> Sequence[str]:
        """What of the operator's own feeds does not go with `sources.yaml`, each a line with its place."""
        return doubtful_in_feeds(*self._own_feeds, self._sources[0].feeds)

    @configured
    def route(self) -> Route:
        """The routing tree: who is told of what. Raises ConfigError."""
        return self.routes.tree()

    @configured
    def receivers(self) -> Mapping[str, Receiver]:
        """Who can be told, by name. Raises ConfigError."""
        return {entry.name: entry.receiver() for entry in self.routes.receivers}

    @property
    def intervals(self) -> Mapping[str, TimeInterval]:
        """The named intervals of the routes. Raises ConfigError."""
        return {entry.name: entry.interval() for entry in self.routes.time_intervals}

    @property
    def inhibit_rules(self) -> Sequence[InhibitRule]:
        """Which firing alerts speak for which others, besides dyads for their countries. Raises ConfigError."""
        return [entry.rule() for entry in self.routes.inhibit_rules]

    @configured
    def addresses(self) -> Mapping[tuple[str, str], str]:
        """(receiver, channel) → address. Secrets: never log them. Raises ConfigError that names all bad channels."""
        file, places = self._routes
        found: dict[tuple[str, str], str] = {}
        mistakes = []
        for n, receiver in enumerate(file.receivers):
            for m, channel in enumerate(receiver.channels):
                try:
                    found[receiver.name, channel.name] = self._address(channel)
                except ConfigError as error:
                    key = ("receivers", n, "channels", m, "url" if channel.url else "url_file")
                    mistakes.append(places.name(key, f"receiver {receiver.name}, channel {channel.name}: {error}"))
        raise_all(mistakes)
        return found

    def _address(self, channel: ChannelEntry) -> str:
        named = self.config_dir / (channel.url_file or "")
        address = channel.url.get_secret_value() if channel.url else read_secret(named, "url_file")
        if why := problem(address, reach=reach_of(self.settings.notify)):
            raise ConfigError(f"the address is refused: {why}")
        return address

    @configured
    def watchlists(self) -> Watchlists:
        """What is watched together. Raises ConfigError."""
        entries = self._watchlists[0].watchlists
        return {str(Subject(SubjectKind.WATCH, entry.name)): entry.subjects for entry in entries}

    @configured
    def _watchlists(self) -> tuple[WatchlistsFile, Places]:
        return self._optional(self.config_dir / "watchlists.yaml", WatchlistsFile)

    @property
    def gauge(self) -> Gauge:
        """How books are read."""
        return Gauge(self.scale, self.settings.scale.usual, self.watchlists, self.calibration)

    @configured
    def agencies(self) -> Agencies:
        """Who recognises the agencies whose reports others print. Raises ConfigError."""
        return Agencies([publisher.listed for publisher in self.sources.publishers])

    @configured
    def owner_of(self) -> Owners:
        """Who stands behind a text, by its publisher and address. Raises ConfigError."""
        return self._owners(quarantine=self.settings.intake.quarantine)

    @configured
    def owner_in_history(self) -> Owners:
        """The same for a file of past articles: who chose the file has decided on its publishers."""
        return self._owners(quarantine=False)

    def _owners(self, *, quarantine: bool) -> Owners:
        feeds = [feed.publisher for feed in self.sources.feeds]
        listed = [publisher.listed for publisher in self.sources.publishers]
        return Owners(listed, feeds, quarantine=quarantine)

    @cached_property
    def gazetteer(self) -> CompiledGazetteer:
        """Names of countries, groups, bodies and places."""
        return CompiledGazetteer.load()

    def name_of(self, subject: Subject) -> str:
        """How a subject is called in a message."""
        if subject.countries:
            return "–".join(COUNTRIES.get(code) or self.gazetteer.name(code) for code in subject.countries)
        if subject.kind is SubjectKind.WATCH:
            return subject.name
        return self.gazetteer.name(subject.name if subject.kind is SubjectKind.M49 else str(subject))

    def countries_of(self, subject: Subject) -> Sequence[str]:
        """The countries a subject lies in, sorted; of a watchlist those of its members."""
        if subject.kind is SubjectKind.WATCH:
            members = self.watchlists.get(str(subject), ())
            return sorted({code for member in members for code in self.countries_of(Subject.parse(member))})
        geography = self.gazetteer.geography
        if subject.kind is SubjectKind.M49:
            return sorted(geography.members(subject.name))
        return sorted(subject.countries or geography.countries_of(str(subject)))

    @property
    def watching(self) -> Sequence[Rule]:
        """The rules, and that of canaries where any are sent. Raises ConfigError."""
        return [*self.rules, canary.RULE] if self.settings.notify.canary.receiver else self.rules


def _said_by(check: Callable[[], object]) -> list[str]:
    """What a check finds wrong."""
    try:
        check()
    except ConfigError as error:
        return str(error).splitlines()
    return []


def _bad_templates(rules: RulesFile, places: Places) -> list[str]:
    """Annotations that are no templates, or do more than they may."""
    from service.adapters.annotations import problem as problem_of

    return [
        places.name(("rules", n, "annotations", name), f"rule {rule.name}: {why}")
        for n, rule in enumerate(rules.rules)
        for name, template in rule.annotations.items()
        if (why := problem_of(template))
    ]
