"""Silence is no calm: how feeds fare, and what an operator is told of it."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from service.adapters.clock import SystemClock
from service.adapters.storage.database import SqlUnits
from service.domain.news.pace import Pace
from service.flow import Kind, RowState, Task
from service.operations.feed_health import FeedHealth, FeedState, by_state, feeds_in, state_of, warnings
from service.ports import Feed, FeedKind, Reply
from tests.fakes import LEASE, NOON, set_row

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
GOOD = {
    "state": RowState.PENDING,
    "last_ok_at": NOON - MINUTE,
    "last_new_at": NOON - HOUR,
    "attempt": 0,
    "rate": 2.0,
    "created_at": NOON - 1000 * HOUR,
}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, FeedState.ANSWERING),
        ({"last_ok_at": None, "last_new_at": None}, FeedState.NEW),
        ({"last_ok_at": None, "attempt": 1}, FeedState.DARK),
        ({"last_ok_at": NOON - 6 * HOUR, "attempt": 3}, FeedState.FAILING),
        ({"last_ok_at": NOON - 6 * HOUR - MINUTE, "attempt": 3}, FeedState.DARK),
        ({"last_ok_at": NOON - 6 * HOUR - MINUTE}, FeedState.DARK),
        ({"state": RowState.GONE}, FeedState.GONE),
        ({"state": RowState.GONE, "last_ok_at": None, "attempt": 1}, FeedState.GONE),
        ({"last_new_at": NOON - 24 * HOUR}, FeedState.ANSWERING),
        ({"last_new_at": NOON - 24 * HOUR - MINUTE}, FeedState.CALM),
        ({"last_new_at": NOON - 25 * HOUR, "attempt": 1}, FeedState.FAILING),
        ({"last_new_at": NOON - 50 * HOUR, "rate": 0.1}, FeedState.ANSWERING),
        ({"last_new_at": NOON - 50 * HOUR - MINUTE, "rate": 0.1}, FeedState.CALM),
        ({"last_new_at": NOON - 25 * HOUR, "rate": None}, FeedState.CALM),
        ({"last_new_at": NOON - 25 * HOUR, "rate": 0.0}, FeedState.CALM),
        ({"last_new_at": NOON - 25 * HOUR, "rate": 1e-300}, FeedState.ANSWERING),
        ({"last_new_at": None}, FeedState.CALM),
        ({"last_new_at": None, "created_at": NOON - HOUR}, FeedState.ANSWERING),
    ],
)
def test_states_are_told_apart(changes: dict[str, Any], state: FeedState) -> None:
    assert state_of(GOOD | changes, NOON) is state


def test_only_what_tells_nothing_is_silent() -> None:
    assert {state for state in FeedState if state.is_silent} == {FeedState.DARK, FeedState.GONE}


@pytest.fixture
def three(units: SqlUnits, engine: Engine) -> SqlUnits:
    """One that answers and has moved, one that is gone, and one that was never asked."""
    with units() as unit:
        feeds = [Feed(name, f"https://me:CANARY@{name}.example/rss?key=CANARY", "P") for name in ("a", "b")]
        unit.feeds.sync([*feeds, Feed("c", "https://c.example/map.xml", "", kind=FeedKind.SITEMAP)])
        [claim] = unit.works.claim(Task.FETCH, ["a"], LEASE)
        reply = Reply((), "", "", not_modified=False, moved_to="https://new.example/rss?key=CANARY")
        unit.works.finish([claim], RowState.PENDING)
        unit.feeds.record("a", reply, Pace(timedelta(minutes=10), 3.0), 4, "one was not taken")
    set_row(engine, Kind.FEED, "b", state=RowState.GONE, attempt=1, last_error="the server answered 410")
    return units


def health(units: SqlUnits) -> dict[str, FeedHealth]:
    with units(read_only=True) as unit:
        return {feed.id: feed for feed in feeds_in(unit)}


def test_what_is_known_of_feeds_is_shown_without_secrets(three: SqlUnits) -> None:
    found = health(three)
    a, b, c = found["a"], found["b"], found["c"]
    assert "CANARY" not in str(found)
    assert (a.state, a.interval, a.rate, a.articles) == (FeedState.ANSWERING, timedelta(minutes=10), 3.0, 4)
    assert (a.note, a.moved_to, a.url) == ("one was not taken", "https://new.example/rss", "https://a.example/rss")
    assert a.last_new_at == a.last_ok_at
    assert a.lag is not None
    assert a.lag < MINUTE
    assert (b.state, b.due_at, b.note, b.failures) == (FeedState.GONE, None, "the server answered 410", 1)
    assert (c.state, c.kind, c.lag, c.interval, c.articles) == (FeedState.NEW, FeedKind.SITEMAP, None, None, 0)
    assert c.due_at is not None
    assert c.due_at <= SystemClock().now()
    counted = by_state(found.values())
    assert {state: n for state, n in counted.items() if n} == {
        FeedState.ANSWERING: 1,
        FeedState.GONE: 1,
        FeedState.NEW: 1,
    }


def test_feeds_that_moved_or_are_gone_are_warned_of(three: SqlUnits) -> None:
    moved, gone = warnings(list(health(three).values()))
    assert moved == "the feed a has moved to https://new.example/rss: write it into feeds.yaml"
    assert gone.startswith("the feed b is gone for good, says its server, and is not asked any more")
