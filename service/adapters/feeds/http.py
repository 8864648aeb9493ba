"""Feeds and pages over HTTP: fetched one way, read in a jail."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from email.message import Message
from http import HTTPStatus
from typing import Protocol

from service.adapters.feeds.files import read_bytes
from service.adapters.feeds.reader import Feedful, shared_reader
from service.adapters.feeds.robots import Robots
from service.adapters.net import target
from service.adapters.net.credentials import parted
from service.adapters.net.exchange import DEADLINE, Answer, Reach, exchange
from service.domain.news.article import Article
from service.domain.news.completion import Page
from service.errors import FetchFailed, Refusal, RefusedInput
from service.ports import Feed, Refused, Reply

LONGEST_CURSOR = 512
"""Characters of an ETag or date that are kept."""
LONGEST_WISH = timedelta(hours=1)
"""For how long a server that answers may ask to be left alone: a year would end the feed."""
FEEDS = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
PAGES = "text/html, application/xhtml+xml, text/plain;q=0.5"
PLAIN = "text/plain"
_MAX_AGE = re.compile(r"""(?:^|[\s,])max-age\s*=\s*"?([0-9]{1,9})""", re.IGNORECASE)
_NOT_KEPT = re.compile(r"(?:^|[\s,])no-(cache|store)\b", re.IGNORECASE)


class Reader(Protocol):
    """Reads what comes from outside."""

    def feed(self, content: bytes, headers: Mapping[str, str], where: str, publisher: str, now: datetime) -> Feedful:
        """A feed's items. Raises RefusedInput or ReaderUnavailable."""
        ...

    def page(self, content: bytes, address: str, now: datetime, charset: str = "") -> Page:
        """A page's article. Raises RefusedInput or ReaderUnavailable."""
        ...


class FeedFetcher:
    """Implements `ports.Fetcher` for RSS, Atom and JSON Feed. `within` counts seconds for a whole exchange."""

    def __init__(self, reach: Reach, reader: Reader | None = None, within: float = DEADLINE) -> None:
        self.reach, self.reader, self.within = reach, reader or shared_reader(), within

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        """Poll once with what the last answer told us. Raises FetchFailed, Gone or RefusedInput."""
        url, credentials = parted(feed.address)
        headers = {"accept": FEEDS, **credentials, **_conditions(feed)}
        answer = exchange(url, reach=self.reach, headers=headers, within=self.within)
        if answer.status == HTTPStatus.NOT_MODIFIED:
            return _unchanged(feed, answer)
        found = self.reader.feed(answer.body, answer.headers, answer.url, feed.publisher, now)
        return Reply(
            items=found.items,
            etag=_cursor(answer.headers.get("etag", "")),
            last_modified=_cursor(answer.headers.get("last-modified", "")),
            not_modified=False,
            refused=found.refused,
            moved_to="" if credentials else answer.moved_to,
            wait=_wish(answer.headers, found.ttl),
        )


class PageFetcher:
    """Implements `ports.Pages`. What a server asks programs not to read is not read."""

    def __init__(
        self, reach: Reach, reader: Reader | None = None, within: float = DEADLINE, robots: Robots | None = None
    ) -> None:
        self.reach, self.reader, self.within = reach, reader or shared_reader(), within
        self.robots = robots or Robots(reach)

    def page(self, url: str, now: datetime) -> Page:
        """The article on a page. Raises FetchFailed, Gone or RefusedInput."""
        start = _target(url)
        self.robots.check(start)
        answer = exchange(str(start), reach=self.reach, headers={"accept": PAGES}, within=self.within, takes={200})
        if answer.url != str(start):
            self.robots.check(target.read(answer.url))
        said = Message()
        said["content-type"] = answer.headers.get("content-type", "")
        kind = said["content-type"].partition(";")[0].strip().lower()
        if kind not in {"", "text/html", "application/xhtml+xml", PLAIN}:
            raise RefusedInput(Refusal.UNSUPPORTED, "it is neither HTML nor text")
        if kind == PLAIN:
            return _text(read_bytes(answer.body, ".txt", answer.url, now))
        return self.reader.page(answer.body, answer.url, now, said.get_content_charset(""))


def _unchanged(feed: Feed, answer: Answer) -> Reply:
    if not _conditions(feed):
        raise FetchFailed("the server says that nothing has changed, and was not asked")
    return Reply((), feed.etag, feed.last_modified, not_modified=True, wait=_wish(answer.headers, None))


def _conditions(feed: Feed) -> dict[str, str]:
    conditions = {"if-none-match": feed.etag, "if-modified-since": feed.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _cursor(value: str) -> str:
    """What was said, to be said again as it is; nothing of it when it is too long."""
    return value if len(value) <= LONGEST_CURSOR else ""


def _wish(headers: Mapping[str, str], ttl: timedelta | None) -> timedelta | None:
    """For how long we are asked to leave it alone: by the feed, otherwise by its server."""
    control = headers.get("cache-control", "")
    found = None if _NOT_KEPT.search(control) else _MAX_AGE.search(control)
    wish = ttl or timedelta(seconds=int(found[1]) if found else 0)
    return min(wish, LONGEST_WISH) or None


def _target(url: str) -> target.Target:
    """Raises RefusedInput: an address that is none now will be none later."""
    try:
        return target.read(url)
    except FetchFailed as failed:
        raise RefusedInput(Refusal.UNSUPPORTED, str(failed)) from None


def _text(found: Iterator[Article | Refused]) -> Page:
    article = next(found)
    if isinstance(article, Refused):
        raise RefusedInput(article.refusal, article.message)
    return Page(article.title, article.text, None, article.language, article.url)
