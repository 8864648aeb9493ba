"""What goes wrong, told in one shape (RFC 9457): `application/problem+json` with type, title, status and detail."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from service.errors import (
    BrokerUnavailable,
    Conflict,
    Denied,
    DetenteError,
    ModelError,
    NotFound,
    RefusedInput,
    StorageFull,
    StorageUnavailable,
    TooOften,
)

MEDIA_TYPE = "application/problem+json"
COME_BACK = "30"
"""Seconds after which it is worth trying again where something outside does not answer."""
UNTOLD = "something went wrong here: it is in the log of the service"
MOST_ERRORS = 20
LONGEST_PART = 60
"""Characters of a name that the asker has made up, as it is given back."""
STATUS: Mapping[type[DetenteError], HTTPStatus] = {
    RefusedInput: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    TooOften: HTTPStatus.TOO_MANY_REQUESTS,
    ModelError: HTTPStatus.SERVICE_UNAVAILABLE,
    StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    StorageUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    BrokerUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
"""Status of an error that reaches the edge; of its classes the nearest counts."""
SAID: Mapping[type[DetenteError], str] = {
    StorageFull: "the storage is full: nothing is taken until there is room again",
    StorageUnavailable: "the database does not answer",
    BrokerUnavailable: "the broker does not answer",
}
"""What is said in the place of an error's own words, which would tell where things stand here."""
Page = Callable[[Request, int, str, Mapping[str, str]], Response | None]
"""Makes a page of a problem (request, status, detail, headers); None leaves it to this module."""


def problem(status: int, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> JSONResponse:
    """A problem as an answer. `more` are further members; `headers` further headers."""
    title = HTTPStatus(status).phrase
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    return JSONResponse(body, status, dict(headers or {}), MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let all that goes wrong be told in this shape. `app.state.page_of_problem`, if set, is asked first."""
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DetenteError, _known)
    app.add_exception_handler(Exception, _unknown)


def _tell(request: Request, status: int, detail: str, headers: Mapping[str, str], **more: Any) -> Response:
    page: Page | None = getattr(request.app.state, "page_of_problem", None)
    shown = page(request, status, detail, headers) if page else None
    return shown or problem(status, detail, headers, **more)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _tell(request, error.status_code, str(error.detail), error.headers or {})


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    found = errors_of(error.errors())
    detail = "; ".join(map(_in_words, found))
    return _tell(request, HTTPStatus.UNPROCESSABLE_ENTITY, detail, {}, errors=found)


def _in_words(mistake: Mapping[str, Any]) -> str:
    """A mistake in the body as a whole has no name."""
    name = ".".join(mistake["location"][1:])
    return f"{name}: {mistake['message']}" if name else str(mistake["message"])


def errors_of(found: Sequence[Any]) -> list[dict[str, Any]]:
    """Where each mistake is and what is wrong, never what was given: it may be a secret."""
    return [
        {
            "location": [str(part)[:LONGEST_PART] for part in one["loc"]],
            "message": str(one["msg"]).removeprefix("Value error, "),
        }
        for one in found[:MOST_ERRORS]
    ]


def _known(request: Request, error: Exception) -> Response:
    assert isinstance(error, DetenteError)
    if isinstance(error, Denied):
        return _tell(request, HTTPStatus.FORBIDDEN, str(error), {})
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
    if status is None:
        return _unknown(request, error)
    detail = next((SAID[kind] for kind in type(error).__mro__ if kind in SAID), str(error))
    return _tell(request, status, detail, _when(error, status))


def _when(error: DetenteError, status: HTTPStatus) -> dict[str, str]:
    if isinstance(error, TooOften):
        return {"Retry-After": str(max(1, ceil(error.wait)))}
    return {"Retry-After": COME_BACK} if status in {503, 507} else {}


def _unknown(request: Request, _error: Exception) -> Response:
    return _tell(request, HTTPStatus.INTERNAL_SERVER_ERROR, UNTOLD, {})
