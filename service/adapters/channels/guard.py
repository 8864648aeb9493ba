"""The last check before a connection is made. It changes `socket` for the whole process: only for sending processes."""

import socket
from collections.abc import Callable
from typing import Any, NoReturn

from service.adapters.channels.verdict import Exchange, Trouble
from service.adapters.net.addresses import Reach

MAIL_PORTS = frozenset({25, 465, 587, 2525})
NO_WEB_PORTS = frozenset(
    {
        1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 79, 87, 95, 101, 102, 103, 104, 109, 110,
        111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530,
        531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 873, 989, 990, 993, 995, 1433, 1521, 1719, 1720, 1723, 2049,
        2181, 2375, 2376, 2379, 2380, 2525, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5433, 5672, 5900, 6000,
        6379, 6380, 6432, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 9042, 9092, 10080, 11211, 26379, 27017,
    }
)  # fmt: skip
"""Ports of servers that speak something else than HTTP; a request sent there could be read as their commands."""


class Refused(OSError):
    """The guard does not let this connection be made."""


class Guard:
    """Refuses connections that a channel must not make, and remembers in `exchange` why none came about.

    Names are refused when any of their addresses is not public, so that a name that answers differently each time
    gains nothing; what is dialled is checked again, so that no way around the name helps.
    """

    def __init__(self, exchange: Exchange, reach: Reach, *, is_mail: bool) -> None:
        self.exchange, self.reach, self.is_mail = exchange, reach, is_mail
        self._resolve: Callable[..., list[Any]] = socket.getaddrinfo
        self._connect: Callable[[socket.socket, Any], None] = socket.socket.connect

    def install(self) -> None:
        """From now on every connection of this process passes here."""
        socket.getaddrinfo = self.resolve

        def connect(end: Any, address: Any) -> None:
            self.connect(end, address)

        socket.socket.connect = connect  # type: ignore[method-assign]
        socket.socket.connect_ex = self._no_other_way  # type: ignore[method-assign, assignment]

    def resolve(self, host: Any, port: Any, *arguments: Any, **options: Any) -> list[Any]:
        """As `socket.getaddrinfo`, or Refused."""
        try:
            found = self._resolve(host, port, *arguments, **options)
        except (OSError, UnicodeError) as error:
            self.exchange.broke(Trouble.NAME)
            raise Refused("the name cannot be resolved") from error
        for entry in found:
            self._check(entry[4])
        return found

    def connect(self, end: socket.socket, address: Any) -> None:
        """As `socket.socket.connect`, or Refused."""
        if end.family not in {socket.AF_INET, socket.AF_INET6}:
            self._refuse(Trouble.PRIVATE)
        self._check(address)
        try:
            self._connect(end, address)
        except OSError:
            self.exchange.broke(Trouble.CONNECT)
            raise
        self.exchange.trouble = None

    def _check(self, address: Any) -> None:
        host, port = str(address[0]), int(address[1])
        is_named, permitted = _verdict(self.reach, host)
        if port in NO_WEB_PORTS if not self.is_mail else port not in MAIL_PORTS and not is_named:
            self._refuse(Trouble.PORT)
        if not permitted:
            self._refuse(Trouble.PRIVATE)

    def _refuse(self, trouble: Trouble) -> NoReturn:
        self.exchange.broke(trouble)
        raise Refused(str(trouble))

    def _no_other_way(self, _end: socket.socket, _address: Any) -> NoReturn:
        self._refuse(Trouble.CONNECT)


def _verdict(reach: Reach, host: str) -> tuple[bool, bool]:
    """Whether configuration names this address, and whether it may be dialled."""
    try:
        return reach.is_named(host), reach.permits(host)
    except ValueError:
        return False, False
