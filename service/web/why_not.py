"""Why somebody was not told of a subject: the chain from rule to channel, with the links that hold and that break."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from service.bootstrap import Detente
from service.domain.risk.subject import Subject
from service.errors import NotFound, RefusedInput
from service.operations.naming import check_subject
from service.operations.why_not import LinkName, why_not
from service.web.access import READ
from service.web.alerts import subject_meant
from service.web.links import subject_page
from service.web.moments import moment_of
from service.web.names import Names
from service.web.shell import Shell, status_of

HERE = "/why-not"
CALLED = {
    LinkName.COVERS: "watches the subject",
    LinkName.RECORD: "was asked",
    LinkName.CONDITION: "said so",
    LinkName.CHANGE: "it was news",
    LinkName.ROUTE: "routed to the receiver",
    LinkName.MESSAGE: "put into a message",
    LinkName.DELIVERY: "delivered",
}


def router(shell: Shell, detente: Detente, names: Names) -> APIRouter:
    """The question and its answer at one address, to be passed on."""
    routes = shell.router()

    @routes.get(HERE, dependencies=[READ])
    def ask(
        request: Request,
        receiver: Annotated[str, Query(max_length=100)] = "",
        subject: Annotated[str, Query(max_length=100)] = "",
        at: Annotated[str, Query(max_length=40)] = "",
    ) -> Response:
        asked = {"receiver": receiver.strip(), "subject": subject.strip(), "at": at.strip()}
        values: dict[str, Any] = {"asked": asked, "answer": None, "error": "", "called": CALLED, **_links(names)}
        status = 200
        if asked["receiver"] and asked["subject"]:
            try:
                values["answer"] = _answer(detente, names, asked)
            except (NotFound, RefusedInput) as error:
                status, values["error"] = status_of(error), str(error)
        return shell.page(
            request, "why_not.html", status=status, here="/alerts", receivers=_receivers(detente), **values
        )

    return routes


def _answer(detente: Detente, names: Names, asked: dict[str, str]) -> Any:
    """Raises NotFound or RefusedInput."""
    now = detente.clock.now()
    at = moment_of(asked["at"], "at") or now
    subject = subject_meant(asked["subject"], names)
    check_subject(Subject.parse(subject), detente.gazetteer.geography, detente.watchlists)
    return why_not(
        detente.units, asked["receiver"], subject, min(at, now), detente.rules, detente.directory_of, detente.gauge
    )


def _receivers(detente: Detente) -> list[str]:
    """Those that are configured; of subscribers there may be thousands."""
    return sorted(detente.receivers)


def _links(names: Names) -> dict[str, Any]:
    return {"name_of": names.of, "subject_page": subject_page}
