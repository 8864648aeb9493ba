"""Board, alert rules and reference name what `/metrics` has, and the runbook knows what the rules send people to."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from prometheus_client.metrics_core import CounterMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from ruamel.yaml import YAML

from service.adapters.telemetry.metrics import MEASURES, Durations
from service.api import metrics
from service.api.stream import Hub
from service.config.settings import Settings
from tests.docs.test_docs import anchors
from tests.unit.api.conftest import put_together
from tests.unit.deploy.promql import named

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
BOARD = json.loads((DEPLOY / "grafana" / "detente.json").read_text(encoding="utf-8"))
RULES = YAML(typ="safe").load((DEPLOY / "prometheus" / "alerts.yaml").read_text(encoding="utf-8"))
SCRAPE = YAML(typ="safe").load((DEPLOY / "prometheus" / "scrape.yaml").read_text(encoding="utf-8"))
REFERENCE = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
ALERTS = [rule for group in RULES["groups"] for rule in group["rules"]]
PANELS = [panel for panel in BOARD["panels"] if panel["type"] != "row"]
OF_PROMETHEUS = {"instance", "job"}
"""Labels that every metric gets where it is scraped."""
LABELS = {
    f"detente_{measure.name}{'_total' if measure.family_of is CounterMetricFamily else ''}": set(measure.labels)
    for measure in MEASURES
}


@pytest.fixture(scope="module")
def exported(migrated: Path) -> dict[str, set[str]]:
    """Each family that `/metrics` shows, with the names of its samples."""
    durations, app = Durations(), FastAPI()
    durations.observe("/", "GET", "200", 0.1)
    detente = put_together(migrated.parent)
    app.include_router(metrics.router(detente, Hub(detente, 1), durations))
    text = TestClient(app).get("/metrics").text
    detente.close()
    families = list(text_string_to_metric_families(text))
    assert "detente_up 1.0" in text
    return {
        f.name: {sample.name for sample in f.samples} | {f.name, *([f"{f.name}_total"] if f.type == "counter" else [])}
        for f in families
        if not f.name.endswith("_created")
    }


def expressions() -> Iterator[Any]:
    for panel in PANELS:
        for target in panel["targets"]:
            yield pytest.param(target["expr"], id=f"board {panel['title']} {target['refId']}")
    for rule in ALERTS:
        yield pytest.param(rule["expr"], id=rule["alert"])


@pytest.mark.parametrize("expression", list(expressions()))
def test_every_metric_that_is_named_is_exported_and_has_the_labels(
    expression: str, exported: dict[str, set[str]]
) -> None:
    found, known = named(expression), set().union(*exported.values())
    assert found.metrics, "an expression without a metric shows nothing"
    possible = {"le", "route", "method", "status"} | OF_PROMETHEUS
    for metric, labels in found.metrics.items():
        assert metric in known
        if metric in LABELS:
            possible |= LABELS[metric]
            assert labels <= LABELS[metric] | OF_PROMETHEUS, metric
    assert found.groupings <= possible


@pytest.mark.parametrize(
    "wrong",
    [
        "sum(detente_up",
        "detente_up)",
        "median(detente_up)",
        "detente_up{kind}",
        "detente_up{kind='a'}",
        "detente_up[5]",
        "a ? b",
    ],
)
def test_an_expression_that_is_none_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  what it says differs
        named(wrong)


def test_names_and_labels_are_found_in_an_expression() -> None:
    found = named('sum by (kind) (rate(a_total{kind="x",job=~"y"}[5m])) / on (instance) b > 0.5 or c')
    assert found.metrics == {"a_total": {"kind", "job"}, "b": set(), "c": set()}
    assert found.groupings == {"kind", "instance"}


# --- alert rules


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_every_rule_says_how_long_how_loud_what_and_what_to_do(rule: dict[str, Any]) -> None:
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert re.fullmatch(r"\d+[mh]", rule["for"])
    assert rule["labels"]["severity"] in {"warning", "critical"}
    assert set(rule["annotations"]) == {"summary", "description", "runbook"}
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    assert anchor in anchors((ROOT / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_texts_name_only_labels_that_the_expression_leaves(rule: dict[str, Any]) -> None:
    used = set(re.findall(r"\$labels\.(\w+)", " ".join(rule["annotations"].values())))
    found = named(rule["expr"])
    left = found.groupings or set().union(*(LABELS.get(metric, set()) for metric in found.metrics))
    assert used <= left


def test_rules_have_names_of_their_own() -> None:
    assert len({rule["alert"] for rule in ALERTS}) == len(ALERTS)


# --- scraping


def test_the_job_asks_where_the_interface_is() -> None:
    (job,) = SCRAPE["scrape_configs"]
    assert job["metrics_path"] == "/metrics"
    assert job["static_configs"] == [{"targets": [f"{Settings().api.host}:{Settings().api.port}"]}]
    assert [Path(path).name for path in SCRAPE["rule_files"]] == ["alerts.yaml"]


# --- board


def test_the_board_asks_the_source_that_is_chosen() -> None:
    chosen = {"type": "prometheus", "uid": "${datasource}"}
    variables = {variable["name"]: variable for variable in BOARD["templating"]["list"]}
    assert variables["datasource"]["type"] == "datasource"
    assert variables["instance"]["datasource"] == chosen
    for panel in PANELS:
        assert panel["datasource"] == chosen
        assert [target["datasource"] for target in panel["targets"]] == [chosen] * len(panel["targets"])


def test_every_panel_has_a_place_of_its_own_and_says_what_it_shows() -> None:
    taken: dict[tuple[int, int], str] = {}
    for panel in BOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        for spot in (
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        ):
            assert spot not in taken, f"{panel['title']} lies on {taken[spot]}"
            taken[spot] = panel["title"]
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])
    assert all(panel["title"] and panel["description"] for panel in PANELS)


# --- reference


def test_every_metric_has_a_row_and_every_row_is_a_metric(exported: dict[str, set[str]]) -> None:
    written = set(re.findall(r"^\| `([a-z_]+)(?:\{[a-z_, ]*\})?` \|", REFERENCE, re.MULTILINE))
    counters = {f"{name}_total" if f"{name}_total" in samples else name for name, samples in exported.items()}
    infos = {"detente_build": "detente_build_info"}
    assert written == {infos.get(name, name) for name in counters}


def test_rows_name_the_labels() -> None:
    written = {
        name: {label for label in labels.split(", ") if label}
        for name, labels in re.findall(r"^\| `([a-z_]+)\{?([a-z_, ]*)\}?` \|", REFERENCE, re.MULTILINE)
    }
    assert {name: labels for name, labels in written.items() if name in LABELS} == LABELS
