"""The HTTP interface, version 1, and the pages beside it."""

import sys
from collections.abc import Callable
from threading import Thread

import structlog
from fastapi import Depends, FastAPI
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

import service
from service.adapters.telemetry.logs import configure
from service.adapters.telemetry.metrics import Durations
from service.api import (
    articles,
    attention,
    exports,
    feedback,
    feeds,
    health,
    keeping,
    metrics,
    openapi,
    problems,
    readings,
    sources,
    stream,
    subscriptions,
)
from service.api.limits import Shield, hosts_of
from service.api.timing import Timing
from service.bootstrap import Detente
from service.errors import DetenteError
from service.operations.repeated import Repeats
from service.web import site
from service.web import subscription as subscription_pages
from service.web.access import READ, Gate, check_policies
from service.web.rates import Rates
from service.web.shell import Shell

log = structlog.get_logger()
UNGUARDED = frozenset({"/openapi.json"})
"""Paths of the framework's own, which say nothing of the service's news."""
PREFIX = "/api/v1"
DESCRIPTION = (
    "Push articles, read scores, events and alerts, say what you want to hear of. "
    "What is refused is told as a problem (RFC 9457)."
)


def create() -> FastAPI:
    """The application of this process's settings. Raises ConfigError."""
    detente = Detente()
    configure(detente.settings.log_level, sys.stdout)
    Thread(target=_look, args=(detente,), name="first look", daemon=True).start()
    return build(detente)


def _look(detente: Detente) -> None:
    """Read the world once, so that nobody waits for it: a year of sums takes a second."""
    try:
        detente.world()
    except DetenteError as error:
        log.warning("the world could not be read yet", detail=str(error)[:300])


def build(detente: Detente) -> FastAPI:
    """The application of a service. Raises ConfigError for a route that does not say who may ask."""
    app = FastAPI(
        title="Detente",
        version=service.__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=stream.open_while_served,
        dependencies=[Depends(_renewed(detente))],
    )
    app.state.hub = stream.Hub(detente, detente.settings.api.streams)
    app.state.gate = Gate(detente)
    app.state.rates = Rates(detente.settings.api)
    app.state.repeats = Repeats(detente.units)
    durations = Durations()
    _add_routes(app, detente, durations)
    problems.install(app)
    app.add_middleware(Timing, observe=durations.observe)
    app.add_middleware(Shield, hosts=hosts_of(detente.settings))
    if proxies := detente.settings.api.proxies:
        app.add_middleware(ProxyHeadersMiddleware, trusted_hosts=list(proxies))
    check_policies(app.routes, UNGUARDED)
    openapi.describe(app)
    return app


def _add_routes(app: FastAPI, detente: Detente, durations: Durations) -> None:
    hub: stream.Hub = app.state.hub
    app.include_router(health.routes_of(detente))
    app.include_router(metrics.router(detente, hub, durations, policy=[READ]))
    makers = (articles, readings, attention, subscriptions, feedback, sources, keeping)
    parts = [part.routes_of(detente) for part in makers]
    for router in (*parts, feeds.router(detente), exports.router(detente), stream.router(hub)):
        app.include_router(router, prefix=PREFIX)
    shell = Shell()
    app.state.page_of_problem = shell.page_of_problem
    for pages in site.routers(detente, shell):
        app.include_router(pages)
    if detente.settings.public_url:
        app.include_router(subscription_pages.router(detente.subscribers))


def _renewed(detente: Detente) -> Callable[[], None]:
    """Every request goes by the configuration as it is now."""

    def renew() -> None:
        detente.renew()

    return renew
