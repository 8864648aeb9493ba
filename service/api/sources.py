"""Where news comes from, and how it fares."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from service.api import shapes
from service.api.routes import gives, router, shown
from service.bootstrap import Detente
from service.operations.present import feed, moment
from service.operations.sources import Source, Sources
from service.web.access import READ


def routes_of(detente: Detente) -> APIRouter:
    """`/sources`."""
    routes = router(tags=["sources"])

    @routes.get("/sources", dependencies=[READ], **gives(shapes.Sources))
    def heard() -> JSONResponse:
        """Publishers with grades and articles, feeds with their health, and publishers nobody has decided on.

        Ten seconds old at most; `at` says from when it is.
        """
        return shown(_sources(detente.heard(), is_on=detente.settings.intake.quarantine))

    return routes


def _sources(found: Sources, *, is_on: bool) -> dict[str, Any]:
    return {
        "at": moment(found.at),
        "quarantine": is_on,
        "publishers": [_publisher(one) for one in found.sources],
        "feeds": [feed(one) for one in found.feeds],
        "undecided": [
            {"name": s.name, "articles": s.articles, "last_at": moment(s.last_seen)} for s in found.strangers
        ],
        "floods": [{"owner": owner, "day": day.isoformat()} for owner, day in found.floods],
        "unread": dict(found.unread),
    }


def _publisher(one: Source) -> dict[str, Any]:
    return {
        "name": one.name,
        "owner": one.owner,
        "grade": one.grade,
        "voice": str(one.voice),
        "day": one.day,
        "week": one.week,
        "last_at": moment(one.last_at),
        "feeds": list(one.feeds),
    }
