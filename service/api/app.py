"""The HTTP interface, version 1: push articles, read scores and alerts."""

import sys
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse

import service
from service.adapters.feeds.files import from_mapping, parse_json
from service.adapters.telemetry.logs import configure
from service.api import attention, exports, feeds, stream, subscriptions
from service.api.asked import moment_of, subject_of
from service.bootstrap import Detente
from service.domain.news.article import Article
from service.domain.risk.subject import Subject
from service.errors import Conflict, ModelError, NotFound, Refusal, RefusedInput, StorageUnavailable
from service.operations import present, present_why
from service.operations import scores as score_operations
from service.operations.status import problems
from service.operations.why import why as trace_of
from service.web import site
from service.web import subscription as subscription_pages
from service.web.access import OPEN, PUSH, READ, Gate, check_policies
from service.web.shell import Shell

MOST_BYTES = 5 * 2**20
MOST_ARTICLES = 500
UNGUARDED = frozenset({"/openapi.json"})
"""Paths of the framework's own, which say nothing of the service's news."""


def create() -> FastAPI:
    """The application of this process's settings. Raises ConfigError."""
    detente = Detente()
    configure(detente.settings.log_level, sys.stdout)
    return build(detente)


def build(detente: Detente) -> FastAPI:
    """The application of a service. Raises ConfigError for a route that does not say who may ask."""
    app = FastAPI(
        title="Detente",
        version=service.__version__,
        docs_url=None,
        redoc_url=None,
        lifespan=stream.open_while_served,
        dependencies=[Depends(_renewed(detente))],
    )
    app.state.hub = stream.Hub(detente, detente.settings.api.streams)
    app.state.gate = Gate(detente)
    app.include_router(_health(detente))
    makers = (_articles, _corrections, _readings, attention.router, feeds.router, exports.router)
    parts = [make(detente) for make in makers]
    for router in (*parts, stream.router(app.state.hub), subscriptions.router(detente, _body)):
        app.include_router(router, prefix="/api/v1")
    for pages in site.routers(detente, Shell()):
        app.include_router(pages)
    if detente.settings.public_url:
        app.include_router(subscription_pages.router(detente.subscribers))
    app.add_exception_handler(StorageUnavailable, _unavailable)
    app.add_exception_handler(Conflict, _conflict)
    app.add_exception_handler(NotFound, _not_found)
    app.add_exception_handler(ModelError, _no_model)
    check_policies(app.routes, UNGUARDED)
    return app


def _renewed(detente: Detente) -> Callable[[], None]:
    """Every request goes by the configuration as it is now."""

    def renew() -> None:
        detente.renew()

    return renew


def _health(detente: Detente) -> APIRouter:
    router = APIRouter()

    @router.get("/healthz", dependencies=[OPEN])
    def healthz() -> dict[str, str]:
        """This process answers."""
        return {"status": "ok"}

    @router.get("/readyz", dependencies=[OPEN])
    def readyz() -> JSONResponse:
        """The service does its work: 503 and the reasons when it does not."""
        found = problems(detente.units, detente.queue, detente.is_prepared)
        return JSONResponse({"ready": not found, "problems": found}, 503 if found else 200)

    @router.get("/version", dependencies=[OPEN])
    def version() -> dict[str, str]:
        """Versions of the parts that figures depend on."""
        return dict(detente.versions)

    return router


def _articles(detente: Detente) -> APIRouter:
    router = APIRouter()

    @router.post("/articles", status_code=202, dependencies=[PUSH])
    async def push(request: Request) -> JSONResponse:
        """Take one article or a list of up to 500; answered once they are stored."""
        items = _items(await _body(request))
        articles: list[Article] = []
        results: list[dict[str, str]] = []
        for item in items:
            try:
                article = from_mapping(item, detente.clock.now())
                articles.append(article)
                results.append({"id": article.id})
            except RefusedInput as refused:
                results.append(_refused(refused))
        outcomes = iter(detente.take_in(articles, "api"))
        for result in results:
            if "status" not in result:
                result.update(_OUTCOMES[next(outcomes)])
        refused_all = all(result["status"] == "refused" for result in results)
        return JSONResponse({"articles": results}, 422 if refused_all else 202)

    @router.get("/articles/{article_id:path}", dependencies=[READ])
    def article(article_id: str) -> dict[str, Any]:
        """One article, where it stands, and its events."""
        with detente.units(read_only=True) as unit:
            found = unit.articles.get([article_id]).get(article_id)
            if found is None:
                raise NotFound(f"no article has the id {article_id!r}")
            events = unit.articles.events([article_id])[article_id]
            return present.article(found, unit.articles.state(article_id), events)

    return router


def _corrections(detente: Detente) -> APIRouter:
    router = APIRouter()

    @router.put("/articles/{article_id:path}", dependencies=[PUSH])
    async def correct(article_id: str, request: Request) -> JSONResponse:
        """Put this text in the place of the article's; what the old one did to the scores is undone exactly."""
        body = await _body(request)
        if not isinstance(body, dict) or body.get("id", article_id) != article_id:
            raise HTTPException(422, "send one article whose id, if it has one, is that of the address")
        try:
            article = from_mapping({**body, "id": article_id}, detente.clock.now())
        except RefusedInput as refused:
            raise HTTPException(422, str(refused)) from None
        status = _OUTCOMES[detente.correct([article], "api")[0]]
        return JSONResponse({"id": article_id, **status}, 202)

    @router.delete("/articles/{article_id:path}", status_code=204, dependencies=[PUSH])
    def retract(article_id: str, reason: Annotated[str, Query(max_length=500)] = "") -> None:
        """Take an article back: what it did to the scores is undone exactly."""
        detente.retract(article_id, reason)

    return router


def _refused(refused: RefusedInput) -> dict[str, str]:
    return {"status": "refused", "reason": str(refused.refusal), "detail": str(refused)}


_OUTCOMES = {
    "new": {"status": "accepted"},
    "duplicate": {"status": "duplicate"},
    "corrected": {"status": "corrected"},
    "conflict": _refused(RefusedInput(Refusal.DUPLICATE_ID, "another text has this id already")),
}
"""What `ingest` says of an article, in the terms of the interface."""


def _readings(detente: Detente) -> APIRouter:
    router = APIRouter()

    @router.get("/scores", dependencies=[READ])
    def scores(at: datetime | None = None, least: Annotated[float, Query(ge=0, le=100)] = 1.0) -> list[dict[str, Any]]:
        """Subjects by level, the highest first."""
        moment = _moment(at, detente)
        found = score_operations.readings(detente.units, moment, detente.gauge, detente.versions, least)
        return [present.reading(reading) for reading in found]

    @router.get("/scores/{subject}/explanation", dependencies=[READ])
    def explanation(subject: str, at: datetime | None = None) -> dict[str, Any]:
        """The incidents that add up to a subject's score."""
        parsed, moment = Subject.parse(subject_of(subject)), _moment(at, detente)
        found = score_operations.explained(detente.units, parsed, moment, detente.gauge, detente.versions)
        return present.explained(found)

    @router.get("/alerts", dependencies=[READ])
    def alerts() -> list[dict[str, Any]]:
        """All alerts, the newest first."""
        with detente.units(read_only=True) as unit:
            return [present.alert(*entry) for entry in unit.outbox.history()]

    @router.get("/alerts/{alert}/why", dependencies=[READ])
    def why(alert: str) -> dict[str, Any]:
        """What led to an alert, given by its id or the beginning of it."""
        now = detente.clock.now()
        found = trace_of(detente.units, alert, now, detente.rules, detente.gauge, detente.versions)
        return present_why.trace(found)

    return router


def _moment(at: datetime | None, detente: Detente) -> datetime:
    return moment_of(at, "at") or detente.clock.now()


async def _body(request: Request) -> Any:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "send application/json")
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise HTTPException(413, f"the body is larger than {MOST_BYTES} bytes")
        parts.append(part)
    try:
        return parse_json(b"".join(parts))
    except RefusedInput as refused:
        raise HTTPException(400 if refused.refusal is not Refusal.TOO_LARGE else 413, str(refused)) from None


def _items(body: Any) -> list[Any]:
    items = body if isinstance(body, list) else [body]
    if not 1 <= len(items) <= MOST_ARTICLES:
        raise HTTPException(422, f"send 1 to {MOST_ARTICLES} articles")
    return items


def _unavailable(_request: Request, _error: Exception) -> Response:
    return JSONResponse({"detail": "the database does not answer"}, 503, {"Retry-After": "30"})


def _no_model(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 503)


def _conflict(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 409)


def _not_found(_request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": str(error)}, 404)
