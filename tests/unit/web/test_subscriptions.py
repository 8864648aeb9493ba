"""Subscriptions on pages: one's own from the first word to the last, others' for those who look after people."""

import json
import re
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.api.app import build
from service.bootstrap import Detente, shipped
from service.domain.access import Role
from service.operations.subscribers import Confirmation
from tests.fakes import FakeQueue
from tests.unit.operations.test_accounts import FakePasswords
from tests.unit.web.test_doors import GOOD, csrf, sign_in

MAILBOX, HOOK = "ann.CANARY@example.org", "jsons://example.org/CANARY"
SITE = "https://alerts.example.org"
FORM = {
    "name": "Ann",
    "subjects": "Iran\nIran Pakistan\nm49:034",
    "with_dyads": "on",
    "least": "high",
    "kind.LEVEL": "on",
    "kind.SURGE": "on",
    "zone": "Europe/Berlin",
    "language": "de",
    "quiet.0.from": "22:30",
    "quiet.0.until": "07:00",
    "quiet.0.mon": "on",
    "quiet.1.from": "",
    "quiet.1.until": "",
    "budget_per_day": "3",
    "budget_per_week": "",
    "digest": "weekly",
    "digest_at": "08:00",
    "digest_on": "fri",
    "at_once": "critical",
}


def service(folder: Path, sent: list[Confirmation], gazetteer: CompiledGazetteer, public: str | None = SITE) -> Detente:
    notify = {"mail_server": "mailtos://user:pass@mail.example.org"}
    overrides = {"data_dir": str(folder), "public_url": public, "notify": notify, "secret_key": "k" * 40}
    found = Detente(shipped("config"), overrides)
    found.queue, found.gazetteer = FakeQueue(), gazetteer
    found.subscribers = replace(found.subscribers, send=lambda _, confirmation: sent.append(confirmation))
    return found


@pytest.fixture
def sent() -> list[Confirmation]:
    return []


@pytest.fixture
def detente(
    migrated: Path, tmp_path: Path, sent: list[Confirmation], shipped_gazetteer: CompiledGazetteer
) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    found = service(tmp_path, sent, shipped_gazetteer)
    found.doorkeeper = replace(found.doorkeeper, passwords=FakePasswords)
    for name, role in (("boss", Role.ADMIN), ("ann", Role.SUBSCRIBER), ("bob", Role.OPERATOR), ("eve", Role.VIEWER)):
        found.doorkeeper.accept(found.doorkeeper.invite(role, "cli:test"), name, GOOD)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _apprise_is_old() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'imghdr' is deprecated")
        yield


def entered(detente: Detente, name: str) -> TestClient:
    client = TestClient(build(detente), base_url="http://localhost", follow_redirects=False)
    assert sign_in(client, name) == 303
    return client


def post(client: TestClient, path: str, **form: str) -> tuple[int, str, str]:
    answer = client.post(path, data={"csrf": csrf(client), **form})
    return answer.status_code, answer.headers.get("location", ""), answer.text


def subscribed(client: TestClient, **changes: str) -> str:
    status, place, text = post(client, "/subscriptions/new", **{**FORM, **changes})
    assert status == 303, text
    assert place.endswith("?done=subscribed")
    return place.partition("?")[0]


def test_somebody_subscribes_and_finds_what_was_typed_again(detente: Detente) -> None:
    ann = entered(detente, "ann")
    assert ann.get("/subscriptions").headers["location"] == "/subscriptions/new"
    assert 'value="ann"' in ann.get("/subscriptions/new").text
    place = subscribed(ann)
    assert ann.get("/subscriptions").headers["location"] == place
    assert ann.get("/subscriptions/new").headers["location"] == place
    one = detente.subscribers.get(place.rpartition("/")[2])
    assert one.subjects == ("country:IRN", "dyad:IRN-PAK", "m49:034")
    assert (one.kinds, one.with_dyads, str(one.least)) == (("LEVEL", "SURGE"), True, "high")
    assert (one.budget_per_day, one.budget_per_week, str(one.digest), one.digest_on) == (3, None, "weekly", 4)
    assert [(f"{q.start:%H:%M}", f"{q.end:%H:%M}", q.weekdays) for q in one.quiet] == [("22:30", "07:00", (0,))]
    page = ann.get(place).text
    assert 'name="quiet.0.from" value="22:30"' in page
    assert 'name="quiet.0.mon" checked' in page
    assert 'name="quiet.1.from" value=""' in page, "there is always an empty row"
    assert '<option value="de" selected>Deutsch' in page
    assert "country:IRN\ndyad:IRN-PAK" in page


def test_a_change_keeps_what_is_good_and_says_what_is_not(detente: Detente) -> None:
    ann = entered(detente, "ann")
    place = subscribed(ann)
    one = detente.subscribers.get(place.rpartition("/")[2])
    wrong = {"zone": "Mars/Base", "subjects": "Iran\n<b>Nowhere", "budget_per_day": "many", "quiet.0.until": "7"}
    status, _, page = post(ann, place, **{**FORM, **wrong})
    assert status == 422
    assert detente.subscribers.get(one.id) == one
    for field in ("subjects", "budget_per_day", "quiet"):
        assert f'id="{field}-error"' in page, field
    assert "2: " in page.partition('id="subjects-error"')[2][:40], "the line is named"
    assert 'value="Mars/Base"' in page
    assert "&lt;b&gt;Nowhere" in page
    assert "<b>Nowhere" not in page
    status, _, page = post(ann, place, **{**FORM, "zone": "Mars/Base", "name": ""})
    assert (status, 'id="zone-error"' in page, 'id="name-error"' in page) == (422, True, True)
    assert re.search(r'id="zone"[^>]*aria-describedby="zone-hint zone-error" aria-invalid="true"', page)
    status, where, _ = post(ann, place, **{**FORM, "name": "Ann B", "quiet.0.from": "", "quiet.0.until": ""})
    assert (status, where) == (303, f"{place}?done=saved")
    kept = detente.subscribers.get(one.id)
    assert (kept.name, kept.quiet) == ("Ann B", ())


def test_a_channel_is_asked_for_consent_and_no_address_is_shown(detente: Detente, sent: list[Confirmation]) -> None:
    ann = entered(detente, "ann")
    place = subscribed(ann)
    assert post(ann, f"{place}/channels", name="mail", address=MAILBOX)[:2] == (303, f"{place}?done=asked")
    page = ann.get(place).text
    assert "waits for consent" in page
    assert "CANARY" not in page
    status, _, said = post(ann, f"{place}/channels/mail/ask")
    assert (status, "less than a day ago" in said) == (409, True)
    assert detente.subscribers.confirm(sent[0].link.rpartition("/")[2])
    page = ann.get(place).text
    assert '<span class="state good">confirmed</span>' in page
    assert '<span class="state good">active</span>' in page
    assert post(ann, f"{place}/channels/mail/remove")[:2] == (303, f"{place}?done=removed")
    assert post(ann, f"{place}/channels/mail/remove")[0] == 404


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"name": "no spaces", "address": HOOK}, 422, "name: "),
        ({"name": "hook", "address": ""}, 422, "address: "),
        ({"name": "hook", "address": "nope://x"}, 422, ""),
        ({"name": "hook", "address": "json://127.0.0.1/x"}, 422, ""),
        ({"name": "hook", "address": HOOK, "confirmed": "on"}, 403, "this needs the scope people"),
    ],
)
def test_a_bad_channel_is_told_beside_its_form(detente: Detente, form: dict[str, str], status: int, said: str) -> None:
    ann = entered(detente, "ann")
    place = subscribed(ann)
    found, _, page = post(ann, f"{place}/channels", **form)
    assert found == status
    assert said in page
    if status == 422:
        assert f'name="name" value="{form["name"]}"' in page
        assert 'role="alert" id="channel-error"' in page
    assert detente.subscribers.get(place.rpartition("/")[2]).channels == ()


def test_a_pause_begins_and_ends(detente: Detente) -> None:
    ann = entered(detente, "ann")
    place = subscribed(ann)
    assert post(ann, f"{place}/pause")[1] == f"{place}?done=paused"
    assert "paused: nothing is sent" in ann.get(place).text
    assert post(ann, f"{place}/resume")[1] == f"{place}?done=resumed"
    assert "waits for a confirmed channel" in ann.get(place).text


def test_whether_it_would_have_told(detente: Detente, sent: list[Confirmation]) -> None:
    ann = entered(detente, "ann")
    place = subscribed(ann)
    post(ann, f"{place}/channels", name="mail", address=MAILBOX)
    detente.subscribers.confirm(sent[0].link.rpartition("/")[2])
    ask = f"{place}?severity=high&kind=LEVEL&subject="
    assert "Yes: through mail" in ann.get(ask + "Iran Israel").text
    assert "no subject of theirs covers country:FRA" in ann.get(ask + "France").text
    page = ann.get(f"{place}?severity=info&kind=NOVEL&subject=Iran").text
    assert "info is below high" in page
    assert "do not want to hear of rules of the kind NOVEL" in page
    assert "did you mean" in ann.get(ask + "Irann").text
    assert "<b>" not in ann.get(ask + "<b>").text.partition('id="test-said"')[2]
    assert ann.get(f"{place}?severity=loud&subject=Iran").status_code == 422


def test_all_that_is_kept_can_be_had(detente: Detente) -> None:
    ann = entered(detente, "ann")
    place = subscribed(ann)
    post(ann, f"{place}/channels", name="mail", address=MAILBOX)
    answer = ann.post(f"{place}/export", data={"csrf": csrf(ann)})
    assert answer.headers["content-disposition"].startswith('attachment; filename="detente-')
    assert answer.headers["cache-control"] == "no-store"
    kept = json.loads(answer.text)
    assert (kept["channels"][0]["address"], kept["wishes"]["name"]) == (MAILBOX, "Ann")


def test_forgetting_is_asked_about_and_another_can_follow(detente: Detente) -> None:
    ann = entered(detente, "ann")
    place = subscribed(ann)
    assert "Forget Ann?" in ann.get(f"{place}/remove").text
    assert detente.subscribers.all()
    assert post(ann, f"{place}/remove")[:2] == (303, "/subscriptions/new?done=forgotten")
    assert detente.subscribers.all() == []
    assert subscribed(ann) != place


def test_anothers_is_as_good_as_none(detente: Detente) -> None:
    place = subscribed(entered(detente, "ann"))
    bob = entered(detente, "bob")
    assert bob.get(place).status_code == bob.get(f"{place}/remove").status_code == 404
    for part in (
        "",
        "/pause",
        "/resume",
        "/export",
        "/remove",
        "/channels",
        "/channels/mail/ask",
        "/channels/x/remove",
    ):
        assert post(bob, place + part, **FORM)[0] == 404, part
    assert post(bob, f"{place}/code", code="x")[0] == 404
    assert bob.get("/subscriptions").headers["location"] == "/subscriptions/new"
    eve = entered(detente, "eve")
    assert eve.get(place).status_code == eve.get("/subscriptions").status_code == 403


def test_nothing_changes_without_the_sessions_word(detente: Detente) -> None:
    ann = entered(detente, "ann")
    place = subscribed(ann)
    assert ann.post(f"{place}/pause").status_code == 403
    assert ann.post(f"{place}/remove", headers={"Origin": "https://evil.example"}).status_code == 403
    assert str(detente.subscribers.get(place.rpartition("/")[2]).state) == "pending"


# --- for those who look after people


def test_an_admin_sees_searches_and_changes_everybodys(detente: Detente) -> None:
    place = subscribed(entered(detente, "ann"), name="<i>Ann")
    boss = entered(detente, "boss")
    assert "Nobody is called “zzz”" in boss.get("/subscriptions?q=zzz").text
    page = boss.get("/subscriptions?q=ann").text
    assert f'href="{place}"' in page
    assert "&lt;i&gt;Ann" in page
    assert "<i>Ann" not in page
    assert "<dd>ann</dd>" in boss.get(place).text, "whose own it is"
    assert post(boss, place, **FORM)[1] == f"{place}?done=saved"
    assert post(boss, f"{place}/channels", name="hook", address=HOOK, confirmed="on")[1] == f"{place}?done=vouched"
    assert post(boss, f"{place}/remove")[1] == "/subscriptions?done=forgotten"
    assert "Nobody has subscribed yet." in boss.get("/subscriptions").text


def test_many_are_leafed_through(detente: Detente) -> None:
    for number in range(51):
        detente.subscribers.add({"name": f"Reader {number:02}"}, "cli:test")
    boss = entered(detente, "boss")
    first = boss.get("/subscriptions?q=reader").text
    assert ("Reader 49" in first, "Reader 50" in first) == (True, False)
    [following] = re.findall(r'rel="next" href="([^"]+)"', first)
    second = boss.get(following.replace("&amp;", "&")).text
    assert ("Reader 49" in second, "Reader 50" in second, 'rel="next"' in second) == (False, True, False)


def test_without_a_public_address_consent_goes_by_a_code(
    migrated: Path, tmp_path: Path, sent: list[Confirmation], shipped_gazetteer: CompiledGazetteer
) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    closed = service(tmp_path, sent, shipped_gazetteer, public=None)
    with TestClient(build(closed), base_url="http://localhost", follow_redirects=False) as client:
        place = client.post("/subscriptions/new", data=FORM).headers["location"].partition("?")[0]
        other = client.post("/subscriptions/new", data=FORM).headers["location"].partition("?")[0]
        client.post(f"{place}/channels", data={"name": "mail", "address": MAILBOX})
        assert "Code from the message" in client.get(place).text
        assert client.post(f"{place}/code", data={"code": "AAAA-AAAA"}).status_code == 404
        assert client.post(f"{other}/code", data={"code": sent[0].code}).status_code == 404, "it is another's"
        agreed = client.post(f"{place}/code", data={"code": sent[0].code.lower()})
        assert agreed.headers["location"] == f"{place}?done=agreed"
        assert '<span class="state good">active</span>' in client.get(place).text
    closed.close()
