"""Subscriptions over HTTP, for whoever holds the interface's token. Only the export has addresses in it."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from service.bootstrap import Detente
from service.config.load import check
from service.config.subscription import ChangeForm, ChannelForm, SubscriptionForm
from service.domain.alerting.subscriber import Subscriber
from service.errors import ConfigError, Conflict
from service.operations.present_subscribers import subscriber as shown
from service.operations.subscribers import Registry

ACTOR = "api"
Read = Callable[[Request], Awaitable[Any]]


class _Route(APIRoute):
    """What is wrong with a wish is the asker's mistake."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except ConfigError as error:
                raise HTTPException(422, str(error)) from None

        return guarded


def router(detente: Detente, read: Read) -> APIRouter:
    """The routes; `read` gives the JSON of a request's body."""
    routes, registry = APIRouter(prefix="/subscriptions", route_class=_Route), detente.subscribers

    @routes.get("")
    def everybody() -> list[dict[str, Any]]:
        """All subscribers, by name."""
        return [shown(one) for one in registry.all()]

    @routes.post("")
    async def add(request: Request) -> JSONResponse:
        """A new subscriber, who is told nothing until a channel is confirmed."""
        changes = check(await read(request), SubscriptionForm, _key).changes
        return JSONResponse(shown(await run_in_threadpool(registry.add, changes, ACTOR)), 201)

    @routes.get("/{subscriber_id}")
    def one(subscriber_id: str) -> dict[str, Any]:
        """One subscriber."""
        return shown(registry.get(subscriber_id))

    @routes.patch("/{subscriber_id}")
    async def change(subscriber_id: str, request: Request) -> dict[str, Any]:
        """Change what is given and leave the rest; `paused` begins or ends a pause."""
        form = check(await read(request), ChangeForm, _key)
        return shown(await run_in_threadpool(_change, registry, subscriber_id, form))

    @routes.delete("/{subscriber_id}", status_code=204)
    def remove(subscriber_id: str) -> None:
        """Forget somebody with all addresses."""
        registry.remove(subscriber_id, ACTOR)

    @routes.get("/{subscriber_id}/export")
    def export(subscriber_id: str) -> dict[str, Any]:
        """All that is kept of somebody, addresses included."""
        return registry.export(subscriber_id, ACTOR)

    @routes.post("/{subscriber_id}/channels")
    async def add_channel(subscriber_id: str, request: Request) -> JSONResponse:
        """A new way to somebody; whoever is at its end is asked, unless the operator vouches for it."""
        form = check(await read(request), ChannelForm, _key)
        return JSONResponse(await run_in_threadpool(_add_channel, registry, subscriber_id, form), 201)

    @routes.delete("/{subscriber_id}/channels/{name}", status_code=204)
    def remove_channel(subscriber_id: str, name: str) -> None:
        """Forget a channel with its address."""
        registry.remove_channel(subscriber_id, name, ACTOR)

    return routes


def _change(registry: Registry, subscriber_id: str, form: ChangeForm) -> Subscriber:
    changed = registry.change(subscriber_id, form.changes, ACTOR)
    if form.paused is None:
        return changed
    return (registry.pause if form.paused else registry.resume)(subscriber_id, ACTOR)


def _add_channel(registry: Registry, subscriber_id: str, form: ChannelForm) -> dict[str, Any]:
    added = registry.add_channel(subscriber_id, form.name, form.address, ACTOR, confirmed=form.confirmed)
    if form.confirmed:
        return {**shown(added), "asked": False}
    try:
        registry.ask(subscriber_id, form.name, ACTOR)
    except Conflict as later:
        return {**shown(added), "asked": False, "detail": str(later)}
    return {**shown(added), "asked": True}


def _key(key: tuple[str | int, ...], message: str) -> str:
    dotted = ".".join(map(str, key))
    return f"{dotted}: {message}" if dotted else message
