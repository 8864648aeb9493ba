"""How long requests take, by the template of their address."""

from collections.abc import Callable
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Observe = Callable[[str, str, str, float], None]
"""Takes route, method, status and seconds."""
METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
UNKNOWN = "unknown"
"""Stands for addresses and methods that nobody serves: callers must not make names."""
UNANSWERED = "500"


class Timing:
    """Tells `observe` of each request once it is answered; of server-sent events once they begin."""

    def __init__(self, app: ASGIApp, observe: Observe) -> None:
        self._app, self._observe = app, observe

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watch = _Watch(scope, send, self._observe)
        try:
            await self._app(scope, receive, watch.send)
        finally:
            watch.stop()


class _Watch:
    """One request."""

    def __init__(self, scope: Scope, send: Send, observe: Observe) -> None:
        self._scope, self._send, self._observe = scope, send, observe
        self._began, self._status, self._is_over = perf_counter(), UNANSWERED, False

    async def send(self, message: Message) -> None:
        """Hand a part of the answer on."""
        if message["type"] == "http.response.start":
            self._status = str(message["status"])
            if _is_stream(message):
                self.stop()
        await self._send(message)

    def stop(self) -> None:
        """Tell of it, once."""
        if not self._is_over:
            self._is_over = True
            seconds = perf_counter() - self._began
            self._observe(template(self._scope), method(self._scope), self._status, seconds)


def _is_stream(message: Message) -> bool:
    headers = dict(message.get("headers", ()))
    return bool(headers.get(b"content-type", b"").startswith(b"text/event-stream"))


def template(scope: Scope) -> str:
    """The address as it is declared, never as it was asked for.

    FastAPI keeps the whole of it beside the route, which knows only what its own router declares.
    """
    whole = scope.get("fastapi", {}).get("effective_route_context")
    found = getattr(whole, "path", None) or getattr(scope.get("route"), "path", None)
    return found if isinstance(found, str) else UNKNOWN


def method(scope: Scope) -> str:
    """The method if it is one that somebody may serve."""
    found = str(scope["method"])
    return found if found in METHODS else UNKNOWN
