"""The composition root: the one place where ports and adapters meet.

Large libraries are loaded where they are used: a command that only reads answers in a fraction of a second.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import structlog

import service
from service.adapters.channels.address import problem
from service.adapters.channels.personal import AddressBook
from service.adapters.clock import FileClock, SystemClock
from service.adapters.nlp import cache as coding_file
from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage import revision
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.adapters.storage.memory import MemoryUnits
from service.config import calibration
from service.config.codes import (
    Names,
    unknown_in_pattern,
    unknown_in_publishers,
    unknown_in_rules,
    unknown_in_watchlists,
)
from service.config.load import Places, load_placed
from service.config.reading import Reading, Readings, Renewal, configured
from service.config.route_checks import (
    doubtful_in_routes,
    label_values,
    shadowing_labels,
    unknown_labels,
    unknown_receivers,
    wrong_in_routes,
)
from service.config.routes import ChannelEntry, RoutesFile
from service.config.schema import (
    Publisher,
    PublishersFile,
    RulesFile,
    SourcesFile,
    WatchlistsFile,
)
from service.config.settings import Settings, default_config_dir, load_settings
from service.config.thresholds import tunables
from service.domain.alerting import canary
from service.domain.alerting.directory import Directory
from service.domain.alerting.inhibit import InhibitRule
from service.domain.alerting.interval import TimeInterval
from service.domain.alerting.message import Message
from service.domain.alerting.notification import Notification, Outgoing
from service.domain.alerting.route import Receiver, Route
from service.domain.alerting.rule import Rule
from service.domain.alerting.subscription import joined
from service.domain.alerting.writing import Portrait
from service.domain.events.extraction import Band
from service.domain.news.article import Article
from service.domain.news.canary import COUNTRIES
from service.domain.news.owner import Owners
from service.domain.risk.score import Scale
from service.domain.risk.subject import Subject, SubjectKind
from service.domain.risk.watchlist import Watchlists
from service.errors import ConfigError, DetenteError, ModelError
from service.flow import Task
from service.operations.canary import Canary, look_after
from service.operations.coding import read_batch
from service.operations.correction import correct, retract
from service.operations.heartbeat import Heartbeat, beat
from service.operations.ping import ping
from service.operations.portrait import portrait
from service.operations.preview import Desk
from service.operations.rebuild import rebuild
from service.operations.replay import Replay, VirtualClock
from service.operations.status import CONFIGURATION, Signs, problems
from service.operations.subscribers import Confirmation, Registry
from service.operations.sweep import drain, sweep
from service.operations.tune import Tunable
from service.pipeline.attribute import attribute
from service.pipeline.books import Gauge
from service.pipeline.classify import classify
from service.pipeline.consent import subscribed
from service.pipeline.deduplicate import deduplicate
from service.pipeline.evaluate import Keeping, Wording, evaluate
from service.pipeline.extract import extract
from service.pipeline.fetch import fetch
from service.pipeline.group import Editor, group
from service.pipeline.ingest import ingest
from service.pipeline.line import Patience, StepFunction, carry
from service.pipeline.notify import PostOffice, notify
from service.pipeline.objection import Objection, objection
from service.pipeline.route import route
from service.pipeline.score import score
from service.ports import (
    Classifier,
    Clock,
    Coder,
    CodingStore,
    Feed,
    KeptCoding,
    Notifier,
    Parcel,
    Queue,
    Recipient,
    UnitOfWork,
    Units,
    Vault,
)

if TYPE_CHECKING:
    from celery import Celery

    from service.adapters.nlp.hub import HubModel

log = structlog.get_logger()
EMBEDDED_SOCKET = Path("broker") / "redis.sock"
DRAIN = 20.0
"""Seconds a worker goes on with what it finds, before it looks at its queue again."""
PATIENCE: Mapping[Task, Patience] = {
    **dict.fromkeys(Task, Patience()),
    Task.FETCH: Patience(max_attempts=None),  # a failing feed is asked again, later and later, never dropped
}


class Detente:
    """The service, put together on demand: nothing is opened or loaded before it is needed.

    `cores` may be used for reading. Raises ConfigError on creation when settings are wrong; rules, routes and sources
    are read when first used.
    """

    def __init__(
        self, config_dir: Path | None = None, overrides: Mapping[str, Any] | None = None, *, cores: int = 1
    ) -> None:
        self.config_dir = config_dir or default_config_dir() or shipped("config")
        if not self.config_dir.is_dir():
            raise ConfigError(f"{self.config_dir}: no such folder of configuration files")
        self.settings: Settings = load_settings(self.config_dir, overrides)
        self.data_dir = self.settings.data_dir.absolute()
        self.cores = cores
        self._overrides = dict(overrides or {})
        self._building = Lock()
        self._readings = Readings(self.config_dir)
        self._refused, self._told = "", True

    @property
    def reading(self) -> Reading:
        """The files that may change, as this thread sees them."""
        return self._readings.active

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
    def _feeds(self) -> list[Feed]:
        return [Feed(f.name, f.url, f.publisher) for f in self.sources.feeds]

    @cached_property
    def broker_url(self) -> str:
        """Where messages go: as configured, to the embedded server's socket, or without any server through files."""
        if self.settings.broker_url:
            return self.settings.broker_url.get_secret_value()
        from service.adapters.queue.embedded import find_server

        if find_server() is None:
            return f"filesystem://{self.data_dir / 'broker'}"
        return f"redis+socket://{self.data_dir / EMBEDDED_SOCKET}"

    @cached_property
    def database_url(self) -> str:
        """Where rows are: as configured, or in the data folder."""
        if self.settings.database_url:
            return self.settings.database_url.get_secret_value()
        return sqlite_url(self.data_dir)

    @cached_property
    def units(self) -> Units:
        """Transactions on the database."""
        if not self.settings.database_url:
            make_folder(self.data_dir)
        return SqlUnits(self._engine)

    @cached_property
    def _engine(self) -> Any:
        return make_engine(self.database_url)

    def prepare_database(self) -> None:
        """Create or migrate the tables, write the books anew if need be, and make the feeds those configured."""
        if not self.settings.database_url:
            make_folder(self.data_dir)
        from service.adapters.storage import migrate

        migrate.upgrade(self._engine)
        rebuild(self.units, lambda: self.gazetteer.geography, self.clock.now())
        with self.units() as unit:
            unit.feeds.sync(self._feeds)

    def revision(self) -> str | None:
        """The migration the database is at, None before the first. Raises StorageUnavailable."""
        return revision.current(self._engine)

    def close(self) -> None:
        """Give the database connections back."""
        if "_engine" in self.__dict__:
            self._engine.dispose()

    def is_prepared(self) -> bool:
        """Whether the database exists with all its tables."""
        if not self.settings.database_url and not (self.data_dir / "detente.db").exists():
            return False
        return revision.is_at_head(self._engine)

    @cached_property
    def celery(self) -> "Celery":
        """The Celery application."""
        from service.adapters.queue.celery_queue import make_app

        return make_app(self.broker_url, max(p.time_limit for p in PATIENCE.values()))

    @cached_property
    def queue(self) -> Queue:
        """Nudges to the workers."""
        from service.adapters.queue.celery_queue import CeleryQueue

        return CeleryQueue(self.celery)

    @cached_property
    def clock(self) -> Clock:
        """The time scores and alerts are about."""
        return FileClock(self.settings.clock_file) if self.settings.clock_file else SystemClock()

    @configured
    def _sources(self) -> tuple[SourcesFile, Places]:
        return self.reading.load("sources.yaml", SourcesFile)

    @configured
    def _decisions(self) -> tuple[PublishersFile, Places]:
        if not self.decisions_file.exists():
            return PublishersFile(), Places(str(self.decisions_file), {})
        return self.reading.load(self.decisions_file.name, PublishersFile)

    @property
    def decisions_file(self) -> Path:
        """Where the operator's decisions on publishers stand; the file need not exist."""
        return self.config_dir / "publishers.yaml"

    @property
    def decisions(self) -> Sequence[Publisher]:
        """What the operator has decided on publishers. Raises ConfigError."""
        return self._decisions[0].publishers

    @configured
    def sources(self) -> SourcesFile:
        """Publishers, with the operator's decisions on top, and feeds. Raises ConfigError."""
        return self._sources[0].with_decisions(self.decisions)

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
        _raise_all([*unknown_in_rules(rules, places, self.names), *_bad_templates(rules, places)])
        return [entry.rule() for entry in rules.rules]

    @configured
    def _routes(self) -> tuple[RoutesFile, Places]:
        return self._sound(*self.reading.load("routes.yaml", RoutesFile))

    @staticmethod
    def _sound(file: RoutesFile, places: Places) -> tuple[RoutesFile, Places]:
        _raise_all(wrong_in_routes(file, places))
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
            self.check_watchlists,
            self.check_rules,
            self.check_routes,
            self.check_signs,
            lambda: self.addresses,
        )
        _raise_all(list(dict.fromkeys(line for check in checks for line in _said_by(check))))

    def check_rules(self) -> None:
        """Rules must cover subjects that exist. Raises ConfigError that lists every mistake."""
        self.rules_in(None)

    def routes_in(self, path: Path | None) -> RoutesFile:
        """The routes of another file, or without one the configured ones, after a check. Raises ConfigError."""
        file, places = self._sound(*load_placed(path, RoutesFile)) if path else self._routes
        _raise_all(unknown_labels(file, places, label_values(self.rules)))
        return file

    def check_routes(self) -> None:
        """Routes must ask for labels that some alert has, and rules give others than those built in.

        Raises ConfigError that lists every mistake.
        """
        _raise_all(shadowing_labels(*self._rules))
        self.routes_in(None)

    @property
    def doubtful_routes(self) -> Sequence[str]:
        """Routes nothing can take and receivers nothing leads to, each a line with its place. Raises ConfigError."""
        return doubtful_in_routes(*self._routes, label_values(self.rules), self.settings.notify.named.values())

    def check_signs(self) -> None:
        """Signs of life must go to receivers that have a channel. Raises ConfigError that lists every mistake."""
        _raise_all(unknown_receivers(self.settings.notify.named, self.receivers))

    def check_watchlists(self) -> None:
        """Watchlists must hold subjects that exist. Raises ConfigError that lists every mistake."""
        _raise_all(unknown_in_watchlists(*self._watchlists, self.names))

    def check_sources(self) -> None:
        """Publishers must sit in countries that exist. Raises ConfigError that lists every mistake."""
        _raise_all(unknown_in_publishers(*self._sources, self.gazetteer.country_codes))

    def check_decisions(self) -> None:
        """The same for the publishers the operator has decided on. Raises ConfigError that lists every mistake."""
        _raise_all(unknown_in_publishers(*self._decisions, self.gazetteer.country_codes))

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

    def countries_of(self, subject: Subject) -> Sequence[str]:
        """The countries a subject lies in, sorted; of a watchlist those of its members."""
        if subject.kind is SubjectKind.WATCH:
            members = self.watchlists.get(str(subject), ())
            return sorted({code for member in members for code in self.countries_of(Subject.parse(member))})
        geography = self.gazetteer.geography
        if subject.kind is SubjectKind.M49:
            return sorted(geography.members(subject.name))
        return sorted(subject.countries or geography.countries_of(str(subject)))

    def directory_of(self, unit: UnitOfWork, receivers: Collection[str] | None = None) -> Directory:
        """Who can be told, and how alerts find them. Raises ConfigError."""
        configured_ones = Directory(
            self.route,
            self.receivers,
            self.intervals,
            self.inhibit_rules,
            countries_of=self.countries_of,
            canary=self.settings.notify.canary.receiver or "",
        )
        return joined(configured_ones, subscribed(unit, receivers), self.watchlists)

    @property
    def watching(self) -> Sequence[Rule]:
        """The rules, and that of canaries where any are sent. Raises ConfigError."""
        return [*self.rules, canary.RULE] if self.settings.notify.canary.receiver else self.rules

    @property
    def signs(self) -> Signs:
        """The signs of life that are configured. Raises ConfigError where a receiver or its channels are missing."""
        self.check_signs()
        beats, birds, receivers = self.settings.notify.heartbeat, self.settings.notify.canary, self.receivers
        heartbeat = canaries = None
        if beats.receiver:
            heartbeat = Heartbeat(receivers[beats.receiver], beats.every, self._title, lambda: self.versions)
        if birds.receiver:
            canaries = Canary(receivers[birds.receiver], birds.every, birds.within)
        return Signs(heartbeat, canaries)

    @staticmethod
    def _title(message: Message) -> str:
        from service.adapters.messages.compose import title

        return title(message)

    def portrait(self, subject: str, at: datetime, unit: UnitOfWork) -> Portrait:
        """What a message shows of a subject."""
        return portrait(subject, at, unit, self.gauge, self.versions, self.name_of)

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
        _raise_all(mistakes)
        return found

    def post_office(self, notifier: Notifier) -> PostOffice:
        """How messages go out."""
        from service.adapters.messages.compose import Composer

        chosen, form = self.settings.notify, Composer(self.settings.public_url or "")

        def compose(row: Notification, message: Message, to: Recipient, late: timedelta | None) -> Parcel:
            return form(row, self.subscribers.completed(message, row.channel), to, late)

        return PostOffice(notifier, self.recipient_of, compose, self.objection, self.queue, chosen.per_channel)

    def objection(self, unit: UnitOfWork, row: Notification, message: Message) -> Objection | None:
        """Why a message may not go out now."""
        return objection(
            row,
            message,
            unit,
            self.directory_of(unit, {row.receiver}),
            self.clock.now(),
            self.settings.notify.max_age,
        )

    def recipient_of(self, unit: UnitOfWork, receiver: str, channel: str) -> Recipient | None:
        """Who is at the end of a channel, None when there is none, or nothing may be sent there. Raises ConfigError."""
        if receiver.startswith("@"):
            return self.subscribers.recipient(unit, receiver, channel)
        address = self.addresses.get((receiver, channel))
        return Recipient(address) if address else None

    def _address(self, channel: ChannelEntry) -> str:
        named = self.config_dir / (channel.url_file or "")
        address = channel.url.get_secret_value() if channel.url else _read_secret(named)
        if why := problem(address, allow_private=self.settings.notify.allow_private):
            raise ConfigError(f"the address is refused: {why}")
        return address

    @property
    def vault(self) -> Vault:
        """Seals addresses and signs links; makes a key in the data folder when none is set. Raises ConfigError.

        The file is read each time, so that a key that was added while this process runs is known to it.
        """
        from service.adapters import vault

        if self.settings.secret_key:
            return vault.of(tuple(vault.parse_keys(self.settings.secret_key.get_secret_value())))
        self._need_own_key()
        make_folder(self.data_dir)
        return vault.of(tuple(vault.load_keys(self.data_dir)))

    def rotate_key(self) -> None:
        """Put a new key before those in the data folder; with `secret_key` that is the operator's to do.

        Raises ConfigError.
        """
        from service.adapters import vault

        if not self.settings.secret_key:
            self._need_own_key()
            make_folder(self.data_dir)
            vault.add_key(self.data_dir)

    def _need_own_key(self) -> None:
        """Machines that share a database must share the key."""
        if self.settings.database_url and "sqlite" not in self.database_url.partition("://")[0]:
            raise ConfigError(
                "secret_key: must be set where the database is not in the data folder, the same for all processes: "
                "set DETENTE_SECRET_KEY_FILE; make a key: openssl rand -hex 32"
            )

    @cached_property
    def address_book(self) -> AddressBook:
        """Judges and completes subscribers' addresses. Raises ConfigError."""
        server = self.settings.notify.mail_server
        written, allow_private = server.get_secret_value() if server else "", self.settings.notify.allow_private
        if written and (why := problem(written, allow_private=allow_private)):
            raise ConfigError(f"notify.mail_server: the address is refused: {why}")
        return AddressBook(written, allow_private)

    @cached_property
    def subscribers(self) -> Registry:
        """Adds, changes and forgets subscribers."""
        return Registry(
            units=self.units,
            vault=lambda: self.vault,
            clock=self.clock,
            look=self.address_book.look,
            complete=self.address_book.complete,
            written_to=lambda unit, receiver: unit.outbox.written_to(receiver),
            subject_fault=self._subject_fault,
            send=self._send_confirmation,
            public_url=self.settings.public_url or "",
        )

    def _subject_fault(self, pattern: str) -> str | None:
        """Why a pattern over subjects covers nothing there is."""
        return next(unknown_in_pattern(pattern, self.names), None)

    def _send_confirmation(self, unit: Any, asked: Confirmation) -> None:
        """Put the question into the outbox, in the transaction that counts it."""
        from service.adapters.messages.compose import title

        written = unit.outbox.write([Outgoing(asked.id, asked.message, title(asked.message), [asked.channel])])
        unit.after_commit(lambda: self.queue.nudge(Task.DELIVER, written))

    @cached_property
    def gazetteer(self) -> CompiledGazetteer:
        """Names of countries, groups, bodies and places."""
        return CompiledGazetteer.load()

    @cached_property
    def classifier(self) -> Classifier:
        """The model; loading the shipped one takes a second and 100 MB. Raises ModelError."""
        from service.adapters.nlp.encoder import OnnxClassifier
        from service.adapters.nlp.hub import HubClassifier

        shipped_model = OnnxClassifier.load(self.model_folder, self.cores)
        if (configured := self.hub_model) is None:
            return shipped_model
        return HubClassifier.load(configured, shipped_model)

    @property
    def hub_model(self) -> "HubModel | None":
        """The Hugging Face model that judges signals, if one is configured. Raises ConfigError."""
        chosen = self.settings.model
        if chosen.name is None:
            return None
        from service.adapters.nlp.hub import HubModel, parse_labels

        try:
            labels = parse_labels(chosen.labels or "")
        except ValueError as error:
            raise ConfigError(f"model.labels: {error}") from None
        return HubModel(chosen.name, chosen.revision, chosen.sha256, labels or None, frozenset(chosen.languages))

    def verify_model(self) -> None:
        """Checks the models' files without starting them. Raises ModelError or ConfigError."""
        from service.adapters.nlp import hub
        from service.adapters.nlp.encoder import OnnxClassifier

        OnnxClassifier.verify(self.model_folder)
        if self.hub_model:
            hub.verify(self.hub_model)

    @property
    def model_folder(self) -> Path:
        """Where the model's files are."""
        return self.settings.model.folder or shipped("models") / "detente-coder"

    @cached_property
    def desk(self) -> Desk:
        """All that is needed to read an article."""
        from service.adapters.nlp.languages import LangidRecogniser
        from service.adapters.nlp.pair_file import load_pairs
        from service.adapters.nlp.sentences import PysbdSplitter

        band = Band(*self.settings.model.band)
        return Desk(
            self.classifier, self.gazetteer, PysbdSplitter(), LangidRecogniser(), band, load_pairs(self.model_folder)
        )

    @property
    def coder(self) -> Coder:
        """Codes many articles, on `cores` processes."""
        from service.adapters.pool import PooledCoder

        return PooledCoder(partial(_read_in_child, self.config_dir, self._overrides), self.cores)

    @cached_property
    def codings(self) -> CodingStore:
        """Codings kept in the data folder."""
        make_folder(self.data_dir)
        return coding_file.FileCodingStore(self.data_dir / coding_file.FILE)

    @cached_property
    def coding_version(self) -> str:
        """What codings depend on besides the text: model, names, settings, and the code that reads. Raises ModelError.

        A model of the hub is told by its settings, as its files may be out of reach.
        """
        manifest = (self.model_folder / "manifest.json").read_bytes() if self.model_version else b""
        said = json.dumps([self.settings.model.model_dump(mode="json"), self.gazetteer.version], sort_keys=True)
        return sha256(b"\0".join((manifest, said.encode(), *_code_that_reads()))).hexdigest()

    @property
    def scale(self) -> Scale:
        """Where levels begin and reach 100."""
        return Scale(self.settings.scale.c, self.settings.scale.r_max)

    @configured
    def watchlists(self) -> Watchlists:
        """What is watched together. Raises ConfigError."""
        entries = self._watchlists[0].watchlists
        return {str(Subject(SubjectKind.WATCH, entry.name)): entry.subjects for entry in entries}

    @configured
    def _watchlists(self) -> tuple[WatchlistsFile, Places]:
        path = self.config_dir / "watchlists.yaml"
        return self.reading.load(path.name, WatchlistsFile) if path.exists() else (WatchlistsFile(), Places("", {}))

    @property
    def gauge(self) -> Gauge:
        """How books are read."""
        return Gauge(self.scale, self.settings.scale.usual, self.watchlists, self.calibration)

    @property
    def calibration(self) -> str:
        """The name of the calibration that the scale comes from, empty where settings go before it or there is none."""
        fitted = calibration.read(self.config_dir)
        return fitted.name if fitted and fitted.scale == self.settings.scale.model_dump() else ""

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """What the figures depend on, without loading the model."""
        return {"detente": service.__version__, "model": self.model_version, "gazetteer": self.gazetteer.version}

    @property
    def model_version(self) -> str:
        """Name and version from the manifest, after the model that judges in its place. Raises ModelError."""
        path = self.model_folder / "manifest.json"
        try:
            manifest = json.loads(path.read_text(encoding="utf-8"))
            shipped_model = f"{manifest['name']} {manifest['version']}"
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{path}: no readable model manifest ({type(error).__name__})") from None
        return f"{self.hub_model.name} over {shipped_model}" if self.hub_model else shipped_model

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

    def name_of(self, subject: Subject) -> str:
        """How a subject is called in a message."""
        if subject.countries:
            return "–".join(COUNTRIES.get(code) or self.gazetteer.name(code) for code in subject.countries)
        if subject.kind is SubjectKind.WATCH:
            return subject.name
        return self.gazetteer.name(subject.name if subject.kind is SubjectKind.M49 else str(subject))

    def _steps(self, task: Task) -> Sequence[StepFunction]:
        match task:
            case Task.FETCH:
                from service.adapters.feeds.http import HttpFetcher

                fetcher = HttpFetcher(allow_private=self.settings.intake.allow_private)
                return [self._step(fetch, fetcher, self.clock, self.queue, self.settings.intake.interval)]
            case Task.ANALYSE:
                from service.adapters.nlp.fingerprints import RensaFingerprints

                desk = self.desk
                return [
                    self._step(deduplicate, RensaFingerprints()),
                    self._step(classify, desk.classifier, desk.gazetteer, desk.splitter, desk.recogniser, self.clock),
                    self._step(extract, desk.band.high),
                    self._step(attribute, self.queue, desk.pairs),
                ]
            case Task.ASSESS:
                return [self._step(score, self.owner_of, self.gazetteer.geography, self.clock)]
            case Task.DISPATCH:
                return [self._step(route, self.directory_of, self.clock, self.queue)]
            case Task.GATHER:
                editor = Editor(self.portrait, self._title, self.watching)
                return [self._step(group, self.directory_of, editor, self.clock, self.queue)]
            case Task.DELIVER:
                from service.adapters.channels.apprise_notifier import AppriseNotifier

                notifier = AppriseNotifier(allow_private=self.settings.notify.allow_private)
                return [self._step(notify, self.post_office(notifier))]

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
            return self._perform(task, ids)

    def _perform(self, task: Task, ids: Sequence[str]) -> int:
        with self._building:
            if task not in self._lines:
                self._lines[task] = self._steps(task)
        return carry(task, ids, self.units, self._lines[task], PATIENCE[task])

    def drain(self, task: Task) -> int:
        """Take what else is due through the task's steps, for a while; returns how many rows came through."""
        return drain(task, self.units, partial(self.perform, task), DRAIN)

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
        return Replay(units, clock, owner_of, geography, rules, self.gauge, RensaFingerprints())

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

        call(url, allow_private=self.settings.notify.allow_private)

    def problems(self) -> Sequence[str]:
        """What is wrong with the service, missing signs of life among it; nothing when all is well."""
        return problems(self.units, self.queue, self.is_prepared, self.signs)


def _read_in_child(config_dir: Path, overrides: Mapping[str, Any], articles: Sequence[Article]) -> list[KeptCoding]:
    """What a process of the pool does; it puts the service together once."""
    key = (config_dir, repr(overrides))
    if key not in _CHILDREN:
        _CHILDREN[key] = Detente(config_dir, overrides)
    return read_batch(_CHILDREN[key].desk, articles)


_CHILDREN: dict[tuple[Path, str], Detente] = {}
"""The services of this process, when it is one of a pool: configuration → service."""


def _code_that_reads() -> list[bytes]:
    """The sources of all that stands between a text and its events."""
    root = Path(service.__file__).parent
    folders = ("domain/events", "domain/news", "adapters/nlp")
    files = ("pipeline/classify.py", "pipeline/attribute.py", "operations/preview.py", "operations/coding.py")
    sources = [path for folder in folders for path in sorted((root / folder).glob("*.py"))]
    return [path.read_bytes() for path in (*sources, *(root / name for name in files))]


def shipped(name: str) -> Path:
    """A folder that comes with Detente: beside the package in a checkout, inside it when installed."""
    installed = Path(service.__file__).parent / "_shipped" / name
    return installed if installed.exists() else Path(service.__file__).parent.parent / name


def make_folder(path: Path) -> None:
    """Make the data folder if it is not there. Raises ConfigError."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be used as the data folder: {error.strerror}") from None


def _read_secret(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"url_file cannot be read ({type(error).__name__})") from None


def _bad_templates(rules: RulesFile, places: Places) -> list[str]:
    """Annotations that are no templates, or do more than they may."""
    from service.adapters.annotations import problem as problem_of

    return [
        places.name(("rules", n, "annotations", name), f"rule {rule.name}: {why}")
        for n, rule in enumerate(rules.rules)
        for name, template in rule.annotations.items()
        if (why := problem_of(template))
    ]


def _said_by(check: Callable[[], object]) -> list[str]:
    """What a check finds wrong."""
    try:
        check()
    except ConfigError as error:
        return str(error).splitlines()
    return []


def _raise_all(mistakes: Sequence[str]) -> None:
    if mistakes:
        raise ConfigError("\n".join(mistakes))
