"""Feeds and marks, as stored."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.domain.news.pace import Pace
from service.flow import RowState, Task
from service.ports import Feed, FeedKind, Reply
from tests.fakes import LEASE, NOON, dump, pass_time


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


ANSWER = Reply((), "etag 1", "Sun, 01 Mar 2026 12:00:00 GMT", not_modified=False, cursor="7:12")


def wire(url: str = "https://wire.example/rss", name: str = "wire") -> Feed:
    return Feed(name, url, "Wire")


def test_a_feed_keeps_its_cursor_while_its_address_stays(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.feeds.sync([wire(), wire("https://other.example/rss", "other")])
        unit.feeds.record("wire", ANSWER, Pace(timedelta(minutes=9), 6.5), 2)
    before = dump(engine)
    with units() as unit:
        unit.feeds.sync([wire("https://other.example/rss", "other"), wire()])
    assert dump(engine) == before
    with units() as unit:
        stored = unit.feeds.get(["wire"])["wire"]
        assert (stored.etag, stored.last_modified, stored.cursor) == ("etag 1", "Sun, 01 Mar 2026 12:00:00 GMT", "7:12")
        assert (stored.pace, stored.asked_at is None) == (Pace(timedelta(minutes=9), 6.5), False)
        unit.feeds.sync([wire("https://wire.example/new")])
        assert unit.feeds.get(["wire", "other"]) == {"wire": wire("https://wire.example/new")}


def test_a_feed_of_another_kind_is_another_feed(units: SqlUnits) -> None:
    with units() as unit:
        unit.feeds.sync([wire()])
        unit.feeds.record("wire", ANSWER, Pace(timedelta(minutes=9)), 0)
        unit.feeds.sync([replace(wire(), kind=FeedKind.SITEMAP, pages=False)])
        assert unit.feeds.get(["wire"]) == {"wire": replace(wire(), kind=FeedKind.SITEMAP, pages=False)}


def test_a_feed_counts_its_articles_and_forgets_where_it_moved(units: SqlUnits) -> None:
    with units() as unit:
        unit.feeds.sync([wire()])
        for new, moved_to in ((2, "https://new.example/rss"), (0, ""), (3, "")):
            unit.feeds.record("wire", replace(ANSWER, moved_to=moved_to), Pace(timedelta(minutes=9)), new)
        (health,) = unit.feeds.health()
        assert (health["articles"], health["interval"], health["moved_to"]) == (5, 540.0, "https://new.example/rss")
        assert health["last_new_at"] == health["last_ok_at"]
        assert unit.feeds.get(["wire"])["wire"].address == "https://new.example/rss"
        unit.feeds.forget_move("wire")
        home = unit.feeds.get(["wire"])["wire"]
    assert (home.address, home.etag) == (home.url, "")


def test_a_server_is_taken_once_in_a_while_and_each_who_waits_gets_a_turn(units: SqlUnits, engine: Engine) -> None:
    gap = timedelta(seconds=10)
    with units() as unit:
        assert unit.hosts.take("wire.example", gap) == timedelta(0)
        assert unit.hosts.take("other.example", gap) == timedelta(0)
        turns = [unit.hosts.take("wire.example", gap).total_seconds() for _ in range(3)]
    assert turns == pytest.approx([10, 20, 30], abs=1.5)
    pass_time(engine, gap)
    with units() as unit:
        assert unit.hosts.take("wire.example", gap) == timedelta(0)


def test_the_longest_rest_of_a_server_counts(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.hosts.rest("wire.example", timedelta(hours=2))
        unit.hosts.rest("wire.example", timedelta(hours=1))
        assert unit.hosts.take("wire.example", timedelta(0)).total_seconds() == pytest.approx(7200, abs=5)
    pass_time(engine, timedelta(hours=2))
    with units() as unit:
        assert unit.hosts.take("wire.example", timedelta(0)) == timedelta(0)


def test_two_feeds_may_change_places(units: SqlUnits) -> None:
    one, other = "https://wire.example/1", "https://wire.example/2"
    with units() as unit:
        unit.feeds.sync([wire(one, "a"), wire(other, "b")])
    with units() as unit:
        unit.feeds.sync([wire(other, "a"), wire(one, "b")])
        assert {f.id: f.url for f in unit.feeds.get(["a", "b"]).values()} == {"a": other, "b": one}
        unit.feeds.sync([])
        assert unit.feeds.health() == []


def test_feeds_tell_how_they_are(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.feeds.sync([wire()])
        held = unit.works.claim(Task.FETCH, ["wire"], LEASE)
        unit.works.fail(held[0], "the server answered 500", timedelta(minutes=30))
        (health,) = unit.feeds.health()
    assert (health["attempt"], health["last_error"], health["last_ok_at"]) == (1, "the server answered 500", None)
    pass_time(engine, timedelta(hours=1))
    with units() as unit:
        unit.works.finish(unit.works.claim(Task.FETCH, ["wire"], LEASE), RowState.PENDING)
        unit.feeds.record("wire", Reply((), "", "", not_modified=True), Pace(timedelta(minutes=15)), 0)
        (health,) = unit.feeds.health()
    assert (health["attempt"], health["last_error"]) == (0, None)
    assert health["last_ok_at"] is not None


def test_a_mark_holds_the_last_time(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.marks.set("swept", "one")
    pass_time(engine, timedelta(hours=2))
    with units() as unit:
        at, value = unit.marks.get("swept") or (NOON, "")
        assert value == "one"
        assert unit.marks.now() - at >= timedelta(hours=2)
        unit.marks.set("swept", "two")
        at, value = unit.marks.get("swept") or (NOON, "")
        assert value == "two"
        assert unit.marks.now() - at < timedelta(minutes=1)
        assert unit.marks.get("never") is None
