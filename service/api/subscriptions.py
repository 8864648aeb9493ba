"""Subscriptions over HTTP: one's own, or for those who look after people everybody's. Only the export has addresses."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from service.api import shapes
from service.api.bodies import reads, takes
from service.api.routes import ONCE, WishRoute, gives, shown
from service.bootstrap import Detente
from service.config.subscription import ChangeForm, ChannelForm, SubscriptionForm
from service.domain.access import Scope
from service.operations import ownership
from service.operations.present_subscribers import subscriber as presented
from service.operations.subscribers import Registry
from service.web.access import SUBSCRIBE, asker_of, refusal


def routes_of(detente: Detente) -> APIRouter:
    """`/subscriptions` and what is below it."""
    routes = APIRouter(prefix="/subscriptions", route_class=WishRoute, tags=["subscriptions"])
    _add_list(routes, detente)
    _add_one(routes, detente.subscribers)
    _add_channels(routes, detente.subscribers)
    return routes


def _add_list(routes: APIRouter, detente: Detente) -> None:
    @routes.get("", dependencies=[SUBSCRIBE], **gives(list[shapes.Subscriber]))
    def everybody(request: Request) -> JSONResponse:
        """All subscribers whoever asks may see, by name."""
        asker = asker_of(request)
        return shown([presented(one) for one in detente.subscribers.all() if ownership.may_see(asker, one.id)])

    @routes.post(
        "",
        dependencies=[SUBSCRIBE, ONCE],
        openapi_extra=takes("SubscriptionForm"),
        **gives(shapes.Subscriber, 201),
    )
    def add(form: Annotated[SubscriptionForm, reads(SubscriptionForm)], request: Request) -> JSONResponse:
        """A new subscriber, who is told nothing until a channel is confirmed; of one without an own it becomes that."""
        registry = detente.subscribers
        return shown(presented(ownership.add(registry, detente.doorkeeper, form.changes, asker_of(request))), 201)


def _add_one(routes: APIRouter, registry: Registry) -> None:
    @routes.get("/{subscriber_id}", dependencies=[SUBSCRIBE], **gives(shapes.Subscriber))
    def one(subscriber_id: str, request: Request) -> JSONResponse:
        """One subscriber."""
        return shown(presented(registry.get(seen(request, subscriber_id))))

    @routes.patch(
        "/{subscriber_id}",
        dependencies=[SUBSCRIBE],
        openapi_extra=takes("ChangeForm"),
        **gives(shapes.Subscriber, 200, 409),
    )
    def change(subscriber_id: str, form: Annotated[ChangeForm, reads(ChangeForm)], request: Request) -> JSONResponse:
        """Change what is given and leave the rest; `paused` begins or ends a pause."""
        asker = asker_of(request)
        return shown(presented(ownership.change(registry, subscriber_id, form.changes, asker, paused=form.paused)))

    @routes.delete("/{subscriber_id}", status_code=204, dependencies=[SUBSCRIBE])
    def remove(subscriber_id: str, request: Request) -> None:
        """Forget somebody with all addresses."""
        registry.remove(seen(request, subscriber_id), asker_of(request).actor)

    @routes.get("/{subscriber_id}/export", dependencies=[SUBSCRIBE], **gives(dict[str, Any]))
    def export(subscriber_id: str, request: Request) -> JSONResponse:
        """All that is kept of somebody, addresses included."""
        found = registry.export(seen(request, subscriber_id), asker_of(request).actor)
        return JSONResponse(found, headers={"Cache-Control": "no-store"})


def _add_channels(routes: APIRouter, registry: Registry) -> None:
    @routes.post(
        "/{subscriber_id}/channels",
        dependencies=[SUBSCRIBE],
        openapi_extra=takes("ChannelForm"),
        **gives(shapes.Asked, 201, 409),
    )
    def add_channel(
        subscriber_id: str, form: Annotated[ChannelForm, reads(ChannelForm)], request: Request
    ) -> JSONResponse:
        """A new way to somebody; whoever is at its end is asked, unless the operator vouches for it."""
        asker = asker_of(request)
        if form.confirmed and not asker.may(Scope.PEOPLE):
            raise refusal(asker, Scope.PEOPLE)
        given = (subscriber_id, form.name, form.address, asker)
        return shown(_asked(ownership.add_channel(registry, *given, confirmed=form.confirmed)), 201)

    @routes.delete("/{subscriber_id}/channels/{name}", status_code=204, dependencies=[SUBSCRIBE])
    def remove_channel(subscriber_id: str, name: str, request: Request) -> None:
        """Forget a channel with its address."""
        registry.remove_channel(seen(request, subscriber_id), name, asker_of(request).actor)


def seen(request: Request, subscriber_id: str) -> str:
    """The id, if whoever asks may see that subscription. Raises NotFound."""
    return ownership.seen(asker_of(request), subscriber_id)


def _asked(added: ownership.Asked) -> dict[str, Any]:
    detail = {"detail": added.detail} if added.detail else {}
    return {**presented(added.subscriber), "asked": added.asked, **detail}
