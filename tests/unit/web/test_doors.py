"""The doors: first account, sign in, sign out, and what a stranger is told."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Role
from service.web.access import COOKIE, SECURE_COOKIE
from service.web.shell import local_path
from tests.unit.api.conftest import put_together

GOOD, OTHER = "a good long password", "another good password"
HERE, THERE = "http://localhost", "https://news.example.org"


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    found = put_together(tmp_path, public_url=THERE)
    yield found
    found.close()


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), base_url=HERE, follow_redirects=False) as client:
        yield client


def enter(detente: Detente, name: str = "desk", role: Role = Role.OPERATOR) -> None:
    detente.doorkeeper.accept(detente.doorkeeper.invite(role, "cli:test"), name, GOOD)


def sign_in(client: TestClient, name: str = "desk", password: str = GOOD, where: str = "/account") -> int:
    return client.post("/sign-in", data={"name": name, "password": password, "next": where}).status_code


def csrf(client: TestClient) -> str:
    found = re.search(r'name="csrf-token" content="(\w{64})"', client.get("/account").text)
    assert found, "the page has no word of the session"
    return found[1]


def test_without_accounts_the_page_says_how_to_make_the_first(client: TestClient) -> None:
    page = client.get("/sign-in")
    assert "detente accounts invite" in page.text
    assert 'type="password"' not in page.text


def test_a_link_makes_the_first_account_and_is_spent(client: TestClient, detente: Detente) -> None:
    link = f"/welcome/{detente.doorkeeper.invite(Role.ADMIN, 'up')}"
    assert "admin" in client.get(link).text
    form = {"name": "boss", "password": GOOD, "again": GOOD}
    differ = client.post(link, data={**form, "again": OTHER})
    assert (differ.status_code, "differ" in differ.text, GOOD in differ.text) == (422, True, False)
    made = client.post(link, data=form)
    assert (made.status_code, made.headers["location"]) == (303, "/sign-in?done=welcome")
    assert client.get(link).status_code == 403
    assert client.post(link, data=form).status_code == 403
    assert sign_in(client, "boss") == 303
    assert "boss (admin)" in client.get("/account").text


def test_a_stranger_is_led_to_the_door_and_back(client: TestClient, detente: Detente) -> None:
    enter(detente)
    away = client.get("/account")
    assert (away.status_code, away.headers["location"]) == (303, "/sign-in?next=/account")
    back = client.post("/sign-in", data={"name": "desk", "password": GOOD, "next": "/account"})
    assert (back.status_code, back.headers["location"]) == (303, "/account")


def test_a_wrong_password_is_told_and_never_shown(client: TestClient, detente: Detente) -> None:
    enter(detente)
    answer = client.post("/sign-in", data={"name": "<b>desk", "password": OTHER})
    assert answer.status_code == 403
    assert "name or password is wrong" in answer.text
    assert OTHER not in answer.text
    assert "<b>desk" not in answer.text


def test_tries_run_out(client: TestClient, detente: Detente) -> None:
    enter(detente)
    tries = [client.post("/sign-in", data={"name": "desk", "password": OTHER}) for _ in range(11)]
    assert [answer.status_code for answer in tries] == [403] * 10 + [429]
    assert 0 < int(tries[-1].headers["retry-after"]) <= 15 * 60
    assert sign_in(client) == 429


def test_every_sign_in_makes_a_new_session_and_signing_out_ends_it(client: TestClient, detente: Detente) -> None:
    enter(detente)
    client.cookies.set(COOKIE, "chosen-by-somebody-else", domain="localhost.local")
    sign_in(client)
    one = client.cookies[COOKIE]
    sign_in(client)
    two = client.cookies[COOKIE]
    assert len({one, two, "chosen-by-somebody-else"}) == 3
    client.post("/sign-out", data={"csrf": csrf(client)})
    assert detente.doorkeeper.session_of(two) is None
    assert detente.doorkeeper.session_of(one)


def test_the_cookie_is_closed_and_over_https_only_this_hosts(client: TestClient, detente: Detente) -> None:
    enter(detente)
    form = {"name": "desk", "password": GOOD}
    here = client.post("/sign-in", data=form).headers["set-cookie"]
    there = client.post(f"{THERE}/sign-in", data=form).headers["set-cookie"]
    for cookie in (here, there):
        assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
        assert "Domain" not in cookie
    assert here.startswith(f"{COOKIE}=")
    assert there.startswith(f"{SECURE_COOKIE}=")
    assert "Secure" in there.split("; ")


def test_over_https_a_cookie_that_any_host_could_set_counts_nothing(client: TestClient, detente: Detente) -> None:
    enter(detente)
    sign_in(client)
    stolen = {"Cookie": f"{COOKIE}={client.cookies[COOKIE]}"}
    assert client.get(f"{THERE}/account", headers=stolen).status_code == 303


def test_no_password_is_taken_over_a_network_in_clear(client: TestClient, detente: Detente) -> None:
    enter(detente)
    answer = client.post("http://news.example.org/sign-in", data={"name": "desk", "password": GOOD})
    assert answer.status_code == 403
    assert "https" in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_another_sites_page_signs_nobody_in_and_changes_nothing(
    client: TestClient, detente: Detente, headers: dict[str, str]
) -> None:
    enter(detente)
    assert client.post("/sign-in", data={"name": "desk", "password": GOOD}, headers=headers).status_code == 403
    sign_in(client)
    form = {"csrf": csrf(client), "old": GOOD, "password": OTHER, "again": OTHER}
    assert client.post("/account", data=form, headers=headers).status_code == 403
    assert client.post("/account", data=form).status_code == 303


@pytest.mark.parametrize("given", [None, "", "0" * 64])
def test_a_change_without_the_sessions_word_is_refused(client: TestClient, detente: Detente, given: str | None) -> None:
    enter(detente)
    sign_in(client)
    form = {"old": GOOD, "password": OTHER, "again": OTHER} | ({} if given is None else {"csrf": given})
    assert client.post("/account", data=form).status_code == 403
    assert client.post("/api/v1/silences", json={}, headers={"X-CSRF-Token": given or ""}).status_code == 403
    assert client.post("/api/v1/silences", json={}, headers={"X-CSRF-Token": csrf(client)}).status_code == 422


def test_a_changed_password_ends_every_session(client: TestClient, detente: Detente) -> None:
    enter(detente)
    sign_in(client)
    wrong = client.post("/account", data={"csrf": csrf(client), "old": OTHER, "password": OTHER, "again": OTHER})
    assert wrong.status_code == 403
    client.post("/account", data={"csrf": csrf(client), "old": GOOD, "password": OTHER, "again": OTHER})
    assert client.get("/account").status_code == 303
    assert sign_in(client) == 403
    assert sign_in(client, password=OTHER) == 303


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("/alerts", "/alerts"),
        ("/a?b=c", "/a?b=c"),
        ("", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/a\\..\\\\evil", "/"),
    ],
)
def test_no_link_leads_away_after_signing_in(written: str, path: str) -> None:
    assert local_path(written) == path


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nothing", "text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        ("/nothing", "*/*", "application/problem+json"),
        ("/api/v1/nothing", "text/html", "application/problem+json"),
    ],
)
def test_whoever_goes_astray_is_told_in_their_own_way(client: TestClient, path: str, accept: str, kind: str) -> None:
    answer = client.get(path, headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, kind)
