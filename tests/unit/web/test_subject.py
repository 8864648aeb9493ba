"""The page of a subject: what it shows sums up, is escaped, and says where else to look."""

import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient
from lxml import html

from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Role
from service.domain.risk.subject import Subject
from service.operations.scores import explained
from service.web.marking import Mark, sentence
from service.web.subject import asked_for, moment_of
from tests.fakes import NOON
from tests.unit.web.newsroom import DAY, EVIL, crowd, newsroom, service_at, week

HERE = "http://localhost"
DYAD = "/subjects/dyad:IRN-PAK"


@pytest.fixture(scope="module")
def detente(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Detente]:
    with newsroom(migrated, tmp_path_factory.mktemp("subject"), *week()) as found:
        yield found


@pytest.fixture(scope="module")
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), base_url=HERE, follow_redirects=False) as client:
        yield client


@pytest.fixture(scope="module")
def full(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Detente, TestClient]]:
    """A service with subjects on which more was told than is shown one by one."""
    with newsroom(migrated, tmp_path_factory.mktemp("full")) as found:
        crowd(found)
        with TestClient(build(found), base_url=HERE, follow_redirects=False) as client:
            yield found, client


def page(client: TestClient, path: str = DYAD) -> html.HtmlElement:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return html.fromstring(answer.text)


def text(node: html.HtmlElement) -> str:
    return re.sub(r"\s+", " ", node.text_content()).strip()


def points(seen: html.HtmlElement) -> dict[str, float]:
    """Incident → the points the table shows; the rest under its own name."""
    rows = seen.xpath("//tr[@data-incident or @data-rest]")
    return {row.get("data-incident", "rest"): float(text(row.xpath("./td[@data-label='Points']")[0])) for row in rows}


def total(seen: html.HtmlElement) -> float:
    return float(text(seen.xpath("//tfoot//td[@data-label='Points']")[0]))


def test_the_points_are_those_of_explain_score_and_sum_to_the_level(client: TestClient, detente: Detente) -> None:
    seen = page(client)
    told = explained(detente.units, Subject.parse("dyad:IRN-PAK"), NOON, detente.gauge, {})
    assert points(seen) == {c.incident_id: c.points for c in told.contributions}
    assert len(points(seen)) >= 3
    assert round(sum(points(seen).values()), 1) == total(seen) == round(told.reading.score.level, 1)
    assert text(seen.xpath("//*[@class='big']")[0]) == f"{total(seen):.1f}"
    assert min(points(seen).values()) <= 0 < max(points(seen).values())


def test_where_more_was_told_than_is_shown_the_rest_makes_up_the_level(full: tuple[Detente, TestClient]) -> None:
    detente, client = full
    [subject] = [
        s
        for s in ("m49:034", "m49:002", "m49:029", "m49:155", "m49:145", "m49:202")
        if "smaller incidents" in client.get(f"/subjects/{s}").text
    ][:1]
    seen = page(client, f"/subjects/{subject}")
    told = explained(detente.units, Subject.parse(subject), NOON, detente.gauge, {})
    of = {c.incident_id: c.points for c in told.contributions}
    shown = points(seen)
    assert len(shown) == 31
    assert {i: p for i, p in shown.items() if i != "rest"} == {i: of[i] for i in shown if i != "rest"}
    assert shown["rest"] == round(sum(p for i, p in of.items() if i not in shown), 1)
    assert round(sum(shown.values()), 1) == total(seen) == round(told.reading.score.level, 1)
    drawn = [one.text for one in seen.xpath("//div[@class='waterfall']//text")][1::2]
    bars = [float(re.sub(r"[^-\d.]", "", one)) for one in drawn]
    assert len(bars) == 14
    assert round(sum(bars[:-1]), 1) == bars[-1] == total(seen)


def test_incidents_tell_who_says_so_in_harmless_words(client: TestClient) -> None:
    answer = client.get(DYAD)
    assert "<script>alert" not in answer.text
    seen = html.fromstring(answer.text)
    titles = {text(one): one.get("href") for one in seen.xpath("//*[contains(@class, 'incident')]//li/a[1]")}
    assert titles[EVIL.replace("\u202e", "\N{REPLACEMENT CHARACTER}").strip()] == "/articles/a1"
    assert titles["Dawn"] == "/articles/a2"
    away = seen.xpath("//*[contains(@class, 'incident')]//a[@rel='noopener noreferrer']")
    assert [(one.get("href"), text(one)) for one in away] == [("https://reuters.example/a1", "reuters.example")]
    assert "javascript:" not in answer.text
    assert "Iran attacked Pakistan with drones." in [text(one) for one in seen.xpath("//blockquote")]


def test_what_lies_around_it_and_its_alerts(client: TestClient, detente: Detente) -> None:
    seen = page(client)
    around = seen.xpath("//h2[@id='around']/following-sibling::table[1]//th/a/@href")
    assert {"/subjects/country:IRN", "/subjects/country:PAK", "/subjects/dyad:IND-PAK"} <= set(around)
    with detente.units(read_only=True) as unit:
        [(alert, _)] = unit.alerts.of_subject("dyad:IRN-PAK", 9)
    [shown] = seen.xpath("//h2[@id='alerts']/following-sibling::table[1]/tbody/tr")
    assert shown.xpath(".//a/@href") == [f"/alerts/{alert.id}"]
    assert text(shown.xpath("./td[1]")[0]) == "firing"
    feeds = seen.xpath("//h2[@id='take-away']/following-sibling::ul[1]//a/@href")
    assert len(feeds) == 5
    assert {client.get(one).status_code for one in feeds} == {200}


def test_the_course_has_alerts_and_events(client: TestClient) -> None:
    seen = page(client)
    [svg] = seen.xpath("//div[@class='timeline']/svg")
    assert "Alerts: 1" in svg.xpath("string(./desc)")
    assert svg.xpath(".//*[@class='span']")
    assert len(svg.xpath(".//*[contains(@class, 'mark up')]")) == 2
    assert len(svg.xpath(".//*[contains(@class, 'mark down')]")) == 1
    current = [text(a) for a in seen.xpath("//nav[@aria-label='Length of the course']//a[@aria-current]")]
    assert current == ["90 days"]


def test_the_course_can_be_shorter_longer_or_another(client: TestClient) -> None:
    assert "From 2026-01-30 to 2026-03-01" in text(page(client, f"{DYAD}?days=30"))
    assert "From 2025-03-01 to 2026-03-01" in text(page(client, f"{DYAD}?days=365"))
    other = page(client, f"{DYAD}?since=2026-02-01&until=2026-02-10")
    assert "From 2026-02-01 to 2026-02-11" in text(other)
    assert other.xpath("//input[@name='since']/@value") == ["2026-02-01"]
    assert not other.xpath("//nav[@aria-label='Length of the course']//a[@aria-current]")


def test_a_moment_of_the_past(client: TestClient, detente: Detente) -> None:
    before = NOON - 26 * timedelta(hours=1)
    seen = page(client, f"{DYAD}?at=2026-02-28T10:00")
    told = explained(detente.units, Subject.parse("dyad:IRN-PAK"), before, detente.gauge, {})
    assert total(seen) == round(told.reading.score.level, 1)
    assert points(seen) == {c.incident_id: c.points for c in told.contributions}
    assert "As it stood at 2026-02-28 10:00 UTC" in text(seen)
    assert seen.xpath("//p[@class='message']//a/@href") == [DYAD]
    assert not seen.xpath("//*[@data-live]")
    assert all("at=2026-02-28" in href for href in seen.xpath("//nav[@class='kinds']//a/@href"))


def test_a_subject_nobody_reported_on_is_calm(client: TestClient) -> None:
    seen = page(client, "/subjects/country:FJI")
    assert "Nothing has been reported on Fiji in the 90 days before. Its level is 0, which is calm." in text(seen)
    assert not seen.xpath("//h2[@id='made-of']")
    assert seen.xpath("//h2[@id='around']")


def test_the_other_order_of_a_dyad_leads_to_the_right_one(client: TestClient) -> None:
    answer = client.get("/subjects/dyad:PAK-IRN?days=30")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{DYAD}?days=30")


@pytest.mark.parametrize(
    ("subject", "near"),
    [
        ("country:IRX", "/subjects/country:IRN"),
        ("country:irn", "/subjects/country:IRN"),
        ("country:Pakistan", "/subjects/country:PAK"),
        ("region:balochistn", "/subjects/region:balochistan"),
        ("Iran", "/subjects/country:IRN"),
    ],
)
def test_an_unknown_subject_is_not_found_and_near_ones_are_named(client: TestClient, subject: str, near: str) -> None:
    answer = client.get(f"/subjects/{subject}")
    assert answer.status_code == 404
    assert near in html.fromstring(answer.text).xpath("//main//a/@href")


@pytest.mark.parametrize("subject", ["watch:nobody", "m49:999", "<script>x", "country:QQQ"])
def test_what_nobody_knows_is_said_without_harm(client: TestClient, subject: str) -> None:
    answer = client.get(f"/subjects/{subject}")
    assert answer.status_code == 404
    assert "<script>x" not in answer.text
    assert "No such subject" in answer.text


@pytest.mark.parametrize(
    "query", ["at=yesterday", "at=1969-01-01", "days=31", "since=2026-03-01&until=2026-02-01", "since=1971-01-01"]
)
def test_a_time_that_cannot_be_is_said(client: TestClient, query: str) -> None:
    answer = client.get(f"{DYAD}?{query}")
    assert answer.status_code == 422
    assert "<h1" in answer.text


def test_empty_fields_of_the_form_mean_nothing(client: TestClient) -> None:
    assert "From 2025-12-01 to 2026-03-01" in text(page(client, f"{DYAD}?at=&since=&until="))


def test_strangers_are_led_to_the_door(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    detente = service_at(tmp_path)
    detente.doorkeeper.accept(detente.doorkeeper.invite(Role.VIEWER, "cli:test"), "desk", "a good long password")
    with TestClient(build(detente), base_url=HERE, follow_redirects=False) as client:
        assert client.get(DYAD).headers["location"] == "/sign-in?next=/subjects/dyad%3AIRN-PAK"
    detente.close()


@pytest.mark.parametrize(
    ("written", "is_end", "moment"),
    [
        ("2026-03-01T12:00", False, NOON),
        ("2026-03-01T13:00+01:00", False, NOON),
        ("2026-03-01T12:00:00Z", False, NOON),
        ("2026-03-01", False, datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01", True, datetime(2026, 3, 2, tzinfo=UTC)),
        ("", True, None),
    ],
)
def test_times_without_a_zone_are_utc(written: str, is_end: bool, moment: datetime | None) -> None:
    assert moment_of(written, "at", is_end=is_end) == moment


def test_a_course_ends_at_the_moment_shown() -> None:
    asked = asked_for(NOON, "2026-02-01T00:00", "30", "", "")
    assert (asked.until, asked.since, asked.days) == (asked.at, asked.at - 30 * DAY, 30)
    with pytest.raises(HTTPException, match="at most 3660 days"):
        asked_for(NOON, "", "", "1990-01-01", "")


def test_a_sentence_keeps_all_its_words() -> None:
    marks = sentence("Iran attacked Pakistan today", [(5, 13, 0.8), (23, 28, -0.2), (6, 9, 0.4), (0, 4, 0.0)])
    assert marks == [
        Mark("Iran ", "", ""),
        Mark("attacked", "word for w3", "weight +0.80"),
        Mark(" Pakistan ", "", ""),
        Mark("today", "word against w1", "weight -0.20"),
    ]
    assert sentence("No word decided", []) == [Mark("No word decided", "", "")]
