"""GDELT 2.0 as a feed: every quarter of an hour the pages its events were read on, which we read ourselves."""

import hashlib
import re
import time
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

from service.adapters.feeds.announced import announced
from service.adapters.feeds.gdelt_table import LISTED, MOST, moment_of
from service.adapters.feeds.heard import Reader, records, refusals
from service.adapters.net.addresses import Reach
from service.adapters.net.exchange import DEADLINE, Answer, exchange
from service.domain.news.article import Article
from service.domain.news.owner import host_of
from service.errors import FetchFailed, Refusal, RefusedInput
from service.ports import Feed, Refused, Reply

STEP = timedelta(minutes=15)
"""Between two updates."""
FARTHEST = timedelta(days=1)
"""How far back what was missed is made up for."""
SETTLED = timedelta(hours=1)
"""The age from which an update that cannot be read is passed over: a younger one may still be on its way."""
TAIL = 256 * 2**10
"""Bytes of the long list that are asked for: about a week."""
_SKEW = timedelta(hours=1)
_OK, _PARTIAL = 200, 206
_NOTHING_THERE = frozenset({404, 410})
_LINE = re.compile(
    r"(\d{1,12}) ([0-9a-f]{32}) (https?://[^\s/]+/\S*?(\d{14})\.(?:translation\.)?export\.csv\.zip)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Update:
    """A line of a list: where the events of a quarter of an hour are, and what the file must be."""

    stamp: str
    at: datetime
    url: str
    size: int
    md5: str


class GdeltFetcher:
    """Implements `ports.Fetcher`. The feed's address is that of `lastupdate.txt`; its cursor the last update read."""

    def __init__(self, reach: Reach, reader: Reader, within: float = DEADLINE, most: int = MOST) -> None:
        self.reach, self.reader, self.within, self.most = reach, reader, within, most

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        """Read one update, the oldest that is due. Raises FetchFailed, Gone or RefusedInput."""
        ends = time.monotonic() + self.within
        answer = self._get(feed.address, ends, {_OK})
        latest = max(updates(answer.body, answer.url, now), key=lambda update: update.stamp, default=None)
        if latest is None:
            raise RefusedInput(Refusal.NOT_A_FEED, "the list names no update of events on its own server")
        if latest.stamp <= feed.cursor:
            return Reply((), "", "", not_modified=True, cursor=feed.cursor)
        due, missed = self._due(latest, feed.cursor, answer.url, now, ends)
        found = [*missed, *self._read(due, feed, now, ends)]
        return Reply(
            items=tuple(item for item in found if isinstance(item, Article)),
            etag="",
            last_modified="",
            not_modified=False,
            refused=tuple(item for item in found if isinstance(item, Refused)),
            cursor=due.stamp,
            moved_to=answer.moved_to,
            more=due.stamp < latest.stamp,
        )

    def _due(self, latest: Update, cursor: str, url: str, now: datetime, ends: float) -> tuple[Update, list[Refused]]:
        """The oldest update after the cursor, and what has to be said of others."""
        last = moment_of(cursor)
        if last is None or latest.at - last <= STEP:
            return latest, []
        try:
            answer = self._get(long_list(url), ends, {_OK, _PARTIAL, *_NOTHING_THERE}, {"range": f"bytes=-{TAIL}"})
        except FetchFailed:
            if now - last < FARTHEST:
                raise
            return latest, [_lost(url)]
        if answer.status in _NOTHING_THERE:
            return latest, [_lost(url)]
        since = max(last, now - FARTHEST)
        missed = [update for update in updates(answer.body, url, now) if since < update.at < latest.at]
        return min([*missed, latest], key=lambda update: update.stamp), []

    def _read(self, update: Update, feed: Feed, now: datetime, ends: float) -> Iterator[Article | Refused]:
        """An update that is not what its list says is tried again; it is passed over when that does not help."""
        try:
            answer = self._get(update.url, ends, {_OK, *_NOTHING_THERE})
            _check(answer, update)
            read = self.reader.read("gdelt", answer.body, most=self.most)
        except RefusedInput as refused:
            if refused.refusal is Refusal.UNREADABLE and now - update.at < SETTLED:
                raise FetchFailed(f"the newest update cannot be read yet: {refused}") from None
            yield Refused(update.url, refused.refusal, str(refused))
            return
        yield from _found(read, update, feed, self.most, now)

    def _get(self, url: str, ends: float, takes: AbstractSet[int], headers: Mapping[str, str] | None = None) -> Answer:
        sent = {"accept-encoding": "identity", **(headers or {})}
        return exchange(url, reach=self.reach, headers=sent, within=max(0.0, ends - time.monotonic()), takes=takes)


def updates(listed: bytes, url: str, now: datetime) -> Iterator[Update]:
    """The updates of events a list names, on its own host or below it. Other lines, and times ahead, do not count."""
    host = host_of(url)
    for line in listed.decode("ascii", "replace").splitlines():
        if not (found := _LINE.fullmatch(line.strip())):
            continue
        size, md5, address, stamp = found.groups()
        at, there = moment_of(stamp), host_of(address)
        if at and at <= now + _SKEW and (there == host or there.endswith(f".{host}")):
            yield Update(stamp, at, address, int(size), md5.lower())


def _lost(url: str) -> Refused:
    return Refused(long_list(url), Refusal.UNREADABLE, "without the long list the updates before the last are lost")


def long_list(url: str) -> str:
    """Where the list of all updates is, beside that of the last: masterfilelist.txt beside lastupdate.txt."""
    name = url.partition("?")[0].rpartition("/")[2]
    return urljoin(url, name.replace("lastupdate", "masterfilelist") if "lastupdate" in name else "masterfilelist.txt")


def _check(answer: Answer, update: Update) -> None:
    if answer.status in _NOTHING_THERE:
        raise RefusedInput(Refusal.UNREADABLE, "there is nothing at the address of the update")
    md5 = hashlib.md5(answer.body, usedforsecurity=False).hexdigest()
    if len(answer.body) != update.size or md5 != update.md5:
        raise RefusedInput(Refusal.UNREADABLE, "the update has another size or MD5 than its list says")


def _found(
    read: Mapping[str, Any], update: Update, feed: Feed, most: int, now: datetime
) -> Iterator[Article | Refused]:
    for item in records(read, "items", most):
        try:
            yield announced(item.get("url", ""), "", item.get("published_at"), feed.publisher, "", now)
        except RefusedInput as refused:
            yield Refused(update.url, refused.refusal, str(refused))
    yield from refusals(read, update.url, LISTED)
