"""Who is heard: feeds, publishers, and those nobody has decided on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from shlex import quote
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from service.bootstrap import Detente
from service.operations.feed_health import FeedHealth, FeedState, by_state
from service.operations.sources import ORDERS, Voice, matching, ordered, sources
from service.web.access import READ
from service.web.links import outside
from service.web.shell import Shell

PAGE, STRANGERS = 50, 50
FEED_LOOKS: Mapping[FeedState, tuple[str, str]] = {
    FeedState.GONE: ("bad", "gone"),
    FeedState.DARK: ("bad", "dark"),
    FeedState.FAILING: ("pending", "fails of late"),
    FeedState.NEW: ("inactive", "not asked yet"),
    FeedState.CALM: ("good", "calm"),
    FeedState.ANSWERING: ("good", "answers"),
}
"""State → the class that colours it, and its word; what somebody should look at comes first."""
LEGEND: Mapping[FeedState, str] = {
    FeedState.GONE: "its server said that it will not come back; it is not asked any more",
    FeedState.DARK: "no good answer for six hours: what it would tell is not known",
    FeedState.FAILING: "the last time it was asked it did not answer well",
    FeedState.NEW: "listed, and not asked so far",
    FeedState.CALM: "it answers, and has had no new article for unusually long",
    FeedState.ANSWERING: "it answers, and brings news as is usual for it",
}
"""State → what it means."""
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
        state: Annotated[str, Query(max_length=20)] = "",
        order: Annotated[str, Query(max_length=20)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        feeds: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        every = sources(detente.units, detente.clock, [p.listed for p in detente.sources.publishers])
        found, by = matching(every, q), order if order in ORDERS else ORDERS[0]
        rows, chosen = ordered(found.sources, by), _chosen(found.feeds, state)
        return shell.page(
            request,
            "sources.html",
            here="/sources",
            found=found,
            every=every,
            feeds=chosen[(feeds - 1) * PAGE : feeds * PAGE],
            number_of_feeds=len(chosen),
            feed_page=feeds,
            feed_pages=_pages(chosen),
            rows=rows[(page - 1) * PAGE : page * PAGE],
            strangers=found.strangers[:STRANGERS],
            page=page,
            pages=_pages(rows),
            written=q,
            state=state if state in FEED_LOOKS else "",
            counts=by_state(every.feeds),
            order=by,
            headings=HEADINGS,
            feed_looks=FEED_LOOKS,
            legend=LEGEND,
            voice_looks=VOICE_LOOKS,
            reasons={p.name: p.reason for p in detente.sources.publishers},
            address=_address(q, state),
            outside=outside,
            command=_command,
            is_quarantined=detente.settings.intake.quarantine,
        )

    return routes


def _chosen(feeds: Iterable[FeedHealth], state: str) -> list[FeedHealth]:
    """Those in this state, or all; what somebody should look at first."""
    first = {state: number for number, state in enumerate(FEED_LOOKS)}
    mine = [feed for feed in feeds if state not in FEED_LOOKS or feed.state == state]
    return sorted(mine, key=lambda feed: (first[feed.state], feed.id))


def _pages(rows: Sequence[object]) -> int:
    return max(1, -(-len(rows) // PAGE))


def _address(written: str, state: str) -> Callable[..., str]:
    """Makes addresses of this page that keep what was looked for."""

    def address(order: str, page: int = 1, feeds: int = 1) -> str:
        asked = {
            "q": written,
            "state": state if state in FEED_LOOKS else "",
            "order": "" if order == ORDERS[0] else order,
            "page": "" if page == 1 else page,
            "feeds": "" if feeds == 1 else feeds,
        }
        kept = urlencode({key: value for key, value in asked.items() if value})
        return f"/sources?{kept}" if kept else "/sources"

    return address


def _command(name: str) -> str:
    """What an operator types to decide on a publisher; no sign of the name means anything to a shell."""
    return f"detente sources accept {quote(name)} --grade C --owner {quote(name)} --reason 'why'"
