"""The page of sources: who is heard, who is quiet, who is dark, who waits, and nothing of theirs but text."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from service.bootstrap import Detente
from service.config.schema import Publisher, SourcesFile
from service.domain.news.pace import Pace
from service.flow import Kind, RowState
from service.ports import Feed, FeedKind, Reply
from tests.fakes import FakeClock, article, set_row
from tests.unit.api.conftest import put_together

EVIL = "<script>alert(1)</script>\u202e'; rm -rf /"
OURS = SourcesFile(
    publishers=(
        Publisher(name="Wire", owner="Wire Group", grade="A", domain=("wire.example",), reason="<i>an agency</i>"),
        Publisher(name="Mute", owner="Mute", grade="B"),
        Publisher(name="Hush", owner="Hush", grade="C"),
    )
)


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    found = put_together(tmp_path)
    found.clock = FakeClock()
    found.__dict__["sources"] = OURS
    yield found
    found.close()


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), base_url="http://localhost", follow_redirects=False) as client:
        yield client


def told(detente: Detente) -> None:
    now = detente.clock.now()
    with detente.units() as unit:
        unit.feeds.sync(
            [Feed("wire", "https://wire.example/rss", "Wire"), Feed("mute", 'https://mute.example/"><b>', "Mute")]
        )
        for number, publisher in enumerate(("Wire", "Wire", EVIL)):
            one = article(f"a{number}", text=f"text {number}", publisher=publisher, at=now - timedelta(hours=number))
            unit.articles.add(replace(one, url=f"https://{number}.example/"), "test", f"hash {number}")
    with detente.units(read_only=True) as unit:
        moment = unit.marks.now()
    set_row(detente.units.engine, Kind.FEED, "wire", last_ok_at=moment - timedelta(minutes=5))  # type: ignore[attr-defined]
    set_row(detente.units.engine, Kind.FEED, "mute", attempt=3, last_error="HTTP 503 <b>")  # type: ignore[attr-defined]


def test_a_dark_source_is_no_calm_one(client: TestClient, detente: Detente) -> None:
    told(detente)
    page = client.get("/sources").text
    assert "1 of 2 feeds is dark or gone: what it would tell is not known." in page
    assert '<span class="state good">answers</span>' in page
    assert page.count('<span class="state bad">dark</span>') == 3, "the feed, its publisher, and the legend"
    assert '<span class="state inactive">quiet</span>' in page
    assert '<span class="state good">heard</span>' in page
    assert "5 min ago" in page


def test_feeds_are_chosen_by_state_and_say_how_they_fare(client: TestClient, detente: Detente) -> None:
    told(detente)
    with detente.units() as unit:
        kept = [*unit.feeds.get(["wire", "mute"]).values()]
        unit.feeds.sync([*kept, Feed("map", "https://map.example/news.xml", "", kind=FeedKind.SITEMAP)])
        moved = Reply((), "", "", not_modified=False, moved_to="https://new.example/rss?key=CANARY")
        unit.feeds.record("wire", moved, Pace(timedelta(minutes=40)), 3)
    set_row(detente.units.engine, Kind.FEED, "map", state=RowState.GONE)  # type: ignore[attr-defined]
    page = client.get("/sources").text
    order = [page.index(f'<th scope="row">{name}') for name in ("map", "mute", "wire")]
    assert order == sorted(order), "what somebody should look at comes first"
    assert "every 40 min" in page
    assert "3 in all" in page
    assert 'It has moved to <a href="https://new.example/rss" rel="noopener noreferrer">new.example</a>' in page
    assert "CANARY" not in page
    assert '<span class="tag">sitemap</span>' in page
    assert "3 failures" in page
    gone = client.get("/sources?state=gone&q=example").text
    assert '<th scope="row">map' in gone
    assert '<th scope="row">wire' not in gone
    assert "no more" in gone
    assert '<option value="gone" selected>gone (1)</option>' in gone
    kept_in_links = client.get("/sources?state=gone&q=mute").text
    assert 'href="/sources?q=mute&amp;state=gone&amp;order=grade#publishers"' in kept_in_links
    assert "No feed is “calm” and has “wire”" in client.get("/sources?state=calm&q=wire").text
    assert '<th scope="row">wire' in client.get("/sources?state=nonsense").text
    assert "No feed here." in client.get("/sources?feeds=9").text


def test_many_feeds_are_leafed_through(client: TestClient, detente: Detente) -> None:
    with detente.units() as unit:
        unit.feeds.sync([Feed(f"feed-{n:03}", f"https://{n}.example/rss", "") for n in range(120)])
    assert "Page 1 of 3" in client.get("/sources").text
    page = client.get("/sources?feeds=3&state=new").text
    assert page.count('<th scope="row">feed-') == 20
    assert 'href="/sources?state=new&amp;feeds=2#feeds"' in page


def test_what_others_wrote_is_text(client: TestClient, detente: Detente) -> None:
    told(detente)
    page = client.get("/sources").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "HTTP 503 &lt;b&gt;" in page
    assert "&lt;i&gt;an agency&lt;/i&gt;" in page
    assert "\u202e" not in page
    assert 'href="https://mute.example/"><b>' not in page
    shell = page.partition("detente sources accept ")[2].partition("</code>")[0]
    assert shell.startswith("&#39;"), "a name is quoted for the shell"
    assert " --reason " in shell


def test_it_is_filtered_and_ordered_by_links(client: TestClient, detente: Detente) -> None:
    told(detente)
    page = client.get("/sources?q=WIRE&order=name").text
    assert ">Mute<" not in page
    assert "1 of 2, those to look at first" in page
    assert 'href="/sources?q=WIRE&amp;order=grade#publishers"' in page
    assert 'aria-sort="ascending"' in page
    assert "has no “WIRE” in its name" in page
    assert "No feed has “nobody at all”" in client.get("/sources?q=nobody at all").text
    assert "Show all from the first page" in client.get("/sources?page=9").text
    assert client.get("/sources?page=0").status_code == 422


def test_nothing_yet_says_what_to_do(client: TestClient, detente: Detente) -> None:
    detente.__dict__["sources"] = SourcesFile()
    page = client.get("/sources").text
    assert "No feed is polled." in page
    assert "sources.yaml" in page
    assert "Nobody has decided on any publisher." in page
    assert "Nobody waits" in page


def test_a_stranger_is_led_to_the_door(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    closed = put_together(tmp_path, public_url="https://news.example.org")
    with TestClient(build(closed), base_url="https://news.example.org", follow_redirects=False) as client:
        assert client.get("/sources").headers["location"] == "/sign-in?next=/sources"
    closed.close()
