"""Feeds asked now, to see what each would bring; nothing of it is kept."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from service.domain.news.article import Article, Flag
from service.domain.news.owner import host_of
from service.domain.news.text import word_count
from service.errors import DetenteError, Gone, RefusedInput
from service.ports import Clock, Feed, Fetcher, Reply

AT_ONCE = 8
"""Servers that are asked at the same time."""
WHOLE = 120
"""Words from which a text counts as the whole one and no summary."""
OLD = timedelta(days=30)
"""A feed whose newest article is older may be kept no more."""


class Outcome(StrEnum):
    """What became of it."""

    OK = "ok"
    FAILED = "failed"
    REFUSED = "refused"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a feed answered.

    `whole` is the share, 0 to 1, of its articles that come with a whole text, None without articles. `title` is what it
    calls itself. `moved_to` is where its server says that it has gone for good. `said` is what is wrong or odd, and
    what to do; empty when all is well.
    """

    name: str
    url: str
    outcome: Outcome
    items: int = 0
    refused: int = 0
    newest: datetime | None = None
    whole: float | None = None
    title: str = ""
    moved_to: str = ""
    said: str = ""

    @property
    def is_good(self) -> bool:
        """Whether news can come from it."""
        return self.outcome is Outcome.OK


def check_all(
    feeds: Sequence[Feed],
    fetcher: Fetcher,
    clock: Clock,
    told: Callable[[int], object] = lambda _: None,
    pause: timedelta = timedelta(0),
) -> list[Checked]:
    """Ask all of them, eight servers at a time and one feed of a server after the other, with a pause between.

    They come back in their order; `told` hears 1 for each that is done.
    """
    found: dict[int, Checked] = {}

    def ask(mine: Iterable[int]) -> None:
        for n, number in enumerate(mine):
            time.sleep(pause.total_seconds() if n else 0)
            found[number] = check(feeds[number], fetcher, clock.now())
            told(1)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for asked in [pool.submit(ask, mine) for mine in _by_server(feeds)]:
            asked.result()
    return [found[number] for number in range(len(feeds))]


def _by_server(feeds: Sequence[Feed]) -> list[list[int]]:
    """The places of feeds that are on one server."""
    servers: dict[str, list[int]] = {}
    for number, feed in enumerate(feeds):
        servers.setdefault(host_of(feed.url) or feed.url, []).append(number)
    return list(servers.values())


def check(feed: Feed, fetcher: Fetcher, now: datetime) -> Checked:
    """Ask a feed as if for the first time, where it is configured."""
    try:
        reply = fetcher.fetch(Feed(feed.id, feed.url, feed.publisher, kind=feed.kind, pages=feed.pages), now)
    except Gone as error:
        return Checked(feed.id, feed.url, Outcome.GONE, said=f"{error}: it is gone for good; find its new address")
    except RefusedInput as error:
        return Checked(feed.id, feed.url, Outcome.REFUSED, said=str(error))
    except DetenteError as error:
        return Checked(feed.id, feed.url, Outcome.FAILED, said=str(error))
    return _answered(feed, reply, now)


def _answered(feed: Feed, reply: Reply, now: datetime) -> Checked:
    found = Checked(
        feed.id,
        feed.url,
        Outcome.OK,
        items=len(reply.items),
        refused=len(reply.refused),
        newest=max((a.published_at for a in reply.items if Flag.UNDATED not in a.flags), default=None),
        whole=_whole(reply.items),
        title=next((a.publisher for a in reply.items if a.publisher), ""),
        moved_to=reply.moved_to,
    )
    is_useless = bool(reply.refused) and not reply.items
    outcome = Outcome.REFUSED if is_useless else Outcome.OK
    return replace(found, outcome=outcome, said="; ".join(_doubts(found, reply, now)))


def _whole(articles: Sequence[Article]) -> float | None:
    whole = [word_count(article.text) >= WHOLE for article in articles]
    return sum(whole) / len(whole) if whole else None


def _doubts(found: Checked, reply: Reply, now: datetime) -> Iterable[str]:
    if found.moved_to:
        yield f"it has moved for good: write {found.moved_to} into feeds.yaml"
    if reply.refused:
        first = reply.refused[0]
        yield f"{found.refused} of {found.items + found.refused} items are not taken, as {first.where}: {first.message}"
    elif not reply.items:
        yield "it has no items now"
    if found.newest and now - found.newest > OLD:
        yield f"its newest article is {(now - found.newest).days} days old: is it still kept?"
