"""What goes wrong is told in one shape, and tells no more than it should."""

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi import FastAPI, Query, Response
from fastapi.testclient import TestClient
from starlette.exceptions import HTTPException

from service.api.problems import MEDIA_TYPE, UNTOLD, install
from service.errors import (
    BrokerUnavailable,
    ConfigError,
    Conflict,
    Denied,
    ModelError,
    NotFound,
    Refusal,
    RefusedInput,
    StorageFull,
    StorageUnavailable,
    TooOften,
)

RAISED: dict[str, tuple[Exception, int, str, str | None]] = {
    "refused": (RefusedInput(Refusal.EMPTY, "empty"), 422, "empty", None),
    "missing": (NotFound("no such thing"), 404, "no such thing", None),
    "conflict": (Conflict("not now"), 409, "not now", None),
    "denied": (Denied("not you"), 403, "not you", None),
    "often": (TooOften("wait", 1.2), 429, "wait", "2"),
    "model": (ModelError("no model"), 503, "no model", "30"),
    "away": (StorageUnavailable("at CANARY.example"), 503, "the database does not answer", "30"),
    "full": (StorageFull("/CANARY"), 507, "the storage is full: nothing is taken until there is room again", "30"),
    "broker": (BrokerUnavailable("CANARY"), 503, "the broker does not answer", "30"),
    "config": (ConfigError("/CANARY:1: wrong"), 500, UNTOLD, None),
    "bug": (KeyError("CANARY"), 500, UNTOLD, None),
    "teapot": (HTTPException(418, "short and stout", {"X-Lid": "on"}), 418, "short and stout", None),
}


@pytest.fixture
def app() -> FastAPI:
    made = FastAPI()
    install(made)

    @made.get("/fail/{name}")
    def fail(name: str, level: Annotated[int, Query(ge=0, le=100)] = 0) -> None:
        raise RAISED[name][0]

    return made


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, raise_server_exceptions=False) as found:
        yield found


@pytest.mark.parametrize("name", RAISED)
def test_an_error_is_a_problem(client: TestClient, name: str) -> None:
    answer, (_, status, detail, wait) = client.get(f"/fail/{name}"), RAISED[name]
    body: dict[str, Any] = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA_TYPE)
    assert (body["type"], body["status"], body["detail"]) == ("about:blank", status, detail)
    assert body["title"]
    assert answer.headers.get("Retry-After") == wait
    assert "CANARY" not in answer.text


def test_headers_of_a_refusal_are_kept(client: TestClient) -> None:
    assert client.get("/fail/teapot").headers["X-Lid"] == "on"


def test_mistakes_are_named_by_place_and_never_repeated(client: TestClient) -> None:
    answer = client.get("/fail/bug?level=CANARY")
    body = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (422, MEDIA_TYPE)
    assert [one["location"] for one in body["errors"]] == [["query", "level"]]
    assert body["detail"] == f"level: {body['errors'][0]['message']}"
    assert "CANARY" not in answer.text


def test_an_address_that_is_none_and_a_method_that_is_none_are_problems(client: TestClient) -> None:
    for answer, status in ((client.get("/nothing"), 404), (client.post("/fail/bug"), 405)):
        assert (answer.status_code, answer.json()["status"]) == (status, status)
        assert answer.headers["content-type"] == MEDIA_TYPE


def test_pages_may_tell_it_their_own_way(app: FastAPI, client: TestClient) -> None:
    def page(request: Any, status: int, detail: str, headers: Any) -> Response | None:
        return Response(f"<p>{detail}", status, media_type="text/html") if "html" in request.url.query else None

    app.state.page_of_problem = page
    assert client.get("/fail/missing?html").text == "<p>no such thing"
    assert client.get("/fail/missing").json()["detail"] == "no such thing"
