"""The pages of alerts: what they show, what can be done there and by whom, and that hostile texts stay texts."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage.database import make_engine, sqlite_url
from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Role
from service.domain.alerting.rule import Severity, State
from service.web.alerts import FEW_STEPS, PAGE
from tests.fakes import NOON, FakeClock, World
from tests.unit.api.conftest import put_together
from tests.unit.api.stories import DYAD, EVIL, QUOTES, STORY, alert, tell

GOOD = "a good long password"
HOUR = timedelta(hours=1)
SAID = {"author": "Ann", "comment": "seen"}
ME = {"label-rule": "level", "label-subject": "dyad:IRN-PAK"}


@pytest.fixture
def detente(migrated: Path, tmp_path: Path, shipped_gazetteer: CompiledGazetteer) -> Iterator[Detente]:
    (tmp_path / "detente.db").write_bytes(migrated.read_bytes())
    found = put_together(tmp_path)
    found.gazetteer, found.clock = shipped_gazetteer, FakeClock(NOON + 5 * HOUR)
    yield found
    found.close()


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), base_url="http://localhost", follow_redirects=False) as client:
        yield client


def shown(client: TestClient, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def listed(client: TestClient, query: str = "") -> list[str]:
    """The ids of the alerts in the list, in order."""
    return re.findall(r'<th scope="row"[^>]*><a href="/alerts/(\w+)"', shown(client, f"/alerts{query}"))


# --- the list


def test_while_nothing_fires_it_says_what_to_do(client: TestClient) -> None:
    page = shown(client, "/alerts")
    assert "No rule fires" in page
    assert 'href="/tune">Look at the thresholds' in page
    assert 'href="/operations">Operations</a>' in page
    assert 'data-live="/api/v1/stream"' in page


def test_alerts_are_chosen_by_what_the_address_says(client: TestClient, detente: Detente) -> None:
    old = replace(alert("country:IRN", rule="old"), since=NOON - HOUR)
    over = replace(alert("country:PAK"), state=State.RESOLVED, since=NOON - 2 * HOUR)
    calm = replace(alert("country:IND"), state=State.INACTIVE, since=NOON - 3 * HOUR)
    loud = replace(alert("country:AFG"), severity=Severity.CRITICAL, since=NOON - 4 * HOUR)
    tell(detente.units, DYAD, old, over, calm, loud, changes=())
    for query, expected in {
        "": [DYAD, old, over, loud],
        "?state=all": [DYAD, old, over, calm, loud],
        "?state=resolved": [over],
        "?state=inactive": [calm],
        "?severity=critical": [loud],
        "?rule=old": [old],
        "?subject=country:PAK": [over],
        "?subject=Iran&state=firing&severity=&rule=": [old],
        "?subject=iran+pakistan": [DYAD],
    }.items():
        assert listed(client, query) == [one.id for one in expected], query


@pytest.mark.parametrize(
    ("query", "status"),
    [("?state=x", 422), ("?severity=x", 422), ("?after=x", 422), ("?subject=Nowhereland", 404)],
)
def test_what_cannot_be_asked_is_told(client: TestClient, query: str, status: int) -> None:
    answer = client.get(f"/alerts{query}")
    assert (answer.status_code, "<h1>" in answer.text) == (status, True)


def test_a_choice_that_finds_nothing_leads_back(client: TestClient) -> None:
    assert '<a href="/alerts">Show all' in shown(client, "/alerts?rule=nobody")


def test_pages_follow_each_other_and_keep_the_choice(client: TestClient, detente: Detente) -> None:
    many = [replace(alert(f"m49:{n:03}"), since=NOON + n * HOUR) for n in range(PAGE + 3)]
    tell(detente.units, *many, changes=())
    first = shown(client, "/alerts?state=firing")
    following = re.search(r'href="(/alerts\?[^"]*after=[^"]*)" rel="next"', first)
    assert following
    second = following[1].replace("&amp;", "&")
    assert "state=firing" in second
    ids = listed(client, "?state=firing") + listed(client, second.removeprefix("/alerts"))
    assert ids == [one.id for one in reversed(many)]
    assert 'href="/alerts?state=firing">Newest</a>' in shown(client, second)


def test_a_row_says_who_has_it_and_how_high_it_was(client: TestClient, detente: Detente) -> None:
    tell(detente.units)
    client.post(f"/alerts/{DYAD.id}/acknowledgement", data=SAID)
    client.post(f"/alerts/{DYAD.id}/silence", data={**ME, **SAID, "lasts": "1h"})
    page = shown(client, "/alerts")
    assert "acknowledged by <bdi>Ann</bdi>" in page
    assert "silenced" in page
    assert 'data-label="Level" class="number">63</td>' in page
    assert "Iran–Pakistan: level" in page


# --- one alert


def test_an_alert_is_told_with_its_history_and_evidence(client: TestClient, detente: Detente) -> None:
    tell(detente.units, replace(DYAD, evidence=QUOTES, owner_groups=2))
    page = shown(client, f"/alerts/{DYAD.id}")
    assert page.count("<summary>Why, and who was told</summary>") == FEW_STEPS
    assert page.count("level 63.1 at") == len(STORY)
    full = re.search(r'href="(/alerts/\w+\?full=1)"', page)
    assert full
    assert shown(client, full[1]).count("<summary>Why, and who was told</summary>") == len(STORY)
    assert 'href="https://wire.example/1?a=1&amp;b=2" rel="noopener noreferrer">wire.example</a>' in page
    assert 'href="/articles/a1">what was read in it</a>' in page
    assert 'href="javascript' not in page
    assert "Nobody: not routed yet." in page
    assert page.index("level 63.1 at 4") < page.index("level 63.1 at 1")


def test_hostile_texts_are_shown_as_texts(client: TestClient, detente: Detente) -> None:
    tell(
        detente.units, replace(DYAD, evidence=QUOTES, reason=EVIL.replace("\ud800", ""), annotations={"summary": EVIL})
    )
    client.post(f"/alerts/{DYAD.id}/feedback", data={"verdict": "wrong", "comment": "<i>x</i>\0", "author": "<u>"})
    page = shown(client, f"/alerts/{DYAD.id}")
    for raw in ("<b>&amp;", "</alert>", "\x1b", "\ufffe", "<i>x", "local:<u>"):
        assert raw not in page
    assert "&lt;i&gt;x&lt;/i&gt;" in page


def test_what_was_decided_and_sent_is_told(
    migrated: Path, tmp_path: Path, shipped_gazetteer: CompiledGazetteer
) -> None:
    (tmp_path / "detente.db").write_bytes(migrated.read_bytes())
    engine = make_engine(sqlite_url(tmp_path))
    world = World(engine, shipped_gazetteer)
    world.firing()
    world.tell()
    detente = put_together(tmp_path)
    detente.gazetteer, detente.clock = shipped_gazetteer, world.clock
    with TestClient(build(detente), base_url="http://localhost") as client:
        [one] = listed(client, "?subject=dyad:IRN-PAK")
        page = shown(client, f"/alerts/{one}")
        asked = shown(client, "/why-not?receiver=desk&subject=Iran+Pakistan")
    engine.dispose()
    detente.close()
    assert "What the rule said" in page
    assert "desk/mail: sent" in page
    assert re.search(r"points \(\+\d\.\d{4} a day\): <q[^>]*>Iran attacked Pakistan", page)
    assert "2 independent owners" in page
    assert "it went to desk" in asked
    assert "was told, by rule level" in asked


@pytest.mark.parametrize("path", ["/alerts/nobody", "/alerts/0123456789abcdef"])
def test_an_unknown_alert_is_told(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, "there is no alert" in answer.text) == (404, True)


# --- what can be done


def test_an_alert_is_taken_on_once_it_fires(client: TestClient, detente: Detente) -> None:
    over = replace(alert("country:PAK"), state=State.RESOLVED)
    tell(detente.units, DYAD, over)
    done = client.post(f"/alerts/{DYAD.id}/acknowledgement", data=SAID)
    assert (done.status_code, done.headers["location"]) == (303, f"/alerts/{DYAD.id}?done=acknowledged")
    page = shown(client, done.headers["location"])
    assert "by <bdi>Ann</bdi>" in page
    assert "<bdi>seen</bdi>" in page
    assert "Taken on." in page
    assert client.post(f"/alerts/{over.id}/acknowledgement", data=SAID).status_code == 409
    assert client.post("/alerts/nobody/acknowledgement", data=SAID).status_code == 404
    assert client.post(f"/alerts/{DYAD.id}/acknowledgement", data={"comment": "x"}).status_code == 422


@pytest.mark.parametrize(
    ("form", "ends"),
    [
        ({"lasts": "1h"}, HOUR),
        ({"lasts": "8h"}, 8 * HOUR),
        ({"lasts": "1d"}, 24 * HOUR),
        ({"lasts": "1w"}, 7 * 24 * HOUR),
        ({"lasts": "until", "until": "2026-03-01T20:30"}, 3.5 * HOUR),
    ],
)
def test_an_alert_is_kept_quiet_for_as_long_as_is_asked(
    client: TestClient, detente: Detente, form: dict[str, str], ends: timedelta
) -> None:
    tell(detente.units)
    done = client.post(f"/alerts/{DYAD.id}/silence", data={**ME, **SAID, **form})
    assert done.headers["location"] == f"/alerts/{DYAD.id}?done=silenced"
    with detente.units(read_only=True) as unit:
        [made] = unit.silences.all()
    assert made.ends_at == detente.clock.now() + ends
    assert {str(matcher) for matcher in made.matchers} == {'rule="level"', 'subject="dyad:IRN-PAK"'}
    assert (made.author, made.comment) == ("Ann", "seen")
    assert '(<a href="/silences">silences</a>)' in shown(client, f"/alerts/{DYAD.id}")


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "tick those"),
        ({"label-rule": ""}, "tick those"),
        ({"label-rule": "level", "lasts": "forever"}, "until: choose"),
        ({"label-rule": "level", "lasts": "until", "until": "2026-03-01T16:59"}, "a time to come"),
        ({"label-rule": "level", "lasts": "until", "until": "soon"}, "write a time"),
        ({"label-rule": "level", "lasts": "until", "until": "2036-03-01T16:59"}, "at most"),
        ({"label-rule": "level", "author": " "}, "say who you are"),
        ({"label-rule": "level", "comment": "x" * 2001}, "2000 signs at most"),
    ],
)
def test_a_silence_that_cannot_be_is_refused_and_says_why(
    client: TestClient, detente: Detente, form: dict[str, str], said: str
) -> None:
    tell(detente.units)
    answer = client.post(f"/alerts/{DYAD.id}/silence", data={**SAID, "lasts": "1h", **form})
    assert (answer.status_code, said in answer.text) == (422, True), answer.text
    with detente.units(read_only=True) as unit:
        assert unit.silences.all() == []


def test_silences_are_listed_and_ended(client: TestClient, detente: Detente) -> None:
    assert "No silence is in force" in shown(client, "/silences")
    tell(detente.units)
    client.post(f"/alerts/{DYAD.id}/silence", data={**ME, **SAID, "lasts": "1h", "comment": "<b>"})
    page = shown(client, "/silences")
    assert f'href="/alerts/{DYAD.id}">Iran–Pakistan: level</a>' in page
    assert "<bdi>&lt;b&gt;</bdi>" in page
    [silence] = re.findall(r'action="/silences/(\w+)/expire"', page)
    done = client.post(f"/silences/{silence}/expire")
    assert done.headers["location"] == "/silences?done=expired"
    assert "No silence is in force" in shown(client, "/silences")
    assert "expired" in shown(client, "/silences?every=1")
    assert client.post("/silences/nobody/expire").status_code == 404


def test_words_on_an_alert_are_counted_and_the_last_of_each_counts(client: TestClient, detente: Detente) -> None:
    tell(detente.units)
    for author, verdict in (("Ann", "wrong"), ("Bob", "wrong"), ("Ann", "right")):
        done = client.post(f"/alerts/{DYAD.id}/feedback", data={"verdict": verdict, "author": author})
        assert done.headers["location"] == f"/alerts/{DYAD.id}?done=feedback"
    page = shown(client, f"/alerts/{DYAD.id}")
    assert "1 say right, 1 say wrong" in page
    assert "<bdi>local:Ann</bdi>" in page
    assert client.post(f"/alerts/{DYAD.id}/feedback", data={"verdict": "maybe"}).status_code == 422
    assert client.post("/alerts/nobody/feedback", data={"verdict": "right"}).status_code == 404


# --- who may


ACTIONS = ("acknowledgement", "silence", "feedback")


@pytest.mark.parametrize(
    ("role", "may"),
    [(Role.VIEWER, set()), (Role.SUBSCRIBER, {"feedback"}), (Role.OPERATOR, set(ACTIONS)), (Role.ADMIN, set(ACTIONS))],
)
def test_everybody_sees_and_does_what_their_role_allows(
    client: TestClient, detente: Detente, role: Role, may: set[str]
) -> None:
    tell(detente.units)
    detente.doorkeeper.accept(detente.doorkeeper.invite(role, "cli:test"), "desk", GOOD)
    client.post("/sign-in", data={"name": "desk", "password": GOOD})
    page = shown(client, f"/alerts/{DYAD.id}")
    assert set(re.findall(rf'action="/alerts/{DYAD.id}/(\w+)"', page)) == may
    assert "Your name" not in page
    found = re.search(r'name="csrf-token" content="(\w+)"', page)
    assert found
    form = {**ME, "lasts": "1h", "verdict": "right", "author": "Somebody Else"}
    for action in ACTIONS:
        path = f"/alerts/{DYAD.id}/{action}"
        assert client.post(path, data=form).status_code == 403, "without the word of the session"
        assert client.post(path, data={**form, "csrf": found[1]}).status_code == (303 if action in may else 403)
    assert client.post("/silences/x/expire", data={"csrf": found[1]}).status_code == (404 if "silence" in may else 403)
    assert "Somebody Else" not in shown(client, f"/alerts/{DYAD.id}")


# --- why not


def test_the_question_why_not_is_answered_link_by_link(client: TestClient, detente: Detente) -> None:
    assert "<h2>Answer</h2>" not in shown(client, "/why-not")
    page = shown(client, "/why-not?receiver=desk&subject=dyad:IRN-PAK&at=2026-03-01T12:00")
    assert "<h2>Answer</h2>" in page
    assert "was asked: breaks" in page
    assert "watches the subject: holds" in page
    assert page.count("<details") == len(detente.rules)


@pytest.mark.parametrize(
    ("query", "status", "said"),
    [
        ("receiver=nobody&subject=Nowhere", 404, "nobody knows the subject"),
        ("receiver=nobody&subject=country:ZZZ", 404, "is no country code"),
        ("receiver=nobody&subject=Iran&at=noon", 422, "write a time"),
    ],
)
def test_a_question_that_cannot_be_answered_keeps_its_words(
    client: TestClient, query: str, status: int, said: str
) -> None:
    answer = client.get(f"/why-not?{query}")
    assert (answer.status_code, said in answer.text) == (status, True), answer.text
    assert 'value="nobody"' in answer.text
