"""A GET that says we are alive, through the guard that feeds are read through."""

from service.adapters.feeds.http import download, guarded_client
from service.errors import FetchFailed

WITHIN = 5.0
"""Seconds for the whole call: it stands in the way of the next sweep."""


def call(url: str, *, allow_private: bool, within: float = WITHIN) -> None:
    """Ask once for the address, which may hold a secret. Raises FetchFailed that says nothing of it."""
    try:
        with guarded_client(allow_private=allow_private, within=within) as client:
            status, _, _ = download(client, url, {})
    except FetchFailed as error:
        raise FetchFailed(f"the ping failed: {str(error).partition(':')[0]}") from None
    if not 200 <= status < 300:  # noqa: PLR2004  what HTTP calls success
        raise FetchFailed(f"the ping was answered {status}")
