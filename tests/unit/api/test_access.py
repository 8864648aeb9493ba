"""Every route of the application, asked for by everybody: who is let in, who is not, and what is another's."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from httpx2 import Response

from service.api.app import UNGUARDED, build
from service.bootstrap import Detente
from service.domain.access import SCOPES, Role, Scope
from service.web.access import policies
from tests.unit.api.access_table import EVERY, INTERFACE, OWN
from tests.unit.api.conftest import put_together

PASSWORD = "quite a long secret"
TABLE = "tests/unit/api/access_table.py"
ABOUT_ONESELF = {"POST /account", "POST /sign-out"}
"""These end the session, or refuse the old password: whom they let in has tests of its own."""
CHANNEL = {"name": "desk", "address": "jsons://hook.example/x"}
FILLED = {
    "subject": "country:IRN",
    "what": "alerts",
    "form": "csv",
    "name:path": "detente.css",
    "article_id:path": "a1",
    "token": "none",
}


@dataclass(frozen=True)
class Somebody:
    """Who asks: what they send along, and what they may."""

    headers: dict[str, str]
    scopes: frozenset[Scope]
    cookie: str = ""
    account_id: str = ""


@dataclass
class Stage:
    """The application and those who ask it."""

    detente: Detente
    app: FastAPI
    client: TestClient
    people: dict[str, Somebody]


PEOPLE = ("nobody", "viewer", "owner", "other", "operator", "admin", *(f"key for {scope}" for scope in Scope))


@pytest.fixture(scope="module")
def stage(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("access")
    shutil.copy(migrated, folder / "detente.db")
    detente = put_together(
        folder, public_url="https://detente.example", api={"streams": 0, "per_minute": 100_000}, secret_key="k" * 40
    )
    people = {"nobody": Somebody({}, frozenset())}
    for name, role in (
        ("admin", Role.ADMIN),
        ("viewer", Role.VIEWER),
        ("owner", Role.SUBSCRIBER),
        ("other", Role.SUBSCRIBER),
        ("operator", Role.OPERATOR),
    ):
        people[name] = signed_in(detente, name, role)
    for scope in Scope:
        _, secret = detente.doorkeeper.issue(f"for {scope}", [scope], "test")
        people[f"key for {scope}"] = Somebody({"Authorization": f"Bearer {secret}"}, frozenset({scope}))
    app = build(detente)
    with TestClient(app, "http://localhost", raise_server_exceptions=False, follow_redirects=False) as client:
        yield Stage(detente, app, client, people)
    detente.close()


def signed_in(detente: Detente, name: str, role: Role) -> Somebody:
    door = detente.doorkeeper
    account = door.accept(door.invite(role, "test", name), "", PASSWORD)
    token = door.sign_in(name, PASSWORD, "127.0.0.1")
    word = sha256(f"csrf {token}".encode()).hexdigest()
    return Somebody({"X-CSRF-Token": word}, SCOPES[role], token, account.id)


def routes(app: FastAPI) -> dict[str, Scope | None]:
    """All there are but the framework's own, with the scope each one's policy wants."""
    found = {}
    for context in iter_route_contexts(app.routes):
        for method in context.methods or ():
            if context.path not in UNGUARDED:
                (policy,) = policies(context.original_route)
                found[f"{method} {context.path}"] = policy.scope
    return found


def test_every_route_stands_in_the_table_and_every_row_is_a_route(stage: Stage) -> None:
    found = routes(stage.app)
    assert sorted(found.keys() - EVERY.keys()) == [], f"these are not in {TABLE}"
    assert sorted(EVERY.keys() - found.keys()) == [], f"these in {TABLE} are no routes"


def test_every_route_has_the_policy_of_the_table(stage: Stage) -> None:
    assert routes(stage.app) == EVERY


def asked(stage: Stage, who: str, route: str, subscriber_id: str = "f" * 16) -> Response:
    method, _, path = route.partition(" ")
    for name, value in {**FILLED, "subscriber_id": subscriber_id}.items():
        path = path.replace(f"{{{name}}}", value)
    for name in ("alert", "silence_id", "key_id", "identifier", "name"):
        path = path.replace(f"{{{name}}}", "ffff")
    one = stage.people[who]
    stage.client.cookies.clear()
    if one.cookie:
        stage.client.cookies.set("detente", one.cookie)
    body = {"json": CHANNEL if path.endswith("/channels") else {}} if method in {"POST", "PUT", "PATCH"} else {}
    return stage.client.request(method, path, headers=one.headers, **body)  # type: ignore[arg-type]


def verdict(answer: Response) -> int:
    """401 and 403 where one is refused, 0 where one is let in; a page leads whom it does not know to the door."""
    if answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in?"):
        return 401
    return answer.status_code if answer.status_code in {401, 403} else 0


def expected(one: Somebody, scope: Scope | None) -> int:
    if scope is None or scope in one.scopes:
        return 0
    return 403 if one.headers else 401


@pytest.mark.parametrize("who", PEOPLE)
def test_each_is_let_in_where_the_table_says(stage: Stage, who: str) -> None:
    guarded = {route: scope for route, scope in EVERY.items() if scope is not None and route not in ABOUT_ONESELF}
    found = {route: verdict(asked(stage, who, route)) for route in guarded}
    assert found == {route: expected(stage.people[who], scope) for route, scope in guarded.items()}


@pytest.mark.parametrize(
    "route", [route for route, scope in EVERY.items() if scope is None and "/sign-in" not in route]
)
def test_what_is_for_all_the_world_is(stage: Stage, route: str) -> None:
    """A link that is none is refused for what it is, not for who follows it."""
    assert verdict(asked(stage, "nobody", route)) != 401


@pytest.mark.parametrize("who", PEOPLE)
def test_nothing_of_the_interface_breaks_whoever_asks(stage: Stage, who: str) -> None:
    meant = {"GET /api/v1/stream", "GET /readyz"}
    found = {route: asked(stage, who, route).status_code for route in {**INTERFACE} if route not in meant}
    assert {route: status for route, status in found.items() if status >= 500} == {}


@pytest.fixture
def whose(stage: Stage) -> Callable[[str], str]:
    """A fresh subscription of somebody's own, which may be thrown away."""

    def made(who: str) -> str:
        added = stage.detente.subscribers.add({"name": "Mine"}, "test")
        stage.detente.doorkeeper.own(stage.people[who].account_id, added.id, "test")
        return added.id

    return made


@pytest.mark.parametrize("route", OWN)
def test_a_subscription_is_there_for_its_owner_and_for_those_who_look_after_people(
    stage: Stage, whose: Callable[[str], str], route: str
) -> None:
    for who in ("owner", "admin", "key for people"):
        answer = asked(stage, who, route, whose("owner"))
        if Scope.SUBSCRIBE in stage.people[who].scopes and not route.endswith(("/code", "/ask", "{name}", "e}/remove")):
            assert answer.status_code not in {401, 403, 404}, (who, answer.text[:200])
    whose("other")
    for who in ("other", "operator", "key for subscribe"):
        answer = asked(stage, who, route, whose("owner"))
        assert answer.status_code == 404, (who, answer.text[:200])


def test_nobody_becomes_an_admin_by_a_key(stage: Stage) -> None:
    """Only who may issue keys can; the others learn no secret."""
    wish = {"name": "mine", "scopes": ["admin"]}
    for who in PEOPLE:
        one = stage.people[who]
        stage.client.cookies.clear()
        if one.cookie:
            stage.client.cookies.set("detente", one.cookie)
        answer = stage.client.post("/api/v1/keys", json=wish, headers=one.headers)
        assert answer.status_code == (201 if Scope.ADMIN in one.scopes else expected(one, Scope.ADMIN)), who
        assert ("secret" in answer.text) == (Scope.ADMIN in one.scopes), who
