"""Who asks, and what they may. Every route says what it needs; one that does not is refused when the service is built.

Nobody is let through by an address: each route's policy is a dependency of the route itself.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from service.bootstrap import Detente
from service.config.settings import Settings
from service.domain.access import LOCAL, NOBODY, SCOPES, TOKEN, Means, Principal, Role, Scope
from service.errors import ConfigError
from service.web.rates import Rates

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
COOKIE, SECURE_COOKIE = "detente", "__Host-detente"
"""The session's cookie; over https the browser itself sees that only this host sets it."""
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
ANYBODY = Principal(Means.NOBODY, "", SCOPES[Role.VIEWER], Role.VIEWER)
"""Whoever does not say who they are, where `api.anonymous` lets them read."""


class Gate:
    """Knows who asks."""

    def __init__(self, detente: Detente) -> None:
        self._doorkeeper, self._settings = detente.doorkeeper, detente.settings
        self._has_accounts = False

    def principal(self, request: Request) -> Principal:
        """Who asks. Raises HTTPException where what they gave opens nothing."""
        if written := request.headers.get("authorization"):
            return self._by_secret(written)
        token = token_of(request)
        if token and (found := self._doorkeeper.session_of(token)):
            return found
        if self.is_open(request):
            return LOCAL
        return ANYBODY if self._settings.api.anonymous == "viewer" else NOBODY

    def _by_secret(self, written: str) -> Principal:
        scheme, _, secret = written.partition(" ")
        secret, expected = secret.strip(), self._settings.api.token
        if scheme.lower() == "bearer" and secret:
            if expected and compare_digest(secret.encode(), expected.get_secret_value().encode()):
                return TOKEN
            if found := self._doorkeeper.key_of(secret):
                return found
        raise HTTPException(401, "this key or token opens nothing", {"WWW-Authenticate": "Bearer"})

    def is_open(self, request: Request) -> bool:
        """Whether all who reach us are on this machine, and nobody has said yet who may do what."""
        if not is_local_only(self._settings) or any(name in request.headers for name in FORWARDED):
            return False
        return not is_far(request) and not self.has_accounts()

    def has_accounts(self) -> bool:
        """Once there is one there always is: the last admin stays."""
        self._has_accounts = self._has_accounts or self._doorkeeper.exist()
        return self._has_accounts


def is_local_only(settings: Settings) -> bool:
    """Whether only this machine can reach us, and no token is asked for."""
    public = urlsplit(settings.public_url or "http://localhost").hostname
    return settings.api.host in LOOPBACK and public in LOOPBACK and not settings.api.token


def is_far(request: Request) -> bool:
    """Whether it comes over a network: the server may listen where `api.host` does not say."""
    try:
        return request.client is not None and not ip_address(request.client.host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Allowed:
    """A route's policy: the scope whoever asks must have, None for all the world, who is then not looked at."""

    scope: Scope | None

    async def __call__(self, request: Request) -> None:
        """Refuse, or leave who asks in `request.state.asker`. Raises HTTPException."""
        request.state.asker = NOBODY
        if self.scope is None:
            return
        check_origin(request)
        asker = await self._counted(request, self.scope)
        if not asker.may(self.scope):
            raise refusal(asker, self.scope)
        await check_csrf(request, asker)
        request.state.asker = asker

    @staticmethod
    async def _counted(request: Request, scope: Scope) -> Principal:
        """Who asks, who has not asked too often. One whose key opens nothing is counted by where they come from."""
        gate: Gate = request.app.state.gate
        rates: Rates = request.app.state.rates
        try:
            asker = await run_in_threadpool(gate.principal, request)
        except HTTPException:
            rates.count(request, NOBODY, scope)
            raise
        rates.count(request, asker, scope)
        return asker


def refusal(asker: Principal, scope: Scope) -> HTTPException:
    """401 for one we do not know, 403 for one who may not."""
    if asker.means is Means.NOBODY:
        return HTTPException(401, "send a key as Authorization: Bearer …, or sign in", {"WWW-Authenticate": "Bearer"})
    return HTTPException(403, f"this needs the scope {scope}")


def check_origin(request: Request) -> None:
    """No other site's page changes anything here. Raises HTTPException."""
    if request.method in SAFE:
        return
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    foreign = origin is not None and urlsplit(origin).netloc != request.headers.get("host")
    if foreign or site not in {None, "same-origin", "none"}:
        raise HTTPException(403, "this was asked for by a page of another site")


def token_of(request: Request) -> str:
    """The session's token, empty without one. Over https only the cookie that this host alone can set counts."""
    return request.cookies.get(SECURE_COOKIE if request.url.scheme == "https" else COOKIE, "")


def csrf_of(request: Request) -> str:
    """What a form of this session must bring along, empty without a session."""
    token = token_of(request)
    return sha256(f"csrf {token}".encode()).hexdigest() if token else ""


async def check_csrf(request: Request, asker: Principal) -> None:
    """Whoever is known by a cookie must bring the session's word along. Raises HTTPException."""
    if request.method in SAFE or asker.means is not Means.SESSION:
        return
    given = request.headers.get("x-csrf-token") or (await form_of(request)).get("csrf", "")
    if not compare_digest(given.encode(), csrf_of(request).encode()):
        raise HTTPException(403, "this page is too old: load it again")


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, the last of each name; empty for a body of another kind."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        return {}
    fields = parse_qs((await request.body()).decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}


def asker_of(request: Request) -> Principal:
    """Who asks, once the route's policy has let them through."""
    found: Principal = request.state.asker
    return found


OPEN = Depends(Allowed(None))
READ = Depends(Allowed(Scope.READ))
FEEDBACK = Depends(Allowed(Scope.FEEDBACK))
SUBSCRIBE = Depends(Allowed(Scope.SUBSCRIBE))
PUSH = Depends(Allowed(Scope.PUSH))
OPERATE = Depends(Allowed(Scope.OPERATE))
PEOPLE = Depends(Allowed(Scope.PEOPLE))
ADMIN = Depends(Allowed(Scope.ADMIN))


def policies(route: BaseRoute) -> list[Allowed]:
    """The policies among a route's dependencies."""
    dependencies: Iterable[Any] = route.dependencies if isinstance(route, APIRoute) else ()
    return [d.dependency for d in dependencies if isinstance(d.dependency, Allowed)]


def every_route(routes: Iterable[BaseRoute]) -> Iterator[BaseRoute]:
    """Routes, those of included routers among them."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from every_route(inner.routes) if inner else (route,)


def check_policies(routes: Iterable[BaseRoute], without: frozenset[str]) -> None:
    """Raises ConfigError for a route that does not say exactly once who may ask. `without` are paths that need none."""
    for route in every_route(routes):
        path = getattr(route, "path", "")
        if path not in without and len(policies(route)) != 1:
            raise ConfigError(f"the route {path} must have one policy of service.web.access, and has not")
