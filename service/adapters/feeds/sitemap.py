"""Sitemaps as feeds: what is announced in them, and in the newest of those they list."""

import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from service.adapters.feeds.announced import announced, web_address
from service.adapters.feeds.heard import Reader, records
from service.adapters.feeds.sitemap_xml import MOST_ITEMS
from service.adapters.net.addresses import Reach
from service.adapters.net.exchange import DEADLINE, Answer, exchange
from service.domain.news.article import Article
from service.errors import FetchFailed, Refusal, RefusedInput
from service.ports import Feed, Refused, Reply

CHILDREN = 2
"""How many of the sitemaps that one lists are asked for, those changed last."""
LONGEST_MARK = 512
"""Characters of an ETag or date that are kept."""
_NOT_MODIFIED = 304


class SitemapFetcher:
    """Implements `ports.Fetcher` for sitemaps and lists of sitemaps."""

    def __init__(self, reach: Reach, reader: Reader, within: float = DEADLINE) -> None:
        self.reach, self.reader, self.within = reach, reader, within

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        """Poll once, within one deadline. Raises FetchFailed, Gone or RefusedInput.

        A list of sitemaps is asked for as a whole every time: that it has not changed says nothing of what it lists.
        """
        ends = time.monotonic() + self.within
        answer = exchange(feed.address, reach=self.reach, headers=_conditions(feed), within=self.within)
        if answer.status == _NOT_MODIFIED:
            return Reply((), feed.etag, feed.last_modified, not_modified=True)
        read = self.reader.read("sitemap", answer.body)
        is_list = "children" in read
        found = (
            self._children(records(read, "children", CHILDREN), feed, now, ends)
            if is_list
            else items(read, feed, answer.url, now)
        )
        marks = {} if is_list else answer.headers
        return _reply([*found, *_broken(read, answer.url)], marks, answer)

    def _children(
        self, newest: list[dict[str, str]], feed: Feed, now: datetime, ends: float
    ) -> list[Article | Refused]:
        """What the newest have. One that fails is told of; all of them, and the poll has failed."""
        found: list[Article | Refused] = []
        failures: list[FetchFailed | RefusedInput] = []
        for child in newest:
            url = child.get("loc", "")
            try:
                found += self._child(url, feed, now, ends)
            except (FetchFailed, RefusedInput) as error:
                failures.append(error)
                found.append(Refused(url, getattr(error, "refusal", Refusal.UNREADABLE), str(error)))
        if newest and len(failures) == len(newest):
            raise FetchFailed(f"none of the newest sitemaps it lists can be read: {failures[0]}")
        return found

    def _child(self, url: str, feed: Feed, now: datetime, ends: float) -> list[Article | Refused]:
        answer = exchange(web_address(url), reach=self.reach, within=max(0.0, ends - time.monotonic()))
        read = self.reader.read("sitemap", answer.body)
        if "items" not in read:
            raise RefusedInput(Refusal.NOT_A_FEED, "a listed sitemap lists others again")
        return [*items(read, feed, answer.url, now), *_broken(read, answer.url)]


def items(read: Mapping[str, Any], feed: Feed, where: str, now: datetime) -> Iterator[Article | Refused]:
    """The articles a sitemap announces, with refusals in between."""
    for number, item in enumerate(records(read, "items", MOST_ITEMS), 1):
        try:
            yield _announced(item, feed, now)
        except RefusedInput as refused:
            yield Refused(f"{where} item {number}", refused.refusal, str(refused))


def _announced(item: Mapping[str, str], feed: Feed, now: datetime) -> Article:
    publisher = feed.publisher or item.get("publisher", "")
    told = (item.get("loc", ""), item.get("title", ""), item.get("published_at"), publisher, item.get("language", ""))
    return announced(*told, now)


def _broken(read: Mapping[str, Any], where: str) -> list[Refused]:
    broken = Refused(where, Refusal.UNREADABLE, "the sitemap is not well-formed: there may be more than could be read")
    return [] if read.get("is_whole") else [broken]


def _conditions(feed: Feed) -> dict[str, str]:
    conditions = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _reply(found: list[Article | Refused], marks: Mapping[str, str], answer: Answer) -> Reply:
    return Reply(
        items=tuple(item for item in found if isinstance(item, Article)),
        etag=_mark(marks.get("etag", "")),
        last_modified=_mark(marks.get("last-modified", "")),
        not_modified=False,
        refused=tuple(item for item in found if isinstance(item, Refused)),
        moved_to=answer.moved_to,
    )


def _mark(value: str) -> str:
    return value if len(value) <= LONGEST_MARK else ""
