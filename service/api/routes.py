"""What all routes of the interface have in common: reads that need not be sent again, requests that may come twice."""

from collections.abc import Callable, Coroutine, Mapping
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, Header, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from service.api.bodies import invalid
from service.api.conditional import unchanged
from service.errors import ConfigError, StorageUnavailable
from service.operations.repeated import Answer, Ask, Repeats, Ticket, Underway
from service.web.access import asker_of

log = structlog.get_logger()
REPLAYED = "Idempotency-Replayed"


class _Known(Exception):
    """This request was answered before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


class Route(APIRoute):
    """A read carries a tag; an answer to a request with an idempotency key is kept."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route's own handler between the two."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                answer = await handle(request)
            except _Known as known:
                return _again(known.answer)
            except Exception:
                await _drop(request)
                raise
            await _keep(request, answer)
            return unchanged(request, answer) if request.method == "GET" else answer

        return handled


class WishRoute(Route):
    """What is wrong with a wish is the asker's mistake, not one of the configuration."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The same, told as a mistake in the body."""
        handle = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                return await handle(request)
            except ConfigError as error:
                raise invalid(str(error)) from None

        return handled


def router(**more: Any) -> APIRouter:
    """A router whose routes are such."""
    return APIRouter(route_class=Route, **more)


def gives(model: Any, status: int = 200, *others: int, also: Mapping[int, Any] | None = None) -> dict[str, Any]:
    """What a route answers with, for its description.

    `others` are further refusals than its policy and body bring; `also` are statuses that may come with this shape.
    """
    shaped = {status: model, **(also or {})}
    responses = {**{other: {} for other in others}, **{number: {"model": one} for number, one in shaped.items()}}
    return {"status_code": status, "response_class": JSONResponse, "responses": responses}


def shown(content: Any, status: int = 200) -> JSONResponse:
    """Plain values as an answer."""
    return JSONResponse(content, status)


class Once:
    """A dependency of routes where a repeated request must not act twice; it stands after the policy."""

    def __init__(self, *, is_harmless: bool = False) -> None:
        self._is_harmless = is_harmless

    async def __call__(
        self,
        request: Request,
        key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=255)] = None,
    ) -> None:
        """Let a new request go on; raises what ends one that is not."""
        if key is None:
            return
        repeats: Repeats = request.app.state.repeats
        ask = await self._ask(request, key)
        found = await run_in_threadpool(repeats.begin, ask)
        if isinstance(found, Answer):
            raise _Known(found)
        if isinstance(found, Underway):
            wait = {"Retry-After": str(found.seconds)}
            raise HTTPException(409, "a request with this idempotency key is being answered", wait)
        request.state.ticket = found

    async def _ask(self, request: Request, key: str) -> Ask:
        address = f"{request.method} {request.url.path}?{request.url.query}\n"
        sent = address.encode() + await request.body()
        what = f"{request.method} {getattr(request.scope['route'], 'path', '')}"
        return Ask(asker_of(request).actor, what, key, sent, is_harmless=self._is_harmless)


ONCE = Depends(Once())
ONCE_HARMLESS = Depends(Once(is_harmless=True))


def _again(answer: Answer) -> Response:
    return Response(answer.body, answer.status, {REPLAYED: "true"}, JSONResponse.media_type)


async def _keep(request: Request, answer: Response) -> None:
    """Where it cannot be kept it was done all the same, and whoever asked is told so."""
    ticket: Ticket | None = getattr(request.state, "ticket", None)
    if ticket is None:
        return
    repeats: Repeats = request.app.state.repeats
    try:
        await run_in_threadpool(repeats.keep, ticket, Answer(answer.status_code, bytes(answer.body).decode()))
    except StorageUnavailable as error:
        log.warning("an answer could not be kept", error=str(error))


async def _drop(request: Request) -> None:
    ticket: Ticket | None = getattr(request.state, "ticket", None)
    if ticket is None:
        return
    repeats: Repeats = request.app.state.repeats
    try:
        await run_in_threadpool(repeats.drop, ticket)
    except StorageUnavailable as error:
        log.warning("a request could not be let go", error=str(error))
