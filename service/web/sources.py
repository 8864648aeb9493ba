"""Who is heard: feeds, publishers, and those nobody has decided on."""

from collections.abc import Callable, Mapping
from shlex import quote
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from service.bootstrap import Detente
from service.operations.sources import ORDERS, FeedState, Voice, matching, ordered, sources
from service.web.access import READ
from service.web.links import outside
from service.web.shell import Shell

PAGE, STRANGERS = 50, 50
FEED_LOOKS: Mapping[FeedState, tuple[str, str]] = {
    FeedState.ANSWERING: ("good", "answers"),
    FeedState.FAILING: ("pending", "fails of late"),
    FeedState.DARK: ("bad", "dark"),
    FeedState.NEW: ("inactive", "not asked yet"),
}
"""State → the class that colours it, and its word."""
VOICE_LOOKS: Mapping[Voice, tuple[str, str]] = {
    Voice.HEARD: ("good", "heard"),
    Voice.QUIET: ("inactive", "quiet"),
    Voice.DARK: ("bad", "dark"),
}
HEADINGS: Mapping[str, str] = {
    "name": "Publisher",
    "voice": "State",
    "day": "24 hours",
    "week": "7 days",
    "grade": "Grade",
    "owner": "Owner group",
}
"""What sources can be ordered by → how its column is called."""


def router(shell: Shell, detente: Detente) -> APIRouter:
    """The page."""
    routes = shell.router()

    @routes.get("/sources", dependencies=[READ])
    def show(
        request: Request,
        q: Annotated[str, Query(max_length=100)] = "",
        order: Annotated[str, Query(max_length=20)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        every = sources(detente.units, detente.clock, [p.listed for p in detente.sources.publishers])
        found, by = matching(every, q), order if order in ORDERS else ORDERS[0]
        rows = ordered(found.sources, by)
        return shell.page(
            request,
            "sources.html",
            here="/sources",
            found=found,
            every=every,
            rows=rows[(page - 1) * PAGE : page * PAGE],
            strangers=found.strangers[:STRANGERS],
            page=page,
            pages=max(1, -(-len(rows) // PAGE)),
            written=q,
            order=by,
            headings=HEADINGS,
            feed_looks=FEED_LOOKS,
            voice_looks=VOICE_LOOKS,
            reasons={p.name: p.reason for p in detente.sources.publishers},
            address=_address(q),
            outside=outside,
            command=_command,
            is_quarantined=detente.settings.intake.quarantine,
        )

    return routes


def _address(written: str) -> Callable[..., str]:
    """Makes addresses of this page that keep what was looked for."""

    def address(order: str, page: int = 1) -> str:
        asked = {"q": written, "order": "" if order == ORDERS[0] else order, "page": "" if page == 1 else page}
        kept = urlencode({key: value for key, value in asked.items() if value})
        return f"/sources?{kept}" if kept else "/sources"

    return address


def _command(name: str) -> str:
    """What an operator types to decide on a publisher; no sign of the name means anything to a shell."""
    return f"detente sources accept {quote(name)} --grade C --owner {quote(name)}"
