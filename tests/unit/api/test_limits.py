"""Hosts, rates, and the headers of every answer."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from service.api.limits import EVERYWHERE, hosts_of, is_known
from service.bootstrap import Detente
from service.config.settings import ApiSettings, Settings
from service.domain.access import Scope
from tests.unit.api.conftest import put_together


@pytest.mark.parametrize(
    ("host", "known"),
    [
        ("localhost", True),
        ("LocalHost:8321", True),
        ("127.0.0.1:8321", True),
        ("192.0.2.7", True),
        ("[::1]:8321", True),
        ("[2001:db8::1]", True),
        ("alerts.example.org", True),
        ("alerts.example.org.", True),
        ("detente.internal:80", True),
        ("api", True),
        ("testserver", False),
        ("evil.example", False),
        ("alerts.example.org.evil.example", False),
        ("localhost@evil.example", False),
        ("evil.example#localhost", False),
        ("evil.example, localhost", False),
        ("localhost:port", False),
        ("[localhost]", False),
        ("::1", False),
        ("0x7f.1", False),
        ("", False),
        (" localhost", False),
    ],
)
def test_it_is_known_by_its_names_and_by_addresses(host: str, known: bool) -> None:
    api = ApiSettings(host="Detente.internal", hosts=("api",))
    settings = Settings(api=api, public_url="https://alerts.example.org/detente")
    assert is_known(host, hosts_of(settings)) is known


def test_a_request_for_another_host_is_refused_before_all_else(client: TestClient) -> None:
    for path in ("/healthz", "/api/v1/alerts", "/nothing", "/openapi.json"):
        answer = client.get(path, headers={"Host": "evil.example"})
        assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json"), path
        assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/alerts", "/api/v1/nothing", "/openapi.json"])
def test_every_answer_carries_the_headers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    for name, value in EVERYWHERE.items():
        if name == "Cache-Control":
            assert answer.headers[name] in {value, "private, no-cache"}
        else:
            assert answer.headers[name] == value
    assert client.get("/api/v1/alerts", headers={"Host": "evil"}).headers["Cache-Control"] == "no-store"


def test_a_page_keeps_its_own(client: TestClient) -> None:
    assert "default-src 'self'" in client.get("/sign-in").headers["Content-Security-Policy"]


def statuses(client: TestClient, path: str, times: int, **headers: str) -> list[int]:
    return [client.get(path, headers=headers).status_code for _ in range(times)]


@pytest.fixture
def strict(folder: Path) -> Detente:
    return put_together(folder, api={"per_minute": 3, "pushes_per_minute": 1, "token": "CANARY-token-of-a-test"})


def test_who_asks_too_often_is_told_when_to_come_back(strict: Detente) -> None:
    keys = [strict.doorkeeper.issue(name, [Scope.READ, Scope.PUSH], "test")[1] for name in ("one", "two")]
    one, two = ({"Authorization": f"Bearer {key}"} for key in keys)
    with TestClient(build(strict), "http://localhost") as client:
        assert statuses(client, "/api/v1/alerts", 4, **one) == [200, 200, 200, 429]
        refused = client.get("/api/v1/alerts", headers=one)
        assert 1 <= int(refused.headers["Retry-After"]) <= 60
        assert refused.headers["content-type"] == "application/problem+json"
        assert refused.headers["RateLimit-Policy"] == '"requests";q=3;w=60'
        assert refused.headers["RateLimit"].startswith('"requests";r=0;t=')
        answer = client.get("/api/v1/alerts", headers=two)
        assert (answer.status_code, answer.headers["RateLimit"][:15]) == (200, '"requests";r=2;')
        article = {"text": "Iran and Pakistan agreed to talk."}
        pushed = [client.post("/api/v1/articles", json=article, headers=one).status_code for _ in range(2)]
        assert pushed == [202, 429], "counted apart from reading"
        assert statuses(client, "/healthz", 9) == [200] * 9, "whoever looks whether it lives may always"
    strict.close()


def test_guessing_is_counted_by_where_it_comes_from(strict: Detente) -> None:
    with TestClient(build(strict), "http://localhost", client=("192.0.2.7", 5000)) as client:
        tried = [
            client.get("/api/v1/alerts", headers={"Authorization": f"Bearer dtn_guess{n}"}).status_code
            for n in range(4)
        ]
        assert tried == [401, 401, 401, 429]
        assert statuses(client, "/api/v1/alerts", 1) == [429]
    with TestClient(build(strict), "http://localhost", client=("192.0.2.8", 5000)) as other:
        assert statuses(other, "/api/v1/alerts", 1) == [401]
    strict.close()
