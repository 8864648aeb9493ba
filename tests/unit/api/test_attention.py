"""Silences and acknowledgements over HTTP and on the command line."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from service.api.app import build
from service.bootstrap import Detente
from service.cli.main import app
from service.domain.alerting.rule import State
from service.errors import ConfigError, NotFound
from tests.contract.test_alerts import ALERT, DYAD
from tests.unit.api.test_app import detente

__all__ = ["detente"]
MATCHER = f'subject="{DYAD}"'


@pytest.fixture
def client(detente: Detente) -> Iterator[TestClient]:
    with detente.units() as unit:
        unit.alerts.save(ALERT)
    with TestClient(build(detente), "http://localhost", raise_server_exceptions=False) as client:
        yield client
    detente.close()


def asked(**changes: Any) -> dict[str, Any]:
    ends = (datetime.now(UTC) + timedelta(hours=8)).isoformat()
    return {"matchers": [MATCHER], "ends_at": ends, "author": "ops", "comment": "known", **changes}


def test_a_silence_is_made_shown_and_ended(client: TestClient) -> None:
    made = client.post("/api/v1/silences", json=asked())
    assert made.status_code == 201
    assert (made.json()["state"], made.json()["matchers"]) == ("active", [MATCHER])
    (listed,) = client.get("/api/v1/silences").json()
    assert (listed["id"], listed["alerts"]) == (made.json()["id"], [ALERT.id])
    ended = client.delete(f"/api/v1/silences/{listed['id']}")
    assert (ended.status_code, ended.json()["state"]) == (200, "expired")
    assert client.get("/api/v1/silences").json() == []
    assert [s["state"] for s in client.get("/api/v1/silences?all=true").json()] == ["expired"]


def test_who_keeps_alerts_quiet_or_takes_them_on_is_written_down(client: TestClient, detente: Detente) -> None:
    made = client.post("/api/v1/silences", json=asked(author="Kim")).json()
    client.delete(f"/api/v1/silences/{made['id']}")
    client.delete(f"/api/v1/silences/{made['id']}")
    client.post(f"/api/v1/alerts/{ALERT.id}/acknowledgement", json={"author": "Kim"})
    with detente.units(read_only=True) as unit:
        told = [(entry.actor, entry.action, entry.subject) for entry in unit.audit.entries()]
    assert told == [
        ("local:Kim", "silence.add", f"silence:{made['id']}"),
        ("local", "silence.expire", f"silence:{made['id']}"),
        ("local:Kim", "alert.acknowledge", f"alert:{ALERT.id}"),
    ]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"matchers": []}, "matchers"),
        ({"matchers": ['severity=~"(a+)+$"']}, "is refused"),
        ({"matchers": ['subject=~".*"']}, "would hold for all"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "end after it starts"),
        ({"ends_at": "2026-03-01T12:00:00"}, "ends_at"),
        ({"ends_at": "2199-01-01T00:00:00Z"}, "366 d at most"),
        ({"nonsense": 1}, "nonsense"),
        ({"author": ""}, "author"),
    ],
)
def test_a_bad_silence_is_refused_with_a_reason(client: TestClient, changes: dict[str, Any], says: str) -> None:
    answer = client.post("/api/v1/silences", json=asked(**changes))
    assert answer.status_code == 422
    assert says in answer.text
    assert client.get("/api/v1/silences").json() == []


def test_an_unknown_silence_is_not_found(client: TestClient) -> None:
    assert client.delete("/api/v1/silences/nothing").status_code == 404


def test_an_alert_is_taken_on_while_it_fires(client: TestClient, detente: Detente) -> None:
    taken = client.post(f"/api/v1/alerts/{ALERT.id[:8]}/acknowledgement", json={"author": "ops"})
    assert (taken.status_code, taken.json()["acknowledged_by"]) == (201, "ops")
    with detente.units() as unit:
        assert unit.alerts.acknowledged([ALERT.id])[ALERT.id].author == "ops"
        unit.alerts.save(ALERT.__class__(**{**_fields(), "state": State.RESOLVED}))
    again = client.post(f"/api/v1/alerts/{ALERT.id}/acknowledgement", json={"author": "ops"})
    assert (again.status_code, "only what fires" in again.text) == (409, True)
    assert client.post("/api/v1/alerts/ffff0000/acknowledgement", json={"author": "x"}).status_code == 404


def _fields() -> dict[str, Any]:
    return {name: getattr(ALERT, name) for name in ALERT.__dataclass_fields__}


def run(folder: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, [*arguments, "--data", str(folder)])


def test_the_command_line_says_the_same(client: TestClient, tmp_path: Path) -> None:
    del client
    made = run(tmp_path, "silence", "add", MATCHER, 'severity!="critical"', "--for", "2h", "--by", "ops", "--json")
    assert made.exit_code == 0, made.output
    listed = run(tmp_path, "silence", "list")
    assert "ops" in listed.output
    silence_id = (
        listed.output.split("│")[1].split()[0] if "│" in listed.output else made.output.split('"id": "')[1][:16]
    )
    assert "is over" in run(tmp_path, "silence", "expire", silence_id).output
    assert isinstance(run(tmp_path, "silence", "expire", "nothing").exception, NotFound)
    assert "acknowledged by ops" in run(tmp_path, "ack", f"level/{DYAD}", "--by", "ops").output


@pytest.mark.parametrize(
    "arguments",
    [
        ("silence", "add", MATCHER, "--for", "soon"),
        ("silence", "add", "subject", "--for", "1h"),
        ("silence", "add", 'subject=~".*"', "--for", "1h"),
        ("silence", "add", MATCHER, "--for", "400d"),
    ],
)
def test_bad_use_is_told_apart_from_failure(client: TestClient, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    del client
    assert isinstance(run(tmp_path, *arguments).exception, ConfigError)
