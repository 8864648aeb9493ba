"""The pages behind the links in messages: to agree, and to end it. They need no login, no cookie and no script.

Programs follow links in mail, so looking at a page changes nothing; only its button does. One-click unsubscription
(RFC 8058) posts to the same address.
"""

from base64 import b64encode
from collections.abc import Callable, Coroutine, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, PackageLoader, StrictUndefined

from service.errors import ConfigError
from service.operations.subscribers import Outcome, Registry
from service.web.access import OPEN

log = structlog.get_logger()
STYLE = (
    "body{font:1.1rem/1.5 system-ui,sans-serif;color:#1a1a1a;background:#fff;margin:0}"
    "main{max-width:34rem;margin:4rem auto;padding:0 1rem}"
    "button{font:inherit;padding:.6rem 1.2rem;margin:.3rem .6rem .3rem 0}"
)
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
MOST_BYTES = 4096
"""Of a form; what is longer is not read, and one click still counts."""
Button = tuple[str, str, str]
"""Name, value and label."""
_ENVIRONMENT = Environment(
    loader=PackageLoader("service.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)


class _Route(APIRoute):
    """A key that is missing is the operator's mistake: who wants to leave is told to come again."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            try:
                return await handle(request)
            except ConfigError as error:
                log.error("a page for subscribers cannot be served", error=str(error))  # noqa: TRY400  says all
                return _page("Not now", "This cannot be done just now. Please try again later.", status=503)

        return guarded


def router(registry: Registry) -> APIRouter:
    """Two pages, outside the versioned interface, for people and mail programs."""
    routes = APIRouter(include_in_schema=False, route_class=_Route)

    @routes.get("/confirm/{token}", dependencies=[OPEN])
    def ask_to_confirm(token: str) -> HTMLResponse:
        return _confirmation(registry.look_at(token))

    @routes.post("/confirm/{token}", dependencies=[OPEN])
    def confirm(token: str) -> HTMLResponse:
        return _confirmation(registry.confirm(token))

    @routes.get("/unsubscribe/{token}", dependencies=[OPEN])
    def ask_to_unsubscribe(token: str) -> HTMLResponse:
        if not registry.may_unsubscribe(token):
            return _nothing_here(Outcome.UNKNOWN)
        buttons = [("List-Unsubscribe", "One-Click", "Stop these messages"), ("all", "yes", "Stop all my channels")]
        return _page("Stop messages?", "Press the button, and nothing more is sent to you here.", buttons)

    @routes.post("/unsubscribe/{token}", dependencies=[OPEN])
    async def unsubscribe(token: str, request: Request) -> HTMLResponse:
        everything = "all" in parse_qs((await _beginning(request)).decode("ascii", "replace"))
        if not await run_in_threadpool(registry.unsubscribe, token, everything=everything):
            return _nothing_here(Outcome.UNKNOWN)
        return _page("Done", "Nothing more is sent to you here.")

    return routes


def _confirmation(outcome: Outcome) -> HTMLResponse:
    match outcome:
        case Outcome.GOOD:
            text = (
                "Somebody asked that alerts about news of conflict be sent to you. Press the button if you want them."
            )
            return _page("Do you want alerts?", text, [("agree", "yes", "Yes, send me alerts")])
        case Outcome.DONE:
            return _page("Done", "Alerts will be sent to you. Every one says how to stop them.")
        case Outcome.EXPIRED | Outcome.UNKNOWN:
            return _nothing_here(outcome)


def _nothing_here(outcome: Outcome) -> HTMLResponse:
    """The same words whatever is wrong with a link."""
    text = "This link is not good, or not any more. Nothing was changed."
    return _page("Nothing here", text, status=410 if outcome is Outcome.EXPIRED else 404)


def _page(title: str, text: str, buttons: Sequence[Button] = (), *, status: int = 200) -> HTMLResponse:
    html = _ENVIRONMENT.get_template("subscription.html").render(title=title, text=text, buttons=buttons, style=STYLE)
    return HTMLResponse(html, status, HEADERS)


async def _beginning(request: Request) -> bytes:
    read = b""
    async for part in request.stream():
        read += part
        if len(read) > MOST_BYTES:
            return b""
    return read
