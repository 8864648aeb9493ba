"""What people say of alerts."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse
from pydantic import Field

from service.api import shapes
from service.api.asked import Page, listed
from service.api.bodies import reads, takes
from service.api.routes import ONCE, gives, router, shown
from service.bootstrap import Detente
from service.config.schema import Strict
from service.domain.alerting.feedback import Verdict
from service.operations.feedback import Word, said, say
from service.operations.present_listing import feedback as presented
from service.ports import Cursor
from service.web.access import FEEDBACK, asker_of


class FeedbackRequest(Strict):
    """A word on an alert, given by its id, the beginning of it, or RULE/SUBJECT."""

    alert: Annotated[str, Field(min_length=1, max_length=200)]
    verdict: Verdict
    author: Annotated[str, Field(max_length=100)] = ""
    comment: Annotated[str, Field(max_length=2000)] = ""


def routes_of(detente: Detente) -> APIRouter:
    """`/feedback`."""
    routes = router(tags=["feedback"])

    @routes.post(
        "/feedback",
        dependencies=[FEEDBACK, ONCE],
        openapi_extra=takes("FeedbackRequest"),
        **gives(shapes.Feedback, 201, 404),
    )
    def give(asked: Annotated[FeedbackRequest, reads(FeedbackRequest)], request: Request) -> JSONResponse:
        """Say whether an alert was right; a second word takes the first one back."""
        word = Word(asked.verdict, asker_of(request).signature(asked.author), asked.comment)
        return shown(presented(say(detente.units, detente.clock, asked.alert, word)), 201)

    @routes.get("/feedback", dependencies=[FEEDBACK], **gives(list[shapes.Feedback], 200, 404))
    def given(
        request: Request,
        page: Annotated[Page, Depends()],
        alert: Annotated[str, Query(max_length=200)] = "",
    ) -> JSONResponse:
        """What was said of all alerts or of one, the newest first."""
        found = said(detente.units, page.one_more, alert, page.before)
        return listed(detente, request, page, found, presented, lambda one: Cursor(one.at, one.id))

    return routes
