"""What people ask not to hear of, and what they have taken on."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import AwareDatetime, Field

from service.bootstrap import Detente
from service.config.schema import Strict
from service.domain.access import Means, Principal
from service.domain.alerting.matcher import parse_matchers
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

    Raises HTTPException where nobody is named.
    """
    author = asker.name if asker.means in {Means.SESSION, Means.KEY} else given.strip()
    if not author:
        raise HTTPException(422, "author: say who you are")
    return author


def router(detente: Detente) -> APIRouter:
    """Silences and acknowledgements."""
    routes = APIRouter()

    @routes.get("/silences", dependencies=[READ])
    def silences(every: Annotated[bool, Query(alias="all")] = False) -> list[dict[str, Any]]:
        """Those in force and to come, with the firing alerts they keep quiet; with `all` also those that are over."""
        found = silencing.listed(detente.units, detente.clock, all_of_them=every)
        return [present.silence(*entry) for entry in found]

    @routes.post("/silences", status_code=201, dependencies=[OPERATE])
    def silence(asked: SilenceRequest, request: Request) -> dict[str, Any]:
        """Keep alerts with these labels quiet until then."""
        begins: datetime = asked.starts_at or detente.clock.now()
        try:
            matchers = [matcher for written in asked.matchers for matcher in parse_matchers(written)]
            lasts = asked.ends_at - begins
            author = author_of(asker_of(request), asked.author)
            new = silencing.add(detente.units, detente.clock, matchers, lasts, author, asked.comment, begins)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        return present.silence(new, silencing.state_of(new, detente.clock.now()))

    @routes.delete("/silences/{silence_id}", dependencies=[OPERATE])
    def expire(silence_id: str) -> dict[str, Any]:
        """End a silence now: what it kept quiet and still fires is told."""
        ended = silencing.expire(detente.units, detente.clock, detente.queue, silence_id)
        return present.silence(ended, silencing.state_of(ended, detente.clock.now()))

    @routes.post("/alerts/{alert}/acknowledgement", status_code=201, dependencies=[OPERATE])
    def acknowledge(alert: str, asked: AcknowledgementRequest, request: Request) -> dict[str, Any]:
        """Take a firing alert on: it is not repeated and goes no further."""
        author = author_of(asker_of(request), asked.author)
        try:
            taken = silencing.acknowledge(detente.units, detente.clock, alert, author, asked.comment)
        except ValueError as error:
            raise HTTPException(409, str(error)) from None
        return present.acknowledged(taken, author)

    return routes
