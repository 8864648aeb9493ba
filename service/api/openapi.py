"""How the interface describes itself: what every route may answer besides what it says itself, and who may ask."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel

from service.api import shapes
from service.api.attention import AcknowledgementRequest, SilenceRequest
from service.api.feedback import FeedbackRequest
from service.api.keeping import KeyRequest
from service.api.problems import MEDIA_TYPE
from service.config.subscription import ChangeForm, ChannelForm, SubscriptionForm
from service.web.access import policies

Json = dict[str, Any]
REF = "#/components/schemas/{model}"
PROBLEM = {MEDIA_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}}
MODELS: tuple[type[BaseModel], ...] = (
    AcknowledgementRequest,
    ChangeForm,
    ChannelForm,
    FeedbackRequest,
    KeyRequest,
    SilenceRequest,
    SubscriptionForm,
    shapes.ArticleForm,
    shapes.Problem,
)
"""Bodies that routes read themselves, and the shape of all problems."""
SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A key (`dtn_…`) or `api.token`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "__Host-detente", "description": "Of one who signed in."},
}
WHY: Mapping[int, str] = {
    400: "The request cannot be read, or asks for another host.",
    401: "Whoever asks is not known.",
    403: "Whoever asks may not.",
    404: "Nobody knows this.",
    409: "It does not go with what there is.",
    413: "The body is too large.",
    415: "The body is of another kind.",
    422: "The question cannot be meant like this.",
    429: "Asked too often.",
    503: "Something outside does not answer.",
    507: "The storage is full.",
}
RETRY = {429, 503, 507}
METHODS = {"get", "put", "post", "patch", "delete"}


def describe(app: FastAPI) -> None:
    """Complete the description of an application, once it has all its routes."""
    given = app.openapi

    def complete() -> Json:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(given(), dict(_scopes(app)))
        return app.openapi_schema

    app.openapi = complete  # type: ignore[method-assign]


def _scopes(app: FastAPI) -> Iterator[tuple[tuple[str, str], str | None]]:
    """(path, method) → the scope it needs, None for all the world."""
    for context in iter_route_contexts(app.routes):
        for policy in policies(context.original_route):
            for method in context.methods or ():
                yield (context.path_format or "", method.lower()), str(policy.scope) if policy.scope else None


def _completed(schema: Json, scopes: Mapping[tuple[str, str], str | None]) -> Json:
    components = schema.setdefault("components", {})
    found = components.setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        found.pop(unused, None)
    for model in MODELS:
        made = model.model_json_schema(ref_template=REF)
        found |= made.pop("$defs", {}) | {model.__name__: made}
    components["securitySchemes"] = SCHEMES
    for path, item in schema["paths"].items():
        for method in METHODS & item.keys():
            _complete(item[method], method, path, scopes.get((path, method)))
    return schema


def _complete(operation: Json, method: str, path: str, scope: str | None) -> None:
    operation["security"] = [{"bearer": []}, {"session": []}] if scope else []
    if scope:
        operation["description"] = f"{operation.get('description', '')}\n\nScope: `{scope}`.".strip()
    responses = operation["responses"]
    for status in _refusals(operation, method, path, is_open=scope is None):
        responses.setdefault(str(status), {})
    for written, response in responses.items():
        if written.isdecimal() and int(written) >= HTTPStatus.BAD_REQUEST:
            _make_problem(int(written), response)
    if _is_tagged(operation, method):
        responses.setdefault("304", {"description": "The reader has it already, by the tag it sent."})
    operation.setdefault("tags", ["service"])


def _refusals(operation: Json, method: str, path: str, *, is_open: bool) -> set[int]:
    found = {400, 503}
    if not is_open:
        found |= {401, 403, 429}
    if method != "get":
        found |= {409, 507}
    if "requestBody" in operation:
        found |= {413, 415, 422}
    if operation.get("parameters"):
        found |= {422}
    if "{" in path:
        found |= {404}
    return found


def _make_problem(status: int, response: Json) -> None:
    """A route may say itself what it answers with; a problem it may be all the same."""
    own = {k: v for k, v in response.get("content", {}).items() if "HTTPValidationError" not in str(v)}
    response["description"] = WHY.get(status, HTTPStatus(status).phrase)
    response["content"] = {**own, **PROBLEM}
    if status in RETRY:
        seconds = {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        response.setdefault("headers", {})["Retry-After"] = seconds


def _is_tagged(operation: Json, method: str) -> bool:
    good = operation["responses"].get("200", {})
    return method == "get" and "application/json" in good.get("content", {})
