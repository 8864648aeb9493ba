"""Sign in and out, follow an invitation, change the password."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from service.bootstrap import Detente
from service.domain.access import IDLE, Means
from service.errors import ConfigError, Conflict, Denied, DetenteError
from service.operations.accounts import Doorkeeper
from service.web.access import (
    COOKIE,
    LOOPBACK,
    OPEN,
    READ,
    SECURE_COOKIE,
    Gate,
    asker_of,
    check_origin,
    form_of,
    token_of,
)
from service.web.rendering import HEADERS
from service.web.shell import Shell, done, local_path, status_of

Values = dict[str, Any]
HTTPS = "Sign in over https: on the way here a password could be read. See the guide on access."


def sessions(shell: Shell, detente: Detente) -> APIRouter:
    """To sign in and out."""
    routes, doorkeeper = shell.router(), detente.doorkeeper
    elsewhere = detente.settings.oidc.name if detente.settings.oidc.issuer else ""

    @routes.get("/sign-in", dependencies=[OPEN])
    def ask(request: Request, next: str = "/") -> Response:  # noqa: A002  the name in the address
        gate: Gate = request.app.state.gate
        is_new = not gate.has_accounts()
        values: Values = {"next": local_path(next), "is_new": is_new, "error": "", "name": "", "elsewhere": elsewhere}
        return shell.page(request, "sign_in.html", **values)

    @routes.post("/sign-in", dependencies=[OPEN])
    async def sign_in(request: Request) -> Response:
        check_origin(request)
        check_transport(request)
        form = await form_of(request)
        address = request.client.host if request.client else ""
        name = form.get("name", "")
        try:
            token = await run_in_threadpool(doorkeeper.sign_in, name, form.get("password", ""), address)
        except Denied as wrong:
            values: Values = {
                "next": local_path(form.get("next", "/")),
                "is_new": False,
                "error": str(wrong),
                "name": name,
                "elsewhere": elsewhere,
            }
            return shell.page(request, "sign_in.html", status=403, **values)
        return with_session(request, RedirectResponse(local_path(form.get("next", "/")), 303, HEADERS), token)

    @routes.post("/sign-out", dependencies=[READ])
    def sign_out(request: Request) -> Response:
        if token := token_of(request):
            doorkeeper.sign_out(token)
        return without_session(request, RedirectResponse("/sign-in", 303, HEADERS))

    return routes


def accounts(shell: Shell, doorkeeper: Doorkeeper) -> APIRouter:
    """To make an account by a link, and to change its password."""
    routes = shell.router()

    @routes.get("/welcome/{token}", dependencies=[OPEN])
    def invited(token: str, request: Request) -> Response:
        invitation = doorkeeper.invitation(token)
        return shell.page(request, "welcome.html", invitation=invitation, token=token, error="", name=invitation.name)

    @routes.post("/welcome/{token}", dependencies=[OPEN])
    async def accept(token: str, request: Request) -> Response:
        check_origin(request)
        check_transport(request)
        form = await form_of(request)
        name, password = form.get("name", ""), form.get("password", "")
        try:
            check_same(password, form.get("again", ""))
            await run_in_threadpool(doorkeeper.accept, token, name, password)
        except (ConfigError, Conflict) as wrong:
            invitation = await run_in_threadpool(doorkeeper.invitation, token)
            values: Values = {
                "invitation": invitation,
                "token": token,
                "error": str(wrong),
                "name": invitation.name or name,
            }
            return shell.page(request, "welcome.html", status=status_of(wrong), **values)
        return done("/sign-in", "welcome")

    @routes.get("/account", dependencies=[READ])
    def account(request: Request) -> Response:
        return shell.page(request, "account.html", error="")

    @routes.post("/account", dependencies=[READ])
    async def change(request: Request) -> Response:
        form, asker = await form_of(request), asker_of(request)
        if asker.means is not Means.SESSION:
            raise Conflict("only somebody who has signed in has a password")
        old, new = form.get("old", ""), form.get("password", "")
        try:
            check_same(new, form.get("again", ""))
            await run_in_threadpool(doorkeeper.change_password, asker.account_id, old, new)
        except DetenteError as wrong:
            return shell.page(request, "account.html", status=status_of(wrong), error=str(wrong))
        return without_session(request, done("/sign-in", "password"))

    return routes


def check_same(password: str, again: str) -> None:
    """Raises ConfigError where it was typed in two ways."""
    if password != again:
        raise ConfigError("the two passwords differ")


def is_secure(request: Request) -> bool:
    """Whether the browser came by https, as far as the server or a proxy we believe says."""
    return request.url.scheme == "https"


def check_transport(request: Request) -> None:
    """Raises Denied where a password came over a network in clear."""
    if not is_secure(request) and request.url.hostname not in {*LOOPBACK, "testserver"}:
        raise Denied(HTTPS)


def with_session(request: Request, answer: Response, token: str) -> Response:
    """The answer with the session's cookie, a new one at every sign-in."""
    secure = is_secure(request)
    answer.set_cookie(
        SECURE_COOKIE if secure else COOKIE,
        token,
        max_age=int(IDLE.total_seconds()),
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    return answer


def without_session(request: Request, answer: Response) -> Response:
    """The answer that takes the cookies away."""
    secure = is_secure(request)
    for name in (COOKIE, SECURE_COOKIE) if secure else (COOKIE,):
        answer.delete_cookie(name, path="/", secure=name == SECURE_COOKIE, httponly=True, samesite="lax")
    return answer
