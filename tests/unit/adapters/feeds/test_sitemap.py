"""Sitemaps: what they announce, what they list, and what is no sitemap."""

import gzip
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from service.adapters.feeds.sitemap import SitemapFetcher
from service.adapters.feeds.sitemap_xml import MOST_BYTES, MOST_ITEMS, read_sitemap
from service.domain.news.article import Flag
from service.errors import FetchFailed, Gone, Refusal, RefusedInput
from service.ports import Feed, FeedKind
from tests.servers import raw_server

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
    'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" xmlns:image="urn:image"'
)


def page(n: int, date: str = "2026-03-01T10:00:00Z", title: str = "") -> str:
    return (
        f"<url><loc>https://paper.example/{n}</loc><news:news><news:publication><news:name>The Paper</news:name>"
        f"<news:language>en</news:language></news:publication><news:publication_date>{date}</news:publication_date>"
        f"<news:title>{title or f'Talks {n}'}</news:title></news:news>"
        "<image:image><image:loc>https://paper.example/p.jpg</image:loc><image:title>A table</image:title></image:image>"
        "</url>"
    )


def sitemap(*entries: str) -> bytes:
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {SPACES}>{"".join(entries)}</urlset>'.encode()


def index(*children: tuple[str, str]) -> bytes:
    listed = "".join(
        f"<sitemap><loc>{url}</loc>{f'<lastmod>{date}</lastmod>' if date else ''}</sitemap>" for url, date in children
    )
    return f"<sitemapindex {SPACES}>{listed}</sitemapindex>".encode()


def feed(url: str, **known: Any) -> Feed:
    return Feed("paper", url, known.pop("publisher", ""), kind=FeedKind.SITEMAP, **known)


@pytest.fixture
def fetcher(reach: Any, reader: Any) -> SitemapFetcher:
    return SitemapFetcher(reach, reader, within=5)


def test_what_is_announced_becomes_articles_without_text(httpserver: HTTPServer, fetcher: SitemapFetcher) -> None:
    httpserver.expect_request("/news.xml").respond_with_data(
        sitemap(page(1, title="<![CDATA[Talks &amp; more]]>"), page(2)), headers={"ETag": '"a"'}
    )
    reply = fetcher.fetch(feed(httpserver.url_for("/news.xml")), NOW)
    first, second = reply.items
    assert (first.title, first.text, first.url) == ("Talks & more", "", "https://paper.example/1")
    assert (first.publisher, first.language, first.published_at) == ("The Paper", "en", NOW - timedelta(hours=2))
    assert (second.title, reply.refused, reply.etag, reply.more) == ("Talks 2", (), '"a"', False)


def test_the_name_of_the_feed_counts_more_than_that_in_the_sitemap(
    httpserver: HTTPServer, fetcher: SitemapFetcher
) -> None:
    httpserver.expect_request("/news.xml").respond_with_data(sitemap(page(1)))
    reply = fetcher.fetch(feed(httpserver.url_for("/news.xml"), publisher="The Other"), NOW)
    assert reply.items[0].publisher == "The Other"


def test_without_news_the_time_of_change_counts(httpserver: HTTPServer, fetcher: SitemapFetcher) -> None:
    entries = (
        "<url><loc>https://paper.example/a</loc><lastmod>2026-02-28</lastmod></url>",
        "<url><loc>https://paper.example/b</loc></url>",
    )
    httpserver.expect_request("/s.xml").respond_with_data(sitemap(*entries))
    dated, undated = fetcher.fetch(feed(httpserver.url_for("/s.xml")), NOW).items
    assert (dated.title, dated.published_at, dated.flags) == ("", datetime(2026, 2, 28, tzinfo=UTC), ())
    assert (undated.published_at, undated.flags) == (NOW, (Flag.UNDATED,))


def test_a_bad_entry_is_refused_and_the_others_go_on(httpserver: HTTPServer, fetcher: SitemapFetcher) -> None:
    bad = "<url><loc>javascript:alert(1)</loc><lastmod>2026-03-01T11:00:00Z</lastmod></url><url/>"
    httpserver.expect_request("/s.xml").respond_with_data(sitemap(bad, page(1)))
    reply = fetcher.fetch(feed(httpserver.url_for("/s.xml")), NOW)
    assert [item.url for item in reply.items] == ["https://paper.example/1"]
    assert [one.refusal for one in reply.refused] == [Refusal.UNSUPPORTED, Refusal.MISSING_FIELD]


def test_what_has_not_changed_is_not_read_again(httpserver: HTTPServer, fetcher: SitemapFetcher) -> None:
    def answer(request: Request) -> Response:
        return Response(status=304 if request.headers.get("If-None-Match") == '"a"' else 200)

    httpserver.expect_request("/s.xml").respond_with_handler(answer)
    reply = fetcher.fetch(feed(httpserver.url_for("/s.xml"), etag='"a"', last_modified="x"), NOW)
    assert (reply.not_modified, reply.items, reply.etag, reply.last_modified) == (True, (), '"a"', "x")


def test_the_two_listed_sitemaps_that_changed_last_are_read(httpserver: HTTPServer, fetcher: SitemapFetcher) -> None:
    children = [
        ("/old.xml.gz", "2024-01-01"),
        ("/b.xml", "2026-03-01T11:00:00Z"),
        ("/none.xml", ""),
        ("/a.xml.gz", "2026-03-01T11:30:00+00:00"),
    ]
    listed = index(*((httpserver.url_for(path), date) for path, date in children))
    httpserver.expect_ordered_request("/index.xml").respond_with_data(listed, headers={"ETag": '"a"'})
    httpserver.expect_ordered_request("/a.xml.gz").respond_with_data(gzip.compress(sitemap(page(1))))
    httpserver.expect_ordered_request("/b.xml").respond_with_data(sitemap(page(2)))
    reply = fetcher.fetch(feed(httpserver.url_for("/index.xml")), NOW)
    httpserver.check()
    assert [item.title for item in reply.items] == ["Talks 1", "Talks 2"]
    assert reply.etag == "", "a list that has not changed says nothing of what it lists"


def test_one_listed_sitemap_that_fails_does_not_stop_the_other(httpserver: HTTPServer, fetcher: SitemapFetcher) -> None:
    paths = ("/gone.xml", "/good.xml")
    listed = index(*((httpserver.url_for(path), f"2026-03-01T1{n}:00:00Z") for n, path in enumerate(reversed(paths))))
    httpserver.expect_request("/index.xml").respond_with_data(listed)
    httpserver.expect_request("/gone.xml").respond_with_data("", status=410)
    httpserver.expect_request("/good.xml").respond_with_data(sitemap(page(1)))
    reply = fetcher.fetch(feed(httpserver.url_for("/index.xml")), NOW)
    assert len(reply.items) == 1
    assert [(one.where, one.refusal) for one in reply.refused] == [
        (httpserver.url_for("/gone.xml"), Refusal.UNREADABLE)
    ]


def test_when_no_listed_sitemap_can_be_read_the_poll_fails_but_the_feed_is_not_gone(
    httpserver: HTTPServer, fetcher: SitemapFetcher
) -> None:
    own = httpserver.url_for("/index.xml")
    httpserver.expect_request("/index.xml").respond_with_data(
        index((httpserver.url_for("/gone.xml"), "2026-03-01"), (own, "2026-02-01"))
    )
    httpserver.expect_request("/gone.xml").respond_with_data("", status=410)
    with pytest.raises(FetchFailed, match="none of the newest") as caught:
        fetcher.fetch(feed(own), NOW)
    assert not isinstance(caught.value, Gone)


def test_all_requests_of_a_poll_share_one_deadline(reach: Any, reader: Any) -> None:
    with raw_server(lambda connection: time.sleep(0.7) or connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")) as slow:
        listed = index((slow, "2026-03-01"), (f"{slow}/2", "2026-02-01"))
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(listed), listed)
        with raw_server(answer) as url:
            began = time.monotonic()
            with pytest.raises(FetchFailed):
                SitemapFetcher(reach, reader, within=0.5).fetch(feed(url), NOW)
    assert time.monotonic() - began < 1.5


BAD = [
    (b"", Refusal.EMPTY),
    (b" \n", Refusal.EMPTY),
    (b"This is prose.", Refusal.NOT_A_FEED),
    (b"<html><body>No</body></html>", Refusal.NOT_A_FEED),
    (b"<rss/>", Refusal.NOT_A_FEED),
    (
        b'<!DOCTYPE urlset [<!ENTITY x "y">]><urlset><url><loc>https://x.example/&x;</loc></url></urlset>',
        Refusal.NOT_A_FEED,
    ),
    (b'<!DOCTYPE urlset SYSTEM "file:///etc/passwd"><urlset/>', Refusal.NOT_A_FEED),
    (
        b'<!DOCTYPE a [<!ENTITY a "lol"><!ENTITY b "'
        + b"&a;" * 50
        + b'"><!ENTITY c "'
        + b"&b;" * 50
        + b'">]><urlset>&c;</urlset>',
        Refusal.NOT_A_FEED,
    ),
    (gzip.compress(b"x")[:4] + b"\xff" * 50, Refusal.UNREADABLE),
    (gzip.compress(b" " * (MOST_BYTES + 10)), Refusal.TOO_LARGE),
]


@pytest.mark.parametrize(("content", "refusal"), BAD, ids=[f"{n}-{r}" for n, (_, r) in enumerate(BAD)])
def test_what_is_no_sitemap_is_refused(content: bytes, refusal: Refusal) -> None:
    with pytest.raises(RefusedInput) as caught:
        read_sitemap(content, {})
    assert caught.value.refusal is refusal


def test_of_one_that_breaks_off_what_came_before_is_read(httpserver: HTTPServer, fetcher: SitemapFetcher) -> None:
    httpserver.expect_request("/s.xml").respond_with_data(sitemap(page(1), page(2))[:-100])
    reply = fetcher.fetch(feed(httpserver.url_for("/s.xml")), NOW)
    assert reply.items[0].title == "Talks 1"
    assert [one.refusal for one in reply.refused] == [Refusal.UNREADABLE]


def test_the_newest_are_taken_of_a_long_one() -> None:
    dates = [(datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=n)).isoformat() for n in range(2 * MOST_ITEMS)]
    read = read_sitemap(sitemap(*(page(n, date) for n, date in enumerate(dates))), {})
    assert [item["published_at"] for item in read["items"]] == dates[::-1][:MOST_ITEMS]


def test_other_encodings_and_prefixes_are_read() -> None:
    written = (
        sitemap(page(1, title="Größe"))
        .decode()
        .replace("UTF-8", "UTF-16")
        .replace("news:", "n:")
        .replace("xmlns:n:", "xmlns:n")
    )
    written = written.replace("xmlns:news", "xmlns:n")
    assert read_sitemap(written.encode("utf-16"), {})["items"][0]["title"] == "Größe"


def test_a_prefix_nobody_declared_is_understood() -> None:
    written = sitemap(page(1)).replace(b"xmlns:news=", b"xmlns:other=")
    assert read_sitemap(written, {})["items"][0]["title"] == "Talks 1"


@settings(deadline=None)
@given(st.binary(max_size=300), st.integers(0, 900), st.booleans())
def test_nothing_but_a_refusal_comes_of_broken_bytes(noise: bytes, at: int, is_packed: bool) -> None:
    whole = sitemap(page(1), page(2))
    whole = gzip.compress(whole) if is_packed else whole
    try:
        read = read_sitemap(whole[:at] + noise + whole[at:], {})
    except RefusedInput:
        return
    assert len(read.get("items", read.get("children"))) <= 10
