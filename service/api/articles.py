"""Articles: put in, looked at, corrected, taken back."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from service.adapters.feeds.files import from_mapping
from service.api import shapes
from service.api.asked import Page, between, listed
from service.api.bodies import MOST, json_of, takes
from service.api.routes import ONCE_HARMLESS, gives, router, shown
from service.bootstrap import Detente
from service.domain.news.article import Article
from service.errors import NotFound, Refusal, RefusedInput
from service.flow import ArticleState
from service.operations import present, present_listing
from service.ports import Span
from service.web.access import PUSH, READ


def routes_of(detente: Detente) -> APIRouter:
    """`/articles` and what is below it."""
    routes = router(tags=["articles"])
    _add_intake(routes, detente)
    _add_corrections(routes, detente)
    _add_readings(routes, detente)
    return routes


def _add_intake(routes: APIRouter, detente: Detente) -> None:
    @routes.post(
        "/articles",
        dependencies=[PUSH, ONCE_HARMLESS],
        openapi_extra=takes("ArticleForm", several=True),
        **gives(shapes.Taken, 202, also={422: shapes.Taken}),
    )
    async def push(request: Request) -> JSONResponse:
        """Take one article or a list of up to 500; answered once they are stored.

        Each has its own outcome; the answer is 422 where all were refused.
        """
        items = _items(await json_of(request))
        return await run_in_threadpool(_take, detente, items)


def _take(detente: Detente, items: list[Any]) -> JSONResponse:
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
    return shown({"articles": results}, 422 if refused_all else 202)


def _items(body: Any) -> list[Any]:
    items = body if isinstance(body, list) else [body]
    if not 1 <= len(items) <= MOST:
        raise HTTPException(422, f"send 1 to {MOST} articles")
    return items


def _refused(refused: RefusedInput) -> dict[str, str]:
    return {"status": "refused", "reason": str(refused.refusal), "detail": str(refused)}


_OUTCOMES = {
    "new": {"status": "accepted"},
    "duplicate": {"status": "duplicate"},
    "corrected": {"status": "corrected"},
    "conflict": _refused(RefusedInput(Refusal.DUPLICATE_ID, "another text has this id already")),
}
"""What `ingest` says of an article, in the terms of the interface."""


def _add_readings(routes: APIRouter, detente: Detente) -> None:
    @routes.get("/articles", dependencies=[READ], **gives(list[shapes.Shelved]))
    def articles(
        request: Request,
        page: Annotated[Page, Depends()],
        span: Annotated[Span, Depends(between)],
        state: ArticleState | None = None,
        publisher: Annotated[str, Query(max_length=200)] = "",
    ) -> JSONResponse:
        """Articles by the time of publication, the newest first, without their texts."""
        with detente.units(read_only=True) as unit:
            found = unit.listings.articles(page.one_more, page.before, span, str(state or ""), publisher)
        return listed(detente, request, page, found, present_listing.shelved, lambda one: one.cursor)

    @routes.get("/articles/{article_id:path}", dependencies=[READ], **gives(shapes.Article))
    def article(article_id: str) -> JSONResponse:
        """One article, where it stands, and its events."""
        with detente.units(read_only=True) as unit:
            found = unit.articles.get([article_id]).get(article_id)
            if found is None:
                raise NotFound(f"no article has the id {article_id!r}")
            events = unit.articles.events([article_id])[article_id]
            return shown(present.article(found, unit.articles.state(article_id), events))


def _add_corrections(routes: APIRouter, detente: Detente) -> None:
    @routes.put(
        "/articles/{article_id:path}",
        dependencies=[PUSH],
        openapi_extra=takes("ArticleForm"),
        **gives(shapes.Outcome, 202),
    )
    async def correct(article_id: str, request: Request) -> JSONResponse:
        """Put this text in the place of the article's; what the old one did to the scores is undone exactly."""
        body = await json_of(request)
        if not isinstance(body, dict) or body.get("id", article_id) != article_id:
            raise HTTPException(422, "send one article whose id, if it has one, is that of the address")
        article = from_mapping({**body, "id": article_id}, detente.clock.now())
        outcomes = await run_in_threadpool(detente.correct, [article], "api")
        return shown({"id": article_id, **_OUTCOMES[outcomes[0]]}, 202)

    @routes.delete("/articles/{article_id:path}", status_code=204, dependencies=[PUSH])
    def retract(article_id: str, reason: Annotated[str, Query(max_length=500)] = "") -> None:
        """Take an article back: what it did to the scores is undone exactly."""
        detente.retract(article_id, reason)
