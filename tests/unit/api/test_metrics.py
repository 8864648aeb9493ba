"""`/metrics` on an application of its own."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse

from service.adapters.telemetry.metrics import Durations
from service.api import metrics
from service.api.stream import Hub
from service.api.timing import Timing
from service.bootstrap import Detente, shipped
from service.operations.status import CONFIGURATION
from tests.fakes import article
from tests.unit.api.conftest import put_together
from tests.unit.api.stories import tell

SECRET = "tokentokentoken"
ROUTES = f"""
receivers:
  - name: desk
    channels:
      - name: chat
        url: slack://{SECRET}/{SECRET}/{SECRET}/#room
route:
  receiver: desk
"""
Samples = dict[str, dict[tuple[tuple[str, str], ...], float]]


@pytest.fixture
def hub(detente: Detente) -> Hub:
    return Hub(detente, 7)


@pytest.fixture
def client(detente: Detente, hub: Hub) -> Iterator[TestClient]:
    return of(detente, hub)


def of(detente: Detente, hub: Hub) -> TestClient:
    durations, app = Durations(), FastAPI()
    app.add_middleware(Timing, observe=durations.observe)
    app.include_router(metrics.router(detente, hub, durations, kept=0.0))
    return TestClient(app)


def scrape(client: TestClient) -> Samples:
    """Name → labels → value."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    found: Samples = {}
    for family in parse(answer.text):
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return found


def test_it_is_text_that_prometheus_reads(client: TestClient) -> None:
    answer = client.get("/metrics")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    helped = {family.name: family.documentation for family in parse(answer.text)}
    assert all(text.endswith(".") for name, text in helped.items() if name.startswith("detente_"))


def test_it_is_openmetrics_where_that_is_asked_for(client: TestClient) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert "detente_up" in {family.name for family in parse_openmetrics(answer.text)}


def test_it_tells_of_the_service(client: TestClient, detente: Detente) -> None:
    detente.take_in([article("a1"), article("a2")], "test")
    tell(detente.units)
    found = scrape(client)
    assert found["detente_up"] == {(): 1}
    assert found["detente_ready"] == {(): 0}
    assert found["detente_rows"][("kind", "article"), ("state", "received")] == 2
    assert found["detente_alerts"] == {(("rule", "level"), ("severity", "high"), ("state", "firing")): 1}
    assert dict(next(iter(found["detente_build_info"])))["version"] == detente.versions["detente"]


def test_a_configuration_that_was_refused_shows(client: TestClient, detente: Detente) -> None:
    assert scrape(client)["detente_config_refused"] == {(): 0}
    with detente.units() as unit:
        unit.marks.set(CONFIGURATION, "rules.yaml:1: wrong")
    assert scrape(client)["detente_config_refused"] == {(): 1}


def test_places_on_the_stream_are_counted(client: TestClient, hub: Hub) -> None:
    hub.admit()
    hub.admit()
    found = scrape(client)
    assert (found["detente_streams"], found["detente_streams_limit"]) == ({(): 2}, {(): 7})


def test_requests_are_timed_by_template(client: TestClient) -> None:
    client.get("/metrics")
    client.get("/nobody/serves/this")
    counted = scrape(client)["detente_http_request_duration_seconds_count"]
    assert counted == {
        (("method", "GET"), ("route", "/metrics"), ("status", "200")): 1,
        (("method", "GET"), ("route", "unknown"), ("status", "404")): 1,
    }


def test_a_database_that_is_not_migrated_is_down(tmp_path: Path) -> None:
    detente = put_together(tmp_path)
    client = of(detente, Hub(detente, 1))
    assert scrape(client)["detente_up"] == {(): 0}
    found = scrape(client)
    assert found["detente_look_failures_total"] == {(): 2}
    assert "detente_rows" not in found
    assert found["detente_streams_limit"] == {(): 1}, "what this process knows by itself is told"


def test_a_database_that_is_away_is_down_and_the_address_is_not_told(tmp_path: Path) -> None:
    pytest.importorskip("psycopg")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"postgresql://detente:{SECRET}@127.0.0.1:{taken.getsockname()[1]}/detente"
    detente = put_together(tmp_path, database_url=url)
    client = of(detente, Hub(detente, 1))
    assert scrape(client)["detente_up"] == {(): 0}
    assert SECRET not in client.get("/metrics").text
    detente.close()


def configured(folder: Path, routes: str) -> Detente:
    """A service whose routes are these."""
    config = folder / "config"
    config.mkdir()
    for path in shipped("config").glob("*.yaml"):
        (config / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    (config / "routes.yaml").write_text(routes, encoding="utf-8")
    found = put_together(folder)
    return Detente(config, {"data_dir": str(folder), "broker_url": f"filesystem://{found.data_dir}"})


def test_channels_are_named_and_their_addresses_are_not(folder: Path) -> None:
    detente = configured(folder, ROUTES)
    client = of(detente, Hub(detente, 1))
    found = scrape(client)
    assert found["detente_channel_resting"] == {
        (("channel", "chat"), ("channel_kind", "slack"), ("receiver", "desk")): 0
    }
    assert found["detente_notifications"][("channel_kind", "slack"), ("state", "sent")] == 0
    assert SECRET not in client.get("/metrics").text
    detente.close()


def test_a_configuration_that_was_wrong_from_the_start_is_said(folder: Path) -> None:
    detente = configured(folder, "receivers: 5\n")
    found = scrape(of(detente, Hub(detente, 1)))
    assert (found["detente_up"], found["detente_config_refused"]) == ({(): 1}, {(): 1})
    detente.close()
