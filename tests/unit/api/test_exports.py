"""Tables over HTTP and on the command line: complete, in order, and never whole in memory."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import insert

from service.adapters.storage.records import event_to_json
from service.adapters.storage.schema import article as article_table
from service.adapters.storage.schema import event as event_table
from service.api.app import build
from service.bootstrap import Detente
from service.cli.exporting import export as export_command
from service.domain.alerting.rule import Severity, State
from service.errors import ConfigError
from service.operations.export import COLUMNS, MOST_DAYS, PAGE, Chosen, Shelf, check, written
from service.operations.table import Form, What
from service.pipeline.score import enter
from tests.contract.test_articles import an_event
from tests.contract.test_ledger import report
from tests.fakes import NOON, article
from tests.unit.api.conftest import put_together
from tests.unit.api.stories import DYAD, HOUR, QUOTES, STORY, alert, change, tell

MANY = 50_000


def read(client: TestClient, what: str, query: str = "") -> list[dict[str, Any]]:
    """The rows as JSON; the CSV is checked to hold as many and the same columns."""
    lines = client.get(f"/api/v1/export/{what}.jsonl?{query}")
    assert lines.status_code == 200, lines.text
    assert lines.headers["Content-Type"].startswith("application/jsonl")
    rows = [json.loads(line) for line in lines.text.splitlines()] if lines.text else []
    table = client.get(f"/api/v1/export/{what}.csv?{query}")
    assert table.headers["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert table.headers["Content-Disposition"] == f'attachment; filename="detente-{what}.csv"'
    found = list(csv.DictReader(io.StringIO(table.content.decode(), newline=""), strict=True))
    assert [tuple(row) for row in rows] == [COLUMNS[What(what)]] * len(rows)
    assert tuple(next(csv.reader([table.text.split("\r\n")[0]]))) == COLUMNS[What(what)]
    assert [row["at"] for row in found] == [row["at"] for row in rows]
    return rows


def store_events(detente: Detente, number: int = 5, booked: int = 3) -> None:
    with detente.units() as unit:
        for n in range(number):
            unit.articles.add(article(f"a{n}"), "test", f"h{n}")
            unit.articles.save_events(f"a{n}", [an_event(f"a{n}", at=NOON - timedelta(minutes=n))])
    with detente.units(serial=True) as unit:
        enter([report(n) for n in range(booked)], unit, detente.gazetteer.geography, NOON)


def test_changes_of_alerts(client: TestClient, detente: Detente) -> None:
    other = alert("country:FRA")
    tell(detente.units, DYAD, other, changes=[*STORY, change(other, 9, State.PENDING, State.FIRING)])
    rows = read(client, "alerts")
    assert [row["subject"] for row in rows] == ["dyad:IRN-PAK"] * 5 + ["country:FRA"]
    first = rows[0]
    assert (first["at"], first["from"], first["to"], first["severity"], first["confirmed"]) == (
        "2026-03-01T12:00:00Z", "pending", "firing", "info", False,
    )  # fmt: skip
    assert (first["rule"], first["kind"], first["alert"], first["id"]) == ("level", "LEVEL", DYAD.id, STORY[0].id)
    assert (first["level"], first["level_before"], first["owner_groups"]) == (63.12, 10.5, 1)
    assert first["quotes"] == [quote.text.replace("\ud800", "?") for quote in QUOTES]
    assert len(read(client, "alerts", "subject=country:FRA")) == 1
    assert len(read(client, "alerts", "since=2026-03-01T13:00:00Z&until=2026-03-01T15:00:00Z")) == 2


def test_events(client: TestClient, detente: Detente) -> None:
    store_events(detente)
    rows = read(client, "events")
    assert [row["id"] for row in rows] == [f"a{n}#0" for n in (4, 3, 2, 1, 0)]
    last = rows[-1]
    assert (last["article"], last["publisher"], last["signal"], last["type"]) == (
        "a0",
        "Reuters",
        "escalation",
        "ASSAULT",
    )
    assert (last["actors"], last["recipients"], last["intensity"]) == (["IRN"], ["PAK", "PAK:BLA"], -9.5)
    assert last["casualties"] == "killed at least 9 (soldiers)"
    assert {row["id"] for row in read(client, "events", "subject=dyad:PAK-IRN")} == {"a0#0", "a1#0", "a2#0"}
    assert read(client, "events", "subject=country:FRA") == []
    assert [r["id"] for r in read(client, "events", "since=2026-03-01T11:58:00Z&until=2026-03-01T12:00:00Z")] == [
        "a2#0",
        "a1#0",
    ]


def test_scores_day_by_day(client: TestClient, detente: Detente, folder: Path) -> None:
    store_events(detente)
    days = "since=2026-02-28T13:00:00Z&until=2026-03-02T13:00:00Z"
    rows = read(client, "scores", f"subject=dyad:IRN-PAK&{days}")
    assert [row["at"] for row in rows] == [f"2026-{day}T13:00:00Z" for day in ("02-28", "03-01", "03-02")]
    assert rows[0]["level"] == 0
    assert rows[1]["level"] > 0
    assert rows[1]["low"] <= rows[1]["level"] <= rows[1]["high"]
    assert any(version.startswith("scale ") for version in rows[1]["versions"])
    one_day = read(client, "scores", "until=2026-03-01T13:00:00Z")
    assert {"dyad:IRN-PAK", "country:IRN", "country:PAK"} <= {row["subject"] for row in one_day}
    shown = {row["subject"]: row["level"] for row in one_day}
    assert shown["dyad:IRN-PAK"] == rows[1]["level"]
    assert len(read(client, "scores", days)) == 3 * len(one_day)


@pytest.mark.parametrize("what", What)
def test_an_empty_table_has_its_head(client: TestClient, what: What) -> None:
    assert read(client, what) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("alerts.csv?since=2026-03-01T00:00:00", 422),
        ("alerts.csv?since=soon", 422),
        ("alerts.csv?since=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z", 422),
        ("scores.csv?since=1990-03-02T00:00:00Z&until=2026-03-01T00:00:00Z", 422),
        ("events.csv?subject=Iran", 422),
        ("alerts.xlsx", 422),
        ("wars.csv", 422),
        ("alerts", 404),
        ("scores.csv?subject=watch:nobody", 404),
    ],
)
def test_what_cannot_be_asked_for(client: TestClient, path: str, status: int) -> None:
    answer = client.get(f"/api/v1/export/{path}")
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_the_token_guards_them(folder: Path) -> None:
    guarded = put_together(folder, api={"token": "CANARY"})
    with TestClient(build(guarded), "http://localhost") as client:
        assert client.get("/api/v1/export/alerts.csv").status_code == 401
        assert client.get("/api/v1/export/alerts.csv", headers={"Authorization": "Bearer CANARY"}).status_code == 200
    guarded.units.engine.dispose()  # type: ignore[attr-defined]


@pytest.fixture
def stuffed(detente: Detente) -> Detente:
    """Fifty thousand events."""
    body = event_to_json(an_event())
    plain = {"text": "x", "publisher": "P", "url": "", "published_at": NOON, "fetched_at": NOON, "origin": "o"}
    rows = {"state": "scored", "created_at": NOON, "updated_at": NOON}
    with detente.units.engine.begin() as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        shared = {"ordinal": 0, "signal": "escalation", "type": "ASSAULT", "role": "lead", "body": body}
        for batch in range(0, MANY, 5000):
            ns = range(batch, batch + 5000)
            articles = [{"id": f"a{n}", "title": "t", "content_hash": str(n), **plain, **rows} for n in ns]
            connection.execute(insert(article_table), articles)
            at = {n: NOON + timedelta(seconds=n // 7) for n in ns}
            events = [{"id": f"a{n}#0", "article_id": f"a{n}", "at": at[n], **shared} for n in ns]
            connection.execute(insert(event_table), events)
    return detente


@pytest.mark.slow
def test_a_large_table_is_never_whole_in_memory(stuffed: Detente) -> None:
    shelf = Shelf(stuffed.units, stuffed.gauge, {})
    pieces: Iterator[bytes] = written(Chosen(What.EVENTS), Form.JSONL, shelf, NOON)
    rows = next(pieces).count(b"\n")
    assert rows == PAGE, "the first rows come before the others are read"
    size, process = 0, psutil.Process()
    before = most = process.memory_info().rss
    for piece in pieces:
        rows += piece.count(b"\n")
        size += len(piece)
        most = max(most, process.memory_info().rss)
    assert rows == MANY
    assert size > 25_000_000
    assert most - before < size / 3, f"{most - before} bytes more for a table of {size}"


def command(capsys: pytest.CaptureFixture[bytes], detente: Detente, *chosen: Any) -> bytes:
    export_command(detente, *chosen)
    return capsys.readouterr().out


def test_the_command_prints_the_same(
    capsysbinary: pytest.CaptureFixture[bytes], client: TestClient, detente: Detente
) -> None:
    tell(detente.units)
    store_events(detente)
    for what in (What.ALERTS, What.EVENTS):
        for form in Form:
            said = command(capsysbinary, detente, what, form, None, None, None)
            assert said == client.get(f"/api/v1/export/{what}.{form}").content
    since, until = "2026-03-01T13:00:00Z", "2026-03-01T14:00:00"
    one = command(capsysbinary, detente, What.ALERTS, Form.JSONL, since, until, "dyad:PAK-IRN")
    assert [json.loads(line)["severity"] for line in one.splitlines()] == [str(Severity.HIGH)]
    with pytest.raises(ConfigError, match="--since, --until: since is after until"):
        export_command(detente, What.ALERTS, Form.CSV, until, since, None)
    with pytest.raises(ConfigError, match="--until: 'soon' is no time"):
        export_command(detente, What.ALERTS, Form.CSV, None, "soon", None)
    with pytest.raises(ConfigError, match="no country code"):
        export_command(detente, What.ALERTS, Form.CSV, None, None, "country:QQQ")


def test_scores_of_too_many_days_are_refused() -> None:
    last = NOON + MOST_DAYS * 24 * HOUR
    check(Chosen(What.SCORES, NOON, last), NOON)
    with pytest.raises(ValueError, match="in parts"):
        check(Chosen(What.SCORES, NOON, last + HOUR), NOON)
    check(Chosen(What.EVENTS, NOON, last + HOUR), NOON)
    with pytest.raises(ValueError, match="after"):
        check(Chosen(What.SCORES, NOON + HOUR), NOON)
