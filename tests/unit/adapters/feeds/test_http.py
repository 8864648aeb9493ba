"""Feeds and pages from a real server on this machine, read in the jail."""

import gzip
import socket
from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from service.adapters.feeds.http import FeedFetcher, PageFetcher
from service.adapters.feeds.page import read_page
from service.adapters.feeds.reader import JailedReader
from service.adapters.net.addresses import Reach
from service.errors import FetchFailed, Gone, Refusal, RefusedInput
from service.ports import Feed, Reply
from tests.servers import FakeResolver

DATE = "Sun, 01 Mar 2026 10:00:00 GMT"
RSS = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>W</title>%s<item><title>Iran and Pakistan talk</title>'
    b"<link>https://wire.example/a</link><description>They said so.</description></item></channel></rss>"
)
WORDS = "Negotiators of both countries met on Monday and said that they will meet again before the month has ended. "
PAGE = f"<html><head><title>They talk</title></head><body><article><h1>They talk</h1><p>{WORDS * 4}</p></article></body></html>"


@pytest.fixture(scope="module")
def jailed() -> Iterator[JailedReader]:
    made = JailedReader()
    yield made
    made.close()


@pytest.fixture
def feeds(jailed: JailedReader, reach: Reach) -> FeedFetcher:
    return FeedFetcher(reach, jailed, within=5)


@pytest.fixture
def pages(jailed: JailedReader, reach: Reach) -> PageFetcher:
    return PageFetcher(reach, jailed, within=5)


def feed(url: str, etag: str = "", since: str = "") -> Feed:
    return Feed("wire", url, "Wire", etag, since)


def serve(httpserver: HTTPServer, path: str = "/feed", extra: bytes = b"", **headers: str) -> str:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    httpserver.expect_request(path).respond_with_data(RSS % extra, headers=named)
    return httpserver.url_for(path)


def test_a_feed_is_asked_again_only_for_what_is_new(feeds: FeedFetcher, httpserver: HTTPServer, now: datetime) -> None:
    seen: list[tuple[str | None, str | None]] = []

    def answer(request: Request) -> Response:
        asked = (request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since"))
        seen.append(asked)
        if asked[0] == '"v1"':
            return Response(status=304)
        return Response(RSS % b"", headers={"ETag": '"v1"', "Last-Modified": DATE})

    httpserver.expect_request("/feed").respond_with_handler(answer)
    url = httpserver.url_for("/feed")
    first = feeds.fetch(feed(url), now)
    assert [(item.title, item.url, item.publisher) for item in first.items] == [
        ("Iran and Pakistan talk", "https://wire.example/a", "Wire")
    ]
    assert (first.etag, first.last_modified, first.not_modified) == ('"v1"', DATE, False)
    again = feeds.fetch(feed(url, first.etag, first.last_modified), now)
    assert again == Reply((), '"v1"', DATE, not_modified=True)
    assert seen == [(None, None), ('"v1"', DATE)]


def test_a_server_that_was_not_asked_for_changes_may_not_say_there_are_none(
    feeds: FeedFetcher, httpserver: HTTPServer, now: datetime
) -> None:
    httpserver.expect_request("/feed").respond_with_data("", status=304)
    with pytest.raises(FetchFailed, match="was not asked"):
        feeds.fetch(feed(httpserver.url_for("/feed")), now)


def test_a_cursor_is_kept_as_it_was_said_or_not_at_all(
    feeds: FeedFetcher, httpserver: HTTPServer, now: datetime
) -> None:
    url = serve(httpserver, "/long", ETag='"' + "x" * 2**16 + '"', Last_Modified=DATE + " " * 0)
    reply = feeds.fetch(feed(url), now)
    assert (reply.etag, reply.last_modified) == ("", DATE)
    weak = feeds.fetch(feed(serve(httpserver, "/weak", ETag='W/"1"', Date=DATE)), now)
    assert (weak.etag, weak.last_modified) == ('W/"1"', "")


@pytest.mark.parametrize(
    ("extra", "control", "wish"),
    [
        (b"", "", None),
        (b"<ttl>20</ttl>", "", timedelta(minutes=20)),
        (b"<ttl>20</ttl>", "max-age=60", timedelta(minutes=20)),
        (b"<ttl>100000</ttl>", "", timedelta(hours=1)),
        (b"", "public, max-age=600", timedelta(minutes=10)),
        (b"", 'Max-Age="600"', timedelta(minutes=10)),
        (b"", "max-age=31536000, immutable", timedelta(hours=1)),
        (b"", "max-age=" + "9" * 40, timedelta(hours=1)),
        (b"", "s-maxage=600", None),
        (b"", "no-cache, max-age=600", None),
        (b"", "max-age=0", None),
        (b"", "max-age=-1", None),
        (b"", "max-age=soon", None),
    ],
)
def test_a_wish_for_quiet_is_heard_within_an_hour(
    feeds: FeedFetcher, httpserver: HTTPServer, now: datetime, extra: bytes, control: str, wish: timedelta | None
) -> None:
    assert feeds.fetch(feed(serve(httpserver, extra=extra, Cache_Control=control)), now).wait == wish


def test_a_feed_that_has_moved_says_so_and_is_asked_there(
    feeds: FeedFetcher, httpserver: HTTPServer, now: datetime
) -> None:
    url = serve(httpserver)
    httpserver.expect_request("/old").respond_with_data("", status=301, headers={"Location": "/feed"})
    reply = feeds.fetch(feed(httpserver.url_for("/old")), now)
    assert reply.moved_to == url
    moved = Feed("wire", httpserver.url_for("/none"), "Wire", moved_to=url)
    assert len(feeds.fetch(moved, now).items) == 1


def test_a_password_in_the_address_goes_to_its_server_and_nowhere_else(
    feeds: FeedFetcher, httpserver: HTTPServer, now: datetime
) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        seen.append(request)
        return Response("", status=301, headers={"Location": "/feed"})

    httpserver.expect_request("/old").respond_with_handler(answer)
    serve(httpserver)
    url = httpserver.url_for("/old").replace("http://", "http://us%40er:SECRET@")
    reply = feeds.fetch(feed(url), now)
    assert seen[0].headers["Authorization"] == "Basic " + b64encode(b"us@er:SECRET").decode()
    assert seen[0].headers["Host"] == f"localhost:{httpserver.port}"
    assert (len(reply.items), reply.moved_to) == (1, "")


@pytest.mark.parametrize(
    "url", ["http://a@b@127.0.0.1:{}/feed", "http://127.0.0.1:{}\\@127.0.0.1/", "http://a\t@127.0.0.1:{}/"]
)
def test_an_odd_address_with_a_password_is_refused(
    feeds: FeedFetcher, httpserver: HTTPServer, now: datetime, url: str
) -> None:
    with pytest.raises(FetchFailed, match="the address is refused"):
        feeds.fetch(feed(url.format(httpserver.port)), now)
    assert httpserver.log == []


def test_a_feed_that_fails_or_is_none_or_gone_is_told_apart(
    feeds: FeedFetcher, httpserver: HTTPServer, now: datetime
) -> None:
    for status, error in ((503, FetchFailed), (410, Gone)):
        httpserver.expect_request(f"/{status}").respond_with_data("", status=status)
        with pytest.raises(error):
            feeds.fetch(feed(httpserver.url_for(f"/{status}")), now)
    httpserver.expect_request("/page").respond_with_data(PAGE)
    httpserver.expect_request("/empty").respond_with_data("")
    for path, refusal in (("/page", Refusal.NOT_A_FEED), ("/empty", Refusal.EMPTY)):
        with pytest.raises(RefusedInput) as caught:
            feeds.fetch(feed(httpserver.url_for(path)), now)
        assert caught.value.refusal == refusal


def page_at(httpserver: HTTPServer, path: str, content: str, kind: str, robots: str = "") -> str:
    httpserver.expect_request("/robots.txt").respond_with_data(robots)
    httpserver.expect_request(path).respond_with_data(content, content_type=kind)
    return httpserver.url_for(path)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/xhtml+xml", "TEXT/HTML", "text/plain"])
def test_a_page_is_read(
    pages: PageFetcher, httpserver: HTTPServer, now: datetime, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", FakeResolver(wire_example=[["127.0.0.1"]]))
    content = f"They talk\n\n{WORDS * 4}" if kind == "text/plain" else PAGE
    url = page_at(httpserver, "/a", content, kind).replace("localhost", "wire.example")
    page = pages.page(url, now)
    assert page.title == "They talk"
    assert page.text.startswith("Negotiators of both countries")


def test_a_page_that_does_not_say_how_it_is_written_is_read_as_its_server_says(
    pages: PageFetcher, httpserver: HTTPServer, now: datetime
) -> None:
    text = "Переговоры о перемирии возобновились в понедельник утром. " * 12
    content = f"<html><body><article><h1>Переговоры</h1><p>{text}</p></article></body></html>".encode("koi8-r")
    httpserver.expect_request("/robots.txt").respond_with_data("")
    httpserver.expect_request("/a").respond_with_data(content, content_type="text/html; charset=KOI8-R")
    page = pages.page(httpserver.url_for("/a"), now)
    assert page.text.startswith("Переговоры о перемирии")


@pytest.mark.parametrize("kind", ['text/html; charset="', "text/html; charset=hex", "text/html; charset=\x00utf", ";;"])
def test_nonsense_about_how_a_page_is_written_is_not_heeded(kind: str) -> None:
    assert read_page(PAGE.encode(), "", kind)["title"] == "They talk"


@pytest.mark.parametrize(
    "kind", ["application/pdf", "image/png", "video/mp4", "application/json", "text/css", "nonsense"]
)
def test_what_is_no_page_is_not_read(pages: PageFetcher, httpserver: HTTPServer, now: datetime, kind: str) -> None:
    with pytest.raises(RefusedInput, match="neither HTML nor text") as caught:
        pages.page(page_at(httpserver, "/a", PAGE, kind), now)
    assert caught.value.refusal is Refusal.UNSUPPORTED


def test_an_empty_text_is_refused(pages: PageFetcher, httpserver: HTTPServer, now: datetime) -> None:
    with pytest.raises(RefusedInput) as caught:
        pages.page(page_at(httpserver, "/a", " ", "text/plain"), now)
    assert caught.value.refusal is Refusal.EMPTY


def test_a_page_programs_are_asked_not_to_read_is_not_asked_for(
    pages: PageFetcher, httpserver: HTTPServer, now: datetime
) -> None:
    url = page_at(httpserver, "/private/a", PAGE, "text/html", "User-agent: Detente\nDisallow: /private\n")
    with pytest.raises(RefusedInput, match=r"robots\.txt"):
        pages.page(url, now)
    assert [request.path for request, _ in httpserver.log] == ["/robots.txt"]
    httpserver.expect_request("/short").respond_with_data("", status=302, headers={"Location": "/private/a"})
    with pytest.raises(RefusedInput, match=r"robots\.txt"):
        pages.page(httpserver.url_for("/short"), now)


def test_a_page_that_fails_or_is_gone_is_told_apart(pages: PageFetcher, httpserver: HTTPServer, now: datetime) -> None:
    httpserver.expect_request("/robots.txt").respond_with_data("", status=404)
    for status, error in ((404, FetchFailed), (304, FetchFailed), (410, Gone)):
        httpserver.expect_request(f"/{status}").respond_with_data("", status=status)
        with pytest.raises(error):
            pages.page(httpserver.url_for(f"/{status}"), now)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://user:SECRET@good.example/", "http://0x7f.1/", "x"])
def test_what_is_no_address_of_a_page_will_never_be_one(pages: PageFetcher, now: datetime, url: str) -> None:
    with pytest.raises(RefusedInput, match="the address is refused") as caught:
        pages.page(url, now)
    assert caught.value.refusal is Refusal.UNSUPPORTED
    assert "SECRET" not in str(caught.value)


def test_feeds_and_pages_inside_are_not_fetched_unless_permitted(jailed: JailedReader, now: datetime) -> None:
    with pytest.raises(FetchFailed, match="not a public one"):
        FeedFetcher(Reach(), jailed).fetch(feed("http://127.0.0.1:8080/feed"), now)
    with pytest.raises(FetchFailed, match="not a public one"):
        PageFetcher(Reach(), jailed).page("http://127.0.0.1:8080/a", now)


def test_a_packed_feed_is_read(feeds: FeedFetcher, httpserver: HTTPServer, now: datetime) -> None:
    headers = {"Content-Encoding": "gzip"}
    httpserver.expect_request("/feed").respond_with_data(gzip.compress(RSS % b""), headers=headers)
    assert len(feeds.fetch(feed(httpserver.url_for("/feed")), now).items) == 1
