"""Whether the service is there, does its work, and what it is."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from service.api import shapes
from service.api.routes import gives, router, shown
from service.bootstrap import Detente
from service.operations.status import problems
from service.web.access import OPEN

_READY: dict[int | str, Any] = {status: {"model": shapes.Readiness} for status in (200, 503)}


def routes_of(detente: Detente) -> APIRouter:
    """`/healthz`, `/readyz` and `/version`."""
    routes = router(tags=["service"])

    @routes.get("/healthz", dependencies=[OPEN], **gives(shapes.Health))
    def healthz() -> JSONResponse:
        """This process answers."""
        return shown({"status": "ok"})

    @routes.get("/readyz", dependencies=[OPEN], response_class=JSONResponse, responses=_READY)
    def readyz() -> JSONResponse:
        """The service does its work: 503 and the reasons when it does not."""
        found = problems(detente.units, detente.queue, detente.is_prepared)
        return shown({"ready": not found, "problems": found}, 503 if found else 200)

    @routes.get("/version", dependencies=[OPEN], **gives(dict[str, str]))
    def version() -> JSONResponse:
        """Versions of the parts that figures depend on."""
        return shown(dict(detente.versions))

    return routes
