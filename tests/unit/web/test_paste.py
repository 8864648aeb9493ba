"""A pasted text: what is shown of it, what is refused, and that nothing of it is kept."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.api.app import build
from service.bootstrap import Detente
from service.errors import ModelError, TooOften
from service.web.paste import MOST_BYTES
from tests.fakes import dump
from tests.unit.api.conftest import put_together
from tests.unit.web.readers import FakeAside

WAR = "Iran attacked Pakistan on Sunday."
HTMX = {"HX-Request": "true"}


@pytest.fixture
def detente(migrated: Path, tmp_path: Path, shipped_gazetteer: CompiledGazetteer) -> Iterator[Detente]:
    (tmp_path / "detente.db").write_bytes(migrated.read_bytes())
    found = put_together(tmp_path)
    found.gazetteer, found.aside = shipped_gazetteer, FakeAside(shipped_gazetteer)
    yield found
    found.close()


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    with TestClient(build(detente), base_url="http://localhost", follow_redirects=False) as client:
        yield client


def read(client: TestClient, text: str = WAR, **more: str) -> str:
    answer = client.post("/paste", data={"text": text, **more})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_example_is_one_link_away_and_fills_the_form(client: TestClient) -> None:
    assert 'href="/paste?example=1"' in client.get("/paste").text
    page = client.get("/paste?example=1").text
    assert "Iran and Pakistan agreed on Friday to de-escalate" in page
    assert 'value="2024-01-19T18:00"' in page
    assert 'id="event-1"' not in page


def test_a_text_is_read_marked_and_weighed(client: TestClient) -> None:
    page = read(client, title="A strike")
    assert '<strong class="label">ESCALATION</strong>' in page
    assert '<mark class="escalation" id="sentence-1"' in page
    assert 'href="/subjects/dyad:IRN-PAK">Iran–Pakistan</a>' in page
    assert '<span class="direction up">escalation</span>' in page
    assert "A strike" in page


def test_a_script_gets_the_result_alone(client: TestClient) -> None:
    answer = client.post("/paste", data={"text": WAR}, headers=HTMX)
    assert "<h2>What it says</h2>" in answer.text
    assert "<html" not in answer.text


def test_nothing_of_it_is_kept(client: TestClient, detente: Detente) -> None:
    engine = detente.units.engine  # type: ignore[attr-defined]
    before = dump(engine)
    read(client)
    assert dump(engine) == before


def test_hostile_text_stays_text(client: TestClient) -> None:
    evil = f'{WAR}\n<script>alert(1)</script> " onload="x \x00\u202e'
    page = read(client, evil, title="<b>Iran</b>", publisher='"><i>')
    for raw in ("<script>alert", "<b>Iran", '"><i>', "\u202e"):
        assert raw not in page
    assert "&lt;script&gt;" in page


def test_a_date_is_that_of_the_text_and_one_that_is_none_is_told(client: TestClient, detente: Detente) -> None:
    read(client, published_at="2024-01-19T18:00")
    assert detente.aside.asked[-1].published_at.isoformat() == "2024-01-19T18:00:00+00:00"  # type: ignore[attr-defined]
    wrong = client.post("/paste", data={"text": WAR, "published_at": "yesterday"})
    assert (wrong.status_code, "published_at must be a time" in wrong.text, WAR in wrong.text) == (422, True, True)


@pytest.mark.parametrize("text", ["", "  \n", "… — !"])
def test_what_has_no_words_is_refused_and_says_so(client: TestClient, text: str) -> None:
    answer = client.post("/paste", data={"text": text})
    assert answer.status_code == 422
    assert "message error" in answer.text


def test_too_much_text_is_not_read(client: TestClient, detente: Detente) -> None:
    answer = client.post("/paste", data={"text": "é" * (MOST_BYTES // 2 + 1)})
    assert (answer.status_code, "larger than 100 kB" in answer.text) == (422, True)
    assert detente.aside.asked == []  # type: ignore[attr-defined]


def test_while_another_text_is_read_one_is_told_when_to_come_again(client: TestClient, detente: Detente) -> None:
    detente.aside = FakeAside(detente.gazetteer, TooOften("another text is being read", 2.5))
    answer = client.post("/paste", data={"text": WAR})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
    assert WAR in answer.text


def test_a_model_that_fails_is_told(client: TestClient, detente: Detente) -> None:
    detente.aside = FakeAside(detente.gazetteer, ModelError("it was not read within 20 seconds"))
    answer = client.post("/paste", data={"text": WAR}, headers=HTMX)
    assert (answer.status_code, "not read within 20 seconds" in answer.text) == (503, True)


def test_texts_are_counted_a_minute(client: TestClient, detente: Detente) -> None:
    statuses = [client.post("/paste", data={"text": WAR}).status_code for _ in range(12)]
    assert statuses == [200] * 10 + [429] * 2
    assert len(detente.aside.asked) == 10  # type: ignore[attr-defined]


def test_a_language_nobody_reads_is_told_with_its_names(client: TestClient) -> None:
    page = read(client, "L'Iran a attaqué le Pakistan dimanche.")
    assert "Not read" in page
    assert "What it says" in page


def test_the_process_that_serves_pages_loads_no_model() -> None:
    code = (
        "import sys, service.api.app, service.web.site, service.adapters.aside\n"
        "print([m for m in ('transformers', 'onnxruntime', 'tokenizers') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert found.stdout.strip() == "[]"


def test_what_reads_ends_with_the_service(detente: Detente) -> None:
    detente.close()
    assert detente.aside.is_closed  # type: ignore[attr-defined]
