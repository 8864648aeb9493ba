"""The last check before a connection is made, and the end of each that takes too long or brings too much."""

import ssl
import time
from collections.abc import Iterable, Sequence
from typing import Any

import httpcore2

from service.adapters.net import names
from service.adapters.net.addresses import WEB_PORTS, Reach
from service.errors import FetchFailed

CONNECT_WITHIN = 5.0
"""Seconds for one network address of a host."""
PIECE = 65536


class Allowance:
    """What one exchange may still use: seconds of the monotonic clock, and bytes read from the network.

    Redirects, handshakes and headers use it too, so nothing that drips and nothing that comes in small parts gets
    past it.
    """

    def __init__(self, within: float, most: int) -> None:
        self.ends, self.left = time.monotonic() + within, most

    def seconds(self, most: float | None = None) -> float:
        """What is left, `most` at most. Raises FetchFailed when there is nothing."""
        left = self.ends - time.monotonic()
        if left <= 0:
            raise FetchFailed("the whole exchange took too long")
        return left if most is None else min(left, most)

    def use(self, count: int) -> None:
        """Bytes have been read. Raises FetchFailed when they are too many."""
        self.left -= count
        if self.left < 0:
            raise FetchFailed("the server sends more than is ever read from it")


class Guard(httpcore2.NetworkBackend):
    """Connects only where `reach` permits, and to the very addresses that were checked.

    A name is refused when any of its addresses is, so that one that answers differently each time gains nothing. Host
    name, SNI and certificate check stay with the name.
    """

    def __init__(self, reach: Reach, allowance: Allowance) -> None:
        self._real, self.reach, self.allowance = httpcore2.SyncBackend(), reach, allowance

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002  the allowance says how long
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Resolve, check every address, and connect to the first that answers. Raises FetchFailed."""
        addresses = names.look_up(host, port, self.allowance.seconds(names.WITHIN))
        self.check(addresses, port)
        for tried, address in enumerate(addresses):
            within = self.allowance.seconds() / (len(addresses) - tried)
            try:
                real = self._real.connect_tcp(address, port, min(within, CONNECT_WITHIN), local_address, socket_options)
                return TimedStream(real, self.allowance)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                continue
        raise FetchFailed("no connection could be made")

    def check(self, addresses: Sequence[str], port: int) -> None:
        """Raises FetchFailed unless all of them may be dialled, at this port."""
        if not addresses or not all(self.reach.permits(address) for address in addresses):
            raise FetchFailed("the address is not a public one")
        if port not in WEB_PORTS and not all(self.reach.is_named(address) for address in addresses):
            raise FetchFailed(f"port {port} is not one of a web server")


class TimedStream(httpcore2.NetworkStream):
    """A stream that ends with its allowance."""

    def __init__(self, real: httpcore2.NetworkStream, allowance: Allowance) -> None:
        self._real, self.allowance = real, allowance

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what is there."""
        piece = self._real.read(max_bytes, self.allowance.seconds(timeout))
        self.allowance.use(len(piece))
        return piece

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all of it."""
        for start in range(0, len(buffer), PIECE):
            self._real.write(buffer[start : start + PIECE], self.allowance.seconds(timeout))

    def close(self) -> None:
        """Close the connection."""
        self._real.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same over TLS; the handshake as a whole has what is left of the time."""
        real = self._real.start_tls(ssl_context, server_hostname, self.allowance.seconds(timeout))
        return TimedStream(real, self.allowance)

    def get_extra_info(self, info: str) -> Any:
        """What the real stream knows."""
        return self._real.get_extra_info(info)
