"""What operators leaf through, on either database: pages without gaps, counts without canaries."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, update

from service.adapters.storage import schema
from service.adapters.storage.database import SqlUnits
from service.domain.access import Account, Role
from service.domain.alerting.subscriber import Subscriber, SubscriberChannel
from service.domain.news import canary
from service.flow import Kind
from service.ports import Cursor, Dead, Enrolled, Feed, Heard
from tests.contract.test_tallies import NOW, send
from tests.fakes import NOON, article, set_row

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def units(engine: Engine) -> SqlUnits:
    return SqlUnits(engine)


# --- who was heard


def test_articles_are_counted_by_publisher_and_host(units: SqlUnits) -> None:
    told = [
        ("Wire", "https://wire.example/1", NOON),
        ("Wire", "https://wire.example/2", NOON - 2 * DAY),
        ("Wire", "https://mirror.example", NOON - 2 * DAY),
        ("Wire", "https://wire.example/old", NOON - 8 * DAY),
        ("", "http://nameless.example:8080/a/b", NOON - HOUR),
        ("Paper", "", NOON - 3 * DAY),
    ]
    with units() as unit:
        for number, (publisher, url, at) in enumerate(told):
            one = replace(article(f"a{number}", text=f"text {number}", publisher=publisher, at=at), url=url)
            unit.articles.add(one, "test", f"hash {number}")
        unit.articles.add(article("canary:1", text="c", publisher=canary.PUBLISHER, at=NOON), canary.ORIGIN, "hash c")
    with units(read_only=True) as unit:
        assert unit.desk.heard(NOON - 7 * DAY, NOON - DAY) == [
            Heard("Wire", "wire.example", "https://wire.example/2", 2, 1, NOON),
            Heard("", "nameless.example:8080", "http://nameless.example:8080/a/b", 1, 1, NOON - HOUR),
            Heard("Paper", "", "", 1, 0, NOON - 3 * DAY),
            Heard("Wire", "mirror.example", "https://mirror.example", 1, 0, NOON - 2 * DAY),
        ]


# --- messages on their way


def test_messages_come_the_newest_first_page_by_page(engine: Engine, units: SqlUnits) -> None:
    for number in range(5):
        send(engine, number, "desk" if number % 2 else "@ada", "dead" if number == 3 else "sent")
    moved = update(schema.message).where(schema.message.c.id == "m0").values(created_at=NOW + HOUR)
    with engine.begin() as connection:
        connection.execute(moved)
    with units(read_only=True) as unit:
        first = unit.desk.deliveries(2)
        rest = unit.desk.deliveries(9, first[-1].cursor)
        assert [one.id for one in (*first, *rest)] == ["n0", "n4", "n3", "n2", "n1"]
        assert (first[0].at, first[0].receiver, first[0].channel, first[0].state) == (
            NOW + HOUR,
            "@ada",
            "mail",
            "sent",
        )
        assert (first[0].reason, first[0].error, first[0].sent_at) == ("fired", "", None)
        assert [one.id for one in unit.desk.deliveries(9, state="dead")] == ["n3"]


# --- what was given up


def test_the_dead_of_all_kinds_come_in_one_order(engine: Engine, units: SqlUnits) -> None:
    with units() as unit:
        unit.feeds.sync([Feed("wire", "https://wire.example/rss", "Wire")])
        unit.articles.add(article("a1", title="<b>Bad</b>"), "test", "h")
        unit.articles.add(article("a2", text="another"), "test", "h2")
    send(engine, 1, "desk", "dead")
    set_row(engine, Kind.FEED, "wire", state="dead", last_error="gone", updated_at=NOW)
    set_row(engine, Kind.ARTICLE, "a1", state="dead", last_error="no text", updated_at=NOW + HOUR)
    set_row(engine, Kind.NOTIFICATION, "n1", updated_at=NOW)
    with units(read_only=True) as unit:
        found = unit.desk.dead(2)
        assert [(row.kind, row.id, row.what, row.error) for row in found] == [
            (Kind.ARTICLE, "a1", "<b>Bad</b>", "no text"),
            (Kind.FEED, "wire", "https://wire.example/rss", "gone"),
        ]
        after = unit.desk.dead(9, Cursor(found[-1].died_at, found[-1].id))
        assert after == [Dead(Kind.NOTIFICATION, "n1", "desk/mail", "", NOW, NOW)]
        assert {row.id for row in unit.works.dead()} == {row.id for row in (*found, *after)}


def test_a_page_of_the_dead_holds_no_more_than_asked_of_any_kind(engine: Engine, units: SqlUnits) -> None:
    for number in range(7):
        send(engine, number, "desk", "dead")
    with units(read_only=True) as unit:
        first = unit.desk.dead(3)
        second = unit.desk.dead(3, Cursor(first[-1].died_at, first[-1].id))
        third = unit.desk.dead(3, Cursor(second[-1].died_at, second[-1].id))
    assert [row.id for row in (*first, *second, *third)] == [f"n{n}" for n in range(6, -1, -1)]


# --- people


def enrol(units: SqlUnits, subscriber_id: str, name: str, *channels: str) -> None:
    with units() as unit:
        unit.subscribers.save(Subscriber(subscriber_id, name, NOON, subjects=("country:IRN",)))
        for channel in channels:
            way = SubscriberChannel(channel, "mailtos")
            unit.subscribers.put(Enrolled(subscriber_id, way, "1", "sealed", "print", NOON))


def test_subscribers_come_by_name_page_by_page_with_their_channels(units: SqlUnits) -> None:
    enrol(units, "aaaa000000000001", "Ann", "mail", "hook")
    enrol(units, "aaaa000000000002", "Ann")
    enrol(units, "bbbb000000000001", "Bea 50%")
    with units(read_only=True) as unit:
        first = unit.desk.subscribers(1)
        second = unit.desk.subscribers(1, (first[0].name, first[0].id))
        third = unit.desk.subscribers(9, (second[0].name, second[0].id))
        assert [one.id for one in (*first, *second, *third)] == [
            "aaaa000000000001",
            "aaaa000000000002",
            "bbbb000000000001",
        ]
        assert [channel.name for channel in first[0].channels] == ["hook", "mail"]
        assert first[0].subjects == ("country:IRN",)


@pytest.mark.parametrize(
    ("written", "found"),
    [("EA", ["Bea 50%"]), ("bbbb", ["Bea 50%"]), ("0%", ["Bea 50%"]), ("%", ["Bea 50%"]), ("_", [])],
)
def test_they_are_found_by_a_part_of_the_name_or_the_beginning_of_the_id(
    units: SqlUnits, written: str, found: list[str]
) -> None:
    enrol(units, "aaaa000000000001", "Ann")
    enrol(units, "bbbb000000000001", "Bea 50%")
    with units(read_only=True) as unit:
        assert [one.name for one in unit.desk.subscribers(9, written=written)] == found


def test_whose_own_a_subscription_is(units: SqlUnits) -> None:
    enrol(units, "aaaa000000000001", "Ann")
    with units() as unit:
        unit.accounts.save(Account("1", "ann", Role.SUBSCRIBER, NOON, subscriber_id="aaaa000000000001"))
    with units(read_only=True) as unit:
        assert unit.desk.owner("aaaa000000000001") == "ann"
        assert unit.desk.owner("bbbb000000000001") == ""
