"""What all pages that people work with share: who looks, how a page is drawn, and how it says that something failed."""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment

from service.domain.access import NOBODY, Means, Principal, Scope
from service.errors import (
    ConfigError,
    Conflict,
    Denied,
    DetenteError,
    ModelError,
    NotFound,
    RefusedInput,
    StorageUnavailable,
    TooOften,
)
from service.web.access import csrf_of
from service.web.rendering import HEADERS, environment

log = structlog.get_logger()
STATUS: Mapping[type[DetenteError], int] = {
    NotFound: 404,
    Conflict: 409,
    Denied: 403,
    ConfigError: 422,
    RefusedInput: 422,
    TooOften: 429,
    StorageUnavailable: 503,
    ModelError: 503,
}
TITLES: Mapping[int, str] = {
    400: "This cannot be read",
    401: "Sign in first",
    403: "Not yours to do",
    404: "Nothing here",
    409: "This does not go together",
    413: "Too large",
    422: "Something is wrong with what was asked",
    429: "Too many at once",
    503: "Not now",
}
NEXT: Mapping[int, str] = {
    403: "Ask an admin for another role, or sign in as somebody else.",
    404: "It may be gone, or the address is mistyped. The list it was in may know more.",
    409: "Go back, load the page again, and look at what has changed meanwhile.",
    422: "Go back and change it.",
    429: "Wait a minute, then try again.",
    503: "The service cannot reach what it needs. Try again in half a minute; Operations says more.",
}
"""What to do next."""
NOTICES: Mapping[str, str] = {
    "saved": "Saved.",
    "silenced": "Silenced. Nobody is told of it until the silence ends.",
    "expired": "The silence is over. What it kept quiet and still fires is told.",
    "acknowledged": "Taken on. It is not repeated and goes no further.",
    "feedback": "Thank you: this is kept beside the alert.",
    "replayed": "Brought back: it is tried again within seconds.",
    "asked": "A question was sent there. Alerts go there once somebody has agreed.",
    "removed": "Removed.",
    "subscribed": "The subscription is made. Now add a channel: without one nothing can be sent.",
    "paused": "Paused: nothing is sent until you go on.",
    "resumed": "It goes on.",
    "vouched": "The channel is added and confirmed.",
    "agreed": "The channel is confirmed.",
    "revoked": "The key opens nothing any more.",
    "forgotten": "Forgotten, with all addresses.",
    "password": "The password is changed. Sign in with the new one.",
    "welcome": "The account is made. Sign in.",
    "computing": "It is being computed.",
    "stopping": "It stops within seconds.",
    "tuned": "Saved. The rule goes by it within a second or two.",
    "restored": "The file of rules is what it was before.",
}
"""What a page says of what was just done, by the word that its address carries."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Draws pages. Templates extend `base.html`."""

    templates: Environment = field(default_factory=environment)

    def page(
        self, request: Request, template: str, *, status: int = 200, here: str = "", **values: Any
    ) -> HTMLResponse:
        """A page for whoever asks; `here` is its place in the navigation."""
        asker: Principal = getattr(request.state, "asker", NOBODY)
        known = asker if asker.means is not Means.NOBODY else None
        frame = {
            "asker": known,
            "csrf": csrf_of(request) if asker.means is Means.SESSION else "",
            "here": here,
            "notice": NOTICES.get(request.query_params.get("done", "")),
            "notice_kind": "good",
            "may": lambda scope: asker.may(Scope(scope)),
        }
        html = self.templates.get_template(template).render({**frame, **values})
        return HTMLResponse(html, status, HEADERS)

    def trouble(self, request: Request, status: int, detail: str, headers: Mapping[str, str] | None = None) -> Response:
        """What went wrong and what to do next; the way to sign in for one we do not know."""
        if status == 401 and request.method == "GET" and "hx-request" not in request.headers:  # noqa: PLR2004
            return RedirectResponse(f"/sign-in?next={quote(request.url.path)}", 303, HEADERS)
        said = {"title": TITLES.get(status, "This did not work"), "detail": detail, "next": NEXT.get(status, "")}
        template = "trouble_fragment.html" if "hx-request" in request.headers else "trouble.html"
        answer = self.page(request, template, status=status, **said)
        answer.headers.update(headers or {})
        return answer

    def page_of_problem(
        self, request: Request, status: int, detail: str, headers: Mapping[str, str]
    ) -> Response | None:
        """The page for somebody who has gone astray with a browser, None for a program."""
        is_person = "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")
        return self.trouble(request, status, detail, headers) if is_person else None

    def router(self) -> APIRouter:
        """A router whose routes are pages: what they raise becomes a page too."""
        return APIRouter(include_in_schema=False, route_class=_route(self))


def _route(shell: Shell) -> type[APIRoute]:
    class PageRoute(APIRoute):
        """Errors that a person can read."""

        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def guarded(request: Request) -> Response:
                try:
                    return await handle(request)
                except HTTPException as error:
                    return shell.trouble(request, error.status_code, str(error.detail), error.headers)
                except RequestValidationError as error:
                    return shell.trouble(request, 422, wrong(error))
                except DetenteError as error:
                    return shell.trouble(request, status_of(error), _detail(error), _again(error))

            return guarded

    return PageRoute


def wrong(error: RequestValidationError) -> str:
    """Where and what, without what was given."""
    return "; ".join(f"{'.'.join(map(str, one['loc'][1:]))}: {one['msg']}" for one in error.errors())


def status_of(error: DetenteError) -> int:
    """The status an error is told with."""
    return next((status for kind, status in STATUS.items() if isinstance(error, kind)), 500)


def _detail(error: DetenteError) -> str:
    if isinstance(error, StorageUnavailable):
        log.warning("a page waits for the database", error=str(error))
        return "The database does not answer."
    return str(error)


def _again(error: DetenteError) -> dict[str, str]:
    if isinstance(error, TooOften):
        return {"Retry-After": str(int(error.wait) + 1)}
    return {"Retry-After": "30"} if isinstance(error, StorageUnavailable) else {}


def done(path: str, word: str) -> RedirectResponse:
    """To a page that says what was done, by a GET."""
    return RedirectResponse(f"{path}{'&' if '?' in path else '?'}done={word}", 303, HEADERS)


def local_path(written: str) -> str:
    """A path on this host, the first page for anything else: nobody is sent away by a link."""
    is_here = written.startswith("/") and not written.startswith(("//", "/\\")) and written.isprintable()
    return written if is_here and "\\" not in written else "/"
