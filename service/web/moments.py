"""Times as forms send them."""

from datetime import UTC, datetime, timedelta

from service.errors import Refusal, RefusedInput

FIRST_YEAR, LAST_YEAR = 1970, 9000
SPANS = {
    "1h": timedelta(hours=1),
    "8h": timedelta(hours=8),
    "1d": timedelta(days=1),
    "1w": timedelta(weeks=1),
}
"""How long something may last, as forms write it."""


def moment_of(written: str, name: str) -> datetime | None:
    """A time in UTC, as `2026-03-01T12:00`; None for an empty field. Raises RefusedInput."""
    if not written.strip():
        return None
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        raise RefusedInput(Refusal.BAD_DATE, f"{name}: write a time as in 2026-03-01T12:00 (UTC)") from None
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise RefusedInput(Refusal.BAD_DATE, f"{name} must lie between {FIRST_YEAR} and {LAST_YEAR}")
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def end_of(lasts: str, until: str, now: datetime) -> datetime:
    """When something ends that lasts as long as one of `SPANS`, or until a time. Raises RefusedInput."""
    if lasts in SPANS:
        return now + SPANS[lasts]
    end = moment_of(until, "until")
    if end is None or end <= now:
        raise RefusedInput(Refusal.BAD_DATE, "until: choose how long it lasts, or a time to come")
    return end
