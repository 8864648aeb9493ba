"""The page of an article: what is shown of it, how much of its text, and what its events moved."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import make_engine, sqlite_url
from service.api.app import build
from service.bootstrap import Detente
from service.domain.news.article import Article, Flag
from service.flow import Task
from service.operations.excerpt import MOST
from service.web.article import ODD as ODDITIES
from service.web.links import article_page, outside
from tests.fakes import NOON, World, article
from tests.unit.api.conftest import put_together

EVIL = '<script>alert(1)</script> "><i> \x00\u202e'
ODD = "https://wire.example/a/b?c=d&e=<f>#g.."
WAR = "Iran attacked Pakistan on Sunday."


@pytest.fixture
def world(migrated: Path, tmp_path: Path, shipped_gazetteer: CompiledGazetteer) -> Iterator[World]:
    (tmp_path / "detente.db").write_bytes(migrated.read_bytes())
    engine = make_engine(sqlite_url(tmp_path))
    yield World(engine, shipped_gazetteer)
    engine.dispose()


@pytest.fixture
def detente(world: World, tmp_path: Path, shipped_gazetteer: CompiledGazetteer) -> Iterator[Detente]:
    found = put_together(tmp_path)
    found.gazetteer = shipped_gazetteer
    yield found
    found.close()


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), base_url="http://localhost", follow_redirects=False) as client:
        yield client


def tell(world: World, *articles: Article) -> None:
    world.ingest(*articles)
    world.drain(Task.ANALYSE)
    world.drain(Task.ASSESS)


def shown(client: TestClient, article_id: str) -> str:
    answer = client.get(article_page(article_id))
    assert answer.status_code == 200, answer.text
    return answer.text


def test_it_tells_what_was_read_and_what_that_moved(client: TestClient, world: World) -> None:
    tell(world, Article(ODD, "A strike", WAR, "Reuters", "https://reuters.com/x?y=1&z", NOON, NOON))
    page = shown(client, ODD)
    assert '<mark class="escalation" id="sentence-1"' in page
    assert 'href="/subjects/dyad:IRN-PAK">Iran–Pakistan</a>' in page
    assert "1 owner, 1 article" in page
    assert 'href="https://reuters.com/x?y=1&amp;z" rel="noopener noreferrer">reuters.com</a>' in page
    assert '<time datetime="2026-03-01T12:00:00Z">' in page
    assert "<dd>scored</dd>" in page


def test_whose_report_it_is_and_what_is_odd_about_it_is_told(client: TestClient, world: World) -> None:
    tell(world, replace(article("a1", WAR), flags=tuple(Flag)), article("a2", publisher="BBC"))
    with world.units() as unit:
        unit.articles.set_credit("a1", "<b>Kestrel</b>")
    page = shown(client, "a1")
    assert "<dt>Report of</dt><dd><bdi>&lt;b&gt;Kestrel&lt;/b&gt;</bdi>" in page
    for said in ODDITIES.values():
        assert said in page
    assert "<dt>Odd</dt>" not in shown(client, "a2")
    found = client.get("/api/v1/articles/a1").json()
    assert (found["credit"], found["flags"]) == ("<b>Kestrel</b>", [str(flag) for flag in Flag])


def test_an_unknown_article_is_told_with_a_way_on(client: TestClient) -> None:
    answer = client.get("/articles/nobody/knows")
    assert (answer.status_code, "no article has the id" in answer.text) == (404, True)


def test_not_more_of_the_text_is_shown_than_may_be(client: TestClient, world: World) -> None:
    sentences = [f"Filler {n} {'x' * 80}." for n in range(100)]
    sentences[50] = WAR
    tell(world, Article("long", "Title", "\n".join(sentences), "Reuters", "", NOON, NOON))
    page = shown(client, "long")
    assert "attacked" in page
    assert "Filler 49" in page
    assert "Filler 10 " not in page
    assert page.count("xxxx") < MOST / 4


def test_hostile_texts_are_shown_as_texts(client: TestClient, world: World) -> None:
    tell(world, Article("evil", f"{EVIL} war", f"{WAR}\n{EVIL}", f"{EVIL} Post", "javascript:alert(1)", NOON, NOON))
    page = shown(client, "evil")
    for raw in ("<script>alert", '"><i>', "\u202e", 'href="javascript'):
        assert raw not in page
    assert "&lt;script&gt;" in page
    assert "no address" in page


def test_who_repeats_whom_is_told_both_ways(client: TestClient, world: World) -> None:
    first, again = article("first", WAR), article("a/gain", WAR, publisher="Evening Post")
    tell(world, first)
    tell(world, again)
    assert 'href="/articles/first">first</a>, so it adds nothing' in shown(client, "a/gain")
    assert 'href="/articles/a%2Fgain"><bdi>Evening Post</bdi></a>' in shown(client, "first")


def test_earlier_versions_are_told_and_not_shown(client: TestClient, world: World) -> None:
    tell(world, Article("a1", "Before", WAR, "Reuters", "", NOON, NOON))
    with world.units(serial=True) as unit:
        unit.ledger.withdraw(["a1"])
        unit.articles.replace(Article("a1", "After", "It rained.", "Reuters", "", NOON, NOON), "test", "h", "corrected")
    page = shown(client, "a1")
    assert "<bdi>Before</bdi>" in page
    assert "corrected" in page
    assert WAR not in page


def test_a_publisher_nobody_has_decided_on_is_in_quarantine(client: TestClient, world: World) -> None:
    tell(world, Article("q", "", WAR, "Nobody's Own Paper", "", NOON, NOON))
    assert "it is in quarantine" in shown(client, "q")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://a.example/b?c", "a.example"),
        ("http://A.example", "a.example"),
        ("javascript:alert(1)", ""),
        ("https://user@a.example/", ""),
        ("https://a.example/\u202ex", ""),
        ("https://a.example\\@b.example/", ""),
        ("https://[broken", ""),
        ("", ""),
    ],
)
def test_only_plain_links_lead_elsewhere(url: str, host: str) -> None:
    assert outside(url) == ((url, host) if host else ("", ""))
