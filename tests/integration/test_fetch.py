"""Polling: the cursor moves with its articles or not at all."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from service.adapters.feeds.http import FeedFetcher
from service.adapters.net.addresses import Reach
from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import SqlUnits
from service.domain.news.article import Article
from service.domain.news.pace import LONGEST_WAIT, SPREAD, Bounds, Pace, back_off
from service.errors import FetchFailed, Gone, ReaderUnavailable, Refusal, RefusedInput, StorageUnavailable
from service.flow import ArticleState, Kind, Task
from service.pipeline.asking import READER_BACK
from service.pipeline.fetch import DOUBTS, Manners, fetch
from service.pipeline.line import carry
from service.ports import Articles, Feed, Fetcher, Refused, Reply, UnitOfWork, Units
from tests.fakes import LEASE, FakeFetcher, World, article, pass_time, row

INTERVAL = timedelta(minutes=15)
GAP = timedelta(seconds=2)
MANNERS = Manners(
    Bounds(INTERVAL, timedelta(minutes=5), timedelta(hours=1)), GAP, lambda: CompiledGazetteer.load().geography
)
LONGEST_STEP = timedelta(hours=1.1)
"""Longer than any wait between two good polls."""
FEED = Feed("wire", "https://wire.example/rss", "Wire")


@pytest.fixture(autouse=True)
def feed(world: World) -> None:
    with world.units() as unit:
        unit.feeds.sync([FEED])
        unit.feeds.record("wire", Reply((), "etag 0", "then", not_modified=False), Pace(INTERVAL), 0)


def poll(world: World, fetcher: Fetcher, units: Units | None = None) -> int:
    using = units or world.units
    step = [lambda claims: fetch(claims, using, fetcher, world.clock, world.queue, MANNERS)]
    return carry(Task.FETCH, ["wire"], using, step, world.patience)


def cursor(world: World) -> tuple[str, str]:
    with world.units(read_only=True) as unit:
        stored = unit.feeds.get(["wire"])["wire"]
    return stored.etag, stored.last_modified


def reply(*items: Article) -> Reply:
    return Reply(items, "etag 1", "now", not_modified=False)


def test_articles_and_cursor_are_stored_together_and_the_next_poll_waits(world: World) -> None:
    fetcher = FakeFetcher([reply(article("a1"), article("a2"))])
    assert poll(world, fetcher) == 1
    assert cursor(world) == ("etag 1", "now")
    assert world.queue.of(Task.ANALYSE) == [("a1", "a2")]
    assert poll(world, fetcher) == 0, "not before its time"
    pass_time(world.engine, LONGEST_STEP)
    assert poll(world, fetcher) == 1
    assert [(f.etag, f.last_modified) for f in fetcher.asked] == [("etag 0", "then"), ("etag 1", "now")]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (FetchFailed("the server answered 503"), "the server answered 503"),
        (RefusedInput(Refusal.NOT_A_FEED, "this is neither RSS nor Atom"), "not_a_feed: this is neither RSS nor Atom"),
    ],
)
def test_a_failure_keeps_the_cursor_and_comes_back_later_and_later(
    world: World, error: FetchFailed | RefusedInput, said: str
) -> None:
    fetcher = FakeFetcher([error])
    for failures in range(1, 9):
        assert poll(world, fetcher) == 0
        assert cursor(world) == ("etag 0", "then")
        stored = row(world.engine, Kind.FEED, "wire")
        assert (stored["state"], stored["attempt"], stored["last_error"]) == ("pending", failures, said)
        wait = back_off(INTERVAL, failures)
        pass_time(world.engine, wait * (1 - SPREAD) - timedelta(seconds=1))
        assert poll(world, fetcher) == 0
        assert len(fetcher.asked) == failures, "not before its time"
        pass_time(world.engine, wait * 2 * SPREAD + timedelta(seconds=2))
    assert poll(world, FakeFetcher([reply(article("a1"))])) == 1
    assert row(world.engine, Kind.FEED, "wire")["attempt"] == 0


REFUSED = (
    Refused("wire item 1", Refusal.NO_TEXT, "it has no text"),
    Refused("wire item 2", Refusal.TOO_LARGE, "it is too large"),
    Refused("wire item 4", Refusal.NO_TEXT, "it has no text"),
)
NOTE = "not taken: 2 × no_text, 1 × too_large, 1 × id of another text or changed too often"


def test_what_was_not_taken_is_counted_by_reason_and_the_poll_is_a_good_one(world: World) -> None:
    world.ingest(article("a1", "Another text altogether."))
    mixed = Reply((article("a1"), article("a2")), "etag 1", "now", not_modified=False, refused=REFUSED)
    unchanged = Reply((), "etag 1", "now", not_modified=True)
    for answer, note in ((mixed, NOTE), (unchanged, NOTE), (unchanged, NOTE), (reply(article("a3")), None)):
        assert poll(world, FakeFetcher([answer])) == 1
        with world.units(read_only=True) as unit:
            (shown,) = unit.feeds.health()
        assert (shown["last_error"], shown["attempt"]) == (note, 0)
        assert cursor(world) == ("etag 1", "now")
        pass_time(world.engine, LONGEST_STEP)


def test_a_failure_that_is_over_leaves_no_note(world: World) -> None:
    assert poll(world, FakeFetcher([FetchFailed("the server answered 503")])) == 0
    pass_time(world.engine, LONGEST_WAIT * 1.2)
    assert poll(world, FakeFetcher([Reply((), "etag 1", "now", not_modified=True)])) == 1
    assert row(world.engine, Kind.FEED, "wire")["last_error"] is None


@dataclass
class Breaking:
    """Articles of a database that goes away after so many were added."""

    real: Articles
    left: int

    def add(self, new: Article, origin: str, content_hash: str, state: ArticleState = ArticleState.RECEIVED) -> str:
        self.left -= 1
        if self.left < 0:
            raise StorageUnavailable("the database does not answer")
        return self.real.add(new, origin, content_hash, state)


@dataclass
class BreakingUnits:
    """Transactions on it."""

    real: SqlUnits
    after: int

    @contextmanager
    def __call__(self, *, serial: bool = False, read_only: bool = False) -> Iterator[UnitOfWork]:
        with self.real(serial=serial, read_only=read_only) as unit:
            unit.articles = Breaking(unit.articles, self.after)  # type: ignore[assignment]
            yield unit


def test_a_database_lost_half_way_keeps_the_cursor_and_no_article_is_skipped(world: World) -> None:
    fetcher = FakeFetcher([reply(*(article(f"a{n}") for n in range(5)))])
    with pytest.raises(StorageUnavailable):
        poll(world, fetcher, BreakingUnits(world.units, after=3))
    assert cursor(world) == ("etag 0", "then")
    with world.units(read_only=True) as unit:
        assert unit.works.counts()[Kind.ARTICLE] == {}
    assert world.queue.nudges == []
    pass_time(world.engine, timedelta(seconds=30))
    assert poll(world, fetcher) == 1
    with world.units(read_only=True) as unit:
        assert unit.works.counts()[Kind.ARTICLE] == {"received": 5}


def test_an_answer_that_comes_after_the_lease_stores_nothing(world: World) -> None:
    (late,) = world.claim(Task.FETCH, "wire")
    pass_time(world.engine, LEASE + timedelta(seconds=1))
    world.claim(Task.FETCH, "wire")
    assert fetch([late], world.units, FakeFetcher([reply(article("a1"))]), world.clock, world.queue, MANNERS) == []
    assert cursor(world) == ("etag 0", "then")
    with world.units(read_only=True) as unit:
        assert unit.articles.get(["a1"]) == {}


def test_a_feed_taken_out_while_it_is_polled_leaves_nothing(world: World) -> None:
    claims = world.claim(Task.FETCH, "wire")

    class Removing(FakeFetcher):
        def fetch(self, feed: Feed, now: object) -> Reply:
            with world.units() as unit:
                unit.feeds.sync([])
            return reply(article("a1"))

    assert fetch(claims, world.units, Removing(), world.clock, world.queue, MANNERS) == []
    with world.units(read_only=True) as unit:
        assert unit.articles.get(["a1"]) == {}


def test_over_real_http_a_feed_is_read_once(world: World, httpserver: HTTPServer) -> None:
    items = "".join(
        f"<item><title>Iran news {n}</title><description>Pakistan said {n}.</description></item>" for n in range(3)
    )
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>W</title>{items}</channel></rss>'

    def answer(request: Request) -> Response:
        if request.headers.get("If-None-Match") == '"1"':
            return Response(status=304)
        return Response(body, headers={"ETag": '"1"'})

    httpserver.expect_request("/rss").respond_with_handler(answer)
    with world.units() as unit:
        unit.feeds.sync([Feed("wire", httpserver.url_for("/rss"), "Wire")])
    for _ in range(3):
        assert poll(world, FeedFetcher(Reach(allow_private=True))) == 1
        pass_time(world.engine, LONGEST_STEP)
    assert [response.status_code for _, response in httpserver.log] == [200, 304, 304]
    with world.units(read_only=True) as unit:
        assert unit.works.counts()[Kind.ARTICLE] == {"received": 3}


def health(world: World) -> Mapping[str, Any]:
    with world.units(read_only=True) as unit:
        (shown,) = unit.feeds.health()
    return shown


def good(*, moved_to: str = "", wait: timedelta | None = None, more: bool = False) -> Reply:
    return Reply((), "etag 1", "now", not_modified=False, moved_to=moved_to, wait=wait, more=more)


def test_a_busy_feed_is_asked_more_often_and_a_quiet_one_less(world: World) -> None:
    waits = []
    with world.units() as unit:
        unit.feeds.sync([Feed("wire", "https://wire.example/fresh", "Wire")])
    for n in range(16):
        busy = reply(*(article(f"a{n}-{i}") for i in range(20)))
        assert poll(world, FakeFetcher([busy if n < 10 else good()])) == 1
        waits.append(health(world)["interval"])
        pass_time(world.engine, LONGEST_STEP)
    assert waits[0] == INTERVAL.total_seconds(), "what it holds at first says nothing"
    assert waits[9] == MANNERS.bounds.least.total_seconds()
    assert waits[9:] == sorted(waits[9:])
    assert waits[-1] > waits[9]


def test_more_is_had_at_once_and_what_the_server_wishes_counts(world: World) -> None:
    assert poll(world, FakeFetcher([good(more=True)])) == 1
    pass_time(world.engine, GAP)
    assert poll(world, FakeFetcher([good(wait=timedelta(minutes=50))])) == 1
    pass_time(world.engine, timedelta(minutes=44))
    assert poll(world, FakeFetcher([good()])) == 0, "not before its time"
    pass_time(world.engine, timedelta(minutes=12))
    assert poll(world, FakeFetcher([good()])) == 1


def test_a_server_is_left_alone_between_two_feeds_on_it(world: World) -> None:
    other = Feed("other", "https://wire.example/atom", "Wire")
    with world.units() as unit:
        unit.feeds.sync([FEED, other])
    fetcher = FakeFetcher([good()])
    step = [lambda claims: fetch(claims, world.units, fetcher, world.clock, world.queue, MANNERS)]
    assert carry(Task.FETCH, ["wire", "other"], world.units, step, world.patience) == 1
    waiting = next(name for name in ("wire", "other") if name != fetcher.asked[0].id)
    assert row(world.engine, Kind.FEED, waiting)["attempt"] == 0, "nothing was tried"
    pass_time(world.engine, GAP)
    assert carry(Task.FETCH, ["wire", "other"], world.units, step, world.patience) == 1
    assert {feed.id for feed in fetcher.asked} == {"wire", "other"}


def test_a_server_that_asks_for_rest_gets_it_for_all_its_feeds(world: World) -> None:
    other = Feed("other", "https://wire.example/atom", "Wire")
    assert poll(world, FakeFetcher([FetchFailed("the server answered 429", wait=7 * 3600)])) == 0
    with world.units() as unit:
        unit.feeds.sync([FEED, other])
    fetcher = FakeFetcher([good()])
    step = [lambda claims: fetch(claims, world.units, fetcher, world.clock, world.queue, MANNERS)]
    pass_time(world.engine, timedelta(hours=6))
    assert carry(Task.FETCH, ["wire", "other"], world.units, step, world.patience) == 0
    pass_time(world.engine, timedelta(hours=2))
    assert carry(Task.FETCH, ["other"], world.units, step, world.patience) == 1


def test_a_feed_that_is_gone_is_left_and_shown_until_it_is_revived(world: World) -> None:
    assert poll(world, FakeFetcher([Gone("the server answered 410: it is gone for good")])) == 0
    assert (health(world)["state"], health(world)["last_error"][:22]) == ("gone", "the server answered 41")
    pass_time(world.engine, timedelta(days=30))
    assert poll(world, FakeFetcher([good()])) == 0
    with world.units() as unit:
        assert unit.feeds.revive("wire")
        assert not unit.feeds.revive("wire")
    assert poll(world, FakeFetcher([good()])) == 1


def test_a_feed_that_moved_for_good_is_asked_there_and_again_at_home_when_that_fails(world: World) -> None:
    fetcher = FakeFetcher([good(moved_to="https://new.example/rss"), *[FetchFailed("no answer")] * DOUBTS, good()])
    for _ in range(DOUBTS + 2):
        poll(world, fetcher)
        pass_time(world.engine, LONGEST_WAIT * 1.2)
    asked = [feed.address for feed in fetcher.asked]
    assert asked == [FEED.url, *["https://new.example/rss"] * DOUBTS, FEED.url]
    assert fetcher.asked[-1].etag == "", "what the other place said is not sent back here"


def test_a_feed_that_is_gone_where_it_moved_to_is_asked_at_home(world: World) -> None:
    fetcher = FakeFetcher([good(moved_to="https://new.example/rss"), Gone("gone"), good()])
    for _ in range(3):
        poll(world, fetcher)
        pass_time(world.engine, LONGEST_WAIT * 1.2)
    assert [feed.address for feed in fetcher.asked] == [FEED.url, "https://new.example/rss", FEED.url]
    assert health(world)["state"] == "pending"


def test_without_tls_nobody_moves_a_feed_to_another_server(world: World) -> None:
    plain = Feed("wire", "http://wire.example/rss", "Wire")
    with world.units() as unit:
        unit.feeds.sync([plain])
    for moved_to, kept in (("https://evil.example/rss", ""), ("https://wire.example/rss", "https://wire.example/rss")):
        assert poll(world, FakeFetcher([good(moved_to=moved_to)])) == 1
        assert health(world)["moved_to"] == kept
        pass_time(world.engine, LONGEST_STEP)


def test_where_nothing_can_be_read_here_no_feed_is_to_blame(world: World) -> None:
    assert poll(world, FakeFetcher([ReaderUnavailable("too much is being read")])) == 0
    stored = row(world.engine, Kind.FEED, "wire")
    assert (stored["attempt"], stored["last_error"]) == (0, None)
    pass_time(world.engine, READER_BACK)
    assert poll(world, FakeFetcher([good()])) == 1
