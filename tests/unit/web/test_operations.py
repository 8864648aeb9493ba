"""The pages of those who operate the service, and of admins."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Role, Scope
from service.domain.alerting.breaker import Breaker
from service.flow import Kind
from service.web.operations import PAGE
from tests.contract.test_tallies import send
from tests.fakes import FakeQueue, article, set_row
from tests.unit.api.conftest import put_together
from tests.unit.operations.test_accounts import FakePasswords
from tests.unit.web.test_doors import GOOD, csrf, sign_in

PAGES = ["", "/figures", "/deliveries", "/dead", "/audit", "/accounts", "/keys"]
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    found = put_together(tmp_path, public_url="https://news.example.org")
    found.doorkeeper = replace(found.doorkeeper, passwords=FakePasswords)
    for name, role in (("boss", Role.ADMIN), ("desk", Role.OPERATOR), ("ann", Role.SUBSCRIBER)):
        found.doorkeeper.accept(found.doorkeeper.invite(role, "cli:test"), name, GOOD)
    yield found
    found.close()


def entered(detente: Detente, name: str) -> TestClient:
    client = TestClient(build(detente), base_url="http://localhost", follow_redirects=False)
    assert sign_in(client, name) == 303
    return client


@pytest.fixture
def desk(detente: Detente) -> TestClient:
    return entered(detente, "desk")


@pytest.fixture
def boss(detente: Detente) -> TestClient:
    return entered(detente, "boss")


def post(client: TestClient, path: str, **form: str) -> tuple[int, str, str]:
    answer = client.post(path, data={"csrf": csrf(client), **form})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def engine(detente: Detente) -> Engine:
    found: Engine = detente.units.engine  # type: ignore[attr-defined]
    return found


def test_each_role_sees_what_is_its_own(detente: Detente, desk: TestClient, boss: TestClient) -> None:
    ann = entered(detente, "ann")
    for part in PAGES:
        assert ann.get(f"/operations{part}").status_code == 403, part
        assert boss.get(f"/operations{part}").status_code == 200, part
        assert desk.get(f"/operations{part}").status_code == (403 if part in {"/accounts", "/keys"} else 200), part
    assert 'href="/operations/keys"' not in desk.get("/operations").text
    for path in ("/accounts", "/accounts/change", "/accounts/remove", "/keys", "/keys/revoke"):
        assert post(desk, f"/operations{path}", name="x", role="admin")[0] == 403
    assert post(ann, "/operations/dead", all="yes")[0] == 403


# --- figures


def test_what_does_not_work_is_said_first(detente: Detente, desk: TestClient) -> None:
    detente.queue = FakeQueue(away=True)
    page = entered(detente, "desk").get("/operations").text
    assert "the broker does not answer" in page
    assert "no worker has looked for forgotten work" in page
    assert "taken as it stands" in page
    assert "None: every channel is sent to." in page
    assert desk.get("/operations").text.index("not ready") < page.index("Versions")


def test_what_works_waits_and_rests(detente: Detente, desk: TestClient) -> None:
    with detente.units() as unit:
        unit.marks.set("swept")
        unit.marks.set("evaluated")
        unit.marks.set("configuration refused", f"rules.yaml:7: {EVIL}")
        unit.channels.keep("desk", "mail", Breaker(5, 1, unit.marks.now() + timedelta(minutes=5)))
        unit.articles.add(article("a1"), "test", "h")
    send(engine(detente), 1, "desk", "sent")
    for path in ("/operations", "/operations/figures"):
        page = desk.get(path).text
        assert "The service does its work." in page
        assert "failed 5 times in a row; nothing goes there before" in page
        assert "rules.yaml:7: &lt;script&gt;" in page
        assert EVIL not in page
        assert "received: 1" in page
        assert "desk/mail" in page
    assert "<html" not in page, "the figures are a piece of a page"
    assert 'data-hx-trigger="every 10s"' in page


# --- messages


def test_messages_are_leafed_through_and_chosen_by_state(detente: Detente, desk: TestClient, boss: TestClient) -> None:
    assert "No message was written yet." in desk.get("/operations/deliveries").text
    for number in range(PAGE + 1):
        send(engine(detente), number, "@aaaa000000000001" if number == 7 else "desk", "sent")
    set_row(engine(detente), Kind.NOTIFICATION, "n7", state="dead", last_error=EVIL)
    first = desk.get("/operations/deliveries").text
    [older] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = desk.get(older.replace("&amp;", "&")).text
    assert (first.count('data-label="Written"'), second.count('data-label="Written"')) == (PAGE, 1)
    dead = desk.get("/operations/deliveries?state=dead").text
    assert dead.count('data-label="Written"') == 1
    assert "&lt;script&gt;" in dead
    assert 'href="/subscriptions/' not in dead, "people are not theirs to look after"
    assert 'href="/subscriptions/aaaa000000000001"' in boss.get("/operations/deliveries?state=dead").text
    assert "No message is cancelled." in desk.get("/operations/deliveries?state=cancelled").text
    assert desk.get("/operations/deliveries?before=nonsense").status_code == 422


# --- what was given up


def test_what_was_given_up_is_brought_back_by_name(detente: Detente, desk: TestClient) -> None:
    assert "Nothing was given up." in desk.get("/operations/dead").text
    with detente.units() as unit:
        for name in ("a1", "a2", "a3"):
            unit.articles.add(article(name, text=name, title=EVIL), "test", name)
    for name in ("a1", "a2", "a3"):
        set_row(engine(detente), Kind.ARTICLE, name, state="dead", last_error="no text in it")
    page = desk.get("/operations/dead").text
    assert page.count("no text in it") == 3
    assert EVIL not in page
    assert post(desk, "/operations/dead", id="a1", as_new="on")[:2] == (303, "/operations/dead?done=replayed")
    assert post(desk, "/operations/dead", id="a1")[0] == 404
    assert post(desk, "/operations/dead")[0] == 422, "nothing comes back unasked"
    assert post(desk, "/operations/dead", all="yes")[0] == 303
    with detente.units(read_only=True) as unit:
        assert list(unit.works.dead()) == []
        told = [(e.actor, e.subject, e.after) for e in unit.audit.entries() if e.action == "dead.replay"]
    assert told == [
        ("account:desk", "article:a1", {"rows": {"article": 1}, "as_new": True}),
        ("account:desk", "dead", {"rows": {"article": 2}, "as_new": False}),
    ]


# --- who changed what


def test_changes_are_leafed_through_and_the_chain_is_checked(detente: Detente, desk: TestClient) -> None:
    for number in range(PAGE - 1):
        with detente.units(serial=True) as unit:
            unit.audit.add(EVIL, "key.issue", "key:1", None, {"n": number, "x": "</code><b>"})
    page = desk.get("/operations/audit").text
    assert "account:desk" in page
    assert EVIL not in page
    assert "</code><b>" not in page
    [older] = re.findall(r'rel="next" href="([^"]+)"', page)
    assert "account.add" in desk.get(older.replace("&amp;", "&")).text
    assert "account.add" not in desk.get("/operations/audit?subject=key:1").text
    assert "Nobody has changed “key:2”" in desk.get("/operations/audit?subject=key:2").text
    assert "all as they were written" in desk.get("/operations/audit?check=chain").text
    with engine(detente).begin() as connection:
        connection.execute(text("UPDATE audit SET actor = 'nobody' WHERE number = 3"))
    assert "Entry 3 is not as it was written" in desk.get("/operations/audit?check=chain").text
    assert desk.get("/operations/audit?before=0").status_code == 422


# --- accounts


def test_a_link_is_shown_once_and_makes_an_account(detente: Detente, boss: TestClient) -> None:
    status, _, page = post(boss, "/operations/accounts", role="viewer", name="")
    [link] = re.findall(r"https://news\.example\.org(/welcome/[\w-]+)", page)
    assert status == 200
    assert "/welcome/" not in boss.get("/operations/accounts").text
    assert detente.doorkeeper.accept(link.rpartition("/")[2], "eve", GOOD).role is Role.VIEWER
    answer = boss.post("/operations/accounts", data={"csrf": csrf(boss), "role": "viewer"})
    assert answer.headers["cache-control"] == "no-store"
    status, _, page = post(boss, "/operations/accounts", role="viewer", name=" \u0007 ")
    assert (status, "printable" in page) == (422, True)
    assert post(boss, "/operations/accounts", role="king")[0] == 422


def test_accounts_change_and_go_but_the_last_admin_stays(detente: Detente, boss: TestClient) -> None:
    desk = entered(detente, "desk")
    assert post(boss, "/operations/accounts/change", name="desk", role="viewer")[1] == "/operations/accounts?done=saved"
    assert desk.get("/operations").headers["location"].startswith("/sign-in"), "its sessions end"
    assert post(boss, "/operations/accounts/change", name="desk", disabled="yes")[0] == 303
    assert "shut out" in boss.get("/operations/accounts").text
    assert post(boss, "/operations/accounts/change", name="desk", disabled="no")[0] == 303
    assert "Remove desk?" in boss.get("/operations/accounts/remove?name=desk").text
    assert boss.get("/operations/accounts/remove?name=nobody").status_code == 404
    assert post(boss, "/operations/accounts/remove", name="desk")[0] == 303
    assert post(boss, "/operations/accounts/remove", name="desk")[0] == 404
    for path, form in (("change", {"role": "viewer"}), ("change", {"disabled": "yes"}), ("remove", {})):
        status, _, page = post(boss, f"/operations/accounts/{path}", name="boss", **form)
        assert (status, "boss is the last admin" in page) == (409, True), path
    assert [(one.name, str(one.role)) for one in detente.doorkeeper.all()] == [("ann", "subscriber"), ("boss", "admin")]


# --- keys


def test_a_key_is_shown_once_works_and_is_revoked(detente: Detente, boss: TestClient) -> None:
    form = {"name": "crawler", "scope.push": "on", "scope.read": "on", "lasts": "30d"}
    status, _, page = post(boss, "/operations/keys", **form)
    assert status == 200
    [secret] = re.findall(r"<code>(dtn_[\w-]{20,})</code>", page)
    found = detente.doorkeeper.key_of(secret)
    assert found
    assert found.scopes == {Scope.PUSH, Scope.READ}
    [key] = detente.doorkeeper.every_key()
    assert key.expires_at == key.created_at + timedelta(days=30)
    assert secret not in boss.get("/operations/keys").text
    assert post(boss, "/operations/keys/revoke", id=key.id)[1] == "/operations/keys?done=revoked"
    assert detente.doorkeeper.key_of(secret) is None
    assert "revoked" in boss.get("/operations/keys").text
    assert post(boss, "/operations/keys/revoke", id="nonsense")[0] == 404


def test_a_key_that_cannot_be_is_told_and_what_was_typed_stays(detente: Detente, boss: TestClient) -> None:
    status, _, page = post(boss, "/operations/keys", name="cra<b>wler", lasts="90d")
    assert (status, "at least one scope" in page) == (422, True)
    assert 'value="cra&lt;b&gt;wler"' in page
    status, _, page = post(boss, "/operations/keys", name="", **{"scope.read": "on", "lasts": ""})
    assert (status, 'name="scope.read" checked' in page) == (422, True)
    assert post(boss, "/operations/keys", name="x", **{"scope.read": "on", "lasts": "999999999999d"})[0] == 422
    assert detente.doorkeeper.every_key() == []


def test_nothing_changes_without_the_sessions_word(boss: TestClient) -> None:
    for path in ("/dead", "/accounts", "/accounts/change", "/accounts/remove", "/keys", "/keys/revoke"):
        assert boss.post(f"/operations{path}", data={"all": "yes", "role": "admin", "name": "x"}).status_code == 403


def test_before_the_first_account_it_says_how_to_begin(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    local = put_together(tmp_path)
    with TestClient(build(local), base_url="http://localhost") as client:
        assert "Invite the first admin here." in client.get("/operations/accounts").text
        assert "/welcome/" in client.post("/operations/accounts", data={"role": "admin"}).text
    local.close()
