"""Places in lists that are read page by page, as text for an address; nobody should read anything in it."""

import math
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime

from service.ports import Cursor

NO_PLACE = "no such place: take the cursor from an earlier answer"
LONGEST = 250
"""Characters of an id in a place."""


def token(place: Cursor) -> str:
    """A place as text."""
    return urlsafe_b64encode(f"{place.at.isoformat()}|{place.id}".encode()).decode().rstrip("=")


def place_of(written: str) -> Cursor:
    """The place that `token` wrote. Raises ValueError."""
    try:
        plain = urlsafe_b64decode(written.encode("ascii") + b"=" * (-len(written) % 4)).decode()
        at, _, key = plain.partition("|")
        found = Cursor(datetime.fromisoformat(at), key)
    except ValueError:
        raise ValueError(NO_PLACE) from None
    if found.at.utcoffset() is None or not 1970 <= found.at.year <= 9000 or not 0 < len(key) <= LONGEST or "\0" in key:  # noqa: PLR2004
        raise ValueError(NO_PLACE)
    return found


def ranked(at: datetime, level: float, subject: str) -> Cursor:
    """A place in a list by level, the highest first, as it is at a moment."""
    return Cursor(at, f"{level!r} {subject}")


def rank_of(place: Cursor) -> tuple[float, str]:
    """(minus level, subject) of such a place: what comes after it is greater. Raises ValueError."""
    level, _, subject = place.id.partition(" ")
    try:
        found = float(level)
    except ValueError:
        raise ValueError(NO_PLACE) from None
    if not math.isfinite(found):
        raise ValueError(NO_PLACE)
    return -found, subject
