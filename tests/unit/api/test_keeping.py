"""Keys, accounts, the record, sources, and what people say of alerts."""

from fastapi.testclient import TestClient

from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Role, Scope
from service.ports import Feed
from tests.contract.test_alerts import ALERT, TRANSITION

API = "/api/v1"


def test_a_key_is_made_shown_once_and_taken_back(client: TestClient, detente: Detente) -> None:
    made = client.post(f"{API}/keys", json={"name": "feeder", "scopes": ["push", "read"], "lasts": "90d"})
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    key, secret = made.json(), made.json()["secret"]
    assert (key["scopes"], key["created_by"], key["revoked_at"]) == (["push", "read"], "local", None)
    assert secret.startswith(key["beginning"])
    listed = client.get(f"{API}/keys")
    assert [one["id"] for one in listed.json()] == [key["id"]]
    assert secret not in listed.text
    bearer = {"Authorization": f"Bearer {secret}"}
    assert client.get(f"{API}/alerts", headers=bearer).status_code == 200
    assert client.get(f"{API}/keys", headers=bearer).status_code == 403
    assert client.delete(f"{API}/keys/{key['id']}").json()["revoked_at"]
    assert client.get(f"{API}/alerts", headers=bearer).status_code == 401
    record = client.get(f"{API}/audit").json()
    assert [entry["action"] for entry in record] == ["key.revoke", "key.issue"]
    assert secret not in client.get(f"{API}/audit").text


BAD_WISHES: list[dict[str, object]] = [
    {},
    {"name": "a", "scopes": []},
    {"name": "a", "scopes": ["all"]},
    {"name": " a", "scopes": ["read"]},
    {"name": "a", "scopes": ["read"], "lasts": "0d"},
    {"name": "a", "scopes": ["read"], "lasts": "soon"},
    {"name": "a", "scopes": ["read"], "lasts": "99999d"},
    {"name": "a", "scopes": ["read"], "secret": "mine"},
    {"name": "a" * 61, "scopes": ["read"]},
]


def test_a_key_that_cannot_be_is_422(client: TestClient, detente: Detente) -> None:
    for wish in BAD_WISHES:
        assert client.post(f"{API}/keys", json=wish).status_code == 422, wish
    assert detente.doorkeeper.every_key() == []


def test_a_key_that_is_none_is_404(client: TestClient) -> None:
    assert client.delete(f"{API}/keys/ffff").status_code == 404


def test_accounts_are_shown_without_what_opens_them(detente: Detente) -> None:
    door = detente.doorkeeper
    account = door.accept(door.invite(Role.ADMIN, "test", "ann"), "", "a long enough secret")
    _, secret = door.issue("desk", [Scope.ADMIN], "test")
    with TestClient(build(detente), "http://localhost", headers={"Authorization": f"Bearer {secret}"}) as client:
        answer = client.get(f"{API}/accounts")
    assert [(one["name"], one["role"], one["disabled"]) for one in answer.json()] == [("ann", "admin", False)]
    assert account.hashed
    assert account.hashed not in answer.text


def test_the_record_is_read_from_its_end_page_by_page(client: TestClient, detente: Detente) -> None:
    for n in range(3):
        detente.doorkeeper.issue(f"key {n}", [Scope.READ], "test")
    numbers = [entry["number"] for entry in client.get(f"{API}/audit?limit=2").json()]
    assert numbers == [3, 2]
    assert [entry["number"] for entry in client.get(f"{API}/audit?limit=2&before=2").json()] == [1]
    key = detente.doorkeeper.every_key()[0].id
    assert [entry["subject"] for entry in client.get(f"{API}/audit?subject=key:{key}").json()] == [f"key:{key}"]


def test_sources_say_who_is_heard_and_no_secret(client: TestClient, detente: Detente) -> None:
    feed = Feed("wire", "https://user:CANARY@wire.example/rss?token=CANARY", "Reuters")
    with detente.units() as unit:
        unit.feeds.sync([feed])
    answer = client.get(f"{API}/sources")
    found = answer.json()
    assert [(one["id"], one["url"], one["state"]) for one in found["feeds"]] == [
        ("wire", "https://wire.example/rss", "new")
    ]
    reuters = next(one for one in found["publishers"] if one["name"] == "Reuters")
    assert (reuters["feeds"], reuters["day"]) == (["wire"], 0)
    assert "CANARY" not in answer.text


def test_feedback_is_given_by_whoever_is_signed_in(detente: Detente) -> None:
    with detente.units() as unit:
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(TRANSITION)
    _, secret = detente.doorkeeper.issue("desk", [Scope.FEEDBACK], "test")
    word = {"alert": ALERT.id[:8], "verdict": "wrong", "comment": "A drill.", "author": "somebody else"}
    with TestClient(build(detente), "http://localhost", headers={"Authorization": f"Bearer {secret}"}) as client:
        given = client.post(f"{API}/feedback", json=word)
        assert given.status_code == 201
        assert (given.json()["author"], given.json()["transition"]) == ("key:desk", TRANSITION.id)
        assert client.get(f"{API}/feedback", params={"alert": ALERT.id}).json() == [given.json()]
        assert client.post(f"{API}/feedback", json={**word, "alert": "ffff0000"}).status_code == 404
        assert client.get(f"{API}/feedback?alert=ffff0000").status_code == 404
        for wrong in ({"verdict": "maybe"}, {"comment": "x" * 2001}, {"more": 1}):
            assert client.post(f"{API}/feedback", json={**word, **wrong}).status_code == 422
