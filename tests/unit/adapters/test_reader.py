"""What the worker makes of what a reading process says, whatever that is."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.adapters.feeds.files import NO_ITEMS, read_bytes, read_file
from service.adapters.feeds.reader import MOST, JailedReader, shared_reader
from service.adapters.jail.jail import Jail
from service.domain.news.article import Article
from service.domain.news.completion import Page
from service.errors import ReaderUnavailable, Refusal, RefusedInput
from service.ports import Refused
from tests.corpus.bodies import item, rss

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORDS = "The ministry of Kestrel said that two brigades had moved to the border. " * 4
PAGE = (
    '<html lang="en-GB"><head><title>Brigades at the border</title><link rel="canonical" href="https://wire.example/1">'
    "{date}</head><body><article><h1>Brigades at the border</h1><p>{words}</p></article></body></html>"
)


@pytest.fixture(scope="module")
def reader() -> Iterator[JailedReader]:
    made = JailedReader()
    yield made
    made.close()


@pytest.fixture(scope="module")
def attacked() -> Iterator[JailedReader]:
    made = JailedReader(within=1.0)
    made.jail = Jail("tests.jailed:Attacked")
    yield made
    made.close()


def page(date: str = "") -> bytes:
    meta = f'<meta property="article:published_time" content="{date}">' if date else ""
    return PAGE.format(date=meta, words=WORDS).encode()


def feed(reader: JailedReader, content: str) -> Any:
    return reader.feed(content.encode(), {"Content-Type": "text/xml; charset=utf-8"}, "https://wire.example/f", "", NOW)


def test_a_feed_becomes_articles(reader: JailedReader) -> None:
    found = feed(reader, rss(item(1), item(2, title="...", body="123"), item(3), channel="<ttl>30</ttl>"))
    assert [(a.publisher, a.url, a.fetched_at) for a in found.items] == [
        ("Wire", f"https://wire.example/{n}", NOW) for n in (1, 3)
    ]
    assert [(r.where, r.refusal) for r in found.refused] == [("https://wire.example/f item 2", Refusal.NO_TEXT)]
    assert found.ttl == timedelta(minutes=30)


def test_a_page_becomes_what_it_says(reader: JailedReader) -> None:
    said = reader.page(page("2026-02-27T08:00:00+01:00"), "https://wire.example/1?from=feed", NOW)
    moment = datetime(2026, 2, 27, 7, tzinfo=UTC)
    assert said == Page("Brigades at the border", WORDS.strip(), moment, "en-GB", "https://wire.example/1")
    assert reader.page(page(), "", NOW).published_at is None


def test_a_page_without_an_article_is_refused(reader: JailedReader) -> None:
    with pytest.raises(RefusedInput) as caught:
        reader.page(b"<html><body><p>123</p></body></html>", "", NOW)
    assert caught.value.refusal == Refusal.NO_TEXT


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("hang", "reading it took longer than 1 s"),
        ("crash", "reading it brought the reading process down after 0."),
        ("swell", "reading it takes more than 1024 MiB of memory"),
    ],
)
def test_what_hangs_crashes_or_swells_is_hostile(attacked: JailedReader, kind: str, message: str) -> None:
    attacked.read("length", b"")
    before = attacked.jail.pid
    with pytest.raises(RefusedInput) as caught:
        attacked.read(kind, b"")
    assert caught.value.refusal == Refusal.HOSTILE
    assert str(caught.value).startswith(message)
    assert attacked.read("length", b"abc") == {"said": 3}
    assert attacked.jail.pid == before


def test_more_than_a_message_holds_is_too_large(attacked: JailedReader) -> None:
    with pytest.raises(RefusedInput) as caught:
        attacked.read("babble", b"")
    assert caught.value.refusal == Refusal.TOO_LARGE


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"read": 5},
        {"refused": "hostile"},
        {"refused": ["nonsense", "x"]},
        {"refused": [{}, "x"]},
        {"refused": None},
        {"read": {}},
        {"read": {"items": 5, "refused": []}},
        {"read": {"items": [5], "refused": []}},
        {"read": {"items": [], "refused": [["a", "b", "c"]]}},
        {"read": {"items": [], "refused": [7]}},
    ],
)
def test_an_answer_that_is_none_is_hostile(attacked: JailedReader, said: dict[str, Any]) -> None:
    with pytest.raises(RefusedInput) as caught:
        feed(attacked, json.dumps(said))
    assert (caught.value.refusal, str(caught.value)) == (Refusal.HOSTILE, "reading it gave an answer that is none")


def test_everything_is_looked_at_again(attacked: JailedReader) -> None:
    sly = {
        "title": "Wire\u202e\x00",
        "ttl_minutes": 10**12,
        "refused": [["item\n9", "too_large", "x" * 5000]],
        "items": [
            {"title": "Kestrel\u202e moves", "text": "a\x00b " * 300_000, "url": "javascript:x", "published_at": None},
            {"title": 5},
            {"title": "Kestrel moves", "id": "x y"},
            {},
        ],
    }
    found = feed(attacked, json.dumps({"read": sly}))
    (article,) = found.items
    assert (article.title, article.url, article.publisher) == ("Kestrel moves", "", "Wire")
    assert len(article.text) <= 200_000
    assert "\x00" not in article.text
    assert found.ttl is None
    assert [r.refusal for r in found.refused] == [
        Refusal.TOO_LARGE,
        Refusal.MISSING_FIELD,
        Refusal.BAD_ID,
        Refusal.MISSING_FIELD,
    ]
    assert "\n" not in found.refused[0].where
    assert len(found.refused[0].message) <= 500


@pytest.mark.parametrize("pause", [float("nan"), None, "1", -3])
def test_a_pause_that_is_none(attacked: JailedReader, pause: object) -> None:
    found = feed(attacked, json.dumps({"read": {"items": [], "refused": [], "ttl_minutes": pause}}))
    assert found.ttl is None


def test_an_answer_without_end_is_cut(attacked: JailedReader) -> None:
    found = feed(attacked, json.dumps({"read": {"items": [{}] * 100_000, "refused": [["", "empty", ""]] * 100_000}}))
    assert len(found.refused) == 2 * MOST


def test_where_no_process_can_be_started_it_may_help_to_wait() -> None:
    sinking = JailedReader()
    sinking.jail = Jail("tests.jailed:Sinking")
    with pytest.raises(ReaderUnavailable) as caught:
        sinking.read("feed", b"x")
    sinking.close()
    assert caught.value.retryable


def test_two_read_at_once_and_a_third_waits_as_long_as_it_may() -> None:
    busy = JailedReader(patience=0.1)
    busy.jail = Jail("tests.jailed:Attacked", at_once=2)
    busy.read("length", b"")
    sleepers = [threading.Thread(target=busy.read, args=("nap", b"0.8")) for _ in range(2)]
    for sleeper in sleepers:
        sleeper.start()
    time.sleep(0.2)
    with pytest.raises(ReaderUnavailable, match="too much is being read"):
        busy.read("length", b"")
    for sleeper in sleepers:
        sleeper.join()
    assert busy.read("length", b"ab") == {"said": 2}
    busy.close()


def test_a_reader_that_was_closed_reads_on(reader: JailedReader) -> None:
    reader.close()
    assert len(feed(reader, rss(item(1))).items) == 1


def test_files_of_pages_and_feeds_are_read_by_the_shared_one(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(page("2026-02-27"))
    (tmp_path / "a.rss").write_text(rss(item(1), item(2)))
    (tmp_path / "b.xml").write_text(rss())
    (article,) = read_file(tmp_path / "a.html", NOW)
    assert isinstance(article, Article)
    assert (article.title, article.published_at.date().isoformat()) == ("Brigades at the border", "2026-02-27")
    assert len(list(read_file(tmp_path / "a.rss", NOW))) == 2
    assert [r.message for r in read_file(tmp_path / "b.xml", NOW) if isinstance(r, Refused)] == [NO_ITEMS]
    assert shared_reader().jail.pid


@pytest.mark.parametrize("date", ["yesterday", "0001-01-01", "9" * 100])
def test_a_page_in_a_file_whose_date_is_none_counts_as_now(date: str) -> None:
    (article,) = read_bytes(page(date), ".html", "here", NOW)
    assert isinstance(article, Article)
    assert article.published_at == NOW
