"""A threshold, what it would have brought, and how it becomes the rule."""

import math
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.bootstrap import Detente
from service.errors import NotFound, Refusal, RefusedInput
from service.operations.tuner import Standing, Tuner
from service.web.access import OPERATE, asker_of, form_of
from service.web.links import subject_page
from service.web.names import Names
from service.web.packing import json_answer
from service.web.rendering import HEADERS
from service.web.shell import Shell, done
from service.web.tune_view import KNOWN, LOOKS, ROWS, STATES, as_data, choice, plot, written

HERE = "/tune"
MEANINGS = {
    "steps": "The level at which it begins. The first step stands there, as loud as the one whose place it takes.",
    "enter": "How many times more than usual in two days make a surge.",
    "peace": "The mass of agreements in a day that tells of peace; 0 means any.",
}
"""What a threshold is, by its key."""
Fields = dict[str, str]
Form = Annotated[Fields, Depends(form_of)]


def router(shell: Shell, detente: Detente, names: Names) -> APIRouter:
    """The pages, and what is done on them."""
    routes, tuner = shell.router(), detente.tuner

    @routes.get(HERE, dependencies=[OPERATE])
    def every(request: Request) -> Response:
        return shell.page(request, "tune.html", here=HERE, rules=tuner.all(), work=tuner.work(), **SHOWN)

    @routes.get(HERE + "/{rule}", dependencies=[OPERATE])
    def one(
        request: Request,
        rule: str,
        threshold: Annotated[str, Query(max_length=20)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    ) -> Response:
        standing = tuner.one(rule)
        seen = _seen(standing, threshold, page, names) if standing.sheet else {}
        return shell.page(
            request, "tune_rule.html", here=HERE, one=standing, work=standing.work, page=page, **seen, **SHOWN
        )

    @routes.get(HERE + "/{rule}/sheet", dependencies=[OPERATE])
    def progress(request: Request, rule: str) -> Response:
        """How far the computation is; once it is over, the page itself is loaded again."""
        standing = tuner.one(rule)
        if "hx-request" not in request.headers:
            return RedirectResponse(address_of(rule), 303, HEADERS)
        answer = shell.page(request, "tune_work.html", one=standing, work=standing.work, **SHOWN)
        if standing.work is None or not standing.work.is_running:
            answer.headers["HX-Refresh"] = "true"
        return answer

    @routes.get(HERE + "/{rule}/sheet.json", dependencies=[OPERATE])
    def data(request: Request, rule: str) -> Response:
        standing = tuner.one(rule)
        if standing.sheet is None:
            raise NotFound("nothing was computed yet")
        return json_answer(request, as_data(standing.sheet, standing.tunable.now, names.of))

    _actions(routes, tuner)
    return routes


def _actions(routes: APIRouter, tuner: Tuner) -> None:
    @routes.post(HERE + "/{rule}/sheet", dependencies=[OPERATE])
    def compute(request: Request, rule: str) -> Response:
        tuner.one(rule)
        tuner.compute(asker_of(request).actor)
        return done(address_of(rule), "computing")

    @routes.post(HERE + "/{rule}/stop", dependencies=[OPERATE])
    def stop(rule: str) -> Response:
        tuner.one(rule)
        tuner.stop()
        return done(address_of(rule), "stopping")

    @routes.post(HERE + "/{rule}/dry-run", dependencies=[OPERATE])
    def dry_run(request: Request, rule: str, form: Form) -> Response:
        threshold = _threshold(form)
        tuner.try_dry(rule, threshold, asker_of(request).actor)
        return done(address_of(rule, threshold), "computing")

    @routes.post(HERE + "/{rule}/save", dependencies=[OPERATE])
    def save(request: Request, rule: str, form: Form) -> Response:
        threshold = _threshold(form)
        tuner.save(rule, threshold, form.get("proof", ""), asker_of(request).actor)
        return done(address_of(rule, threshold), "tuned")

    @routes.post(HERE + "/{rule}/undo", dependencies=[OPERATE])
    def undo(request: Request, rule: str, form: Form) -> Response:
        tuner.undo(rule, form.get("after", ""), asker_of(request).actor)
        return done(address_of(rule), "restored")


def address_of(rule: str, threshold: float | None = None, page: int = 1) -> str:
    """The page of a rule, at a threshold."""
    asked = [] if threshold is None else [f"threshold={written(threshold)}"]
    asked += [] if page == 1 else [f"page={page}"]
    return f"{HERE}/{quote(rule, safe='')}{'?' if asked else ''}{'&'.join(asked)}"


SHOWN: dict[str, Any] = {
    "address_of": address_of,
    "subject_page": subject_page,
    "written": written,
    "looks": LOOKS,
    "states": STATES,
    "meanings": MEANINGS,
}
"""What all templates of these pages use."""


def _seen(standing: Standing, asked: str, page: int, names: Names) -> dict[str, Any]:
    """What is shown of the sheet at the threshold that is asked for, without one at that in force."""
    sheet, now = standing.sheet, standing.tunable.now
    assert sheet is not None, "the caller has looked"
    wanted = _number(asked) if asked.strip() else now
    chosen = sheet.nearest(wanted)
    shown = choice(sheet, chosen, now, names.of, (page - 1) * ROWS)
    return {
        "sheet": sheet,
        "wanted": wanted,
        "choice": shown,
        "present": sheet.present(now),
        "plot": plot(sheet, chosen.threshold, now),
        "pages": max(1, -(-shown.total // ROWS)),
        "known": sheet.known[:KNOWN],
        "name_of": names.of,
    }


def _threshold(form: Fields) -> float:
    return _number(form.get("threshold", ""))


def _number(given: str) -> float:
    """Raises RefusedInput for what is no finite number."""
    try:
        found = float(given)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise RefusedInput(Refusal.MISSING_FIELD, "threshold: write a number, as 42.5")
    return found
