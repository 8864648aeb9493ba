"""What lies outside: the clock, the broker, the feeds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from service.domain.news.article import Article
from service.domain.news.completion import Page
from service.domain.news.pace import Pace
from service.errors import Refusal
from service.flow import Task


class FeedKind(StrEnum):
    """How a feed is read. `feed` is RSS, Atom or JSON Feed; `gdelt` the list of GDELT's updates."""

    FEED = "feed"
    SITEMAP = "sitemap"
    GDELT = "gdelt"
    FOLDER = "folder"
    MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed to poll, with what the last answer told for the next conditional request.

    `url` is as configured: https or http, `file` for a folder, `imaps` for a mailbox. `moved_to` is where its server
    says it has gone for good, "" if nowhere. `cursor` is how far a kind that has no ETag has been read. With `pages`
    the pages of articles that come without their text are read. `note` is what the last poll left to be read: why it
    failed, or what a good answer held and was not taken.
    """

    id: str
    url: str
    publisher: str
    etag: str = ""
    last_modified: str = ""
    note: str = ""
    kind: FeedKind = FeedKind.FEED
    pages: bool = True
    cursor: str = ""
    moved_to: str = ""
    pace: Pace | None = None
    asked_at: datetime | None = None

    @property
    def address(self) -> str:
        """Where it is asked."""
        return self.moved_to or self.url


@dataclass(frozen=True, slots=True)
class Refused:
    """Something that was not taken: where it stood, why in one word, and a sentence."""

    where: str
    refusal: Refusal
    message: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What a feed answered: its articles as parsed, and what to send next time. `not_modified` has no articles.

    `moved_to` is where all permanent redirects led, "" without one. `wait` is for how long the server wants to be left
    alone. `more` says that there is more to be had at once.
    """

    items: tuple[Article, ...]
    etag: str
    last_modified: str
    not_modified: bool
    refused: tuple[Refused, ...] = ()
    cursor: str = ""
    moved_to: str = ""
    wait: timedelta | None = None
    more: bool = False


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


class Fetcher(Protocol):
    """Asks a feed for what is new."""

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        """Poll once. Raises FetchFailed, Gone or RefusedInput."""
        ...


class Pages(Protocol):
    """Reads the pages of articles."""

    def page(self, url: str, now: datetime) -> Page:
        """The article on a page. Raises FetchFailed, Gone or RefusedInput."""
        ...
