"""The interface answers as it describes itself: requests made up from its description, always the same ones."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.config import GenerationConfig, ProjectConfig, ProjectsConfig, SchemathesisConfig
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Scope
from service.domain.alerting.feedback import Verdict
from service.domain.alerting.matcher import parse_matchers
from service.operations import silencing
from service.operations.feedback import Word, say
from service.pipeline.score import enter
from tests.contract.test_alerts import ALERT, TRANSITION
from tests.contract.test_articles import an_event
from tests.contract.test_ledger import report
from tests.fakes import NOON, article
from tests.unit.api.access_table import INTERFACE, OWN
from tests.unit.api.conftest import put_together

EXAMPLES = 12
"""Requests to each route that follow the description, and as many that do not."""
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
APART = {"GET /api/v1/stream", "GET /metrics"}
"""The first has no end, the other is for Prometheus and not described."""
NOT_READY = {"/readyz"}
"""Says with 503 that no worker runs, which is true here."""
HERE = {"Host": "localhost"}
ROUTES = [
    tuple(route.replace(":path}", "}").split())
    for route in {**INTERFACE, **OWN}
    if route not in APART and not route.split()[1].startswith("/subscriptions")
]


@pytest.fixture(scope="module")
def detente(
    migrated: Path, tmp_path_factory: pytest.TempPathFactory, shipped_gazetteer: CompiledGazetteer
) -> Iterator[Detente]:
    """A service in which something of everything is stored."""
    folder = tmp_path_factory.mktemp("conformance")
    shutil.copy(migrated, folder / "detente.db")
    found = put_together(folder, secret_key="k" * 40)
    with found.units() as unit:
        for n in range(3):
            unit.articles.add(article(f"a{n}"), "test", f"h{n}")
            unit.articles.save_events(f"a{n}", [an_event(f"a{n}")])
        unit.alerts.save(ALERT)
        unit.alerts.add_transition(TRANSITION)
        unit.alerts.save(replace(ALERT, subject="country:IRN"))
    with found.units(serial=True) as unit:
        enter([report(n) for n in range(3)], unit, shipped_gazetteer.geography, NOON)
    found.subscribers.add({"name": "Newsroom"}, "test")
    found.doorkeeper.issue("feeder", [Scope.PUSH], "test", timedelta(days=1))
    say(found.units, found.clock, ALERT.id, Word(Verdict.RIGHT, "account:ann", "Well seen."))
    silencing.add(found.units, found.clock, parse_matchers("kind=LEVEL"), timedelta(hours=1), "me", "Tests.")
    yield found
    found.close()


@pytest.fixture(scope="module")
def schema(detente: Detente) -> Any:
    """The description as others read it; whoever asks is on this machine, so that it needs no key."""
    generation = GenerationConfig(with_security_parameters=False, deterministic=True, database="none")
    config = SchemathesisConfig(projects=ProjectsConfig(default=ProjectConfig(generation=generation)))
    return schemathesis.openapi.from_asgi("/openapi.json", build(detente), config=config, headers=HERE)


def modes(operation: Any) -> list[GenerationMode]:
    """What can be asked: of a route that takes nothing but texts in its path nothing is wrong."""
    raw = operation.definition.raw
    can_be_wrong = "requestBody" in raw or any(p["in"] == "query" for p in raw.get("parameters", ()))
    return [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if can_be_wrong else [])]


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_it_answers_as_it_says(schema: Any, method: str, path: str) -> None:
    operation = schema[path][method]
    for mode in modes(operation):

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            checks = CHECKS[1:] if path in NOT_READY else CHECKS
            case.validate_response(case.call(headers=HERE), checks=checks)

        ask()


def key_of(detente: Detente, what: str) -> str:
    """The id of something that is stored."""
    with detente.units(read_only=True) as unit:
        return {
            "alert": ALERT.id,
            "article_id": "a1",
            "identifier": TRANSITION.id,
            "key_id": unit.accounts.every_key()[0].id,
            "silence_id": unit.silences.all()[0].id,
            "subject": "dyad:IRN-PAK",
            "subscriber_id": unit.subscribers.all()[0].id,
        }[what]


FOUND = [
    ("GET", "/api/v1/articles/{article_id}"),
    ("GET", "/api/v1/alerts/{alert}/why"),
    ("GET", "/api/v1/cap/{identifier}"),
    ("GET", "/api/v1/subscriptions/{subscriber_id}"),
    ("GET", "/api/v1/subscriptions/{subscriber_id}/export"),
    ("GET", "/api/v1/articles"),
    ("GET", "/api/v1/events"),
    ("GET", "/api/v1/alerts"),
    ("GET", "/api/v1/silences"),
    ("GET", "/api/v1/feedback"),
    ("GET", "/api/v1/keys"),
    ("GET", "/api/v1/audit"),
    ("GET", "/api/v1/subscriptions"),
    ("GET", "/api/v1/sources"),
    ("GET", "/api/v1/scores"),
    ("GET", "/api/v1/scores/{subject}/explanation"),
    ("GET", "/api/v1/scores/{subject}/series"),
    ("DELETE", "/api/v1/silences/{silence_id}"),
    ("DELETE", "/api/v1/keys/{key_id}"),
]
MOMENTS = {
    "/api/v1/scores": {"at": "2026-03-01T13:00:00Z"},
    "/api/v1/scores/{subject}/explanation": {"at": "2026-03-01T13:00:00Z"},
    "/api/v1/scores/{subject}/series": {"until": "2026-03-01T13:00:00Z", "points": 5},
}


@pytest.mark.parametrize(("method", "path"), FOUND)
def test_what_is_there_has_the_shape_that_is_told(schema: Any, detente: Detente, method: str, path: str) -> None:
    """Chance does not hit an id: here what is stored is asked for, and lists are not empty."""
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    keys = {name: key_of(detente, name) for name in names}
    case = schema[path][method].Case(path_parameters=keys, query=MOMENTS.get(path, {}))
    answer = case.call(headers=HERE)
    case.validate_response(answer, checks=CHECKS)
    assert answer.status_code == 200
    assert names or answer.json()
