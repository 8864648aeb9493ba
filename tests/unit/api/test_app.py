"""The HTTP interface: what is answered is stored, what is refused says why."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from service.adapters.storage.database import sqlite_url
from service.api.app import build
from service.api.bodies import MOST as MOST_ARTICLES
from service.api.limits import MOST_OF_ARTICLES as MOST_BYTES
from service.bootstrap import Detente, shipped
from service.flow import Task
from tests.contract.test_alerts import ALERT, TRANSITION
from tests.fakes import FakeQueue

GOOD = {"id": "a1", "title": "Talks", "text": "Iran and Pakistan agreed to talk.", "publisher": "Reuters"}
TOKEN = "CANARY-token"


def service(folder: Path, **api: Any) -> Detente:
    found = Detente(shipped("config"), {"data_dir": str(folder), **({"api": api} if api else {})})
    found.queue = FakeQueue()
    return found


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Detente:
    shutil.copy(migrated, tmp_path / "detente.db")
    return service(tmp_path)


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), "http://localhost", raise_server_exceptions=False) as client:
        yield client
    detente.units.engine.dispose()  # type: ignore[attr-defined]


def push(client: TestClient, body: Any, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post("/api/v1/articles", content=content, headers={"Content-Type": "application/json", **headers})


def test_202_means_stored_and_the_workers_are_told(client: TestClient, detente: Detente) -> None:
    answer = push(client, GOOD)
    assert (answer.status_code, answer.json()) == (202, {"articles": [{"id": "a1", "status": "accepted"}]})
    with detente.units(read_only=True) as unit:
        assert unit.articles.get(["a1"])["a1"].text == GOOD["text"]
    assert detente.queue.of(Task.ANALYSE) == [("a1",)]  # type: ignore[attr-defined]
    found = client.get("/api/v1/articles/a1").json()
    assert (found["state"], found["reason"], found["events"]) == ("received", "", [])


def test_the_answer_waits_for_the_commit(detente: Detente, tmp_path: Path) -> None:
    """A worker that is told of an article finds it."""
    other = service(tmp_path)
    seen: list[int] = []

    class Looking(FakeQueue):
        def nudge(self, task: Task, ids: Any) -> bool:
            with other.units(read_only=True) as unit:
                seen.append(len(unit.articles.get(ids)))
            return False

    detente.queue = Looking()
    with TestClient(build(detente), "http://localhost") as client:
        assert push(client, GOOD).status_code == 202, "a broker that is away does not matter"
    assert seen == [1]
    for one in (detente, other):
        one.units.engine.dispose()  # type: ignore[attr-defined]


def test_a_batch_is_answered_one_by_one(client: TestClient) -> None:
    push(client, GOOD)
    batch = [
        {**GOOD, "id": "a2"},
        GOOD,
        {**GOOD, "text": "The same id with another text."},
        {"id": "a3"},
        7,
        {**GOOD, "id": "a4", "published_at": "soon"},
        {"id": "a5", "text": "One text of this id."},
        {"id": "a5", "text": "And quite another one."},
    ]
    answer = push(client, batch)
    assert answer.status_code == 202
    statuses = [(a.get("id"), a["status"], a.get("reason")) for a in answer.json()["articles"]]
    assert statuses == [
        ("a2", "accepted", None),
        ("a1", "duplicate", None),
        ("a1", "refused", "duplicate_id"),
        (None, "refused", "missing_field"),
        (None, "refused", "bad_json"),
        (None, "refused", "bad_date"),
        ("a5", "accepted", None),
        ("a5", "refused", "duplicate_id"),
    ]


def test_sending_again_is_no_error_and_changes_nothing(client: TestClient, detente: Detente) -> None:
    push(client, GOOD)
    answer = push(client, GOOD)
    assert (answer.status_code, answer.json()["articles"][0]["status"]) == (202, "duplicate")
    assert len(detente.queue.of(Task.ANALYSE)) == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\x80", 400),
        (b"\x00", 400),
        (b'{"text": NaN}', 422),
        (b'{"text": "a b", "text": "c d"}', 422),
        (b"[" * 100_000, 400),
        (b'{"x": ' + b"9" * 5000 + b"}", 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"id": "x"}', 422),
        (b'{"text": "!!!"}', 422),
        (json.dumps([GOOD] * (MOST_ARTICLES + 1)).encode(), 422),
        (b" " * (MOST_BYTES + 1), 413),
    ],
)
def test_a_bad_body_is_refused_and_nothing_is_stored(
    client: TestClient, detente: Detente, body: bytes, status: int
) -> None:
    answer = push(client, body)
    assert answer.status_code == status
    assert answer.json()
    with detente.units(read_only=True) as unit:
        assert unit.works.counts()["article"] == {}


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/xml", "", "application/x-www-form-urlencoded", "applicationjson"]
)
def test_another_kind_of_content_is_refused(client: TestClient, kind: str) -> None:
    assert push(client, GOOD, **{"Content-Type": kind}).status_code == 415
    assert push(client, {**GOOD, "id": "b"}, **{"Content-Type": "Application/JSON; charset=utf-8"}).status_code == 202


def test_text_is_data(client: TestClient) -> None:
    text = "'; DROP TABLE article; -- %s {0.__class__} {{7*7}} <script>alert(1)</script>"
    push(client, {**GOOD, "title": text})
    assert client.get("/api/v1/articles/a1").json()["title"] == text


@pytest.mark.parametrize("article_id", ["wire/2026/a:1@x.y", "ünï", "a_b-c", "doc#7?x=1&(y)"])
def test_every_id_we_take_can_be_asked_for(client: TestClient, article_id: str) -> None:
    assert push(client, {**GOOD, "id": article_id}).status_code == 202
    assert client.get(f"/api/v1/articles/{quote(article_id)}").json()["id"] == article_id


def test_what_nobody_knows_is_404(client: TestClient) -> None:
    assert client.get("/api/v1/articles/nobody").status_code == 404
    answer = client.get("/api/v1/scores/country:IRN/explanation")
    assert answer.status_code in (404, 503)
    assert client.get("/api/v1/nothing").status_code == 404


def test_why_tells_what_led_to_an_alert(client: TestClient, detente: Detente) -> None:
    with detente.units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(TRANSITION)
    shown = client.get(f"/api/v1/alerts/{ALERT.id[:6]}/why").json()
    assert set(shown) == {"alert", "at", "earlier", "stages", "since", "ends", "versions"}
    assert (shown["alert"]["id"], shown["stages"][0]["untold"]) == (ALERT.id, "not routed yet")
    answer = client.get("/api/v1/alerts/ffff0000/why")
    assert (answer.status_code, "there is no alert 'ffff0000'" in answer.json()["detail"]) == (404, True)


def test_a_bad_question_is_422(client: TestClient) -> None:
    for path in ("scores/Iran/explanation", "scores?at=soon", "scores?at=2026-03-01T12:00:00", "scores?least=101"):
        assert client.get(f"/api/v1/{path}").status_code == 422, path


def test_reading_empty_tables(client: TestClient) -> None:
    assert client.get("/api/v1/alerts").json() == []
    assert client.get("/healthz").json() == {"status": "ok"}


def test_without_a_model_the_answer_says_so(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    bare = Detente(shipped("config"), {"data_dir": str(tmp_path), "model": {"folder": str(tmp_path / "none")}})
    with TestClient(build(bare), "http://localhost") as client:
        for path in ("/version", "/api/v1/scores"):
            answer = client.get(path)
            assert answer.status_code == 503, path
            assert "model manifest" in answer.json()["detail"]
    bare.units.engine.dispose()  # type: ignore[attr-defined]


def test_ready_needs_tables_and_workers(client: TestClient, detente: Detente, tmp_path: Path) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "are workers running?" in answer.json()["problems"][0]
    with detente.units() as unit:
        unit.marks.set("swept")
    assert client.get("/readyz").json() == {"ready": True, "problems": []}
    with TestClient(build(service(tmp_path / "fresh")), "http://localhost") as fresh:
        answer = fresh.get("/readyz")
    assert answer.status_code == 503
    assert "has not been migrated" in answer.json()["problems"][0]


def test_a_database_that_is_away_is_503_with_a_time_to_come_back(tmp_path: Path) -> None:
    away = Detente(shipped("config"), {"database_url": sqlite_url(tmp_path / "no folder"), "data_dir": str(tmp_path)})
    away.queue = FakeQueue()
    with TestClient(build(away), "http://localhost", raise_server_exceptions=False) as client:
        answer = push(client, GOOD)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
        assert client.get("/readyz").status_code == 503
        assert client.get("/healthz").status_code == 200
    assert away.queue.nudges == []


def test_the_token_guards_everything_but_health(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    guarded = service(tmp_path, token=TOKEN, host="0.0.0.0")
    with TestClient(build(guarded), "http://localhost") as client:
        for headers in (
            {},
            {"Authorization": "Bearer wrong"},
            {"Authorization": TOKEN[:-1]},
            {"Authorization": "Bearer é".encode()},
        ):
            answer = client.get("/api/v1/alerts", headers=headers)
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == "Bearer"
            assert "CANARY" not in answer.text
            assert client.post("/api/v1/articles", json=GOOD, headers=headers).status_code == 401
        assert client.get(f"/api/v1/alerts?token={TOKEN}").status_code == 401
        good = {"Authorization": f"Bearer {TOKEN}"}
        assert client.get("/api/v1/alerts", headers=good).status_code == 200
        assert client.post("/api/v1/articles", json=GOOD, headers=good).status_code == 202
        assert client.get("/healthz").status_code == 200
    guarded.units.engine.dispose()  # type: ignore[attr-defined]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "detente.example.org"])
def test_it_does_not_open_to_the_world_without_a_token(migrated: Path, tmp_path: Path, host: str) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    with TestClient(build(service(tmp_path, host=host)), "http://localhost") as client:
        assert client.get("/api/v1/alerts").status_code == 401
        assert client.post("/api/v1/articles", json=GOOD).status_code == 401


@pytest.mark.parametrize(
    ("address", "headers", "status"),
    [
        ("127.0.0.1", {}, 200),
        ("::1", {}, 200),
        ("192.0.2.7", {}, 401),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.7"}, 401),
        ("127.0.0.1", {"Forwarded": "for=192.0.2.7"}, 401),
    ],
)
def test_without_accounts_only_this_machine_is_let_in(
    detente: Detente, address: str, headers: dict[str, str], status: int
) -> None:
    with TestClient(build(detente), "http://localhost", client=(address, 5000), headers=headers) as client:
        assert client.get("/api/v1/alerts").status_code == status


def test_the_interface_describes_itself(client: TestClient) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert {"/api/v1/articles", "/api/v1/scores", "/api/v1/alerts", "/healthz", "/readyz", "/version"} <= set(paths)


def test_a_correction_takes_the_place_of_the_text(client: TestClient, detente: Detente) -> None:
    push(client, GOOD)
    corrected = {**GOOD, "text": "Iran and Pakistan did not agree to talk."}
    answer = client.put("/api/v1/articles/a1", json=corrected)
    assert (answer.status_code, answer.json()) == (202, {"id": "a1", "status": "corrected"})
    with detente.units(read_only=True) as unit:
        assert unit.articles.get(["a1"])["a1"].text == corrected["text"]
        assert [v.text for v in unit.articles.versions("a1")] == [GOOD["text"]]
    assert client.put("/api/v1/articles/a1", json=corrected).json()["status"] == "duplicate"
    assert client.put("/api/v1/articles/a2", json={"text": "News of another day."}).json()["status"] == "accepted"


@pytest.mark.parametrize("body", [[GOOD], {**GOOD, "id": "a2"}, {"id": "a1"}, "text"])
def test_what_is_no_correction_says_why(client: TestClient, body: Any) -> None:
    answer = client.put("/api/v1/articles/a1", json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"]


def test_a_retracted_article_says_so(client: TestClient) -> None:
    push(client, GOOD)
    assert client.delete("/api/v1/articles/a1", params={"reason": "not so"}).status_code == 204
    found = client.get("/api/v1/articles/a1").json()
    assert (found["state"], found["reason"]) == ("ignored", "retracted: not so")
    assert client.delete("/api/v1/articles/a9").status_code == 404
