"""How the service does: figures, messages on their way, what was given up, and who changed what."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from service.bootstrap import Detente
from service.errors import ConfigError, ModelError
from service.flow import RowState
from service.operations import dead_letters, trail
from service.operations.overview import Overview, deliveries, overview
from service.operations.paging import place_of, token
from service.operations.status import NO_SIGNS
from service.ports import Cursor
from service.web.access import OPERATE, asker_of, form_of
from service.web.shell import Shell, done

HERE = "/operations"
PAGE = 50
STATES = (RowState.PENDING, RowState.SENT, RowState.CANCELLED, RowState.DEAD)
"""Where a message on its way can be."""
ROW_LOOKS = {"sent": "good", "dead": "bad", "pending": "pending"}
"""State → the class that colours it."""
Before = Annotated[str, Query(max_length=400)]


def router(shell: Shell, detente: Detente) -> APIRouter:
    """The pages of those who operate the service."""
    routes = shell.router()
    _add_figures(routes, shell, detente)
    _add_messages(routes, shell, detente)
    _add_dead(routes, shell, detente)
    _add_audit(routes, shell, detente)
    return routes


def looked(detente: Detente) -> Overview:
    """The picture now; a configuration that cannot be read at all is part of it."""
    try:
        signs, refused = detente.signs, []
    except ConfigError as error:
        signs, refused = NO_SIGNS, str(error).splitlines()
    return overview(detente.units, detente.queue, detente.is_prepared, signs, refused)


def _versions(detente: Detente) -> Mapping[str, str]:
    """What the figures depend on; that the model is gone is worth the page."""
    try:
        return detente.versions
    except ModelError as error:
        return {"model": str(error)}


def place(written: str) -> Cursor | None:
    """Where a page begins. Raises HTTPException."""
    try:
        return place_of(written) if written else None
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


def _add_figures(routes: APIRouter, shell: Shell, detente: Detente) -> None:
    @routes.get(HERE, dependencies=[OPERATE])
    def show(request: Request) -> Response:
        values: dict[str, Any] = {"now": looked(detente), "versions": _versions(detente), "looks": ROW_LOOKS}
        return shell.page(request, "operations.html", here=HERE, part=HERE, **values)

    @routes.get(f"{HERE}/figures", dependencies=[OPERATE])
    def figures(request: Request) -> Response:
        return shell.page(request, "operations_figures.html", now=looked(detente), looks=ROW_LOOKS)


def _add_messages(routes: APIRouter, shell: Shell, detente: Detente) -> None:
    @routes.get(f"{HERE}/deliveries", dependencies=[OPERATE])
    def messages(request: Request, state: Annotated[str, Query(max_length=20)] = "", before: Before = "") -> Response:
        chosen = state if state in STATES else ""
        found = deliveries(detente.units, PAGE + 1, place(before), chosen)
        values: dict[str, Any] = {
            "found": found[:PAGE],
            "older": _older(found),
            "state": chosen,
            "states": STATES,
            "looks": ROW_LOOKS,
        }
        return shell.page(request, "deliveries.html", here=HERE, part=f"{HERE}/deliveries", before=before, **values)


def _older(found: Sequence[Any]) -> str:
    """The place of the last that is shown, where others come after it."""
    return token(found[PAGE - 1].cursor) if len(found) > PAGE else ""


def _add_dead(routes: APIRouter, shell: Shell, detente: Detente) -> None:
    path = f"{HERE}/dead"

    @routes.get(path, dependencies=[OPERATE])
    def given_up(request: Request, before: Before = "") -> Response:
        found = dead_letters.page(detente.units, PAGE + 1, place(before))
        last = found[PAGE - 1] if len(found) > PAGE else None
        older = token(Cursor(last.died_at, last.id)) if last else ""
        values: dict[str, Any] = {"found": found[:PAGE], "older": older, "before": before}
        return shell.page(request, "dead.html", here=HERE, part=path, **values)

    @routes.post(path, dependencies=[OPERATE])
    async def replay(request: Request) -> Response:
        form, actor = await form_of(request), asker_of(request).actor
        row_id = form.get("id") or None
        if row_id is None and "all" not in form:
            raise HTTPException(422, "say which row is to come back, or all")
        bring = partial(dead_letters.replay, detente.units, row_id, actor, as_new="as_new" in form)
        await run_in_threadpool(bring)
        return done(path, "replayed")


def _add_audit(routes: APIRouter, shell: Shell, detente: Detente) -> None:
    path = f"{HERE}/audit"

    @routes.get(path, dependencies=[OPERATE])
    def changes(
        request: Request,
        subject: Annotated[str, Query(max_length=200)] = "",
        before: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
        check: Annotated[str, Query(max_length=10)] = "",
    ) -> Response:
        found = trail.page(detente.units, PAGE + 1, before, subject.strip())
        verdict = trail.verified(detente.units) if check else None
        older = found[PAGE - 1].number if len(found) > PAGE else None
        values: dict[str, Any] = {
            "found": found[:PAGE],
            "older": older,
            "before": before,
            "subject": subject,
            "verdict": verdict,
        }
        return shell.page(request, "audit.html", here=HERE, part=path, **values)
