"""Subscriptions over HTTP: one's own, or for those who look after people everybody's. Only the export has addresses."""

from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from service.bootstrap import Detente
from service.config.load import check
from service.config.subscription import ChangeForm, ChannelForm, SubscriptionForm
from service.domain.access import Principal, Scope
from service.domain.alerting.subscriber import Subscriber
from service.errors import ConfigError, Conflict, NotFound
from service.operations.present_subscribers import subscriber as shown
from service.operations.subscribers import Registry
from service.web.access import SUBSCRIBE, asker_of, refusal

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

    @routes.get("", dependencies=[SUBSCRIBE])
    def everybody(request: Request) -> list[dict[str, Any]]:
        """All subscribers whoever asks may see, by name."""
        asker = asker_of(request)
        return [shown(one) for one in registry.all() if may_see(asker, one.id)]

    @routes.post("", dependencies=[SUBSCRIBE])
    async def add(request: Request) -> JSONResponse:
        """A new subscriber, who is told nothing until a channel is confirmed; of one without an own it becomes that."""
        changes = check(await read(request), SubscriptionForm, _key).changes
        return JSONResponse(shown(await run_in_threadpool(_add, detente, changes, asker_of(request))), 201)

    @routes.get("/{subscriber_id}", dependencies=[SUBSCRIBE])
    def one(subscriber_id: str, request: Request) -> dict[str, Any]:
        """One subscriber."""
        return shown(registry.get(seen(request, subscriber_id)))

    @routes.patch("/{subscriber_id}", dependencies=[SUBSCRIBE])
    async def change(subscriber_id: str, request: Request) -> dict[str, Any]:
        """Change what is given and leave the rest; `paused` begins or ends a pause."""
        form = check(await read(request), ChangeForm, _key)
        whose, actor = seen(request, subscriber_id), asker_of(request).actor
        return shown(await run_in_threadpool(_change, registry, whose, form, actor))

    @routes.delete("/{subscriber_id}", status_code=204, dependencies=[SUBSCRIBE])
    def remove(subscriber_id: str, request: Request) -> None:
        """Forget somebody with all addresses."""
        registry.remove(seen(request, subscriber_id), asker_of(request).actor)

    @routes.get("/{subscriber_id}/export", dependencies=[SUBSCRIBE])
    def export(subscriber_id: str, request: Request) -> dict[str, Any]:
        """All that is kept of somebody, addresses included."""
        return registry.export(seen(request, subscriber_id), asker_of(request).actor)

    @routes.post("/{subscriber_id}/channels", dependencies=[SUBSCRIBE])
    async def add_channel(subscriber_id: str, request: Request) -> JSONResponse:
        """A new way to somebody; whoever is at its end is asked, unless the operator vouches for it."""
        form = check(await read(request), ChannelForm, _key)
        whose, asker = seen(request, subscriber_id), asker_of(request)
        if form.confirmed and not asker.may(Scope.PEOPLE):
            raise refusal(asker, Scope.PEOPLE)
        return JSONResponse(await run_in_threadpool(_add_channel, registry, whose, form, asker.actor), 201)

    @routes.delete("/{subscriber_id}/channels/{name}", status_code=204, dependencies=[SUBSCRIBE])
    def remove_channel(subscriber_id: str, name: str, request: Request) -> None:
        """Forget a channel with its address."""
        registry.remove_channel(seen(request, subscriber_id), name, asker_of(request).actor)

    return routes


def may_see(asker: Principal, subscriber_id: str) -> bool:
    """Whether a subscription is the asker's own, or everybody's are theirs to look after."""
    return asker.may(Scope.PEOPLE) or (bool(subscriber_id) and asker.subscriber_id == subscriber_id)


def seen(request: Request, subscriber_id: str) -> str:
    """The id, if whoever asks may see that subscription. Raises NotFound: another's is as good as none."""
    if not may_see(asker_of(request), subscriber_id):
        raise NotFound(f"no subscriber has the id {subscriber_id!r}")
    return subscriber_id


def _add(detente: Detente, changes: Mapping[str, Any], asker: Principal) -> Subscriber:
    if not asker.may(Scope.PEOPLE) and (asker.subscriber_id or not asker.account_id):
        raise Conflict("there is a subscription of yours already" if asker.subscriber_id else "sign in to subscribe")
    added = detente.subscribers.add(changes, asker.actor)
    if asker.account_id and not asker.subscriber_id:
        detente.doorkeeper.own(asker.account_id, added.id, asker.actor)
    return added


def _change(registry: Registry, subscriber_id: str, form: ChangeForm, actor: str) -> Subscriber:
    changed = registry.change(subscriber_id, form.changes, actor)
    if form.paused is None:
        return changed
    return (registry.pause if form.paused else registry.resume)(subscriber_id, actor)


def _add_channel(registry: Registry, subscriber_id: str, form: ChannelForm, actor: str) -> dict[str, Any]:
    added = registry.add_channel(subscriber_id, form.name, form.address, actor, confirmed=form.confirmed)
    if form.confirmed:
        return {**shown(added), "asked": False}
    try:
        registry.ask(subscriber_id, form.name, actor)
    except Conflict as later:
        return {**shown(added), "asked": False, "detail": str(later)}
    return {**shown(added), "asked": True}


def _key(key: tuple[str | int, ...], message: str) -> str:
    dotted = ".".join(map(str, key))
    return f"{dotted}: {message}" if dotted else message
