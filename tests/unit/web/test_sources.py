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
from service.flow import Kind
from service.ports import Feed
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
    assert "1 of 2 feeds is dark: what it would tell is not known." in page
    assert '<span class="state good">answers</span>' in page
    assert page.count('<span class="state bad">dark</span>') == 2, "the feed and its publisher"
    assert '<span class="state inactive">quiet</span>' in page
    assert '<span class="state good">heard</span>' in page
    assert "5 min ago" in page


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


def test_it_is_filtered_and_ordered_by_links(client: TestClient, detente: Detente) -> None:
    told(detente)
    page = client.get("/sources?q=WIRE&order=name").text
    assert ">Mute<" not in page
    assert "1 of 2. A feed is dark" in page
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
