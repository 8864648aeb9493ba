"""Metrics for Prometheus."""

from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import structlog
from fastapi import APIRouter, Header, Response
from fastapi.params import Depends

import service
from service.adapters.telemetry.metrics import Durations, Exposition, Lately, Process, ServiceCollector
from service.api.stream import Hub
from service.bootstrap import Detente
from service.errors import ConfigError, ModelError, StorageUnavailable
from service.operations.measures import Picture, View, measure

log = structlog.get_logger()
KEPT = 2.0
"""Seconds for which a look at the database serves all who ask."""


def router(
    detente: Detente,
    hub: Hub,
    durations: Durations | None = None,
    kept: float = KEPT,
    policy: Sequence[Depends] = (),
) -> APIRouter:
    """`/metrics`. `durations` are those that `timing.Timing` was given; `policy` says who may ask."""
    process = Process(_versions(detente), lambda: hub.admitted, hub.most)
    collector = ServiceCollector(Lately(_look(detente), kept), process)
    exposition = Exposition(collector, durations or Durations())
    found = APIRouter(dependencies=policy)

    @found.get("/metrics", response_class=Response, include_in_schema=False)
    def metrics(accept: Annotated[str, Header(max_length=500)] = "") -> Response:
        """Metrics in the text format of Prometheus, or as OpenMetrics where that is asked for."""
        text, content_type = exposition(accept)
        return Response(text, headers={"Content-Type": content_type, "Cache-Control": "no-store"})

    return found


def _look(detente: Detente) -> Callable[[], Picture | None]:
    def look() -> Picture | None:
        try:
            return measure(detente.units, detente.queue, detente.is_prepared, view(detente), detente.clock.now())
        except StorageUnavailable as error:
            log.warning("no metrics of the database", error=str(error))
            return None

    return look


def view(detente: Detente) -> View:
    """What is looked with; of addresses only their schema. A configuration that was wrong from the start is said."""
    try:
        kinds = {named: address.partition("://")[0] for named, address in detente.addresses.items()}
        return View(detente.signs, detente.gauge, kinds)
    except ConfigError:
        return View(is_broken=True)


def _versions(detente: Detente) -> Callable[[], Mapping[str, str]]:
    def versions() -> Mapping[str, str]:
        try:
            known = {**detente.versions, "scale": detente.gauge.version}
        except (ConfigError, ModelError):
            known = {"detente": service.__version__}
        return {"version" if name == "detente" else name: said for name, said in known.items()}

    return versions
