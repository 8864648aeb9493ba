"""The page of the world: a map and lists that say the same, filters, warnings, and how to begin."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from lxml import html

from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Role
from service.flow import Task
from service.operations.world import Trend, world
from service.pipeline.books import Gauge
from service.ports import Feed
from service.web.world import ARC_FROM, MOVES, PAGE
from tests.fakes import LEASE, NOON
from tests.unit.web.newsroom import HOUR, newsroom, tell, told, week

HERE = "http://localhost"


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    with newsroom(migrated, tmp_path) as found:
        yield found


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), base_url=HERE, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def busy(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Detente]:
    """A service that has read a week of news, for tests that change nothing."""
    with newsroom(migrated, tmp_path_factory.mktemp("busy"), *week()) as found:
        yield found


@pytest.fixture(scope="module")
def reader(busy: Detente) -> Iterator[TestClient]:
    with TestClient(build(busy), base_url=HERE, follow_redirects=False) as client:
        yield client


def page(client: TestClient, path: str = "/") -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200
    return html.fromstring(answer.text)


def text(node: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", node.text_content()).strip()


def rows(node: html.HtmlElement, heading: str) -> dict[str, list[str]]:
    """Subject → cells of the row, of the table that follows a heading."""
    [table] = node.xpath(f"//h2[@id='{heading}']/following-sibling::*[1][self::table]")
    return {
        row.xpath("string(.//a/@href)").removeprefix("/subjects/"): [text(cell) for cell in row.xpath("./th|./td")]
        for row in table.xpath("./tbody/tr")
    }


def test_the_lists_say_what_the_world_says(reader: TestClient, busy: Detente) -> None:
    seen = page(reader)
    found = world(busy.units, NOON, busy.gauge, {})
    highest = rows(seen, "highest")
    assert list(highest) == [place.reading.subject for place in found.places][:PAGE]
    first = found.places[0]
    assert highest[first.reading.subject][1] == f"{first.reading.score.level:.1f}"
    assert first.reading.score.band in highest[first.reading.subject][2]
    moved = rows(seen, "moved")
    assert list(moved) == [place.reading.subject for place in found.moves][:MOVES]
    dyad = next(place for place in found.places if place.reading.subject == "dyad:IRN-PAK")
    assert dyad.trend is Trend.RISING
    assert moved["dyad:IRN-PAK"][:2] == [
        "Iran–Pakistan dyad:IRN-PAK",
        f"{dyad.before:.1f} → {dyad.reading.score.level:.1f}",
    ]
    assert moved["dyad:IRN-PAK"][2] == f"rising by {dyad.change:.1f}"
    assert "As of 2026-03-01 12:00 UTC" in text(seen)


def test_the_map_shows_levels_and_leads_to_pages(reader: TestClient, busy: Detente) -> None:
    seen = page(reader)
    [iran] = seen.xpath("//*[@data-subject='country:IRN']")
    level = next(p for p in world(busy.units, NOON, Gauge(), {}).places if p.reading.subject == "country:IRN")
    assert iran.xpath("string(./title)").startswith(f"Iran: level {level.reading.score.level:.0f}, ")
    assert iran.getparent().get("href") == "/subjects/country:IRN"
    drawn = {one.get("data-subject"): one for one in seen.xpath("//*[contains(@class, 'arc ')]")}
    dyads = {f"dyad:{arc.one}-{arc.other}": arc.level for arc in world(busy.units, NOON, Gauge(), {}).arcs}
    assert min(dyads.values()) < ARC_FROM < max(dyads.values())
    assert drawn.keys() == {subject for subject, level in dyads.items() if level >= ARC_FROM}
    assert all(one.get("marker-start") == one.get("marker-end") for one in drawn.values())


def test_the_slider_has_90_days_and_today(reader: TestClient, busy: Detente) -> None:
    answer = reader.get("/world.json", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    data = json.loads(answer.text)
    assert (len(data["days"]), data["days"][-1]) == (91, "2026-03-01")
    assert {len(levels) for levels in data["levels"].values()} == {91}
    found = {p.reading.subject: p for p in world(busy.units, NOON, busy.gauge, {}).places}
    iran = found["country:IRN"].reading.score
    assert data["now"]["country:IRN"] == [round(iran.level), iran.band, "up"]
    assert data["levels"]["country:IRN"][-2] == pytest.approx(found["country:IRN"].past[-1], abs=1)
    assert data["links"]["country:IRN"] == "/subjects/country:IRN"
    assert "dyad:IRN-PAK" in {arc["subject"] for arc in data["arcs"]}


@pytest.mark.parametrize(
    ("kind", "beginnings"),
    [
        ("country", {"country"}),
        ("dyad", {"dyad"}),
        ("region", {"m49", "region"}),
        ("nonsense", {"country", "dyad", "m49", "region"}),
    ],
)
def test_lists_of_one_kind(reader: TestClient, kind: str, beginnings: set[str]) -> None:
    seen = page(reader, f"/?kind={kind}")
    assert {subject.partition(":")[0] for subject in rows(seen, "highest")} == beginnings
    marked = [text(one) for one in seen.xpath("//nav[@class='kinds']//a[@aria-current]")]
    assert marked == [{"country": "Countries", "dyad": "Dyads", "region": "Regions"}.get(kind, "All")]


def test_a_kind_without_subjects_says_what_to_do(reader: TestClient) -> None:
    seen = text(page(reader, "/?kind=watch"))
    assert "Nothing of this kind has a level. Show all, or name a watchlist in watchlists.yaml." in seen


CODES = ("AFG", "ALB", "DZA", "AGO", "ARG", "ARM", "AUS", "AUT", "AZE", "BGD", "BLR", "BEL", "BEN", "BTN", "BOL", "BWA")


def test_the_table_has_pages(client: TestClient, detente: Detente) -> None:
    geography = detente.gazetteer.geography
    sentences = [f"{geography.name(a)} attacked {geography.name(b)}." for a, b in pairwise(CODES)]
    tell(detente, *(told(f"n{n}", said, NOON - HOUR) for n, said in enumerate(sentences)))
    first, second = page(client), page(client, "/?page=2")
    assert len(rows(first, "highest")) == PAGE
    assert not rows(first, "highest").keys() & rows(second, "highest").keys()
    [older] = first.xpath("//nav[@class='pager']//a/@href")
    assert older == "/?page=2#highest"
    assert second.xpath("//nav[@class='pager']//a[@rel='prev']/@href") == ["/#highest"]
    last = page(client, "/?page=9999")
    assert f"of {last.xpath('string(//table[last()]/caption)').split(' of ')[1].split('.')[0]}" in text(last)
    assert len(rows(first, "moved")) == MOVES
    [more] = first.xpath("//a[starts-with(., 'Show all')]/@href")
    assert len(rows(page(client, more.partition("#")[0]), "moved")) > MOVES


def with_a_feed(detente: Detente) -> None:
    """One that was never asked; what feeds did is known of now alone."""
    with detente.units() as unit:
        detente.clock.set(unit.marks.now())  # type: ignore[attr-defined]
        unit.feeds.sync([Feed(id="one", url="https://one.example/rss", publisher="One")])


def test_silent_feeds_are_told_of(client: TestClient, detente: Detente) -> None:
    tell(detente, *week())
    assert "quiet may be deafness" not in client.get("/").text
    with_a_feed(detente)
    with detente.units() as unit:
        unit.works.fail(*unit.works.claim(Task.FETCH, ["one"], LEASE), "no answer", timedelta(hours=1))
    seen = text(page(client))
    assert "Most feeds are silent: quiet may be deafness." in seen
    assert "0 % of the feeds answered within six hours" in seen
    assert "may be deafness" in " ".join(cells[2] for cells in rows(page(client), "highest").values())


def test_feeds_that_were_never_asked_are_not_silent(client: TestClient, detente: Detente) -> None:
    tell(detente, *week())
    with_a_feed(detente)
    assert "quiet may be deafness" not in client.get("/").text


def test_with_nothing_read_the_page_says_how_to_begin(client: TestClient, detente: Detente) -> None:
    seen = page(client)
    assert "Nothing has been read yet." in text(seen)
    assert {"/paste", "/sources", "/sign-in"} <= set(seen.xpath("//main//a/@href"))
    assert "no feed is asked yet" in text(seen)
    with detente.units() as unit:
        unit.feeds.sync([Feed(id="one", url="https://one.example/rss", publisher="One")])
        unit.articles.add(week()[0], "test", "h1")
    assert "1 feed is asked" in text(page(client))
    assert "1 article was taken in" in text(page(client))


def test_strangers_are_led_to_the_door(client: TestClient, detente: Detente) -> None:
    detente.doorkeeper.accept(detente.doorkeeper.invite(Role.VIEWER, "cli:test"), "desk", "a good long password")
    away = client.get("/")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=/")
    assert client.get("/world.json", headers={"hx-request": "true"}).status_code == 401


@pytest.mark.parametrize("path", ["/?page=0", "/?page=x", f"/?kind={'k' * 21}"])
def test_a_question_that_means_nothing_is_a_page_too(reader: TestClient, path: str) -> None:
    answer = reader.get(path)
    assert answer.status_code == 422
    assert "<h1" in answer.text


def test_what_is_shown_keeps_up(client: TestClient, detente: Detente) -> None:
    tell(detente, *week()[:1])
    before = page(client)
    assert "country:IRN" not in rows(before, "highest")
    detente.clock.set(NOON + timedelta(seconds=90))  # type: ignore[attr-defined]
    tell(detente, *week()[1:])
    assert "country:IRN" in rows(page(client), "highest")
