"""A GET that says we are alive, through the guard that feeds are read through."""

from threading import Thread

from service.adapters.feeds.http import download, guarded_client
from service.errors import FetchFailed

WITHIN = 5.0
"""Seconds for the whole call: it stands in the way of the next sweep."""


def call(url: str, *, allow_private: bool, within: float = WITHIN) -> None:
    """Ask once for the address, which may hold a secret. Raises FetchFailed that says nothing of it.

    Looking up a name has no limit of its own, so a thread does the work, and is left behind when time is up.
    """
    answers: list[str] = []
    asking = Thread(target=lambda: answers.append(_ask(url, allow_private, within)), name="ping", daemon=True)
    asking.start()
    asking.join(within)
    if wrong := answers[0] if answers else "no answer in time":
        raise FetchFailed(f"the ping failed: {wrong}")


def _ask(url: str, allow_private: bool, within: float) -> str:
    """What went wrong, "" when nothing did."""
    try:
        with guarded_client(allow_private=allow_private, within=within) as client:
            status, _, _ = download(client, url, {})
    except FetchFailed as error:
        return str(error).partition(":")[0]
    return "" if 200 <= status < 300 else f"it was answered {status}"  # noqa: PLR2004  what HTTP calls success
