"""Scores, events, alerts and articles over HTTP: page by page, chosen, and not sent again."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.api.app import build
from service.bootstrap import Detente
from service.domain.alerting.rule import State
from service.domain.events.signal import Signal
from service.pipeline.score import enter
from tests.contract.test_alerts import ALERT, TRANSITION
from tests.contract.test_articles import an_event
from tests.contract.test_ledger import report
from tests.fakes import NOON, FakeClock, article
from tests.unit.api.conftest import put_together

HOUR = timedelta(hours=1)
CODES = ("AFG", "ALB", "DZA", "AND", "AGO", "ARG", "ARM")
API = "/api/v1"


@pytest.fixture(scope="module")
def detente(
    migrated: Path, tmp_path_factory: pytest.TempPathFactory, shipped_gazetteer: CompiledGazetteer
) -> Iterator[Detente]:
    """One in which something was told, seen an hour after noon; nobody changes it but the last test."""
    folder = tmp_path_factory.mktemp("readings")
    shutil.copy(migrated, folder / "detente.db")
    detente = put_together(folder)
    detente.clock = FakeClock(NOON + HOUR)
    with detente.units() as unit:
        for n, code in enumerate(CODES):
            unit.articles.add(replace(article(f"a{n}"), published_at=NOON - n * HOUR), "test", f"h{n}")
            told = an_event(f"a{n}", at=NOON - n * HOUR, signal=Signal.ESCALATION if n < 4 else Signal.DE_ESCALATION)
            unit.articles.save_events(f"a{n}", [told])
            state = State.RESOLVED if n % 2 else State.FIRING
            alert = replace(ALERT, subject=f"country:{code}", since=NOON - n * HOUR, state=state)
            unit.alerts.save(alert)
            unit.alerts.add_transition(replace(TRANSITION, alert_id=alert.id))
    with detente.units(serial=True) as unit:
        enter([report(n) for n in range(4)], unit, shipped_gazetteer.geography, NOON)
    yield detente
    detente.close()


@pytest.fixture(scope="module")
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), "http://localhost", raise_server_exceptions=False) as client:
        yield client


def walk(client: TestClient, path: str, limit: int, **query: Any) -> list[Any]:
    """All entries, by the links alone; every page but the last is full."""
    answer = client.get(f"{API}/{path}", params={"limit": limit, **query})
    found = list(answer.json())
    while "next" in answer.links:
        assert len(answer.json()) == limit
        answer = client.get(answer.links["next"]["url"])
        assert answer.status_code == 200, answer.text
        found += answer.json()
    return found


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
@pytest.mark.parametrize("path", ["alerts", "articles", "events", "scores"])
def test_all_pages_together_are_the_whole_each_once(client: TestClient, path: str, limit: int) -> None:
    whole = client.get(f"{API}/{path}").json()
    assert len(whole) >= 3
    assert walk(client, path, limit) == whole


@pytest.mark.parametrize("path", ["alerts", "articles", "events", "scores", "feedback"])
@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=x", "cursor=x", "cursor=e30", "cursor=%C3%A9"])
def test_a_page_that_cannot_be_is_422(client: TestClient, path: str, query: str) -> None:
    assert client.get(f"{API}/{path}?{query}").status_code == 422


def test_a_link_keeps_what_was_asked(client: TestClient) -> None:
    firing = walk(client, "alerts", 1, state="firing")
    assert [alert["state"] for alert in firing] == ["firing"] * 4
    assert len(walk(client, "events", 1, signal="escalation", since="2026-03-01T10:00:00Z")) == 3


def test_alerts_can_be_chosen(client: TestClient) -> None:
    def ids(**query: Any) -> int:
        return len(client.get(f"{API}/alerts", params=query).json())

    assert (ids(), ids(state="resolved"), ids(state=["firing", "resolved"])) == (7, 3, 7)
    assert (ids(subject="country:AFG"), ids(subject="country:ZWE"), ids(rule=ALERT.rule), ids(rule="no")) == (
        1,
        0,
        7,
        0,
    )
    assert client.get(f"{API}/alerts?state=loud").status_code == 422
    assert client.get(f"{API}/alerts?subject=Iran").status_code == 422


def test_events_can_be_chosen(client: TestClient) -> None:
    def ids(**query: Any) -> list[str]:
        return [one["id"] for one in client.get(f"{API}/events", params=query).json()]

    assert ids() == [f"a{n}#0" for n in range(7)]
    assert ids(signal="de-escalation") == ["a4#0", "a5#0", "a6#0"]
    assert ids(since="2026-03-01T10:00:00Z", until="2026-03-01T12:00:00Z") == ["a1#0", "a2#0"]
    assert ids(subject="dyad:IRN-PAK") == ["a0#0", "a1#0", "a2#0", "a3#0"]
    assert ids(subject="country:DEU") == []
    assert client.get(f"{API}/events?since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z").status_code == 422
    assert client.get(f"{API}/events?since=2026-03-02T00:00:00").status_code == 422


def test_articles_come_without_their_texts(client: TestClient) -> None:
    found = client.get(f"{API}/articles", params={"until": "2026-03-01T12:00:00Z", "limit": 1}).json()
    assert [set(one) for one in found] == [{"id", "title", "publisher", "url", "published_at", "state", "reason"}]
    assert found[0]["id"] == "a1"
    assert client.get(f"{API}/articles?state=scored").json() == []


def test_scores_of_now_are_those_of_that_moment(client: TestClient, detente: Detente) -> None:
    now = client.get(f"{API}/scores").json()
    then = client.get(f"{API}/scores", params={"at": (NOON + HOUR).isoformat()}).json()
    assert now == then
    levels = [score["level"] for score in now]
    assert levels == sorted(levels, reverse=True)
    assert client.get(f"{API}/scores", params={"least": levels[0]}).json()[0] == now[0]
    assert client.get(f"{API}/scores?least=100").json() == []
    first = client.get(f"{API}/scores?limit=1")
    detente.clock = FakeClock(NOON + 101 * HOUR)
    second = client.get(first.links["next"]["url"]).json()
    detente.clock = FakeClock(NOON + HOUR)
    assert [*first.json(), *second] == now[: 1 + len(second)], "later pages are of the moment of the first"


def test_a_series_is_told_at_so_many_points(client: TestClient) -> None:
    asked = f"{API}/scores/dyad:IRN-PAK/series"
    found = client.get(asked, params={"points": 5, "since": "2026-02-27T13:00:00Z"}).json()
    assert [point["at"] for point in found["points"]] == [
        f"2026-{day}Z"
        for day in ("02-27T13:00:00", "02-28T01:00:00", "02-28T13:00:00", "03-01T01:00:00", "03-01T13:00:00")
    ]
    now = client.get(f"{API}/scores").json()
    level = next(score["level"] for score in now if score["subject"] == "dyad:IRN-PAK")
    assert found["points"][-1]["level"] == level > 0
    assert len(client.get(asked).json()["points"]) == 200
    for query in ("points=1", "points=401", "since=2026-03-02T00:00:00Z", "since=1990-01-01T00:00:00Z"):
        assert client.get(f"{asked}?{query}").status_code == 422, query
    assert client.get(f"{API}/scores/Iran/series").status_code == 422
    assert client.get(f"{API}/scores/watch:none/series").status_code == 404


@pytest.mark.parametrize(
    "path", ["alerts", "articles", "events", "feedback", "silences", "articles/a1", "scores?at=2026-03-01T12:00:00Z"]
)
def test_what_a_reader_has_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(f"{API}/{path}")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Authorization" in first.headers["Vary"]
    again = client.get(f"{API}/{path}", headers={"If-None-Match": f'"other", W/{first.headers["ETag"]}'})
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert client.get(f"{API}/{path}", headers={"If-None-Match": '"other"'}).content == first.content


def test_a_page_that_is_not_sent_again_still_leads_on(client: TestClient) -> None:
    first = client.get(f"{API}/alerts?limit=1")
    again = client.get(f"{API}/alerts?limit=1", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.links) == (304, first.links)


def test_what_has_changed_is_sent(client: TestClient, detente: Detente) -> None:
    first = client.get(f"{API}/alerts")
    with detente.units() as unit:
        unit.alerts.save(replace(ALERT, subject="country:AFG", state=State.RESOLVED))
    assert client.get(f"{API}/alerts", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
