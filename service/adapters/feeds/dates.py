"""Dates as content from outside gives them."""

from datetime import UTC, datetime

_YEARS = range(1980, 9000)
"""The web is younger than the first; the last is one nobody means."""


def iso(moment: datetime) -> str | None:
    """An aware moment in ISO 8601, UTC; None for one that is absurd. Raises OverflowError at the ends of time."""
    utc = moment.astimezone(UTC)
    return utc.isoformat() if utc.year in _YEARS else None
