"""Fetching over HTTP from an internet that does not wish us well."""

import ipaddress
import socket
import ssl
import time
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import httpcore2
import httpx2

from service.adapters.feeds.feed import parse_feed
from service.domain.news.article import Article
from service.errors import FetchFailed
from service.ports import Feed, Refused, Reply

DEADLINE = 20.0
"""Seconds for a whole exchange, whatever drips."""
MOST_WIRE, MOST_DECODED = 5 * 2**20, 10 * 2**20
"""Bytes read from the network, and bytes after decompression."""
MOST_REDIRECTS = 5
LONGEST_CURSOR = 512
"""Characters of an ETag or date that are kept."""
PORTS = frozenset({80, 443, 8000, 8080, 8443})
_OK, _NOT_MODIFIED = 200, 304


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects only to addresses that are public, and to the very address that was checked.

    Host name, SNI and certificate check stay with the name; redirects pass here too.
    """

    def __init__(self, *, allow_private: bool, deadline: float) -> None:
        self._real, self.allow_private, self.deadline = httpcore2.SyncBackend(), allow_private, deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve, check every address, connect to the first."""
        if not self.allow_private and port not in PORTS:
            raise httpcore2.ConnectError(f"port {port} is not one of a web server")
        addresses = _resolve(host, port)
        if not self.allow_private and not all(is_public(address) for address in addresses):
            raise httpcore2.ConnectError("the address is not a public one")
        real = self._real.connect_tcp(addresses[0], port, timeout, local_address, socket_options)
        return _TimedStream(real, self.deadline)


class _TimedStream(httpcore2.NetworkStream):
    """A stream that ends at a moment of the monotonic clock, however slowly headers or body drip."""

    def __init__(self, real: httpcore2.NetworkStream, deadline: float) -> None:
        self._real, self.deadline = real, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        return self._real.read(max_bytes, self._left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        self._real.write(buffer, self._left(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._real.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same over TLS."""
        return _TimedStream(self._real.start_tls(ssl_context, server_hostname, self._left(timeout)), self.deadline)

    def get_extra_info(self, info: str) -> Any:
        """What the real stream knows."""
        return self._real.get_extra_info(info)

    def _left(self, timeout: float | None) -> float:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise httpcore2.ReadTimeout("the whole exchange took too long")
        return left if timeout is None else min(timeout, left)


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore2.ConnectError(f"the name cannot be resolved: {error}") from None
    return [str(entry[4][0]) for entry in found]


def is_public(address: str) -> bool:
    """Whether this is a unicast address of the public internet, in plain form and not by a translation prefix."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(parsed, ipaddress.IPv6Address):
        return parsed.is_global and parsed in _UNICAST and not any(parsed in net for net in _TUNNELS)
    return parsed.is_global and not parsed.is_multicast and parsed not in _RELAY and parsed not in _PROTOCOL


_UNICAST = ipaddress.ip_network("2000::/3")
_TUNNELS = (ipaddress.ip_network("2002::/16"), ipaddress.ip_network("2001::/32"))
_RELAY, _PROTOCOL = ipaddress.ip_network("192.88.99.0/24"), ipaddress.ip_network("192.0.0.0/24")


def guarded_client(*, allow_private: bool, within: float = DEADLINE) -> httpx2.Client:
    """A client for one exchange of at most `within` seconds.

    It ignores proxies and credentials of the environment and dials only what the guard lets through.
    """
    transport = httpx2.HTTPTransport(trust_env=False)
    transport._pool = httpcore2.ConnectionPool(  # noqa: SLF001  the only way in for a network backend
        ssl_context=httpx2.create_ssl_context(trust_env=False),
        network_backend=GuardedBackend(allow_private=allow_private, deadline=time.monotonic() + within),
        max_connections=4,
    )
    return httpx2.Client(
        transport=transport,
        trust_env=False,
        follow_redirects=True,
        max_redirects=MOST_REDIRECTS,
        timeout=httpx2.Timeout(10.0, connect=5.0),
        headers={"User-Agent": "Detente (news early warning)", "Accept-Encoding": "gzip"},
    )


def download(
    client: httpx2.Client, url: str, headers: dict[str, str], body: bytes | None = None
) -> tuple[int, dict[str, str], bytes]:
    """(status, headers, decoded body) of a GET, or with a body of a POST that follows nowhere, within all bounds.

    Raises FetchFailed.
    """
    try:
        is_post = body is not None
        method = "POST" if is_post else "GET"
        with client.stream(method, url, headers=headers, content=body, follow_redirects=not is_post) as response:
            answer = _read(response)
            return response.status_code, dict(response.headers), answer
    except (httpx2.HTTPError, httpx2.InvalidURL, httpcore2.ConnectError) as error:
        raise FetchFailed(f"{type(error).__name__}: {str(error)[:200] or 'no answer'}") from None
    except zlib.error:
        raise FetchFailed("the compressed body is broken") from None


def _read(response: httpx2.Response) -> bytes:
    coding = response.headers.get("content-encoding", "").strip().lower()
    if coding not in {"", "identity", "gzip"}:
        raise FetchFailed("the body has a content coding we did not ask for")
    inflate = zlib.decompressobj(wbits=31) if coding == "gzip" else None
    wire, parts, size = 0, [], 0
    for chunk in response.iter_raw():
        wire += len(chunk)
        part = inflate.decompress(chunk, MOST_DECODED + 1 - size) if inflate else chunk
        size += len(part)
        parts.append(part)
        if wire > MOST_WIRE or size > MOST_DECODED:
            raise FetchFailed(f"the body is larger than {MOST_WIRE} bytes, or {MOST_DECODED} decompressed")
    return b"".join(parts)


class HttpFetcher:
    """Implements `ports.Fetcher` for RSS and Atom."""

    def __init__(self, *, allow_private: bool, within: float = DEADLINE) -> None:
        self.allow_private, self.within = allow_private, within

    def fetch(self, feed: Feed, now: datetime) -> Reply:
        """Poll once with what the last answer told us. Raises FetchFailed or RefusedInput."""
        with guarded_client(allow_private=self.allow_private, within=self.within) as client:
            status, headers, body = download(client, feed.url, _conditions(feed))
        if status == _NOT_MODIFIED:
            return Reply((), feed.etag, feed.last_modified, not_modified=True)
        if status != _OK:
            raise FetchFailed(f"the server answered {status}")
        parsed = list(parse_feed(body, headers, feed.url, feed.publisher, now))
        return Reply(
            items=tuple(item for item in parsed if isinstance(item, Article)),
            etag=_cursor(headers.get("etag", "")),
            last_modified=_cursor(headers.get("last-modified", "")),
            not_modified=False,
            refused=tuple(item for item in parsed if isinstance(item, Refused)),
        )


def _conditions(feed: Feed) -> dict[str, str]:
    conditions = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    return {name: value for name, value in conditions.items() if value}


def _cursor(value: str) -> str:
    return value if len(value) <= LONGEST_CURSOR else ""
