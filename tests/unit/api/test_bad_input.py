"""Bad input to the interface, by the numbers of the corpus in the design (59 to 69)."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from service.api.limits import MOST_BYTES, MOST_OF_ARTICLES
from service.bootstrap import Detente
from service.domain.access import Role
from tests.unit.api.conftest import put_together
from tests.unit.api.serving import TOKEN, Served, served

GOOD = {"id": "a1", "title": "Talks", "text": "Iran and Pakistan agreed to talk."}
ARTICLES = "/api/v1/articles"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copy(migrated, folder / "detente.db")
    with served(folder, {"DETENTE_API__TOKEN": TOKEN}) as found:
        yield found


def head(*lines: str) -> bytes:
    """The head of a request that may do everything."""
    return "\r\n".join((*lines, "Host: localhost", f"Authorization: Bearer {TOKEN}", "", "")).encode()


def test_59_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(server: Served) -> None:
    """Not a byte of it is sent."""
    asked = head(f"POST {ARTICLES} HTTP/1.1", "Content-Type: application/json", f"Content-Length: {5 * 2**20 + 1}")
    answer = server.ask(asked)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in answer


@pytest.mark.parametrize(("path", "most"), [(ARTICLES, MOST_OF_ARTICLES), ("/api/v1/silences", MOST_BYTES)])
def test_59_a_body_that_does_not_say_so_is_refused_while_it_comes(client: TestClient, path: str, most: int) -> None:
    sent = 0

    def parts() -> Iterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1
            yield b" " * (most // 4)

    answer = client.post(path, content=parts(), headers=JSON)
    assert (answer.status_code, answer.json()["status"]) == (413, 413)
    assert client.post(path, content=b" " * most, headers=JSON).status_code == 400, "as much as this is read"


def test_60_absurd_depth_is_400(client: TestClient) -> None:
    for body in (b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000):
        answer = client.post(ARTICLES, content=body, headers=JSON)
        assert answer.status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        '{"text": NaN}',
        '{"text": -Infinity}',
        '{"text": "Talks.", "n": 1e999}',
        '{"text": "Talks.", "n": [-1e400]}',
        '{"text": "one text", "text": "two texts"}',
        '[{"text": "Talks."}, {"text": "a b c", "id": {"a": 1, "a": 2}}]',
    ],
)
@pytest.mark.parametrize("path", [ARTICLES, "/api/v1/silences", "/api/v1/subscriptions"])
def test_61_what_json_has_no_value_for_is_422(client: TestClient, path: str, body: str) -> None:
    answer = client.post(path, content=body, headers=JSON)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "Talks" not in answer.text


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "", "multipart/form-data", "application/jsonx"])
@pytest.mark.parametrize("path", [ARTICLES, "/api/v1/silences", "/api/v1/feedback", "/api/v1/keys"])
def test_62_another_kind_of_content_is_415(client: TestClient, path: str, kind: str) -> None:
    assert client.post(path, content=json.dumps(GOOD), headers={"Content-Type": kind}).status_code == 415


def test_63_one_key_for_two_bodies_is_409(client: TestClient) -> None:
    keyed = {"Idempotency-Key": "k1"}
    assert client.post(ARTICLES, json=GOOD, headers=keyed).status_code == 202
    answer = client.post(ARTICLES, json={**GOOD, "id": "a2"}, headers=keyed)
    assert (answer.status_code, "another request" in answer.json()["detail"]) == (409, True)
    assert client.get(f"{ARTICLES}/a2").status_code == 404


def test_64_each_of_a_batch_has_its_own_outcome(client: TestClient) -> None:
    answer = client.post(ARTICLES, json=[{**GOOD, "id": "b1"}, {"id": "b2"}, "text", {**GOOD, "id": "b3"}])
    assert answer.status_code == 202
    assert [one["status"] for one in answer.json()["articles"]] == ["accepted", "refused", "refused", "accepted"]


@pytest.mark.parametrize(
    "text",
    ["'; DROP TABLE article; --", "%s%n%x {0.__class__}", "{{7*7}} ${7*7} #{7*7}", "*)(uid=*))(|(uid=*", "<script>"],
)
def test_65_strings_are_literal(client: TestClient, text: str) -> None:
    key = f"literal-{len(text)}"
    client.post(ARTICLES, json={"id": key, "title": f"Talks {text}", "text": "Talks.", "publisher": text})
    assert client.get(f"{ARTICLES}/{key}").json()["title"] == f"Talks {text}"
    assert [one["id"] for one in client.get(ARTICLES, params={"publisher": text}).json()] == [key]
    assert client.get("/api/v1/alerts", params={"rule": text}).json() == []
    assert client.get(f"{ARTICLES}/{text}").status_code == 404


def test_66_what_is_another_tenants_is_404(detente: Detente) -> None:
    mine, other = (detente.subscribers.add({"name": name}, "test") for name in ("Mine", "Other"))
    door = detente.doorkeeper
    door.accept(door.invite(Role.ADMIN, "test", "head"), "", "a long enough secret")
    account = door.accept(door.invite(Role.SUBSCRIBER, "test", "ann"), "", "a long enough secret")
    door.own(account.id, mine.id, "test")
    with TestClient(build(detente), "http://localhost") as client:
        client.cookies.set("detente", door.sign_in("ann", "a long enough secret", "127.0.0.1"))
        assert client.get(f"/api/v1/subscriptions/{mine.id}").status_code == 200
        there, nowhere = (client.get(f"/api/v1/subscriptions/{key}") for key in (other.id, "f" * 16))
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert there.json()["detail"].replace(other.id, "") == nowhere.json()["detail"].replace("f" * 16, "")
        assert [one["id"] for one in client.get("/api/v1/subscriptions").json()] == [mine.id]


def rate_left(server: Served, forwarded: str) -> str:
    asked = f"GET /api/v1/alerts HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: {forwarded}\r\n\r\n"
    lines = server.ask(asked.encode()).decode().split("\r\n")
    return next(line.partition(";r=")[2].partition(";")[0] for line in lines if line.lower().startswith("ratelimit:"))


@pytest.mark.parametrize(("proxies", "left"), [("", ["9", "8", "7"]), ("127.0.0.1", ["9", "9", "8"])])
def test_67_where_a_request_comes_from_is_believed_from_named_proxies_alone(
    migrated: Path, tmp_path: Path, proxies: str, left: list[str]
) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    settings = {
        "DETENTE_API__PER_MINUTE": "10",
        "DETENTE_API__ANONYMOUS": "viewer",
        "DETENTE_API__PROXIES": proxies,
        "DETENTE_API__TOKEN": TOKEN,
    }
    with served(tmp_path, settings) as server:
        assert [rate_left(server, who) for who in ("192.0.2.1", "192.0.2.2", "192.0.2.1")] == left


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (head("TRACE /api/v1/alerts HTTP/1.1"), 405),
        (head("CONNECT evil.example:443 HTTP/1.1"), 404),
        (head(f"POST {ARTICLES} HTTP/1.1", "Content-Length: 2", "Transfer-Encoding: chunked") + b"0\r\n\r\n", 400),
        (head(f"POST {ARTICLES} HTTP/1.1", "Content-Length: 2", "Content-Length: 3") + b"{}", 400),
        (head(f"POST {ARTICLES} HTTP/1.1", "Content-Length: -2") + b"{}", 400),
        (b"GET /api/v1/alerts HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400),
        (b"GET /api/v1/alerts HTTP/1.1\r\nHost: localhost, evil.example\r\n\r\n", 400),
        (b"GET /api/v1/alerts HTTP/1.1\r\n\r\n", 400),
        (b"GET /api/v1/alerts\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"nonsense\r\n\r\n", 400),
    ],
)
def test_68_requests_that_servers_read_differently_are_refused(server: Served, asked: bytes, status: int) -> None:
    assert server.status(asked) == status


def test_68_an_address_with_a_host_in_it_reaches_no_other_route(server: Served) -> None:
    """Whatever stands before the path, nothing is let past its policy."""
    asked = b"GET http://evil.example/api/v1/alerts HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert server.status(asked) in {400, 401, 404}


def test_69_a_token_in_an_address_opens_nothing_and_is_not_logged(server: Served) -> None:
    for name in ("token", "access_token", "key", "api_key"):
        asked = f"GET /api/v1/alerts?{name}={TOKEN} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        answer = server.ask(asked.encode())
        assert answer.startswith(b"HTTP/1.1 401")
        assert TOKEN.encode() not in answer
    assert server.status(head("GET /api/v1/alerts HTTP/1.1")) == 200, "as a header it opens"
    assert TOKEN not in server.log.read_text()


def test_a_half_of_a_pair_of_surrogates_and_a_nul_are_no_text(client: TestClient) -> None:
    """They could not be stored, or not shown again."""
    wish: dict[str, Any] = {"matchers": ["severity=high"], "ends_at": "2099-01-01T00:00:00Z", "author": "me"}
    for bad in ("\ud800", "a\0b"):
        sent = json.dumps({**wish, "comment": bad})
        answer = client.post("/api/v1/silences", content=sent, headers=JSON)
        assert (answer.status_code, answer.json()["detail"]) == (422, "a text holds a sign that is none")
    assert client.get("/api/v1/alerts?rule=%00").status_code == 400
    assert client.get("/api/v1/alerts/%00/why").status_code == 400


def test_a_moment_at_the_end_of_time_is_422(client: TestClient) -> None:
    for at in ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59-23:00"):
        for path in ("scores?at=", "scores/country:IRN/explanation?at=", "events?since=", "articles?until="):
            assert client.get(f"/api/v1/{path}{at}").status_code == 422, path


@pytest.fixture(scope="module")
def client(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """One for all: what is refused leaves nothing behind, and what is taken has an id of its own."""
    folder = tmp_path_factory.mktemp("bad")
    shutil.copy(migrated, folder / "detente.db")
    detente = put_together(folder)
    with TestClient(build(detente), "http://localhost", raise_server_exceptions=False) as found:
        yield found
    detente.close()
