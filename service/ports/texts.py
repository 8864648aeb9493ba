"""Articles, events and feeds, as they are stored."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from service.domain.events.event import Event
from service.domain.news.article import Article
from service.domain.news.pace import Pace
from service.domain.risk.ledger import Channel
from service.flow import ArticleState
from service.ports.reading import CodedArticle
from service.ports.world import Feed, Reply


@dataclass(frozen=True, slots=True)
class Version:
    """What an article said before it was corrected or taken back, counted from 1."""

    number: int
    title: str
    text: str
    published_at: datetime
    replaced_at: datetime
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in an order by time and id: what comes after it has a later time, or the same one and a greater id."""

    at: datetime
    id: str


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


@dataclass(frozen=True, slots=True)
class Repeat:
    """An article that repeats another."""

    id: str
    publisher: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """What an incident that an article tells of adds to a subject: `micro` millionths of `channel`, by all who tell.

    `ordinals` are the article's events in it, counted from 0; `owners` the owner groups and `articles` the articles
    that tell of it.
    """

    incident_id: str
    subject: str
    channel: Channel
    micro: int
    ordinals: tuple[int, ...]
    owners: int
    articles: int


@dataclass(frozen=True, slots=True)
class Earlier:
    """An article we have: `came` is the content hash of what it came with, `versions` how often it has changed."""

    id: str
    came: str
    versions: int


class Texts(Protocol):
    """The texts and what they tell."""

    def add(self, article: Article, origin: str, content_hash: str, state: ArticleState = ArticleState.RECEIVED) -> str:
        """Store a new article. Returns "new", "duplicate" (same id or text) or "conflict" (same id, other text).

        `content_hash` is of what came; an announced article gets its text later.
        """
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

    def set_credit(self, article_id: str, agency: str) -> None:
        """Remember whose report an article is."""
        ...

    def save_events(self, article_id: str, events: Sequence[Event]) -> None:
        """Keep an article's events, replacing those it had."""
        ...

    def events(self, ids: Sequence[str]) -> dict[str, list[Event]]:
        """The events of these articles, in order."""
        ...


class Articles(Texts, Protocol):
    """The texts, where they stand, and their codings."""

    def at_address(self, address: str, origin: str) -> Earlier | None:
        """The article that this origin brought from a canonical address, the latest of several."""
        ...

    def complete(self, article: Article, content_hash: str) -> None:
        """Put the text of its page into an announced article. What it came with is still known by its hash."""
        ...

    def replace(
        self, new: Article, origin: str, content_hash: str, reason: str, state: ArticleState = ArticleState.RECEIVED
    ) -> None:
        """Put another text in the place of the article with its id, to be read anew. Its reports must be gone.

        The old text is kept as a version, with the reason.
        """
        ...

    def retract(self, article_id: str, reason: str) -> None:
        """Set an article aside for good. Its reports must be gone."""
        ...

    def versions(self, article_id: str) -> list[Version]:
        """What it said before, the oldest first."""
        ...

    def original(self, article_id: str) -> str:
        """The id of the article that this one repeats, "" when it repeats none."""
        ...

    def repeats(self, article_id: str, limit: int) -> list[Repeat]:
        """At most `limit` articles that repeat this one, the first published first."""
        ...

    def moved(self, article_id: str, limit: int) -> list[Moved]:
        """What its events move, by incident and subject; at most `limit`, what adds most first."""
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


class Feeds(Protocol):
    """The feeds we poll."""

    def sync(self, feeds: Sequence[Feed]) -> None:
        """Make the table hold the configured feeds, keeping what is known of those that stay."""
        ...

    def get(self, ids: Sequence[str]) -> dict[str, Feed]:
        """Feeds by id."""
        ...

    def record(self, feed_id: str, reply: Reply, pace: Pace, new: int, note: str = "") -> None:
        """Move the cursor after a good answer with so many new articles; `note` says what of it was not taken."""
        ...

    def forget_move(self, feed_id: str) -> None:
        """Ask where it is configured again."""
        ...

    def revive(self, feed_id: str) -> bool:
        """Ask a feed that was gone again, at once. False where it was not gone."""
        ...

    def health(self) -> list[Mapping[str, Any]]:
        """A record for each feed.

        id, url, kind, state, last_ok_at, last_new_at, due_at, attempt, last_error, interval, rate, moved_to, articles,
        created_at.
        """
        ...


class Hosts(Protocol):
    """Servers, so that all processes together are polite to each."""

    def take(self, host: str, gap: timedelta) -> timedelta:
        """Zero when a server may be asked now, which counts as asking; otherwise how long to wait before trying again.

        After one is asked it is left alone for `gap`. Those who wait are given a turn each.
        """
        ...

    def rest(self, host: str, wait: timedelta) -> None:
        """Leave a server alone for so long, unless it is left alone for longer already."""
        ...
