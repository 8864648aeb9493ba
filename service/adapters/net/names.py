"""Names and their network addresses, asked for within a time: the system's own resolver knows none."""

import ipaddress
import socket
from itertools import chain, zip_longest
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread

from service.errors import FetchFailed

WITHIN = 5.0
"""Seconds for one name."""
MOST = 64
"""Names that are being looked up at once. One that never ends holds its place until it does."""
_places = BoundedSemaphore(MOST)
Found = list[str] | OSError | UnicodeError


def look_up(host: str, port: int, within: float = WITHIN) -> list[str]:
    """The addresses of a host, each once, IPv6 and IPv4 in turn. Raises FetchFailed, also where there are none."""
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        found = _ask(host, port, within)
    if isinstance(found, Exception):
        reason = found.strerror if isinstance(found, OSError) else ""
        raise FetchFailed(f"the name cannot be resolved: {reason or 'it is malformed'}")
    if not found:
        raise FetchFailed("the name cannot be resolved: it has no address")
    return _in_turn(list(dict.fromkeys(found)))


def _ask(host: str, port: int, within: float) -> Found:
    """What the resolver said; it is left behind, in a thread, when time is up."""
    if not _places.acquire(blocking=False):
        raise FetchFailed(f"the name cannot be resolved: {MOST} others are being looked up and get no answer")
    answers: SimpleQueue[Found] = SimpleQueue()
    try:
        Thread(target=_resolve, args=(host, port, answers), name="name", daemon=True).start()
    except RuntimeError:
        _places.release()
        raise FetchFailed("the name cannot be resolved: no thread could be started") from None
    try:
        return answers.get(timeout=max(within, 0.0))
    except Empty:
        raise FetchFailed("the name cannot be resolved: no answer in time") from None


def _resolve(host: str, port: int, answers: "SimpleQueue[Found]") -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        answers.put([str(entry[4][0]) for entry in found])
    except (OSError, UnicodeError) as error:
        answers.put(error)
    finally:
        _places.release()


def _in_turn(addresses: list[str]) -> list[str]:
    """One family that leads nowhere must not use up the time of the other; the first keeps its place."""
    first = [address for address in addresses if (":" in address) is (":" in addresses[0])]
    others = [address for address in addresses if address not in first]
    return [address for address in chain.from_iterable(zip_longest(first, others)) if address]
