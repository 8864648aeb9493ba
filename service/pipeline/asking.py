"""What the steps that ask servers have in common."""

from datetime import timedelta

from service.domain.news.owner import host_of
from service.errors import DetenteError, FetchFailed, RefusedInput
from service.ports import UnitOfWork

READER_BACK = timedelta(seconds=30)
"""Until something is asked for again that could not be read for want of a process to read in."""


def wish_of(error: DetenteError) -> timedelta:
    """For how long a server wants to be left alone, zero where it did not say so."""
    return timedelta(seconds=error.wait or 0) if isinstance(error, FetchFailed) else timedelta(0)


def heed(wish: timedelta, url: str, unit: UnitOfWork) -> None:
    """Leave the server of an address alone for so long, whatever is asked of it."""
    if wish:
        unit.hosts.rest(host_of(url), wish)


def reason(error: DetenteError) -> str:
    """Why something could not be had, in a line for an operator."""
    return f"{error.refusal}: {error}" if isinstance(error, RefusedInput) else str(error)
