"""Answers that need not be sent again (RFC 9110, conditional requests)."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from fastapi import Request, Response


def answer(request: Request, body: bytes, changed_at: datetime, media_type: str) -> Response:
    """The body, or 304 where the reader has it already by its tag or, without one, by its time."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {
        "ETag": tag,
        "Last-Modified": format_datetime(changed_at.astimezone(UTC), usegmt=True),
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }
    if _has_it(request, tag, changed_at):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def _has_it(request: Request, tag: str, changed_at: datetime) -> bool:
    known = request.headers.get("If-None-Match")
    if known is not None:
        return known.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in known.split(",")}
    since = _moment(request.headers.get("If-Modified-Since", ""))
    return since is not None and changed_at.replace(microsecond=0) <= since


def _moment(written: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
