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
from markupsafe import Markup

from service.errors import ConfigError
from service.operations.spoken import language_behind
from service.operations.subscribers import Outcome, Registry
from service.web.access import OPEN
from service.web.assets import STATIC, content
from service.web.leaflet import CATALOGUES, accepted

log = structlog.get_logger()
STYLE = Markup(content(STATIC / "detente.css")[0].decode())  # noqa: S704  our own
"""The stylesheet of all pages, inside each of these: nothing more is asked for, wherever they are reached."""
HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Vary": "Accept-Language",
}
MOST_BYTES = 4096
"""Of a form; what is longer is not read, and one click still counts."""
Button = tuple[str, str, str]
"""Name, value and the key of its label."""
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
                return _page(_of_browser(request), "later", status=503)

        return guarded


def router(registry: Registry) -> APIRouter:
    """Two pages, outside the versioned interface, for people and mail programs."""
    routes = APIRouter(include_in_schema=False, route_class=_Route)

    def spoken(token: str, request: Request) -> str:
        """The language of the subscriber the link is for, or else of the browser."""
        behind = language_behind(registry, token)
        return behind if behind in CATALOGUES else _of_browser(request)

    @routes.get("/confirm/{token}", dependencies=[OPEN])
    def ask_to_confirm(token: str, request: Request) -> HTMLResponse:
        return _confirmation(registry.look_at(token), spoken(token, request))

    @routes.post("/confirm/{token}", dependencies=[OPEN])
    def confirm(token: str, request: Request) -> HTMLResponse:
        return _confirmation(registry.confirm(token), spoken(token, request))

    @routes.get("/unsubscribe/{token}", dependencies=[OPEN])
    def ask_to_unsubscribe(token: str, request: Request) -> HTMLResponse:
        language = spoken(token, request)
        if not registry.may_unsubscribe(token):
            return _nothing_here(Outcome.UNKNOWN, language)
        buttons = [("List-Unsubscribe", "One-Click", "leave.one"), ("all", "yes", "leave.all")]
        return _page(language, "leave", buttons)

    @routes.post("/unsubscribe/{token}", dependencies=[OPEN])
    async def unsubscribe(token: str, request: Request) -> HTMLResponse:
        everything = "all" in parse_qs((await _beginning(request)).decode("ascii", "replace"))
        is_ours = await run_in_threadpool(registry.unsubscribe, token, everything=everything)
        language = await run_in_threadpool(spoken, token, request)
        return _page(language, "left") if is_ours else _nothing_here(Outcome.UNKNOWN, language)

    return routes


def _of_browser(request: Request) -> str:
    return accepted(request.headers.get("accept-language", ""))


def _confirmation(outcome: Outcome, language: str) -> HTMLResponse:
    match outcome:
        case Outcome.GOOD:
            return _page(language, "ask", [("agree", "yes", "ask.yes")])
        case Outcome.DONE:
            return _page(language, "agreed")
        case Outcome.EXPIRED | Outcome.UNKNOWN:
            return _nothing_here(outcome, language)


def _nothing_here(outcome: Outcome, language: str) -> HTMLResponse:
    """The same words whatever is wrong with a link."""
    return _page(language, "none", status=410 if outcome is Outcome.EXPIRED else 404)


def _page(language: str, key: str, buttons: Sequence[Button] = (), *, status: int = 200) -> HTMLResponse:
    words = CATALOGUES[language]
    html = _ENVIRONMENT.get_template("subscription.html").render(
        language=language,
        title=words[key],
        text=words[f"{key}.text"],
        after=words.get(f"{key}.no", ""),
        buttons=[(name, value, words[label]) for name, value, label in buttons],
        style=STYLE,
    )
    return HTMLResponse(html, status, {**HEADERS, "Content-Language": language})


async def _beginning(request: Request) -> bytes:
    read = b""
    async for part in request.stream():
        read += part
        if len(read) > MOST_BYTES:
            return b""
    return read
