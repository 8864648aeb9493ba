"""Who is heard, who is quiet, and who is dark."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, insert

from service.adapters.clock import SystemClock
from service.adapters.storage import schema
from service.adapters.storage.database import SqlUnits
from service.domain.news.owner import Listed
from service.domain.news.pace import Pace
from service.domain.risk.caps import day_of
from service.domain.risk.ledger import hour_of
from service.flow import Kind, Task
from service.operations.feed_health import FeedState
from service.operations.sources import Sources, Voice, matching, ordered, sources
from service.ports import Feed, Reply
from tests.fakes import LEASE, NOON, FakeClock, article, set_row

WIRE = Listed("Wire", "Wire Group", "A", ("The Wire Service",), ("wire.example",))
PAPER, MUTE = Listed("Paper", "Paper & Co", "C"), Listed("Mute", "Mute", "B")
LISTED = (WIRE, PAPER, MUTE)
HOUR = timedelta(hours=1)


def told(units: SqlUnits, *articles: tuple[str, str, timedelta]) -> None:
    with units() as unit:
        for number, (publisher, url, ago) in enumerate(articles):
            one = article(f"a{number}", text=f"text {number}", publisher=publisher, at=NOON - ago)
            unit.articles.add(replace(one, url=url), "test", f"hash {number}")


def looked(units: SqlUnits) -> Sources:
    return sources(units, FakeClock(), LISTED)


def test_articles_count_for_the_publisher_whatever_its_spelling_and_address(units: SqlUnits) -> None:
    told(
        units,
        ("WIRE", "https://elsewhere.example/1", HOUR),
        ("The Wire Service", "", 30 * HOUR),
        ("", "https://world.wire.example/x", 2 * HOUR),
        ("Paper", "", 40 * HOUR),
        ("Nobody", "https://nobody.example/1", HOUR),
        ("nobody", "https://nobody.example/2", 3 * HOUR),
        ("", "https://blog.example/2", 3 * HOUR),
    )
    found = looked(units)
    assert [(s.name, s.day, s.week, s.voice) for s in found.sources] == [
        ("Wire", 2, 3, Voice.HEARD),
        ("Paper", 0, 1, Voice.HEARD),
        ("Mute", 0, 0, Voice.QUIET),
    ]
    assert (found.sources[0].owner, found.sources[0].grade, found.sources[0].last_at) == (
        "Wire Group",
        "A",
        NOON - HOUR,
    )
    assert [(s.name.casefold(), s.articles, s.last_seen) for s in found.strangers] == [
        ("nobody", 2, NOON - HOUR),
        ("blog.example", 1, NOON - 3 * HOUR),
    ]


def poll(units: SqlUnits, feed: str, *, good: bool) -> None:
    with units() as unit:
        [claim] = unit.works.claim(Task.FETCH, [feed], LEASE)
        if good:
            unit.feeds.record(
                feed, Reply((), "", "", not_modified=False), Pace(timedelta(minutes=15)), 0, "one entry was not taken"
            )
            unit.works.finish([claim], "pending")
        else:
            unit.works.fail(claim, "HTTP 503", timedelta(0))


@pytest.fixture
def fed(units: SqlUnits) -> SqlUnits:
    with units() as unit:
        unit.feeds.sync([Feed(n, f"https://{n}.example/rss", p) for n, p in (("wire", "WIRE"), ("mute", "Mute"))])
        unit.feeds.sync([*unit.feeds.get(["wire", "mute"]).values(), Feed("own", "https://own.example/rss", "Own")])
    return units


def test_a_feed_is_new_answering_failing_and_dark(fed: SqlUnits, engine: Engine) -> None:
    def states() -> dict[str, FeedState]:
        return {feed.id: feed.state for feed in looked(fed).feeds}

    assert set(states().values()) == {FeedState.NEW}
    poll(fed, "wire", good=True)
    poll(fed, "own", good=True)
    poll(fed, "own", good=False)
    poll(fed, "mute", good=False)
    assert states() == {"wire": FeedState.ANSWERING, "own": FeedState.FAILING, "mute": FeedState.DARK}
    own = next(feed for feed in looked(fed).feeds if feed.id == "own")
    assert (own.failures, own.note) == (1, "HTTP 503")
    for name in ("wire", "own"):
        set_row(engine, Kind.FEED, name, last_ok_at=SystemClock().now() - timedelta(hours=7))
    assert set(states().values()) == {FeedState.DARK}
    assert looked(fed).silent == 3


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://wire.example/rss", "https://wire.example/rss"),
        ("https://me:CANARY@wire.example:8443/rss?key=CANARY#CANARY", "https://wire.example:8443/rss"),
        ("https://[CANARY", ""),
    ],
)
def test_no_secret_of_an_address_is_shown_or_looked_for(units: SqlUnits, url: str, shown: str) -> None:
    with units() as unit:
        unit.feeds.sync([Feed("wire", url, "Wire")])
    found = looked(units)
    assert [feed.url for feed in found.feeds] == [shown]
    assert matching(found, "CANARY").feeds == []


def test_one_whose_feeds_are_all_dark_is_not_called_quiet(fed: SqlUnits) -> None:
    poll(fed, "mute", good=False)
    told(fed, ("Mute", "", HOUR))
    found = {source.name: source for source in looked(fed).sources}
    assert (found["Mute"].voice, found["Mute"].day, found["Mute"].feeds) == (Voice.DARK, 1, ("mute",))
    assert (found["Wire"].voice, found["Wire"].feeds) == (Voice.QUIET, ("wire",))
    assert (found["Own"].grade, found["Own"].owner) == ("F", "Own"), "a feed's publisher is decided on"


def test_they_can_be_ordered_and_chosen(units: SqlUnits) -> None:
    told(units, ("Paper", "", HOUR), ("Nobody", "", HOUR))
    found = looked(units)
    names = {
        order: [s.name for s in ordered(found.sources, order)]
        for order in ("week", "name", "owner", "grade", "voice", "x")
    }
    assert names["week"] == names["x"] == ["Paper", "Mute", "Wire"]
    assert names["name"] == names["owner"] == ["Mute", "Paper", "Wire"]
    assert names["grade"] == ["Wire", "Mute", "Paper"]
    assert names["voice"] == ["Paper", "Mute", "Wire"]
    some = matching(found, " wire g")
    assert ([s.name for s in some.sources], some.strangers) == (["Wire"], [])
    assert [s.name for s in matching(found, "NOB").strangers] == ["Nobody"]
    assert matching(found, "  ") is found


def test_a_flood_stands_with_all_of_its_owner(units: SqlUnits, engine: Engine) -> None:
    flooded = {"owner": "Wire Group", "day": day_of(hour_of(NOON)), "reports": 100_000}
    with engine.begin() as connection:
        connection.execute(insert(schema.owner_day).values(**flooded))
    found = looked(units)
    assert {source.name: source.flood for source in found.sources if source.flood} == {"Wire": NOON.date()}
    assert list(found.floods) == [("Wire Group", NOON.date())]
