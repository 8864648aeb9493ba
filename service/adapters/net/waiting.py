"""How long a server wants to be left alone."""

from datetime import datetime
from email.utils import parsedate_to_datetime


def seconds(retry_after: str, now: datetime) -> float | None:
    """A Retry-After header in seconds, whether it counts them or gives a date; None when it says neither."""
    text = retry_after.strip()
    if not text:
        return None
    try:
        wait = float(text) if text.isascii() and text.isdigit() else (parsedate_to_datetime(text) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return max(wait, 0.0)
