"""Polling: the cursor moves with its articles or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from service.adapters.feeds.http import HttpFetcher
from service.adapters.storage.database import SqlUnits
from service.domain.news.article import Article
from service.errors import FetchFailed, Refusal, RefusedInput, StorageUnavailable
from service.flow import Kind, Task
from service.pipeline.fetch import LONGEST_WAIT, back_off, fetch
from service.pipeline.line import carry
from service.ports import Articles, Feed, Fetcher, Refused, Reply, UnitOfWork, Units
from tests.fakes import LEASE, FakeFetcher, World, article, pass_time, row

INTERVAL = timedelta(minutes=15)
FEED = Feed("wire", "https://wire.example/rss", "Wire")


@pytest.fixture(autouse=True)
def feed(world: World) -> None:
    with world.units() as unit:
        unit.feeds.sync([FEED])
        unit.feeds.record("wire", "etag 0", "then")


def poll(world: World, fetcher: Fetcher, units: Units | None = None) -> int:
    using = units or world.units
    step = [lambda claims: fetch(claims, using, fetcher, world.clock, world.queue, INTERVAL)]
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
    pass_time(world.engine, INTERVAL)
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
        pass_time(world.engine, back_off(INTERVAL, failures) - timedelta(minutes=1))
        assert poll(world, fetcher) == 0
        assert len(fetcher.asked) == failures, "not before its time"
        pass_time(world.engine, timedelta(minutes=1))
    assert back_off(INTERVAL, 1) == INTERVAL * 2
    assert back_off(INTERVAL, 10_000) == LONGEST_WAIT
    assert poll(world, FakeFetcher([reply(article("a1"))])) == 1
    assert row(world.engine, Kind.FEED, "wire")["attempt"] == 0


REFUSED = (
    Refused("wire item 1", Refusal.NO_TEXT, "it has no text"),
    Refused("wire item 2", Refusal.TOO_LARGE, "it is too large"),
    Refused("wire item 4", Refusal.NO_TEXT, "it has no text"),
)
NOTE = "not taken: 2 × no_text, 1 × too_large, 1 × id of another text"


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
        pass_time(world.engine, INTERVAL)


def test_a_failure_that_is_over_leaves_no_note(world: World) -> None:
    assert poll(world, FakeFetcher([FetchFailed("the server answered 503")])) == 0
    pass_time(world.engine, LONGEST_WAIT)
    assert poll(world, FakeFetcher([Reply((), "etag 1", "now", not_modified=True)])) == 1
    assert row(world.engine, Kind.FEED, "wire")["last_error"] is None


@dataclass
class Breaking:
    """Articles of a database that goes away after so many were added."""

    real: Articles
    left: int

    def add(self, new: Article, origin: str, content_hash: str) -> str:
        self.left -= 1
        if self.left < 0:
            raise StorageUnavailable("the database does not answer")
        return self.real.add(new, origin, content_hash)


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
    assert fetch([late], world.units, FakeFetcher([reply(article("a1"))]), world.clock, world.queue, INTERVAL) == []
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

    assert fetch(claims, world.units, Removing(), world.clock, world.queue, INTERVAL) == []
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
        assert poll(world, HttpFetcher(allow_private=True)) == 1
        pass_time(world.engine, INTERVAL)
    assert [response.status_code for _, response in httpserver.log] == [200, 304, 304]
    with world.units(read_only=True) as unit:
        assert unit.works.counts()[Kind.ARTICLE] == {"received": 3}
