"""Answers that need not be sent again (RFC 9110, conditional requests)."""

from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256

from fastapi import Request, Response
from fastapi.responses import JSONResponse

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
"""A store of this reader alone may keep it, and asks before each use."""


def answer(request: Request, body: bytes, changed_at: datetime, media_type: str) -> Response:
    """The body, or 304 where the reader has it already by its tag or, without one, by its time."""
    tag = tag_of(body)
    headers = {"ETag": tag, "Last-Modified": format_datetime(changed_at.astimezone(UTC), usegmt=True), **PRIVATE}
    if _has_it(request, tag, changed_at):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def unchanged(request: Request, read: Response) -> Response:
    """A good answer of JSON with its tag, or 304 where the reader has it; any other as it is."""
    if not isinstance(read, JSONResponse) or read.status_code != 200 or "Cache-Control" in read.headers:  # noqa: PLR2004
        return read
    headers = {"ETag": tag_of(bytes(read.body)), **PRIVATE}
    if _has_tag(request.headers.get("If-None-Match", ""), headers["ETag"]):
        return Response(status_code=304, headers={**headers, **_links(read)})
    read.headers.update(headers)
    return read


def _links(read: Response) -> dict[str, str]:
    return {"Link": read.headers["Link"]} if "Link" in read.headers else {}


def tag_of(body: bytes) -> str:
    """The same for the same bytes."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def _has_it(request: Request, tag: str, changed_at: datetime) -> bool:
    known = request.headers.get("If-None-Match")
    if known is not None:
        return _has_tag(known, tag)
    since = _moment(request.headers.get("If-Modified-Since", ""))
    return since is not None and changed_at.replace(microsecond=0) <= since


def _has_tag(known: str, tag: str) -> bool:
    return known.strip() == "*" or tag in {one.strip().removeprefix("W/") for one in known.split(",")}


def _moment(written: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
