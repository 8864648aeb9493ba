"""One request over HTTP, to an internet that does not wish us well. Everything that is fetched goes this way."""

import re
import ssl
from collections.abc import Container, Mapping
from dataclasses import dataclass
from functools import cache
from http import HTTPStatus
from urllib.parse import urljoin

import httpcore2
import httpx2

import service
from service.adapters.clock import SystemClock
from service.adapters.net import target, waiting
from service.adapters.net.addresses import PUBLIC, Reach
from service.adapters.net.body import Body
from service.adapters.net.guard import Allowance, Guard
from service.adapters.net.target import Target
from service.errors import FetchFailed, Gone

__all__ = ["PUBLIC", "Answer", "Reach", "exchange"]

DEADLINE = 20.0
"""Seconds for a whole exchange, whatever drips."""
MOST_WIRE, MOST_DECODED = 5 * 2**20, 10 * 2**20
"""Bytes of a body read from the network, and bytes after decompression."""
MOST_AROUND = 2**20
"""Bytes for everything around the body: headers, their repetitions, lengths of chunks, redirects."""
MOST_REDIRECTS = 5
LONGEST_WAIT = 86400.0
"""Seconds of a server's wish to be left alone that are believed."""
NAME = f"Detente/{service.__version__} (news early warning)"
OK_OR_SAME = frozenset({HTTPStatus.OK, HTTPStatus.NOT_MODIFIED})
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_OURS_ALONE = frozenset({"authorization", "cookie", "proxy-authorization"})
"""Headers that are meant for one server only."""
_ADVICE = {
    401: "it wants a user and a password",
    403: "it does not want to be asked by programs, or not by us",
    404: "there is nothing at this address",
    406: "it has nothing of the kind we read",
    410: "what was at this address is gone for good",
    429: "it is asked too often",
    451: "a law forbids it to answer",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Names of headers are in lower case, `body` is decompressed, `url` is where it came from at last.

    `moved_to` is where redirects led, when all of them were permanent and the end was good; otherwise "".
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str
    moved_to: str = ""


def exchange(
    url: str,
    *,
    reach: Reach = PUBLIC,
    headers: Mapping[str, str] | None = None,
    body: bytes | None = None,
    within: float = DEADLINE,
    most_wire: int = MOST_WIRE,
    most_decoded: int = MOST_DECODED,
    takes: Container[int] = OK_OR_SAME,
) -> Answer:
    """The answer to a GET, or with a body to a POST, which follows no redirect. `within` counts seconds for it all.

    Raises FetchFailed when there is none with a status of `takes`, and Gone for 410.
    """
    asked = _Asked(body, most_wire, most_decoded, takes)
    guard = Guard(reach, Allowance(within, most_wire + MOST_AROUND))
    with httpcore2.ConnectionPool(ssl_context=_trusted(), network_backend=guard, max_connections=1) as pool:
        try:
            return asked.follow(pool, target.read(url), {**_own_headers(), **_lower(headers or {})})
        except (httpcore2.TimeoutException, httpcore2.NetworkError, httpcore2.ProtocolError) as error:
            raise FetchFailed(_wrong(error)) from None


@dataclass(frozen=True, slots=True)
class _Asked:
    body: bytes | None
    most_wire: int
    most_decoded: int
    takes: Container[int]

    def follow(self, pool: httpcore2.ConnectionPool, here: Target, headers: dict[str, str]) -> Answer:
        """Go from target to target until one answers."""
        seen, permanent = [here], True
        while True:
            found = self._ask(pool, here, headers)
            if isinstance(found, Answer):
                moved = permanent and len(seen) > 1 and found.status == HTTPStatus.OK
                return Answer(found.status, found.headers, found.body, str(here), str(here) if moved else "")
            there, is_permanent = found
            _check_step(seen, there)
            if there.origin != here.origin:
                headers = {name: value for name, value in headers.items() if name not in _OURS_ALONE}
            seen.append(there)
            here, permanent = there, permanent and is_permanent

    def _ask(
        self, pool: httpcore2.ConnectionPool, here: Target, headers: Mapping[str, str]
    ) -> Answer | tuple[Target, bool]:
        """The answer, or (where else to ask, whether for good)."""
        url = httpcore2.URL(scheme=here.scheme, host=here.host, port=here.port, target=here.path)
        sent = [(name.encode(), value.encode("latin-1", "replace")) for name, value in headers.items()]
        method = "GET" if self.body is None else "POST"
        sent.append((b"host", here.authority.encode()))
        if self.body is not None:
            sent.append((b"content-length", str(len(self.body)).encode()))
        with pool.stream(method, url, headers=sent, content=self.body) as response:
            said = _headers(response.headers)
            if response.status in self.takes:
                return Answer(response.status, said, self._read(response, said), "")
            if response.status in _REDIRECTS and self.body is None:
                return _next(here, said), response.status in _PERMANENT
            raise _failed(response.status, said)

    def _read(self, response: httpcore2.Response, said: Mapping[str, str]) -> bytes:
        body = Body(said.get("content-encoding", ""), self.most_wire, self.most_decoded)
        for chunk in response.iter_stream():
            body.take(chunk)
        return body.whole()


def _own_headers() -> dict[str, str]:
    return {"user-agent": NAME, "accept": "*/*", "accept-encoding": "gzip"}


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _headers(raw: list[tuple[bytes, bytes]]) -> dict[str, str]:
    """Names in lower case; what was said several times is joined, as HTTP has it."""
    found: dict[str, str] = {}
    for name, value in raw:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found


def _next(here: Target, said: Mapping[str, str]) -> Target:
    location = said.get("location", "").encode("latin-1").decode("utf-8", "replace").replace(" ", "%20")
    if not location:
        raise FetchFailed("the server redirects, and does not say where to")
    if location.startswith("//"):
        location = f"{here.scheme}:{location}"
    try:
        return target.read(location if _ABSOLUTE.match(location) else urljoin(str(here), location))
    except FetchFailed as error:
        raise FetchFailed(f"a redirect is not followed: {error}") from None


def _check_step(seen: list[Target], there: Target) -> None:
    """Raises FetchFailed for a step that is not taken."""
    if there in seen:
        raise FetchFailed("the server redirects in a circle")
    if len(seen) > MOST_REDIRECTS:
        raise FetchFailed(f"there are more than {MOST_REDIRECTS} redirects")
    if seen[-1].scheme == "https" and there.scheme != "https":
        raise FetchFailed("a redirect is not followed: it leads from https to http")


def _failed(status: int, said: Mapping[str, str]) -> FetchFailed:
    wish = waiting.seconds(said.get("retry-after", ""), SystemClock().now())
    wait = None if wish is None else min(wish, LONGEST_WAIT)
    advice = _ADVICE.get(status, "it has trouble of its own" if status >= HTTPStatus.INTERNAL_SERVER_ERROR else "")
    message = f"the server answers {status}" + (f": {advice}" if advice else "")
    return Gone(message, wait) if status == HTTPStatus.GONE else FetchFailed(message, wait)


def _wrong(error: Exception) -> str:
    """What happened, in words of ours: those of libraries may repeat what the server said."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"the server's certificate is refused: {cause.verify_message}"
    if isinstance(cause, ssl.SSLError):
        return "no secure connection could be made"
    if isinstance(error, httpcore2.TimeoutException):
        return "the whole exchange took too long"
    if isinstance(error, httpcore2.LocalProtocolError):
        return "the request is not one that HTTP allows"
    if isinstance(error, httpcore2.ProtocolError):
        return "the server breaks the rules of HTTP, or broke off"
    return "the connection broke off"


@cache
def _trusted() -> ssl.SSLContext:
    """The certificates this machine trusts, read once."""
    return httpx2.create_ssl_context(trust_env=False)
