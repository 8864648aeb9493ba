"""What is refused before anything looks at it, and headers of every answer. Pure ASGI: nothing is held back."""

import re
from collections.abc import Collection, Iterable, MutableMapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from fastapi import HTTPException
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.api.problems import problem
from service.config.settings import Settings

MOST_BYTES, MOST_OF_ARTICLES = 2**20, 5 * 2**20
"""Bytes of a body in general, and of one that holds articles."""
PREFIX = "/api/"
ARTICLES = "/api/v1/articles"
BY_ADDRESS = frozenset({"127.0.0.1", "::1", "localhost"})
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?")
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""Of every answer that does not say otherwise itself."""


class Shield:
    """Refuses what asks for another host, what is too large, and what holds a NUL; adds headers to all answers."""

    def __init__(self, app: ASGIApp, hosts: Collection[str]) -> None:
        self._app, self._hosts = app, frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        kept: MutableMapping[str, Any] = scope.setdefault("state", {})
        finish = _with_headers(send, kept)
        headers, most = Headers(scope=scope), _most(scope)
        if refused := self._refusal(scope, headers, most):
            await refused(scope, receive, finish)
            return
        await self._app(scope, _bounded(receive, most), finish)

    def _refusal(self, scope: Scope, headers: Headers, most: int) -> ASGIApp | None:
        if not is_known(headers.get("host", ""), self._hosts):
            return problem(400, "this service is not known by that name: see api.hosts and public_url")
        if scope["path"].startswith(PREFIX) and ("\0" in scope["path"] or b"%00" in scope["query_string"]):
            return problem(400, "an address cannot hold a NUL")
        if "content-length" in headers and "transfer-encoding" in headers:
            return problem(400, "a body has one length", {"Connection": "close"})
        if _announced(headers) > most:
            return problem(413, too_large(most), {"Connection": "close"})
        return None


def hosts_of(settings: Settings) -> frozenset[str]:
    """The names by which the service may be asked, besides addresses."""
    public = urlsplit(settings.public_url or "").hostname
    return frozenset(name.lower() for name in (*BY_ADDRESS, *settings.api.hosts, settings.api.host, public) if name)


def is_known(host: str, hosts: Collection[str]) -> bool:
    """Whether a `Host` header names this service: by a known name, or by an address, which no other site can own."""
    found = _HOST.fullmatch(host)
    name = found[1].lower().rstrip(".") if found else ""
    return name in hosts or _is_address(name.strip("[]"))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def too_large(most: int) -> str:
    """What is said of a body that is."""
    return f"the body is larger than {most} bytes"


def _most(scope: Scope) -> int:
    path: str = scope["path"]
    has_articles = path == ARTICLES or path.startswith(f"{ARTICLES}/")
    return MOST_OF_ARTICLES if has_articles and scope["method"] in {"POST", "PUT"} else MOST_BYTES


def _announced(headers: Headers) -> int:
    written = headers.get("content-length", "0")
    return int(written) if written.isdecimal() else 0


def _bounded(receive: Receive, most: int) -> Receive:
    """The same body, until it is too large: whoever reads on finds an HTTPException."""
    size = 0

    async def bounded() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise HTTPException(413, too_large(most), {"Connection": "close"})
        return message

    return bounded


def _with_headers(send: Send, kept: MutableMapping[str, Any]) -> Send:
    async def finish(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _all(kept):
                headers.setdefault(name, value)
        await send(message)

    return finish


def _all(kept: MutableMapping[str, Any]) -> Iterable[tuple[str, str]]:
    """`kept["rate"]` are headers that the route's policy has left."""
    return (*EVERYWHERE.items(), *kept.get("rate", {}).items())
