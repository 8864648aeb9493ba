"""What people ask not to hear of, and what they have taken on."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, Field

from service.api import shapes
from service.api.asked import moment_of
from service.api.bodies import invalid, reads, takes
from service.api.routes import ONCE, gives, router, shown
from service.bootstrap import Detente
from service.config.schema import Strict
from service.domain.access import Principal
from service.domain.alerting.matcher import parse_matchers
from service.domain.alerting.silence import Silence
from service.errors import Conflict
from service.operations import present_silence as present
from service.operations import silencing
from service.web.access import OPERATE, READ, asker_of


class SilenceRequest(Strict):
    """A silence as it is asked for: from now on unless said otherwise."""

    matchers: Annotated[list[Annotated[str, Field(max_length=2000)]], Field(min_length=1, max_length=50)]
    ends_at: AwareDatetime
    starts_at: AwareDatetime | None = None
    author: Annotated[str, Field(max_length=200)] = ""
    comment: Annotated[str, Field(max_length=2000)] = ""


class AcknowledgementRequest(Strict):
    """Who takes an alert on."""

    author: Annotated[str, Field(max_length=200)] = ""
    comment: Annotated[str, Field(max_length=2000)] = ""


def author_of(asker: Principal, given: str) -> str:
    """Whose word it is: an account's or key's own, or of those who share a token or this machine, who they say.

    Raises RequestValidationError where nobody is named.
    """
    author = asker.author(given)
    if not author:
        raise invalid("say who you are", "author")
    return author


def routes_of(detente: Detente) -> APIRouter:
    """Silences and acknowledgements."""
    routes = router()
    _add_silences(routes, detente)
    _add_acknowledgements(routes, detente)
    return routes


def _add_silences(routes: APIRouter, detente: Detente) -> None:
    @routes.get("/silences", dependencies=[READ], tags=["silences"], **gives(list[shapes.Silence]))
    def silences(every: Annotated[bool, Query(alias="all")] = False) -> JSONResponse:
        """Those in force and to come, with the firing alerts they keep quiet; with `all` also those that are over."""
        found = silencing.listed(detente.units, detente.clock, all_of_them=every)
        return shown([present.silence(*entry) for entry in found])

    @routes.post(
        "/silences",
        dependencies=[OPERATE, ONCE],
        tags=["silences"],
        openapi_extra=takes("SilenceRequest"),
        **gives(shapes.Silence, 201),
    )
    def silence(asked: Annotated[SilenceRequest, reads(SilenceRequest)], request: Request) -> JSONResponse:
        """Keep alerts with these labels quiet until then."""
        new = _silence(detente, asked, asker_of(request))
        return shown(present.silence(new, silencing.state_of(new, detente.clock.now())), 201)

    @routes.delete("/silences/{silence_id}", dependencies=[OPERATE], tags=["silences"], **gives(shapes.Silence))
    def expire(silence_id: str, request: Request) -> JSONResponse:
        """End a silence now: what it kept quiet and still fires is told."""
        ended = silencing.expire(detente.units, detente.clock, detente.queue, silence_id, asker_of(request).actor)
        return shown(present.silence(ended, silencing.state_of(ended, detente.clock.now())))


def _silence(detente: Detente, asked: SilenceRequest, asker: Principal) -> Silence:
    author, actor = author_of(asker, asked.author), asker.signature(asked.author)
    begins = moment_of(asked.starts_at, "starts_at") or detente.clock.now()
    ends = moment_of(asked.ends_at, "ends_at") or begins
    try:
        matchers = [matcher for written in asked.matchers for matcher in parse_matchers(written)]
        return silencing.add(
            detente.units, detente.clock, matchers, ends - begins, author, asked.comment, begins, actor=actor
        )
    except ValueError as error:
        raise invalid(str(error)) from None


def _add_acknowledgements(routes: APIRouter, detente: Detente) -> None:
    @routes.post(
        "/alerts/{alert}/acknowledgement",
        dependencies=[OPERATE, ONCE],
        tags=["alerts"],
        openapi_extra=takes("AcknowledgementRequest"),
        **gives(shapes.Acknowledged, 201),
    )
    def acknowledge(
        alert: str, asked: Annotated[AcknowledgementRequest, reads(AcknowledgementRequest)], request: Request
    ) -> JSONResponse:
        """Take a firing alert on: it is not repeated and goes no further."""
        asker = asker_of(request)
        author, actor = author_of(asker, asked.author), asker.signature(asked.author)
        try:
            taken = silencing.acknowledge(detente.units, detente.clock, alert, author, asked.comment, actor=actor)
        except ValueError as error:
            raise Conflict(str(error)) from None
        return shown(present.acknowledged(taken, author), 201)
