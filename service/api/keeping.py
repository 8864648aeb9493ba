"""Accounts, keys of programs, and the record of who changed what."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from service.api.asked import MOST
from service.api.bodies import reads, takes
from service.api.routes import WishRoute, gives, shown
from service.api.shapes import Shape
from service.bootstrap import Detente
from service.config.schema import Duration, Strict
from service.domain.access import Role, Scope
from service.operations import present_access
from service.operations.present_subscribers import entry
from service.web.access import ADMIN, OPERATE, asker_of

LONGEST = timedelta(days=3660)


class KeyRequest(Strict):
    """A key for a program: what it may do, and for how long (such as `90d`), for ever if that is not said."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=len(Scope))]
    lasts: Annotated[Duration, Field(gt=timedelta(0), le=LONGEST)] | None = None


class Account(Shape):
    """Somebody who signs in."""

    id: str
    name: str
    role: Role
    disabled: bool
    external: bool
    subscriber: str | None
    created_at: AwareDatetime
    seen_at: AwareDatetime | None


class Key(Shape):
    """A program's key, without its secret."""

    id: str
    name: str
    beginning: str
    scopes: list[Scope]
    created_at: AwareDatetime
    created_by: str
    expires_at: AwareDatetime | None
    revoked_at: AwareDatetime | None
    used_at: AwareDatetime | None


class NewKey(Key):
    """A new key with its secret, which is shown this once."""

    secret: str


class Change(Shape):
    """An entry of the record of changes."""

    number: int
    at: AwareDatetime
    actor: str
    action: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    hash: str


def routes_of(detente: Detente) -> APIRouter:
    """`/accounts`, `/keys` and `/audit`."""
    routes = APIRouter(route_class=WishRoute, tags=["administration"])
    _add_keys(routes, detente)

    @routes.get("/accounts", dependencies=[ADMIN], **gives(list[Account]))
    def accounts() -> JSONResponse:
        """Everybody who signs in, by name."""
        return shown([present_access.account(one) for one in detente.doorkeeper.all()])

    @routes.get("/audit", dependencies=[OPERATE], **gives(list[Change]))
    def audit(
        limit: Annotated[int, Query(ge=1, le=MOST)] = MOST,
        before: Annotated[int | None, Query(ge=1, le=2**31 - 1, description="Below this number.")] = None,
        subject: Annotated[str | None, Query(max_length=200)] = None,
    ) -> JSONResponse:
        """Who changed what, the newest first; the last number is the `before` of the next page."""
        with detente.units(read_only=True) as unit:
            found = unit.listings.changes(limit, before, subject)
        return shown([entry(one) for one in found])

    return routes


def _add_keys(routes: APIRouter, detente: Detente) -> None:
    @routes.get("/keys", dependencies=[ADMIN], **gives(list[Key]))
    def keys() -> JSONResponse:
        """Every key, the newest first, also those that open nothing any more."""
        return shown([present_access.key(one) for one in detente.doorkeeper.every_key()])

    @routes.post("/keys", dependencies=[ADMIN], openapi_extra=takes("KeyRequest"), **gives(NewKey, 201))
    def issue(asked: Annotated[KeyRequest, reads(KeyRequest)], request: Request) -> JSONResponse:
        """A new key. Its secret is in this answer and nowhere else."""
        key, secret = detente.doorkeeper.issue(asked.name, asked.scopes, asker_of(request).actor, asked.lasts)
        return shown({**present_access.key(key), "secret": secret}, 201)

    @routes.delete("/keys/{key_id}", dependencies=[ADMIN], **gives(Key))
    def revoke(key_id: str, request: Request) -> JSONResponse:
        """This key opens nothing any more."""
        return shown(present_access.key(detente.doorkeeper.revoke(key_id, asker_of(request).actor)))
