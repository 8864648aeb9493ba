"""Subscriptions over HTTP and the pages behind the links: consent by a button, leaving by one click, no secret shown."""

import json
import logging
import re
import shutil
import warnings
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.api.app import build
from service.bootstrap import Detente, shipped
from service.operations.subscribers import Confirmation
from service.pipeline.consent import subscription_problem
from tests.fakes import FakeQueue, dump

MAILBOX, HOOK = "newsroom.CANARY@example.org", "jsons://example.org/CANARY"
SITE = "https://alerts.example.org/detente"
WISHES = {
    "name": "Newsroom",
    "subjects": ["country:IRN"],
    "quiet": [{"from": "22:30", "until": "07:00", "weekdays": ["mon"]}],
}
URL = "/api/v1/subscriptions"
TOKEN = "CANARY" * 4


def service(folder: Path, **overrides: Any) -> Detente:
    notify = {"mail_server": "mailtos://user:CANARY@mail.example.org"}
    usual = {"public_url": SITE, "notify": notify, "secret_key": "k" * 40, "api": {"token": TOKEN}}
    return Detente(shipped("config"), {"data_dir": str(folder), **usual, **overrides})


@pytest.fixture
def sent() -> list[Confirmation]:
    return []


@pytest.fixture
def detente(
    migrated: Path, tmp_path: Path, sent: list[Confirmation], shipped_gazetteer: CompiledGazetteer
) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    found = service(tmp_path)
    found.queue, found.gazetteer = FakeQueue(), shipped_gazetteer
    found.subscribers = replace(found.subscribers, send=lambda _, confirmation: sent.append(confirmation))
    yield found
    found.close()


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    with TestClient(build(detente), "http://localhost", raise_server_exceptions=False, headers=headers) as client:
        yield client


@pytest.fixture(autouse=True)
def _apprise_is_old() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'imghdr' is deprecated")
        yield


def add(client: TestClient, **wishes: Any) -> str:
    answer = client.post(URL, json={**WISHES, **wishes})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def add_mail(client: TestClient) -> str:
    one = add(client)
    answer = client.post(f"{URL}/{one}/channels", json={"name": "mail", "address": MAILBOX})
    assert (answer.status_code, answer.json()["asked"]) == (201, True)
    return one


def path(link: str) -> str:
    assert link.startswith(SITE)
    return link.removeprefix(SITE)


def problem(detente: Detente, one: str, channel: str = "mail") -> str | None:
    with detente.units(read_only=True) as unit:
        return subscription_problem(unit, f"@{one}", channel)


# --- the interface


def test_a_subscription_is_added_read_changed_and_forgotten(client: TestClient) -> None:
    one = add(client)
    found = client.get(f"{URL}/{one}").json()
    assert {key: found[key] for key in WISHES} == WISHES
    assert (found["state"], found["budget_per_day"], found["channels"]) == ("pending", 5, [])
    assert client.get(URL).json() == [found]
    changed = client.patch(f"{URL}/{one}", json={"zone": "Asia/Tehran", "budget_per_day": None, "paused": True}).json()
    assert changed == {**found, "zone": "Asia/Tehran", "budget_per_day": None, "state": "paused"}
    assert client.patch(f"{URL}/{one}", json={"paused": False}).json()["state"] == "pending"
    assert client.delete(f"{URL}/{one}").status_code == 204
    assert client.get(f"{URL}/{one}").status_code == 404
    assert client.get(URL).json() == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"zone": "CANARY/Base"}, "zone: "),
        ({"subjects": ["country:XQX"]}, "subjects: 'country:XQX' names 'XQX', which is no country code"),
        ({"subjects": ["country:Q*Q"]}, "covers no country there is"),
        ({"subjects": ["region:nowhere-at-all"]}, "'region:nowhere-at-all' is no region there is"),
        ({"subjects": ["watch:nothing"]}, "'watch:nothing' is no watchlist there is"),
        ({"subjects": ["m49:999"]}, "'m49:999' is no sub-region there is"),
        ({"subjects": ["Iran"]}, "subjects.0: 'Iran' is no subject"),
        ({"subjects": "country:IRN"}, "subjects: "),
        ({"quiet": [{"from": "25:00", "until": "07:00"}]}, "quiet.0.from: must be a time of day"),
        ({"quiet": [{"from": "08:00", "until": "08:00"}]}, "quiet: 08:00-08:00"),
        (
            {"quiet": [{"from": "08:00", "until": "20:00"}, {"from": "20:00", "until": "08:00"}]},
            "nothing is left of mon",
        ),
        ({"least": "loud"}, "least: "),
        ({"kinds": ["LEVL"]}, "kinds.0: "),
        ({"budget_per_day": 0}, "budget_per_day: "),
        ({"budget_per_day": 1e400}, ""),
        ({"digest": "hourly"}, "digest: "),
        ({"colour": "CANARY"}, "colour: "),
        ({"paused": "CANARY"}, "paused: "),
        ({"channels": []}, "channels: "),
        ({"state": "active"}, "state: "),
    ],
)
def test_a_bad_wish_is_named_and_changes_nothing(client: TestClient, wrong: dict[str, Any], said: str) -> None:
    one = add(client)
    before = client.get(URL).json()
    for answer in (
        client.post(URL, content=json.dumps({**WISHES, **wrong}), headers={"Content-Type": "application/json"}),
        client.patch(f"{URL}/{one}", content=json.dumps(wrong), headers={"Content-Type": "application/json"}),
    ):
        assert answer.status_code in {400, 422}, answer.text
        assert said in answer.json()["detail"]
    assert client.get(URL).json() == before


@pytest.mark.parametrize("body", [b"", b"[]", b"7", b"null", b'"x"', b"{", b'{"name": "a", "name": "b"}'])
def test_a_body_that_is_no_object_is_refused(client: TestClient, body: bytes) -> None:
    one = add(client)
    headers = {"Content-Type": "application/json"}
    for method, url in (("POST", URL), ("PATCH", f"{URL}/{one}"), ("POST", f"{URL}/{one}/channels")):
        assert client.request(method, url, content=body, headers=headers).status_code in {400, 422}
    assert client.post(URL, content=b"name=Newsroom").status_code == 415


@pytest.mark.parametrize(
    ("channel", "status"),
    [
        ({"name": "mail"}, 422),
        ({"name": "mail", "address": ""}, 422),
        ({"name": "no spaces", "address": HOOK}, 422),
        ({"name": "hook", "address": "jsons://CANARY.local/x"}, 422),
        ({"name": "hook", "address": "json://127.0.0.1/CANARY"}, 422),
        ({"name": "hook", "address": "nope://CANARY"}, 422),
        ({"name": "hook", "address": ["CANARY"]}, 422),
        ({"name": "hook", "address": HOOK, "CANARY": 1}, 422),
        ({"name": "post", "address": MAILBOX, "confirmed": True}, 409),
        ({"name": "mail", "address": HOOK}, 409),
        ({"name": "post", "address": MAILBOX}, 409),
    ],
)
def test_a_bad_channel_is_refused_without_its_address(client: TestClient, channel: dict[str, Any], status: int) -> None:
    one = add_mail(client)
    before = client.get(URL).json()
    answer = client.post(f"{URL}/{one}/channels", json=channel)
    assert answer.status_code == status, answer.text
    assert "CANARY" not in answer.json()["detail"].replace("CANARY: Extra", "")
    assert client.get(URL).json() == before


def test_who_was_asked_today_is_not_asked_again(client: TestClient, sent: list[Confirmation]) -> None:
    add_mail(client)
    other = add(client, name="Outpost")
    answer = client.post(f"{URL}/{other}/channels", json={"name": "mail", "address": MAILBOX.upper()})
    assert (answer.status_code, answer.json()["asked"]) == (201, False)
    assert "less than a day ago" in answer.json()["detail"]
    assert len(sent) == 1


def test_a_hook_that_the_operator_vouches_for_is_confirmed_and_can_be_removed(client: TestClient) -> None:
    one = add(client)
    answer = client.post(f"{URL}/{one}/channels", json={"name": "hook", "address": HOOK, "confirmed": True}).json()
    assert (answer["state"], answer["channels"][0]["state"], answer["asked"]) == ("active", "confirmed", False)
    assert client.delete(f"{URL}/{one}/channels/hook").status_code == 204
    assert client.delete(f"{URL}/{one}/channels/hook").status_code == 404


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("DELETE", ""),
        ("GET", "/export"),
        ("POST", "/channels"),
        ("DELETE", "/channels/mail"),
    ],
)
def test_nobody_is_not_found(client: TestClient, method: str, url: str) -> None:
    body = {"name": "mail", "address": HOOK} if url else {}
    answer = client.request(method, f"{URL}/0011223344556677{url}", json=body)
    assert answer.status_code == 404


def test_everything_needs_the_token(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    guarded = service(tmp_path, api={"token": "t" * 20})
    with TestClient(build(guarded), "http://localhost", raise_server_exceptions=False) as client:
        for method, url in (
            ("GET", ""),
            ("POST", ""),
            ("GET", "/x"),
            ("PATCH", "/x"),
            ("DELETE", "/x"),
            ("GET", "/x/export"),
        ):
            assert client.request(method, URL + url, json={}).status_code == 401
        assert client.get("/unsubscribe/x").status_code == 404, "the pages need none"
        assert client.get(URL, headers={"Authorization": "Bearer " + "t" * 20}).status_code == 200
    guarded.close()


# --- the pages


def test_consent_takes_a_button_and_looking_changes_nothing(
    client: TestClient, detente: Detente, sent: list[Confirmation]
) -> None:
    one = add_mail(client)
    link = path(sent[0].link)
    before = dump(detente.units.engine)  # type: ignore[attr-defined]
    for _ in range(2):
        page = client.get(link)
        assert page.status_code == 200
        assert '<form method="post">' in page.text
    assert dump(detente.units.engine) == before  # type: ignore[attr-defined]
    assert problem(detente, one) == "the subscriber is pending"
    for _ in range(2):
        done = client.post(link)
        assert (done.status_code, "<form" in done.text) == (200, False)
    assert problem(detente, one) is None
    assert client.get(link).status_code == 200


def leaving(detente: Detente, one: str, channel: str = "mail") -> str:
    with detente.units(read_only=True) as unit:
        found = detente.recipient_of(unit, f"@{one}", channel)
    assert found
    return path(found.unsubscribe_url)


def agreed(client: TestClient, sent: list[Confirmation]) -> str:
    one = add_mail(client)
    client.post(path(sent[0].link))
    return one


def test_one_click_ends_it_without_cookie_or_login(
    client: TestClient, detente: Detente, sent: list[Confirmation]
) -> None:
    one = agreed(client, sent)
    link = leaving(detente, one)
    before = dump(detente.units.engine)  # type: ignore[attr-defined]
    assert client.get(link).status_code == 200
    assert dump(detente.units.engine) == before  # type: ignore[attr-defined]
    assert problem(detente, one) is None
    for _ in range(2):
        done = client.post(link, content=b"List-Unsubscribe=One-Click", follow_redirects=False)
        assert done.status_code == 200
        assert "set-cookie" not in done.headers
        assert problem(detente, one) == "the channel is unsubscribed"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"List-Unsubscribe=One-Click",
        b"\xff\x00",
        b"x" * 100_000,
        b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--',
    ],
)
def test_any_post_ends_one_channel(client: TestClient, detente: Detente, sent: list[Confirmation], body: bytes) -> None:
    one = agreed(client, sent)
    client.post(f"{URL}/{one}/channels", json={"name": "hook", "address": HOOK, "confirmed": True})
    assert client.post(leaving(detente, one), content=body).status_code == 200
    assert problem(detente, one) == "the channel is unsubscribed"
    assert problem(detente, one, "hook") is None


def test_the_other_button_ends_all(client: TestClient, detente: Detente, sent: list[Confirmation]) -> None:
    one = agreed(client, sent)
    client.post(f"{URL}/{one}/channels", json={"name": "hook", "address": HOOK, "confirmed": True})
    link = leaving(detente, one)
    assert 'name="all" value="yes"' in client.get(link).text
    client.post(link, data={"all": "yes"})
    assert problem(detente, one, "hook") == "the channel is unsubscribed"


def test_who_was_forgotten_is_told_that_it_is_done(
    client: TestClient, detente: Detente, sent: list[Confirmation]
) -> None:
    one = agreed(client, sent)
    link, question = leaving(detente, one), path(sent[0].link)
    client.delete(f"{URL}/{one}")
    assert client.get(link).status_code == 200
    assert client.post(link).status_code == 200
    assert client.get(question).status_code == 410
    assert client.post(question).status_code == 410


@pytest.mark.parametrize("token", ["x", "%00", "a.b", "." * 1000, "%F0%9F%98%80", "WyJhIl0.xxxx"])
@pytest.mark.parametrize("page", ["confirm", "unsubscribe"])
def test_a_link_that_is_none_says_no_more_than_that(client: TestClient, page: str, token: str) -> None:
    found = [client.request(method, f"/{page}/{token}") for method in ("GET", "POST")]
    assert {answer.status_code for answer in found} == {404}
    assert len({answer.text for answer in found}) == 1
    assert "<form" not in found[0].text


def test_a_link_of_one_page_is_none_on_the_other(
    client: TestClient, detente: Detente, sent: list[Confirmation]
) -> None:
    one = agreed(client, sent)
    assert client.post(leaving(detente, one).replace("/unsubscribe/", "/confirm/")).status_code == 404
    assert client.post(path(sent[0].link).replace("/confirm/", "/unsubscribe/")).status_code == 404
    assert problem(detente, one) is None


def test_the_pages_are_closed_to_scripts_frames_and_search(
    client: TestClient, detente: Detente, sent: list[Confirmation]
) -> None:
    one = agreed(client, sent)
    for link in (path(sent[0].link), leaving(detente, one), "/confirm/x"):
        page = client.get(link)
        policy = page.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
        assert (page.headers["referrer-policy"], page.headers["cache-control"]) == ("no-referrer", "no-store")
        assert page.headers["x-robots-tag"].startswith("noindex")
        assert "<script" not in page.text
        assert "http" not in page.text.replace("<!doctype html>", "")
        assert link.rpartition("/")[2] not in page.text or link == "/confirm/x"


def test_they_speak_the_language_of_who_is_written_to(client: TestClient, sent: list[Confirmation]) -> None:
    german = add(client, language="de")
    client.post(f"{URL}/{german}/channels", json={"name": "mail", "address": MAILBOX})
    link, english = path(sent[0].link), {"Accept-Language": "en"}
    asked = client.get(link, headers=english)
    assert '<html lang="de">' in asked.text
    assert "Möchten Sie Meldungen?" in asked.text
    assert asked.headers["content-language"] == "de"
    assert "Sie bekommen Meldungen." in client.post(link, headers=english).text
    client.delete(f"{URL}/{german}")
    assert '<html lang="en">' in client.get(link, headers=english).text
    assert "Dieser Link gilt nicht" in client.get(link, headers={"Accept-Language": "de-CH, en;q=0.5"}).text
    assert "Hier ist nichts" in client.get("/unsubscribe/x", headers={"Accept-Language": "de"}).text


def test_the_style_is_the_one_the_policy_permits(client: TestClient) -> None:
    page = client.get("/confirm/x")
    style = re.search("<style>(.*?)</style>", page.text, re.DOTALL)
    assert style
    assert b64encode(sha256(style[1].encode()).digest()).decode() in page.headers["content-security-policy"]


def test_without_a_public_address_there_are_no_pages(migrated: Path, tmp_path: Path) -> None:
    shutil.copy(migrated, tmp_path / "detente.db")
    closed = service(tmp_path, public_url=None)
    with TestClient(build(closed), "http://localhost") as client:
        assert client.get("/confirm/x").status_code == 404
        assert "Nothing here" not in client.get("/confirm/x").text
    closed.close()


@pytest.mark.parametrize(
    "wrong", [{"secret_key": "short"}, {"secret_key": None, "database_url": "postgresql://u@127.0.0.1:1/x"}]
)
def test_without_a_good_key_the_pages_ask_to_come_again_and_say_no_more(tmp_path: Path, wrong: dict[str, Any]) -> None:
    broken = service(tmp_path, **wrong)
    with TestClient(build(broken), "http://localhost", raise_server_exceptions=False) as client:
        for method, page in (("GET", "confirm"), ("POST", "confirm"), ("GET", "unsubscribe"), ("POST", "unsubscribe")):
            answer = client.request(method, f"/{page}/x")
            assert (answer.status_code, "secret_key" in answer.text) == (503, False)
    broken.close()


# --- canaries


def test_no_address_and_no_link_is_shown_or_logged(
    client: TestClient,
    detente: Detente,
    sent: list[Confirmation],
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with caplog.at_level(logging.DEBUG):
        one = agreed(client, sent)
        client.post(f"{URL}/{one}/channels", json={"name": "hook", "address": HOOK})
        link = leaving(detente, one)
        seen = [client.get(URL), client.get(f"{URL}/{one}"), client.patch(f"{URL}/{one}", json={"zone": "Asia/Tehran"})]
        exported = client.get(f"{URL}/{one}/export")
        client.post(link)
        client.get("/openapi.json")
    assert MAILBOX in exported.text
    told = capsys.readouterr()
    logged = "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpx2"))
    )
    everything = "".join(answer.text for answer in seen) + logged + told.out + told.err
    everything += repr(dump(detente.units.engine)) + repr(detente.subscribers) + repr(sent) + repr(detente.address_book)  # type: ignore[attr-defined]
    for secret in ("CANARY", sent[0].code, sent[0].link.rpartition("/")[2], link.rpartition("/")[2], "k" * 40):
        assert secret not in everything
