"""Subjects by their names."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.risk.subject import Subject
from service.operations.finding import alike, exactly, find
from service.web.access import READ
from service.web.links import subject_page
from service.web.names import Names
from service.web.rendering import HEADERS
from service.web.shell import Shell
from service.web.world import DIRECTIONS, MOST_PROPOSED, Ask


def search(shell: Shell, ask: Ask, names: Names) -> APIRouter:
    """To find a subject: straight to its page where only one can be meant, else to a list."""
    routes = shell.router()

    @routes.get("/subjects", dependencies=[READ])
    def found(request: Request, q: Annotated[str, Query(max_length=100)] = "") -> Response:
        places = {place.reading.subject: place for place in ask().places}
        known = names.known(places)
        meant = exactly(q, known)
        if len(meant) == 1:
            return RedirectResponse(subject_page(meant[0]), 303, HEADERS)
        subjects = find(q, known, {subject: place.reading.score.level for subject, place in places.items()})
        if len(subjects) == 1:
            return RedirectResponse(subject_page(subjects[0]), 303, HEADERS)
        return shell.page(
            request,
            "subjects.html",
            here="/",
            query=q,
            subjects=subjects or alike(q, known),
            is_found=bool(subjects),
            standing=places,
            name_of=names.of,
            kind_of=lambda subject: Subject.parse(subject).kind,
            directions=DIRECTIONS,
            proposed=names.proposed(list(places)[:MOST_PROPOSED]),
        )

    return routes
