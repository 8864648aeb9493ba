"""Feeds and marks, as stored."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from service.adapters.storage.database import SqlUnits
from service.flow import RowState, Task
from service.ports import Feed
from tests.fakes import LEASE, NOON, dump, pass_time


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


def wire(url: str = "https://wire.example/rss", name: str = "wire") -> Feed:
    return Feed(name, url, "Wire")


def test_a_feed_keeps_its_cursor_while_its_address_stays(units: SqlUnits, engine: Engine) -> None:
    with units() as unit:
        unit.feeds.sync([wire(), wire("https://other.example/rss", "other")])
        unit.feeds.record("wire", "etag 1", "Sun, 01 Mar 2026 12:00:00 GMT")
    before = dump(engine)
    with units() as unit:
        unit.feeds.sync([wire("https://other.example/rss", "other"), wire()])
    assert dump(engine) == before
    with units() as unit:
        assert unit.feeds.get(["wire"])["wire"] == Feed(
            "wire", "https://wire.example/rss", "Wire", "etag 1", "Sun, 01 Mar 2026 12:00:00 GMT"
        )
        unit.feeds.sync([wire("https://wire.example/new")])
        assert unit.feeds.get(["wire", "other"]) == {"wire": wire("https://wire.example/new")}


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
        unit.feeds.record("wire", "", "")
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
