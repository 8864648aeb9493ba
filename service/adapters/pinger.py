"""A GET that says we are alive."""

from service.adapters.net.addresses import Network, Reach
from service.adapters.net.credentials import parted
from service.adapters.net.exchange import exchange
from service.errors import FetchFailed

WITHIN = 5.0
"""Seconds for the whole call: it stands in the way of the next sweep."""
TAKEN = range(200, 300)


def call(url: str, *, allow_private: bool, allow: tuple[Network, ...] = (), within: float = WITHIN) -> None:
    """Ask once for the address, which may hold a secret. Raises FetchFailed that says nothing of it."""
    plain, headers = parted(url)
    try:
        exchange(plain, reach=Reach(allow_private, allow), headers=headers, within=within, takes=TAKEN)
    except FetchFailed as error:
        raise FetchFailed(f"the ping failed: {error}") from None
