"""Questions as they come in addresses, and pages of answers."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import HTTPException, Query, Request
from fastapi.responses import JSONResponse

from service.bootstrap import Detente
from service.domain.risk.subject import Subject
from service.operations.paging import place_of, token
from service.ports import Cursor, Span

MOST = 200
"""Entries of a page."""
FIRST_YEAR, LAST_YEAR = 1970, 9000
Item = TypeVar("Item")
Given = TypeVar("Given")


def moment_of(at: datetime | None, name: str) -> datetime | None:
    """A time that has a zone, and lies where there is any news."""
    if at is not None and at.tzinfo is None:
        raise HTTPException(422, f"{name} must carry a zone, as in 2026-03-01T12:00:00Z")
    if at is not None and not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise HTTPException(422, f"{name} must lie between {FIRST_YEAR} and {LAST_YEAR}")
    return at


def subject_of(written: str | None) -> str:
    """A subject in its written form, empty where none is asked for."""
    if not written:
        return ""
    try:
        return str(Subject.parse(written))
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


def between(
    since: Annotated[datetime | None, Query(description="From this time on.")] = None,
    until: Annotated[datetime | None, Query(description="Before this time.")] = None,
) -> Span:
    """The times that are asked for."""
    found = Span(moment_of(since, "since"), moment_of(until, "until"))
    if found.since and found.until and found.since > found.until:
        raise HTTPException(422, "since is after until")
    return found


def place(read: Callable[[Given], Item], given: Given) -> Item:
    """What a cursor stands for. Raises HTTPException for one that was made up."""
    try:
        return read(given)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


class Page:
    """How much of a list is asked for, and from where on."""

    def __init__(
        self,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Entries at most.")] = MOST,
        cursor: Annotated[str | None, Query(max_length=1000, description="From a `next` link.")] = None,
    ) -> None:
        self.before: Cursor | None = place(place_of, cursor) if cursor else None
        self.limit = limit

    @property
    def one_more(self) -> int:
        """As many as say whether another page follows."""
        return self.limit + 1


def listed(
    detente: Detente,
    request: Request,
    page: Page,
    found: Sequence[Item],
    present: Callable[[Item], Any],
    where: Callable[[Item], Cursor],
) -> JSONResponse:
    """A page of what was found with `one_more`, as a plain list; a `Link` leads to the next one."""
    shown = found[: page.limit]
    answer = JSONResponse([present(one) for one in shown])
    if len(found) > page.limit:
        answer.headers["Link"] = f'<{_with_cursor(detente, request, token(where(shown[-1])))}>; rel="next"'
    return answer


def _with_cursor(detente: Detente, request: Request, cursor: str) -> str:
    asked = [(name, value) for name, value in request.query_params.multi_items() if name != "cursor"]
    return f"{base_of(detente, request)}{request.url.path}?{urlencode([*asked, ('cursor', cursor)])}"


def base_of(detente: Detente, request: Request) -> str:
    """Where others reach the interface; where that is not set, where this reader did."""
    return detente.settings.public_url or str(request.base_url).rstrip("/")
