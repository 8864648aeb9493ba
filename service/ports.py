"""What the pipeline needs of the world, as small Protocols. Implementations stand in `service.adapters`."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from service.domain.alerting.alert import Alert, Transition
from service.domain.alerting.breaker import Breaker
from service.domain.alerting.directory import Directory
from service.domain.alerting.group import Group, Sent
from service.domain.alerting.message import Message, MessageReason
from service.domain.alerting.notification import Notification, Outgoing
from service.domain.alerting.record import Record
from service.domain.alerting.route import Withheld
from service.domain.alerting.rule import Severity, State
from service.domain.alerting.silence import Silence
from service.domain.alerting.subscriber import Subscriber, SubscriberChannel
from service.domain.audit import AuditEntry
from service.domain.events.coding import Coding, Passage
from service.domain.events.event import Event
from service.domain.events.extraction import Sentence
from service.domain.events.place import Mention
from service.domain.news.article import Article
from service.domain.news.language import ENGLISH
from service.domain.risk.caps import Flood
from service.domain.risk.grouping import Timeline
from service.domain.risk.incident import Incident, Report
from service.domain.risk.ledger import Entry, Posting
from service.errors import Refusal
from service.flow import Kind, Task


@dataclass(frozen=True, slots=True)
class Claim:
    """A row held for a while. `token` fences: a write under an expired, re-claimed lease changes nothing."""

    kind: Kind
    id: str
    token: str
    state: str
    attempt: int


@dataclass(frozen=True, slots=True)
class CodedArticle:
    """What the model said of an article's sentences, with the names found in each (offsets into the sentence)."""

    sentences: tuple[Sentence, ...]
    codings: tuple[Coding, ...]
    mentions: tuple[tuple[Mention, ...], ...]
    model_version: str
    gazetteer_version: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed to poll, with what the last answer told for the next conditional request.

    `note` is what the last poll left to be read: why it failed, or what a good answer held and was not taken.
    """

    id: str
    url: str
    publisher: str
    etag: str = ""
    last_modified: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Version:
    """What an article said before it was corrected or taken back, counted from 1."""

    number: int
    title: str
    text: str
    published_at: datetime
    replaced_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was not taken: where it stood, why in one word, and a sentence."""

    where: str
    refusal: Refusal
    message: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a feed answered: its articles as parsed, and what to send next time. `not_modified` has no articles."""

    items: tuple[Article, ...]
    etag: str
    last_modified: str
    not_modified: bool
    refused: tuple[Refused, ...] = ()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message as it is handed to one channel; forms there are none of are empty.

    `key` is the same at every attempt, so that a channel can tell a repeat: it goes out as Idempotency-Key or
    Message-ID where it can. `thread` is the same for all messages about one group (mail: References). `chart` is a PNG.
    `unsubscribe` is the https address for one-click unsubscription (RFC 8058). `data` is the message as plain JSON.
    """

    key: str
    thread: str
    receiver: str
    channel: str
    title: str
    text: str
    markdown: str = ""
    html: str = ""
    chart: bytes = b""
    unsubscribe: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who is at the end of a channel. `address` is a secret and shows in no representation.

    `zone` is an IANA time zone, `language` an ISO 639-1 code. The links are empty where there are none.
    """

    address: str = field(repr=False)
    zone: str = "UTC"
    language: str = ENGLISH
    confirm_url: str = ""
    manage_url: str = ""
    unsubscribe_url: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of one send. `permanent` means that trying again cannot help; `error` never holds a secret.

    `unknown` marks a send that was cut off: it may have reached the channel. `retry_after` is the channel's wish.
    """

    ok: bool
    error: str = ""
    permanent: bool = False
    retry_after: timedelta | None = None
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class KeptCoding:
    """What is kept of an article's coding: its events, and the countries it names, each once, in order.

    `ignored` says why it was not read, "" where it was.
    """

    events: tuple[Event, ...]
    named: tuple[str, ...] = ()
    ignored: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in an order by time and id: what comes after it has a later time, or the same one and a greater id."""

    at: datetime
    id: str


@dataclass(frozen=True, slots=True)
class Published:
    """A transition with its alert. `stored_at` is by the database's clock: the order in which people can read it."""

    transition: Transition
    alert: Alert
    stored_at: datetime

    @property
    def cursor(self) -> Cursor:
        """Its place among all."""
        return Cursor(self.stored_at, self.transition.id)

    @property
    def begins(self) -> bool:
        """Whether the alert begins to fire with it."""
        return self.transition.to_state is State.FIRING and self.transition.from_state is not State.FIRING


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which transitions are asked for; what is left empty asks for all.

    `least` lets those through that are at least so loud, and the end of what was. `since` is counted in, `until` not;
    both are of the time the transition is about.
    """

    subjects: tuple[str, ...] = ()
    kind: str = ""
    least: Severity = Severity.INFO
    alert_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def loud(self) -> frozenset[Severity]:
        """The severities that are loud enough."""
        order = list(Severity)
        return frozenset(order[order.index(self.least) :])


ANY = Wanted()


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event with what is known of its article, but for its text; `at` is where it stands among all."""

    id: str
    at: datetime
    article_id: str
    publisher: str
    url: str
    published_at: datetime
    event: Event

    @property
    def cursor(self) -> Cursor:
        """Its place among all."""
        return Cursor(self.at, self.id)


class BrokerTrouble(StrEnum):
    """What can be wrong with the broker, in words for an operator."""

    AWAY = "the broker does not answer: articles are taken in, but nothing is done with them until it is back"
    REFUSES = "the broker refuses us: is the password in broker_url right?"
    EVICTS = (
        "the broker throws messages away when its memory is full (maxmemory-policy allkeys-…): set it to noeviction"
    )


class Clock(Protocol):
    """The time scores and alerts are about."""

    def now(self) -> datetime:
        """Now, UTC-aware."""
        ...


class Queue(Protocol):
    """Nudges workers; losing one is harmless."""

    def nudge(self, task: Task, ids: Sequence[str]) -> bool:
        """Say that these rows are due. False when the broker did not take it."""
        ...

    def depth(self, task: Task) -> int:
        """Messages waiting, 0 when that cannot be known."""
        ...

    def trouble(self) -> BrokerTrouble | None:
        """Why messages do not get through or may be thrown away, None when all is well or cannot be known."""
        ...


class Classifier(Protocol):
    """Codes passages."""

    @property
    def version(self) -> str:
        """Name, version and hash of the weights."""
        ...

    @property
    def languages(self) -> frozenset[str]:
        """The languages it reads, as ISO 639-1 codes."""
        ...

    def code(self, passages: Sequence[Passage]) -> list[Coding]:
        """One coding for each passage, in order. Raises ModelError."""
        ...


class Gazetteer(Protocol):
    """Finds and knows names of countries, groups, bodies and places."""

    @property
    def version(self) -> str:
        """Date and hash of the compiled names."""
        ...

    def mentions(self, text: str, language: str = ENGLISH, at: date | None = None) -> list[Mention]:
        """The names in a text, by position, without overlaps; as they were understood on a day, or now."""
        ...

    def name(self, code: str) -> str:
        """The English name of a code; the code itself when unknown."""
        ...


class Splitter(Protocol):
    """Cuts a text into sentences."""

    def spans(self, text: str, language: str = ENGLISH) -> list[tuple[int, int]]:
        """(start, end) offsets of the sentences, in order, not empty."""
        ...


class Recogniser(Protocol):
    """Tells languages apart by their words."""

    def shares(self, text: str) -> Mapping[str, float]:
        """Language (ISO 639-1) → probability, 0 … 1."""
        ...


class Coder(Protocol):
    """Codes many articles, perhaps on several cores."""

    def code(self, batches: Sequence[Sequence[Article]]) -> Iterator[list[KeptCoding]]:
        """The codings of each batch, in order, as they are done. Raises ModelError."""
        ...


class CodingStore(Protocol):
    """Keeps codings by a key that holds all they depend on. It may forget; it never gives another key's."""

    def get(self, keys: Sequence[str]) -> Mapping[str, KeptCoding]:
        """Those of the keys that are kept."""
        ...

    def put(self, codings: Mapping[str, KeptCoding]) -> None:
        """Keep these, for good once this returns."""
        ...


class Tone(Protocol):
    """A lexicon of sentiment."""

    def __call__(self, text: str) -> float:
        """Of a text, −1 (bad) … 1 (good)."""
        ...


class Fingerprints(Protocol):
    """Min-hash of a text's shingles."""

    def bands(self, shingles: frozenset[str]) -> list[int]:
        """Signed 64-bit integers; near duplicates share at least one."""
        ...


class Fetcher(Protocol):
    """Asks a feed for what is new."""

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        """Poll once. Raises FetchFailed or RefusedInput."""
        ...


@dataclass(frozen=True, slots=True)
class Destination:
    """Where an address leads: `whom` is the same for all addresses that reach the same person or hook.

    `is_personal` means that a message reaches a person through a server others share, so that the person must agree.
    """

    schema: str
    whom: str = field(repr=False)
    is_personal: bool


class Purpose(StrEnum):
    """What a signed token is good for."""

    CONFIRM = "confirm"
    UNSUBSCRIBE = "unsubscribe"


class Vault(Protocol):
    """Seals addresses and signs links."""

    def seal(self, text: str) -> str:
        """Encrypted; the same text looks different each time."""
        ...

    def open(self, sealed: str) -> str:
        """The text that was sealed. Raises ConfigError when none of the keys did it."""
        ...

    def fingerprint(self, text: str) -> str:
        """The same for equal texts; nobody without the key can work it out."""
        ...

    def fingerprints(self, text: str) -> Sequence[str]:
        """Fingerprints by every key that is still known, the newest first."""
        ...

    def sign(self, purpose: Purpose, parts: Sequence[str]) -> str:
        """A token that says these parts, good for this purpose only."""
        ...

    def read(self, purpose: Purpose, token: str) -> Sequence[str] | None:
        """The parts of a token, None for one that was not signed for this purpose."""
        ...

    def codes(self, parts: Sequence[str]) -> Sequence[str]:
        """Short codes for these parts that people can type, by every key, the newest first."""
        ...


class Notifier(Protocol):
    """Sends one message through one channel."""

    def send(self, parcel: Parcel, address: str) -> Delivery:
        """Send now to an address (which may hold secrets), and say what became of it. Never raises."""
        ...


@dataclass(frozen=True, slots=True)
class Dead:
    """A row that was given up: `what` says what it is about, `error` why, `died_at` since when."""

    kind: Kind
    id: str
    what: str
    error: str
    created_at: datetime
    died_at: datetime


class Works(Protocol):
    """Claims and ends of work rows. Leases and due times follow the database's own clock."""

    def claim(self, task: Task, ids: Sequence[str], lease: timedelta) -> list[Claim]:
        """Take those of the rows that are open, due and free; attempt is counted here."""
        ...

    def held(self, claims: Sequence[Claim]) -> list[Claim]:
        """Those that are still ours and whose lease has not run out."""
        ...

    def move(self, claims: Sequence[Claim], state: str) -> list[Claim]:
        """Put held rows into a state and keep holding them; returns those still ours."""
        ...

    def finish(self, claims: Sequence[Claim], state: str, error: str | None = None) -> list[Claim]:
        """Put held rows into a state and let go; returns those that were still ours."""
        ...

    def postpone(self, claims: Sequence[Claim], wait: timedelta) -> None:
        """Finished rows that come round again are due after `wait`."""
        ...

    def fail(self, claim: Claim, error: str, retry_in: timedelta | None, *, counts: bool = True) -> bool:
        """Let go after a failure: due again after `retry_in`, dead when that is None. True if it was still ours.

        A failure that does not count gives the attempt back.
        """
        ...

    def put_back(self, claim: Claim, wait: timedelta) -> bool:
        """Let go untried: due again after `wait`, and no attempt used. True if it was still ours."""
        ...

    def due(self, task: Task, limit: int, quiet: timedelta) -> list[tuple[str, int]]:
        """(id, attempts) of rows due, free and not nudged for `quiet`; they count as nudged now.

        The most urgent first, of those the oldest.
        """
        ...

    def bury_exhausted(self, task: Task, max_attempts: int) -> list[str]:
        """Rows whose holders vanished that many times in a row become dead; returns their ids."""
        ...

    def dead(self) -> list[Dead]:
        """All rows that were given up, the longest dead first."""
        ...

    def revive(self, kind: Kind, row_id: str, *, as_new: bool) -> bool:
        """A dead row begins anew, with no attempt used, and as if made now where `as_new`. False if it was not dead."""
        ...

    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Kind → state → rows."""
        ...

    def oldest_due(self) -> datetime | None:
        """Due time of the longest waiting open row, None when nothing waits."""
        ...


class Texts(Protocol):
    """The texts and what they tell."""

    def add(self, article: Article, origin: str, content_hash: str) -> str:
        """Store a new article. Returns "new", "duplicate" (same id or text) or "conflict" (same id, other text)."""
        ...

    def get(self, ids: Sequence[str]) -> dict[str, Article]:
        """The articles with these ids that exist."""
        ...

    def first_with_hash(self, article_id: str) -> str | None:
        """The oldest other article with the same content, if it is older than this one."""
        ...

    def sharing_band(self, article_id: str, bands: Sequence[int], since: datetime) -> list[Article]:
        """Other, earlier accepted articles that share a band and were published since then."""
        ...

    def set_bands(self, article_id: str, bands: Sequence[int]) -> None:
        """Remember an article's bands; repeating changes nothing."""
        ...

    def set_duplicate(self, article_id: str, of: str) -> None:
        """Remember which article this one repeats."""
        ...

    def save_events(self, article_id: str, events: Sequence[Event]) -> None:
        """Keep an article's events, replacing those it had."""
        ...

    def events(self, ids: Sequence[str]) -> dict[str, list[Event]]:
        """The events of these articles, in order."""
        ...


class Articles(Texts, Protocol):
    """The texts, where they stand, and their codings."""

    def replace(self, new: Article, origin: str, content_hash: str) -> None:
        """Put a corrected text in the place of the article with its id, to be read anew. Its reports must be gone."""
        ...

    def retract(self, article_id: str, reason: str) -> None:
        """Set an article aside for good. Its reports must be gone."""
        ...

    def versions(self, article_id: str) -> list[Version]:
        """What it said before, the oldest first."""
        ...

    def state(self, article_id: str) -> tuple[str, str]:
        """(state, reason) of an article; the reason is empty while all is well."""
        ...

    def set_unread(self, article_id: str, language: str) -> None:
        """Remember that the article is in a language no model reads."""
        ...

    def unread(self) -> Mapping[str, int]:
        """Language → articles set aside because no model reads it."""
        ...

    def origins(self) -> Iterator[tuple[str, str, datetime]]:
        """(publisher, url, time of arrival) of every article but canaries, the latest arrival first."""
        ...

    def arrivals(self, since: datetime) -> tuple[int, datetime | None]:
        """How many articles were stored since then, and when the last of all was; canaries are none."""
        ...

    def forget(self, origin: str, before: datetime) -> None:
        """Throw away all articles of this origin stored before then, with what was read of them."""
        ...

    def told(
        self,
        after: Cursor | None,
        limit: int,
        since: datetime | None = None,
        until: datetime | None = None,
        subjects: Collection[str] | None = None,
    ) -> list[StoredEvent]:
        """At most `limit` events after the cursor, by the time they tell of and id; `until` is not counted in.

        With `subjects` those that are booked on one of them.
        """
        ...

    def booked(self) -> list[str]:
        """Ids of the articles whose events are booked, by time of publication and id."""
        ...

    def save_coding(self, article_id: str, coded: CodedArticle, at: datetime) -> None:
        """Keep what the model said, replacing what it said before."""
        ...

    def codings(self, ids: Sequence[str]) -> dict[str, CodedArticle]:
        """What the model said of these articles."""
        ...


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A report taken back: the key it shared, its time, and the incident it was booked in (empty: none)."""

    key: str
    at: datetime
    incident_id: str


class Ledger(Protocol):
    """Reports, incidents and what they book."""

    def save_reports(self, reports: Sequence[Report]) -> None:
        """Keep reports of stored events; repeating changes nothing."""
        ...

    def withdraw(self, article_ids: Sequence[str]) -> list[Withdrawn]:
        """Take the reports of these articles back. Their keys must be booked again in the same transaction."""
        ...

    def timeline(self, key: str) -> Timeline:
        """The reports that may tell of the same incidents, in time."""
        ...

    def reports(self, ids: Sequence[str]) -> dict[str, Report]:
        """Reports by id."""
        ...

    def rebook(self, stale: Collection[str], incidents: Sequence[Incident], postings: Sequence[Posting]) -> set[str]:
        """Put these incidents in place of the stale ones (ids); returns the written subjects whose sums changed."""
        ...

    def entries(self, subject: str, since: datetime, until: datetime) -> list[Entry]:
        """Hourly sums of a subject, from the hour of `since` to that of `until`."""
        ...

    def postings(self, subject: str, since: datetime, until: datetime) -> dict[str, Entry]:
        """Incident id → its entry on a subject."""
        ...

    def owners(self, subject: str, since: datetime) -> set[str]:
        """The owner groups that told of what is booked on a subject since then."""
        ...

    def told_by(self, owners: Collection[str], since: datetime) -> set[str]:
        """The subjects on which something is booked since then that one of these owner groups told of."""
        ...

    def floods(self, since: datetime) -> set[Flood]:
        """Owner groups and days since then on which they flood."""
        ...

    def began_at(self) -> datetime | None:
        """Since when there is anything booked."""
        ...

    def empty(self) -> list[Report]:
        """Take all reports out, with all that they booked."""
        ...

    def incidents(self, ids: Sequence[str]) -> dict[str, Incident]:
        """Incidents with their reports."""
        ...

    def mark_changed(self, subjects: Iterable[str], at: datetime) -> None:
        """Remember that rules must look at these subjects."""
        ...

    def take_changed(self) -> list[str]:
        """The marked subjects, no longer marked."""
        ...

    def subjects(self) -> list[str]:
        """Every subject with an entry, but what canaries move."""
        ...


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a change on its way to a receiver: `withheld`, or it `waits` (`held` says why), or it was told."""

    receiver: str
    withheld: Withheld | None
    waits: bool
    held: str


@dataclass(frozen=True, slots=True)
class Course:
    """All that became of an alert.

    Transition ids → `states` of their rows, why nobody at all was told (`withheld`), and what became of each on its way
    to the receivers (`fates`). `notifications` are rows with the transition they tell of.
    """

    alert: Alert
    transitions: Sequence[Transition]
    notifications: Sequence[Mapping[str, Any]]
    states: Mapping[str, str]
    withheld: Mapping[str, Withheld]
    fates: Mapping[str, Sequence[Fate]]


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has taken an alert on."""

    at: datetime
    author: str
    comment: str


class Alerts(Protocol):
    """Alert states, their transitions, and who has taken them on."""

    def for_subjects(self, subjects: Sequence[str]) -> list[Alert]:
        """The alerts of these subjects."""
        ...

    def watched(self) -> list[str]:
        """Subjects with an alert that time alone may change."""
        ...

    def save(self, alert: Alert) -> None:
        """Keep an alert's state."""
        ...

    def add_transition(self, transition: Transition) -> bool:
        """Keep a transition to be routed; False if it was there."""
        ...

    def transitions(self, ids: Sequence[str]) -> dict[str, tuple[Transition, Alert]]:
        """Transitions with their alerts."""
        ...

    def names(self) -> list[tuple[str, str, str]]:
        """(id, rule, subject) of every alert."""
        ...

    def published(self, limit: int, wanted: Wanted = ANY, before: Cursor | None = None) -> list[Published]:
        """At most `limit` transitions stored before the cursor, the newest first."""
        ...

    def published_after(self, after: Cursor | None, limit: int, wanted: Wanted = ANY) -> list[Published]:
        """At most `limit` transitions stored after the cursor, the oldest first."""
        ...

    def found(self, transition_id: str) -> Published | None:
        """One transition."""
        ...

    def firing(self, rule: str) -> list[Alert]:
        """The rule's firing alerts."""
        ...

    def acknowledge(self, alert_id: str, at: datetime, author: str, comment: str) -> None:
        """Remember that somebody has taken an alert on."""
        ...

    def acknowledged(self, alert_ids: Collection[str]) -> Mapping[str, Acknowledgement]:
        """Those of the firing alerts that somebody has taken on since they began to fire."""
        ...


@dataclass(frozen=True, slots=True)
class Arrival:
    """A change that is to wait in a group, which is due then, or earlier. `held` says why it waits longer."""

    group: Group
    transition_id: str
    due_at: datetime
    held: str = ""


@dataclass(frozen=True, slots=True)
class Settled:
    """A change that waits no more in a group: told, or `withheld`, or `moved` to another group of the receiver."""

    group_id: str
    transition_id: str
    withheld: Withheld | None = None
    moved: bool = False


class Outbox(Protocol):
    """What waits for receivers, what they were told, and the messages on their way."""

    def enter(self, arrivals: Sequence[Arrival]) -> list[str]:
        """Let changes wait in their groups, made where there are none; returns the ids of groups that got one.

        A change that has been in a group, whatever became of it, does not come in again.
        """
        ...

    def groups(self, ids: Sequence[str]) -> dict[str, Group]:
        """Groups by id."""
        ...

    def waiting(self, group_ids: Sequence[str]) -> dict[str, list[tuple[str, str]]]:
        """Group id → the changes that wait in it, in the order they came: (transition id, why it is held or "")."""
        ...

    def settle(self, settled: Sequence[Settled]) -> None:
        """These wait no more."""
        ...

    def withhold(self, transition_id: str, why: Withheld) -> None:
        """Remember why nobody was told of a transition."""
        ...

    def homes(self, alert_ids: Collection[str], since: datetime | None) -> list[Group]:
        """The groups of alerts that heard one of these fire, from `since` on."""
        ...

    def keep(self, groups: Sequence[Group]) -> None:
        """Keep what the groups' receivers were told."""
        ...

    def hurry(self, now: datetime) -> list[str]:
        """Make all groups in which something waits due now; returns their ids."""
        ...

    def write(self, messages: Sequence[Outgoing]) -> list[str]:
        """Put messages into the outbox, each once ever; returns the ids of the new notifications."""
        ...

    def notifications(self, ids: Sequence[str]) -> dict[str, Notification]:
        """Notifications by id."""
        ...

    def messages(self, ids: Collection[str]) -> dict[str, Message]:
        """Messages by id."""
        ...

    def changes(self, message_id: str) -> list[str]:
        """The transitions a message tells of."""
        ...

    def sent(self, receivers: Collection[str], since: datetime) -> dict[str, list[Sent]]:
        """Receiver → its messages about alerts since then that were no digests."""
        ...

    def written_to(self, receiver: str) -> list[Mapping[str, Any]]:
        """What a receiver was written, the oldest first.

        Each with channel, reason, title, content, state, created_at and sent_at.
        """
        ...

    def told(self, receivers: Collection[str], subjects: Collection[str]) -> dict[str, set[str]]:
        """Receiver → those of the subjects of which it was told that something fires."""
        ...

    def course(self, alert_id: str) -> Course:
        """All that became of one alert, which exists."""
        ...

    def history(self) -> list[tuple[Alert, list[Transition], list[Mapping[str, Any]]]]:
        """All alerts but that of canaries, newest first, with transitions and notification records."""
        ...

    def begun(self, since: datetime) -> int:
        """How often an alert, but that of canaries, has begun to fire or grown since then, by the clock of work."""
        ...

    def deliveries(self, receiver: str, reason: MessageReason) -> Mapping[str, tuple[datetime, datetime | None]]:
        """Channel → when the first of its messages to the receiver was written, and when the last one was taken."""
        ...

    def forget(self, alert_id: str, before: datetime) -> None:
        """Throw away the changes of an alert made before then, and the messages and groups about them."""
        ...


class Silences(Protocol):
    """What nobody is to be told for a while."""

    def add(self, silence: Silence) -> None:
        """Keep a new one, or another state of a known one."""
        ...

    def get(self, silence_id: str) -> Silence | None:
        """One by its id."""
        ...

    def not_over(self, at: datetime) -> list[Silence]:
        """Those that are in force or will be, by their end."""
        ...

    def all(self) -> list[Silence]:
        """Every one, the newest first."""
        ...


class Channels(Protocol):
    """How channels fare, and what waits for each of them in the outbox."""

    def breaker(self, receiver: str, channel: str) -> Breaker:
        """What is remembered of a channel's failures."""
        ...

    def keep(self, receiver: str, channel: str, breaker: Breaker) -> None:
        """Remember it, for all processes."""
        ...

    def ahead(self, notification_id: str) -> int:
        """How many claimed messages to the same channel were claimed before this claimed one."""
        ...

    def put_off(self, receiver: str, channel: str, until: datetime) -> int:
        """All that would be due before is due then, unless somebody holds it; no attempt is used. Returns how many."""
        ...

    def hasten(self, receiver: str, channel: str, due_by: datetime) -> str | None:
        """The first message that is due by then is due now; returns its id, None when there is none."""
        ...

    def resting(self) -> Mapping[tuple[str, str], Breaker]:
        """(receiver, channel) of the channels that are left alone for now."""
        ...


class Decisions(Protocol):
    """What rules said of subjects, as it was when they said it."""

    def add(self, record: Record) -> None:
        """Keep a record."""
        ...

    def standing(self, subject: str, at: datetime | None = None) -> dict[str, Record]:
        """Rule → its last record on the subject, of all or of those made by `at`."""
        ...

    def of(self, rule: str, subject: str) -> list[Record]:
        """All records of a rule and subject, in order."""
        ...

    def began_at(self) -> datetime | None:
        """Time of the oldest record."""
        ...

    def forget(self, before: datetime) -> int:
        """Throw away the records that are older; returns how many."""
        ...


class Feeds(Protocol):
    """The feeds we poll."""

    def sync(self, feeds: Sequence[Feed]) -> None:
        """Make the table hold the configured feeds, keeping what is known of those that stay."""
        ...

    def get(self, ids: Sequence[str]) -> dict[str, Feed]:
        """Feeds by id."""
        ...

    def record(self, feed_id: str, etag: str, last_modified: str, note: str = "") -> None:
        """Move the cursor after a good answer; `note` says what of it was not taken."""
        ...

    def health(self) -> list[Mapping[str, Any]]:
        """A record for each feed: id, url, last_ok_at, due_at, attempt, last_error."""
        ...


@dataclass(frozen=True, slots=True)
class Enrolled:
    """A subscriber's channel with what is kept of its address.

    `sealed` is the encrypted address; `fingerprint` is the same for equal addresses; `serial` tells this channel from
    an earlier one of its name. `asked_at` is when the last confirmation message was made.
    """

    subscriber_id: str
    channel: SubscriberChannel
    serial: str
    sealed: str = field(repr=False)
    fingerprint: str
    created_at: datetime
    asked_at: datetime | None = None
    unsubscribed_at: datetime | None = None


class Subscribers(Protocol):
    """Who subscribed to what, and sealed addresses."""

    def get(self, subscriber_id: str) -> Subscriber | None:
        """One subscriber with their channels, by name."""
        ...

    def all(self) -> list[Subscriber]:
        """Every subscriber, by name and id."""
        ...

    def active(self, ids: Collection[str] | None = None) -> list[Subscriber]:
        """Those in the state active, of all or of these, by name and id."""
        ...

    def save(self, subscriber: Subscriber) -> None:
        """Keep a subscriber; their channels are kept by `put`."""
        ...

    def delete(self, subscriber_id: str) -> bool:
        """Forget a subscriber and their channels; False if there is none."""
        ...

    def put(self, enrolled: Enrolled) -> None:
        """Keep a channel of a stored subscriber, in the place of the one with its name."""
        ...

    def remove(self, subscriber_id: str, channel: str) -> bool:
        """Forget a channel; False if there is none."""
        ...

    def enrolled(self, subscriber_id: str | None = None) -> list[Enrolled]:
        """The channels of a subscriber, or of all, by subscriber's id and channel's name."""
        ...

    def contacted_at(self, fingerprints: Sequence[str]) -> datetime | None:
        """When an address was last sent a confirmation message."""
        ...

    def set_contacted(self, fingerprint: str, at: datetime) -> None:
        """Remember that an address was sent a confirmation message."""
        ...

    def forget_contacts(self, before: datetime) -> None:
        """Forget which addresses were sent confirmation messages before then."""
        ...


class Audit(Protocol):
    """Who changed what; entries are only ever added."""

    def add(
        self,
        actor: str,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> AuditEntry:
        """Add an entry at the end of the chain, at the time of the books. Plain JSON, no secrets.

        Whoever else adds waits for the end of this transaction, so this comes after all its other changes.
        """
        ...

    def entries(self, subject: str | None = None, last: int | None = None) -> list[AuditEntry]:
        """Entries in order: all or those about a subject; of these all or the last few."""
        ...


class Marks(Protocol):
    """Times of things that should keep happening."""

    def now(self) -> datetime:
        """The database's clock."""
        ...

    def set(self, name: str, value: str = "") -> None:
        """It happened now, by the database's clock."""
        ...

    def get(self, name: str) -> tuple[datetime, str] | None:
        """When it last happened, and what was noted."""
        ...


class Books(Protocol):
    """What deciding needs of a transaction: texts, ledger, alerts, decisions, marks, who wants to hear of it."""

    ledger: Ledger
    alerts: Alerts
    decisions: Decisions
    marks: Marks
    subscribers: Subscribers
    audit: Audit

    @property
    def articles(self) -> Texts:
        """The texts and what they tell."""
        ...

    def after_commit(self, action: Callable[[], object]) -> None:
        """Run this once the transaction is safe; its failure harms nothing."""
        ...


class OpenBooks(Protocol):
    """Opens transactions on books alone."""

    def __call__(self, *, serial: bool = False, read_only: bool = False) -> AbstractContextManager[Books]:
        """A new transaction; `serial` ones run one after the other across all processes."""
        ...


class UnitOfWork(Books, Protocol):
    """One transaction: committed when its block ends well, rolled back otherwise."""

    works: Works
    articles: Articles
    channels: Channels
    feeds: Feeds
    outbox: Outbox
    silences: Silences


class Units(Protocol):
    """Opens transactions."""

    def __call__(self, *, serial: bool = False, read_only: bool = False) -> AbstractContextManager[UnitOfWork]:
        """A new transaction; `serial` ones run one after the other across all processes."""
        ...


class DirectoryOf(Protocol):
    """Who can be told, as it is in a transaction."""

    def __call__(self, unit: UnitOfWork, receivers: Collection[str] | None = None) -> Directory:
        """All who can be told, or of the subscribers only those among these receivers: thousands may subscribe."""
        ...
