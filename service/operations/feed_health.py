"""How feeds fare: whether each answers, whether it has anything new to tell, and since when not."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from service.flow import RowState
from service.pipeline.hearing import STALE
from service.ports import Feed, FeedKind, UnitOfWork

CALM = timedelta(hours=24)
"""A feed that brings nothing new for less than this is never called calm."""
USUAL = 5
"""Nor is one that has missed fewer articles than this at its usual rate."""


class FeedState(StrEnum):
    """How a feed fares. `dark` and `gone` tell nothing; `calm` answers, and had nothing new for unusually long.

    `new` was never asked, `failing` failed of late, `dark` had no good answer for six hours, `gone` is not asked any
    more: its server said that it will not come back.
    """

    ANSWERING = "answering"
    CALM = "calm"
    FAILING = "failing"
    DARK = "dark"
    GONE = "gone"
    NEW = "new"

    @property
    def is_silent(self) -> bool:
        """Whether nothing is known of what it would tell."""
        return self in {FeedState.DARK, FeedState.GONE}


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """A feed; `url` and `moved_to` have no secrets. `lag` is how long ago it last answered well.

    `failures` are those since then. `due_at` is when it is asked next, None for one that is gone. `note` is what the
    last poll left to be read. `rate` is in articles an hour, `articles` all that it has brought.
    """

    id: str
    url: str
    publisher: str
    kind: FeedKind
    state: FeedState
    last_ok_at: datetime | None
    last_new_at: datetime | None
    lag: timedelta | None
    due_at: datetime | None
    failures: int
    note: str
    moved_to: str
    interval: timedelta | None
    rate: float | None
    articles: int


def feeds_in(unit: UnitOfWork) -> list[FeedHealth]:
    """All feeds, by the database's own clock."""
    now, health = unit.marks.now(), {str(feed["id"]): feed for feed in unit.feeds.health()}
    feeds = unit.feeds.get(list(health))
    return [_feed(feeds[name], row, now) for name, row in health.items()]


def _feed(feed: Feed, row: Mapping[str, Any], now: datetime) -> FeedHealth:
    last_ok, seconds = row["last_ok_at"], row["interval"]
    state = state_of(row, now)
    return FeedHealth(
        id=feed.id,
        url=bare(feed.url),
        publisher=feed.publisher,
        kind=feed.kind,
        state=state,
        last_ok_at=last_ok,
        last_new_at=row["last_new_at"],
        lag=max(timedelta(0), now - last_ok) if last_ok else None,
        due_at=None if state is FeedState.GONE else row["due_at"],
        failures=row["attempt"],
        note=row["last_error"] or "",
        moved_to=bare(feed.moved_to),
        interval=None if seconds is None else timedelta(seconds=seconds),
        rate=row["rate"],
        articles=row["articles"],
    )


def state_of(row: Mapping[str, Any], now: datetime) -> FeedState:
    """How a feed fares by its record."""
    last_ok, failures = row["last_ok_at"], row["attempt"]
    if row["state"] == RowState.GONE:
        return FeedState.GONE
    if last_ok is None:
        return FeedState.DARK if failures else FeedState.NEW
    if now - last_ok > STALE:
        return FeedState.DARK
    if failures:
        return FeedState.FAILING
    return (
        FeedState.CALM if _is_calm(row["last_new_at"] or row["created_at"], row["rate"], now) else FeedState.ANSWERING
    )


def _is_calm(last_new: datetime, rate: float | None, now: datetime) -> bool:
    usual = timedelta(hours=min(USUAL / rate, _LONGEST)) if rate else timedelta(0)
    return now - last_new > max(CALM, usual)


_LONGEST = 24 * 366.0
"""Hours; a rate near 0 stands for no longer wait."""


def bare(url: str) -> str:
    """An address without what may be a secret: user, password and question."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def by_state(feeds: Iterable[FeedHealth]) -> dict[FeedState, int]:
    """Every state, and how many feeds are in it."""
    counted = Counter(feed.state for feed in feeds)
    return {state: counted[state] for state in FeedState}


def warnings(feeds: Sequence[FeedHealth]) -> list[str]:
    """What an operator should write down anew: feeds that are gone, and those that have moved for good."""
    return [line for feed in feeds for line in _warnings(feed)]


def _warnings(feed: FeedHealth) -> list[str]:
    if feed.state is FeedState.GONE:
        return [
            f"the feed {feed.id} is gone for good, says its server, and is not asked any more: "
            f"detente sources disable {feed.id}, or find its new address"
        ]
    if feed.moved_to:
        return [f"the feed {feed.id} has moved to {feed.moved_to}: write it into feeds.yaml"]
    return []
