"""Each kind of feed is asked in its own way, and no kind is forgotten."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from service.adapters.feeds.fetchers import EveryKind
from service.adapters.feeds.parsers import PARSERS
from service.adapters.feeds.reader import shared_reader
from service.adapters.feeds.warm import SAMPLES
from service.adapters.net.addresses import Reach
from service.errors import FetchFailed, Refusal, RefusedInput
from service.ports import Feed, FeedKind
from tests.unit.adapters.feeds.test_gdelt import NOW as AFTER_UPDATE
from tests.unit.adapters.feeds.test_gdelt import Mirror, encrypted, packed, row
from tests.unit.adapters.feeds.test_sitemap import page, sitemap

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def fetcher(reach: Reach) -> EveryKind:
    return EveryKind(reach, {"box": "secret"})


def test_a_feed_is_read_as_a_feed_and_a_sitemap_as_a_sitemap(httpserver: HTTPServer, fetcher: EveryKind) -> None:
    rss = "<rss version='2.0'><channel><item><title>Talks were held</title></item></channel></rss>"
    httpserver.expect_request("/rss").respond_with_data(rss)
    httpserver.expect_request("/map").respond_with_data(sitemap(page(1)))
    assert fetcher.fetch(Feed("a", httpserver.url_for("/rss"), ""), NOW).items[0].title == "Talks were held"
    found = fetcher.fetch(Feed("b", httpserver.url_for("/map"), "", kind=FeedKind.SITEMAP), NOW)
    assert found.items[0].title == "Talks 1"
    with pytest.raises(RefusedInput):
        fetcher.fetch(Feed("a", httpserver.url_for("/rss"), "", kind=FeedKind.SITEMAP), NOW)


def test_an_update_of_gdelt_is_read_in_the_jail(httpserver: HTTPServer, fetcher: EveryKind) -> None:
    assert len(fetcher.fetch(Mirror(httpserver).feed, AFTER_UPDATE).items) == 1


def test_a_folder_is_looked_into(tmp_path: Path, fetcher: EveryKind) -> None:
    reply = fetcher.fetch(Feed("c", tmp_path.as_uri(), "", kind=FeedKind.FOLDER), NOW)
    assert reply.cursor


def test_a_mailbox_is_dialled(fetcher: EveryKind) -> None:
    pytest.importorskip("imapclient")
    with pytest.raises(FetchFailed, match="no connection could be made"):
        fetcher.fetch(Feed("box", "imaps://me@127.0.0.1:1/INBOX", "", kind=FeedKind.MAILBOX), NOW)


def test_without_the_extra_a_mailbox_says_what_is_missing(fetcher: EveryKind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "imapclient", None)
    for name in ("imap", "mailbox"):
        monkeypatch.delitem(sys.modules, f"service.adapters.feeds.{name}", raising=False)
    with pytest.raises(FetchFailed, match="need the extra imap"):
        fetcher.fetch(Feed("box", "imaps://me@127.0.0.1:1/INBOX", "", kind=FeedKind.MAILBOX), NOW)


@pytest.mark.parametrize("kind", FeedKind)
def test_no_kind_is_forgotten(kind: FeedKind, fetcher: EveryKind) -> None:
    assert callable(fetcher._fetcher(kind).fetch)


def test_every_parser_is_tried_before_the_jail_closes() -> None:
    assert set(PARSERS) == set(SAMPLES)


@pytest.mark.parametrize(
    ("kind", "content", "refusal"),
    [
        ("gdelt", encrypted(), Refusal.UNSUPPORTED),
        ("gdelt", packed(b"0" * 80 * 2**20), Refusal.TOO_LARGE),
        ("gdelt", packed(row("https://a.example/1"))[:-30], Refusal.UNREADABLE),
        ("sitemap", b"prose", Refusal.NOT_A_FEED),
        ("mail", b"", Refusal.EMPTY),
    ],
)
def test_the_jail_refuses_as_the_parsers_do(kind: str, content: bytes, refusal: Refusal, reader: Any) -> None:
    for one in (reader, shared_reader()):
        with pytest.raises(RefusedInput) as caught:
            one.read(kind, content)
        assert caught.value.refusal is refusal
