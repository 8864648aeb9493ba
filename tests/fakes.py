"""Stand-ins for what lies outside, and a small world built on a real database. They behave; nothing is patched."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import Engine, select, update

from service.adapters.annotations import annotate
from service.adapters.nlp.fingerprints import RensaFingerprints
from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import SqlUnits
from service.adapters.storage.schema import metadata
from service.adapters.storage.works import TABLES
from service.domain.alerting.directory import Directory
from service.domain.alerting.message import Message
from service.domain.alerting.notification import Notification
from service.domain.alerting.route import Receiver, Route, Timing, Withheld
from service.domain.alerting.rule import Rule, RuleKind, Severity, Step
from service.domain.alerting.writing import Portrait
from service.domain.events.coding import Coding, Passage
from service.domain.events.ontology import ROOTS_BY_SIGNAL
from service.domain.events.signal import MentionRole, Modality, Signal
from service.domain.news.article import Article
from service.domain.news.completion import Page
from service.domain.news.credit import Agencies
from service.domain.news.owner import QUARANTINED, Owner
from service.domain.risk.subject import Subject
from service.errors import DetenteError, FetchFailed
from service.flow import Kind, Task
from service.pipeline.attribute import attribute
from service.pipeline.books import Gauge
from service.pipeline.classify import classify
from service.pipeline.complete import complete
from service.pipeline.deduplicate import Voices, deduplicate
from service.pipeline.evaluate import Keeping, Wording, evaluate
from service.pipeline.extract import extract
from service.pipeline.group import Editor, group
from service.pipeline.ingest import Intake, ingest
from service.pipeline.line import Patience, StepFunction, carry
from service.pipeline.notify import PostOffice, notify
from service.pipeline.objection import Objection, objection
from service.pipeline.route import route
from service.pipeline.score import score
from service.ports import BrokerTrouble, Claim, Delivery, Feed, Parcel, Recipient, Reply, UnitOfWork

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=45)
MAX_AGE = timedelta(hours=6)
LAPSED = timedelta(seconds=-1)
"""A lease that has run out the moment it is taken."""
LEVEL = Rule(
    name="level",
    kind=RuleKind.LEVEL,
    subjects=("dyad:*", "country:*"),
    steps=(Step(5, 2, Severity.WARNING), Step(90, 80, Severity.CRITICAL)),
)
AT_ONCE = Timing(timedelta(0), timedelta(0), timedelta(hours=24))
DESK = Directory(Route("route", "desk", timing=AT_ONCE), {"desk": Receiver("desk", ("mail", "chat"), flood=None)})


@dataclass
class FakeClock:
    """A clock that stands still until it is moved."""

    moment: datetime = NOON

    def now(self) -> datetime:
        return self.moment


@dataclass
class FakeQueue:
    """Remembers nudges. `waiting` is the depth it reports; `away` makes it refuse like a broker that is down; `asked` counts the calls."""

    nudges: list[tuple[Task, tuple[str, ...]]] = field(default_factory=list)
    waiting: dict[Task, int] = field(default_factory=dict)
    away: bool = False
    asked: int = 0

    def nudge(self, task: Task, ids: Sequence[str]) -> bool:
        self.asked += 1
        if not self.away:
            self.nudges.append((task, tuple(ids)))
        return not self.away

    def depth(self, task: Task) -> int:
        return self.waiting.get(task, 0)

    def trouble(self) -> BrokerTrouble | None:
        return BrokerTrouble.AWAY if self.away else None

    def of(self, task: Task) -> list[tuple[str, ...]]:
        return [ids for nudged, ids in self.nudges if nudged is task]


def certain(labels: Sequence[str], choice: str) -> dict[str, float]:
    """All the probability on one label."""
    return {label: float(label == choice) for label in labels}


SIGNALS = [str(signal) for signal in Signal]
ROOTS = sorted({root for roots in ROOTS_BY_SIGNAL.values() for root in roots} | {"NONE"})
MODALITIES = [str(modality) for modality in Modality] + ["none"]
ROLES = [str(role) for role in MentionRole]


@dataclass
class FakeClassifier:
    """Codes by words: "attacked" escalates, "ceasefire" and "peace treaty" ease, the first name acts on the others.

    A passage with `poison` raises what `error` gives; `on_call` runs before each answer.
    """

    poison: str = "POISON"
    error: Callable[[], Exception] = lambda: ValueError("the model choked\non this")
    on_call: Callable[[], object] = lambda: None
    calls: list[int] = field(default_factory=list)
    version: str = "fake 1"
    languages: frozenset[str] = frozenset({"en"})

    def code(self, passages: Sequence[Passage]) -> list[Coding]:
        self.calls.append(len(passages))
        self.on_call()
        if any(self.poison in passage.text for passage in passages):
            raise self.error()
        return [self._coding(passage) for passage in passages]

    def _coding(self, passage: Passage) -> Coding:
        text = passage.text.lower()
        signal, root, level = Signal.NEUTRAL, "NONE", "0"
        if "attacked" in text:
            signal, root, level = Signal.ESCALATION, "ASSAULT", "4"
        elif "ceasefire" in text or "peace treaty" in text:
            signal, root, level = Signal.DE_ESCALATION, "RETREAT", "4"
        roles = [str(MentionRole.ACTOR if n == 0 else MentionRole.RECIPIENT) for n in range(len(passage.mentions))]
        return Coding(
            signal=certain(SIGNALS, str(signal)),
            event_type=certain(ROOTS, root),
            level=certain(["0", "1", "2", "3", "4"], level),
            modality=certain(MODALITIES, "actual"),
            roles=tuple(certain(ROLES, role) for role in roles),
        )


class FakeSplitter:
    """Cuts at line ends."""

    def spans(self, text: str, language: str = "en") -> list[tuple[int, int]]:
        found, start = [], 0
        for line in text.split("\n"):
            if line.strip():
                found.append((start, start + len(line)))
            start += len(line) + 1
        return found


@dataclass
class FakeRecogniser:
    """Knows French by one word; all else is English. Remembers what it was asked."""

    asked: list[str] = field(default_factory=list)

    def shares(self, text: str) -> Mapping[str, float]:
        self.asked.append(text)
        return {"fr": 1.0} if "attaqué" in text else {"en": 1.0}


@dataclass
class FakeNotifier:
    """Keeps what it sends. `answers` are given in order, then everything goes well; `on_send` runs during a send."""

    answers: list[Delivery] = field(default_factory=list)
    sent: list[Parcel] = field(default_factory=list)
    on_send: Callable[[], object] = lambda: None

    def send(self, parcel: Parcel, address: str) -> Delivery:
        self.on_send()
        answer = self.answers.pop(0) if self.answers else Delivery(ok=True)
        if answer.ok:
            self.sent.append(parcel)
        return answer


@dataclass
class FakePages:
    """Pages by address, or what goes wrong with them; remembers what it was asked for."""

    pages: dict[str, Page | DetenteError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, url: str, now: datetime) -> Page:
        self.asked.append(url)
        found = self.pages.get(url) or FetchFailed("the server answers 404")
        if isinstance(found, DetenteError):
            raise found
        return found


@dataclass
class FakeFetcher:
    """Answers with replies or errors, in order; remembers the cursors it was asked with."""

    answers: list[Reply | DetenteError] = field(default_factory=list)
    asked: list[Feed] = field(default_factory=list)

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        self.asked.append(feed)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, DetenteError):
            raise answer
        return answer


def article(
    article_id: str, text: str = "", *, title: str = "", publisher: str = "Reuters", at: datetime = NOON
) -> Article:
    """An article with its own words, so that no two are near duplicates."""
    own = " ".join(f"{article_id}w{n}" for n in range(40))
    return Article(article_id, title, text or f"Iran attacked Pakistan on Sunday.\n{own}", publisher, "", at, at)


def owner_of(publisher: str, _url: str, credit: str = "") -> Owner:
    """Everyone speaks for himself or whom he credits and is of grade A, "Weak" of grade B; "unknown …" is in quarantine."""
    if publisher.startswith("unknown"):
        return QUARANTINED
    return Owner(credit or publisher, "B" if publisher == "Weak" else "A")


IGNORED_COLUMNS = frozenset({"updated_at", "changed"})


def dump(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table but marks, without the time of the last touch and its number."""
    found = {}
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN")
        for table in metadata.sorted_tables:
            if table.name != "mark":
                columns = [c for c in table.columns if c.name not in IGNORED_COLUMNS]
                found[table.name] = sorted(tuple(map(repr, row)) for row in connection.execute(select(*columns)))
    return found


_TIMES_OF_WORK = (
    "due_at", "lease_until", "nudged_at", "created_at", "closed_at", "probe_at", "at", "last_ok_at", "last_new_at",
    "free_at", "promised_at",
)  # fmt: skip


def pass_time(engine: Engine, span: timedelta) -> None:
    """Everything that has a time of work becomes older, as if the span had gone by."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        for table in (*TABLES.values(), *(metadata.tables[name] for name in ("mark", "channel_state", "host"))):
            names = [n for n in _TIMES_OF_WORK if n in table.c]
            names = [n for n in names if not (n == "at" and table.name != "mark")]
            keys = list(table.primary_key)
            for row in connection.execute(select(*keys, *(table.c[n] for n in names))).all():
                values = zip(names, row[len(keys) :], strict=True)
                older = {n: value - span for n, value in values if value is not None}
                if older:
                    mine = [key == value for key, value in zip(keys, row, strict=False)]
                    connection.execute(update(table).where(*mine).values(older))


def set_row(engine: Engine, kind: Kind, row_id: str, **values: Any) -> None:
    """Change a row behind everybody's back."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(update(TABLES[kind]).where(TABLES[kind].c.id == row_id).values(values))


def row(engine: Engine, kind: Kind, row_id: str) -> Mapping[str, Any]:
    """One row of work."""
    with engine.connect() as connection:
        found = connection.execute(select(TABLES[kind]).where(TABLES[kind].c.id == row_id)).one()
        return dict(found._mapping)


def recipient_of(_unit: UnitOfWork, receiver: str, channel: str) -> Recipient:
    """Every channel there could be exists."""
    return Recipient(f"json://{receiver}.example.org/{channel}")


def title(message: Message) -> str:
    """What a message is called here."""
    return f"{message.reason}: {', '.join(item.name for item in message.items)}"


def compose(row: Notification, message: Message, _to: Recipient, late: timedelta | None) -> Parcel:
    """Title, reason, and how late it is."""
    said = f"{message.reason}, {late // timedelta(minutes=1)} minutes late" if late else str(message.reason)
    return Parcel(row.idem, message.thread, row.receiver, row.channel, title(message), said)


@dataclass
class MovedUnits:
    """Transactions whose database has a clock that can be put forward and back."""

    units: SqlUnits
    by: timedelta = timedelta(0)

    @contextmanager
    def __call__(self, *, serial: bool = False, read_only: bool = False) -> Iterator[UnitOfWork]:
        with self.units(serial=serial, read_only=read_only) as unit:
            for part in (unit.works, unit.articles, unit.alerts, unit.feeds, unit.outbox, unit.marks):
                part.now = partial(self._moved, part.now)  # type: ignore[union-attr, method-assign]
            yield unit

    def _moved(self, now: Callable[[], datetime]) -> datetime:
        return now() + self.by


@dataclass
class World:
    """The pipeline on a real database, with fakes where the outside begins."""

    engine: Engine
    gazetteer: CompiledGazetteer
    queue: FakeQueue = field(default_factory=FakeQueue)
    clock: FakeClock = field(default_factory=FakeClock)
    classifier: FakeClassifier = field(default_factory=FakeClassifier)
    recogniser: FakeRecogniser = field(default_factory=FakeRecogniser)
    notifier: FakeNotifier = field(default_factory=FakeNotifier)
    pages: FakePages = field(default_factory=FakePages)
    rules: tuple[Rule, ...] = (LEVEL,)
    patience: Patience = field(default_factory=Patience)
    directory: Directory = DESK
    gauge: Gauge = field(default_factory=Gauge)
    keeping: Keeping = field(default_factory=Keeping)
    agencies: Agencies = field(default_factory=partial(Agencies, ()))

    def __post_init__(self) -> None:
        self.units = SqlUnits(self.engine)

    def ingest(self, *articles: Article) -> Intake:
        return ingest(articles, "test", self.units, self.queue)

    def complete(self, claims: Sequence[Claim]) -> list[Claim]:
        return complete(claims, self.units, self.pages, self.clock, self.queue, timedelta(0))

    def deduplicate(self, claims: Sequence[Claim]) -> list[Claim]:
        voices = Voices(owner_of, self.agencies)
        return deduplicate(claims, self.units, RensaFingerprints(), voices, self.gazetteer.geography, self.clock)

    def classify(self, claims: Sequence[Claim]) -> list[Claim]:
        outside = (self.classifier, self.gazetteer, FakeSplitter(), self.recogniser, self.clock)
        return classify(claims, self.units, *outside)

    def extract(self, claims: Sequence[Claim]) -> list[Claim]:
        return extract(claims, self.units, 0.5)

    def attribute(self, claims: Sequence[Claim]) -> list[Claim]:
        return attribute(claims, self.units, self.queue)

    def score(self, claims: Sequence[Claim]) -> list[Claim]:
        return score(claims, self.units, owner_of, self.gazetteer.geography, self.clock)

    def evaluate(self) -> list[str]:
        wording = Wording(annotate, lambda written: self.name_of(Subject.parse(written)))
        return evaluate(self.units, self.rules, self.gauge, self.clock, self.queue, self.keeping, wording, owner_of)

    def route(self, claims: Sequence[Claim]) -> list[Claim]:
        return route(claims, self.units, self.directory_of, self.clock, self.queue)

    def group(self, claims: Sequence[Claim]) -> list[Claim]:
        editor = Editor(self.portrait, title, self.rules)
        return group(claims, self.units, self.directory_of, editor, self.clock, self.queue)

    def directory_of(self, _unit: UnitOfWork, _receivers: Collection[str] | None = None) -> Directory:
        return self.directory

    def portrait(self, subject: str, _at: datetime, _unit: UnitOfWork) -> Portrait:
        return Portrait(self.name_of(Subject.parse(subject)))

    def notify(self, claims: Sequence[Claim]) -> list[Claim]:
        return notify(claims, self.units, self.office)

    @property
    def office(self) -> PostOffice:
        return PostOffice(self.notifier, recipient_of, compose, self.objection, at_once=2)

    def objection(self, unit: UnitOfWork, row: Notification, message: Message) -> Objection | None:
        return objection(row, message, unit, self.directory, self.clock.now(), MAX_AGE)

    def name_of(self, subject: Subject) -> str:
        return "–".join(self.gazetteer.name(code) for code in subject.countries)

    def steps(self, task: Task) -> Sequence[StepFunction]:
        match task:
            case Task.ANALYSE:
                return [self.deduplicate, self.classify, self.extract, self.attribute]
            case Task.ASSESS:
                return [self.score]
            case Task.DISPATCH:
                return [self.route]
            case Task.GATHER:
                return [self.group]
            case Task.DELIVER:
                return [self.notify]
            case Task.COMPLETE:
                return [self.complete]
            case Task.FETCH:
                raise NotImplementedError("the tests of the fetch step bring their own fetcher")

    def claim(self, task: Task, *ids: str, lease: timedelta = LEASE) -> list[Claim]:
        with self.units() as unit:
            return sorted(unit.works.claim(task, ids, lease), key=lambda claim: claim.id)

    def carry(self, task: Task, *ids: str) -> int:
        return carry(task, ids, self.units, self.steps(task), self.patience)

    def drain(self, task: Task) -> int:
        """Carry everything that was nudged for this task."""
        mine, self.queue.nudges = (
            self.queue.of(task),
            [nudge for nudge in self.queue.nudges if nudge[0] is not task],
        )
        return sum(self.carry(task, *ids) for ids in mine)

    def withheld(self, rule: str | None = None) -> dict[str, Withheld]:
        """Subject → why nobody or some receiver was not told of a rule's alert, of any rule without a name."""
        with self.units(read_only=True) as unit:
            courses = [unit.outbox.course(name) for name, of, _ in unit.alerts.names() if rule in {None, of}]
        found: dict[str, Withheld] = {}
        for course in courses:
            fates = [fate.withheld for mine in course.fates.values() for fate in mine if fate.withheld]
            for why in (*fates, *course.withheld.values()):
                found[course.alert.subject] = why
        return found

    def tell(self) -> None:
        """Route, group and send all that was nudged."""
        for task in (Task.DISPATCH, Task.GATHER, Task.DELIVER):
            self.drain(task)

    def firing(self) -> str:
        """Bring alerts so far that transitions wait to be routed; returns the dyad's."""
        self.ingest(article("a1", publisher="Reuters"), article("a2", publisher="BBC"))
        self.drain(Task.ANALYSE)
        self.drain(Task.ASSESS)
        self.evaluate()
        with self.units(read_only=True) as unit:
            waiting = unit.alerts.transitions([i for ids in self.queue.of(Task.DISPATCH) for i in ids])
        return next(i for i, (_, alert) in waiting.items() if alert.subject == "dyad:IRN-PAK")

    def outbox(self) -> list[str]:
        """Messages waiting to be sent, by id."""
        self.firing()
        self.drain(Task.DISPATCH)
        self.drain(Task.GATHER)
        return [i for ids in self.queue.of(Task.DELIVER) for i in ids]

    def state(self, kind: Kind, row_id: str) -> str:
        return str(row(self.engine, kind, row_id)["state"])
