"""Requests with an idempotency key: what was done is not done again, and what was said is said again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Scope
from service.flow import Task
from service.operations.repeated import Ask, Ticket
from tests.contract.test_alerts import ALERT, TRANSITION

ARTICLES = "/api/v1/articles"
GOOD = {"id": "a1", "text": "Iran and Pakistan agreed to talk."}
SILENCE = {
    "matchers": ["severity=high"],
    "ends_at": (datetime.now(UTC) + timedelta(hours=1)).isoformat(),
    "author": "me",
}
KEYED = {"Idempotency-Key": "k1"}
ROUTES: dict[str, tuple[str, dict[str, Any], Callable[[Detente], int]]] = {
    "silences": ("silences", SILENCE, lambda d: rows(d, "silence")),
    "subscriptions": ("subscriptions", {"name": "Ann"}, lambda d: rows(d, "subscriber")),
    "feedback": ("feedback", {"alert": ALERT.id, "verdict": "right"}, lambda d: rows(d, "audit")),
    "acknowledgement": (f"alerts/{ALERT.id}/acknowledgement", {"author": "me"}, lambda d: rows(d, "acknowledgement")),
}


def rows(detente: Detente, table: str) -> int:
    with detente.units.engine.connect() as connection:  # type: ignore[attr-defined]
        return int(connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


@pytest.fixture
def alert(detente: Detente) -> None:
    with detente.units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(TRANSITION)


@pytest.mark.usefixtures("alert")
@pytest.mark.parametrize("name", ROUTES)
def test_it_is_done_once_and_answered_twice(client: TestClient, detente: Detente, name: str) -> None:
    path, body, count = ROUTES[name]
    before = count(detente)
    first, second = (client.post(f"/api/v1/{path}", json=body, headers=KEYED) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 201), first.text
    assert first.json() == second.json()
    assert ("Idempotency-Replayed" in first.headers, second.headers["Idempotency-Replayed"]) == (False, "true")
    assert count(detente) == before + 1


@pytest.mark.usefixtures("alert")
@pytest.mark.parametrize("name", ROUTES)
def test_without_a_key_it_is_done_each_time(client: TestClient, detente: Detente, name: str) -> None:
    path, body, count = ROUTES[name]
    before = count(detente)
    for _ in range(2):
        assert client.post(f"/api/v1/{path}", json=body).status_code == 201
    assert count(detente) == before + 2


def test_articles_are_answered_as_the_first_time(client: TestClient, detente: Detente) -> None:
    first, second = (client.post(ARTICLES, json=GOOD, headers=KEYED) for _ in range(2))
    assert first.json() == second.json() == {"articles": [{"id": "a1", "status": "accepted"}]}
    assert len(detente.queue.of(Task.ANALYSE)) == 1  # type: ignore[attr-defined]
    refused = [client.post(ARTICLES, json={"id": "x"}, headers={"Idempotency-Key": "k2"}) for _ in range(2)]
    assert [answer.status_code for answer in refused] == [422, 422]
    assert refused[0].json() == refused[1].json()


def test_an_answer_that_was_lost_in_a_crash_is_made_good_with_the_same_ids(detente: Detente) -> None:
    """The first process stored the articles and died; the second knows neither whether it did."""
    body = {"text": "Iran and Pakistan agreed to talk."}
    app = build(detente)
    with TestClient(app, "http://localhost") as first:
        sent = first.build_request("POST", ARTICLES, json=body, headers=KEYED)
        what = f"POST {ARTICLES}?\n".encode() + sent.read()
        ask = Ask("local", "POST /articles", "k1", what, is_harmless=True)
        assert isinstance(app.state.repeats.begin(ask), Ticket)
        lost = first.post(ARTICLES, json=body).json()
        assert first.send(sent).status_code == 409, "it may still be at it"
    with TestClient(build(detente), "http://localhost") as second:
        answer = second.post(ARTICLES, json=body, headers=KEYED)
        assert answer.status_code == 202
        assert [one["id"] for one in answer.json()["articles"]] == [one["id"] for one in lost["articles"]]
        assert answer.json()["articles"][0]["status"] == "duplicate"


def test_one_that_is_being_answered_is_told_when_to_come_back(detente: Detente) -> None:
    app = build(detente)
    with TestClient(app, "http://localhost") as client:
        sent = client.build_request("POST", "/api/v1/silences", json=SILENCE, headers=KEYED)
        what = b"POST /api/v1/silences?\n" + sent.read()
        app.state.repeats.begin(Ask("local", "POST /silences", "k1", what))
        answer = client.send(sent)
        assert (answer.status_code, answer.headers["Retry-After"]) == (409, "1")


def test_what_was_refused_may_be_mended_under_the_same_key(client: TestClient, detente: Detente) -> None:
    wrong = {**SILENCE, "matchers": ["no matcher"]}
    assert client.post("/api/v1/silences", json=wrong, headers=KEYED).status_code == 422
    assert client.post("/api/v1/silences", json=SILENCE, headers=KEYED).status_code == 201
    assert rows(detente, "silence") == 1


def test_the_keys_of_one_are_not_those_of_another(detente: Detente) -> None:
    secrets = [detente.doorkeeper.issue(name, [Scope.OPERATE], "test")[1] for name in ("one", "two")]
    with TestClient(build(detente), "http://localhost") as client:
        answers = [
            client.post("/api/v1/silences", json=SILENCE, headers={**KEYED, "Authorization": f"Bearer {secret}"})
            for secret in secrets
        ]
    assert [answer.json()["author"] for answer in answers] == ["one", "two"]


@pytest.mark.parametrize("key", ["", "k" * 256])
def test_a_key_that_is_none_is_refused(client: TestClient, key: str) -> None:
    answer = client.post("/api/v1/silences", json=SILENCE, headers={"Idempotency-Key": key})
    assert answer.status_code == 422


def test_nobody_learns_an_answer_without_being_let_in(detente: Detente) -> None:
    detente.settings = detente.settings.model_copy(update={"public_url": "https://detente.example"})
    with TestClient(build(detente), "http://localhost") as client:
        assert client.post("/api/v1/silences", json=SILENCE, headers=KEYED).status_code == 401
