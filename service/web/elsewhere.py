"""Sign in elsewhere, by OpenID Connect, and come back."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.bootstrap import Detente
from service.domain.access import Role
from service.errors import Denied, NotFound
from service.ports import Attempt, IdentityProvider, Purpose
from service.web.access import OPEN
from service.web.doors import is_secure, with_session
from service.web.rendering import HEADERS
from service.web.shell import Shell, local_path

COOKIE, SECURE_COOKIE = "detente-way", "__Host-detente-way"
WITHIN = 600
"""Seconds in which somebody must be back."""
BACK = "/sign-in/back"


def router(shell: Shell, detente: Detente) -> APIRouter:
    """There and back."""
    routes = shell.router()

    @routes.get("/sign-in/elsewhere", dependencies=[OPEN])
    def there(request: Request, next: str = "/") -> Response:  # noqa: A002  the name in the address
        attempt = _provider(detente).begin(_back_to(detente))
        parts = [attempt.state, attempt.nonce, attempt.verifier, local_path(next)]
        answer = RedirectResponse(attempt.address, 303, HEADERS)
        answer.set_cookie(value=detente.vault.sign(Purpose.SIGN_IN, parts), max_age=WITHIN, **_cookie(request))
        return answer

    @routes.get(BACK, dependencies=[OPEN])
    def back(request: Request) -> Response:
        """The way is gone once it was walked, well or not."""
        cookie = _cookie(request)
        parts = detente.vault.read(Purpose.SIGN_IN, request.cookies.get(cookie["key"], ""))
        if parts is None:
            raise Denied("this sign-in was not begun here, or took too long: begin again")
        state, nonce, verifier, wanted = parts
        vouched = _provider(detente).finish(Attempt("", state, nonce, verifier), str(request.url), _back_to(detente))
        role = Role(detente.settings.oidc.role)
        token = detente.doorkeeper.sign_in_external(vouched.external_id, vouched.name, role)
        answer = with_session(request, RedirectResponse(local_path(wanted), 303, HEADERS), token)
        answer.delete_cookie(**cookie)
        return answer

    return routes


def _provider(detente: Detente) -> IdentityProvider:
    found = detente.identity_provider
    if found is None:
        raise NotFound("sign-in elsewhere is not set up")
    return found


def _back_to(detente: Detente) -> str:
    return f"{detente.page_url}{BACK}"


def _cookie(request: Request) -> dict[str, Any]:
    secure = is_secure(request)
    key = SECURE_COOKIE if secure else COOKIE
    return {"key": key, "path": "/", "secure": secure, "httponly": True, "samesite": "lax"}
