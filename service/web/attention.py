"""What can be done about an alert: take it on, keep it quiet for a while, say whether it was right."""

from collections.abc import Mapping

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from service.bootstrap import Detente
from service.domain.access import Principal
from service.domain.alerting.feedback import Verdict
from service.domain.alerting.matcher import Matcher, Op
from service.errors import Conflict, Refusal, RefusedInput
from service.operations import silencing
from service.operations.feedback import Word, say
from service.web.access import FEEDBACK, OPERATE, READ, asker_of, form_of
from service.web.links import alert_page
from service.web.moments import end_of
from service.web.names import Names
from service.web.shell import Shell, done

SILENCES = "/silences"
LABEL = "label-"
"""What the field of a label is called, before the label's name."""
LONGEST_AUTHOR, LONGEST_COMMENT, MOST_LABELS = 100, 2000, 50
Fields = Mapping[str, str]


def actions(shell: Shell, detente: Detente) -> APIRouter:
    """What the forms on the page of an alert send."""
    routes = shell.router()

    @routes.post("/alerts/{alert}/acknowledgement", dependencies=[OPERATE])
    async def acknowledge(alert: str, request: Request) -> Response:
        form, asker = await form_of(request), asker_of(request)
        await run_in_threadpool(_acknowledge, detente, alert, form, asker)
        return done(alert_page(alert), "acknowledged")

    @routes.post("/alerts/{alert}/silence", dependencies=[OPERATE])
    async def silence(alert: str, request: Request) -> Response:
        form, asker = await form_of(request), asker_of(request)
        await run_in_threadpool(_silence, detente, form, asker)
        return done(alert_page(alert), "silenced")

    @routes.post("/alerts/{alert}/feedback", dependencies=[FEEDBACK])
    async def feedback(alert: str, request: Request) -> Response:
        form, asker = await form_of(request), asker_of(request)
        await run_in_threadpool(_say, detente, alert, form, asker)
        return done(alert_page(alert), "feedback")

    return routes


def silences(shell: Shell, detente: Detente, names: Names) -> APIRouter:
    """The silences there are, and their end."""
    routes = shell.router()

    @routes.get(SILENCES, dependencies=[READ])
    def listed(request: Request, every: bool = False) -> Response:
        found = silencing.listed(detente.units, detente.clock, all_of_them=every)
        return shell.page(
            request,
            "silences.html",
            here="/alerts",
            found=found,
            every=every,
            name_of=names.of,
            alert_page=alert_page,
        )

    @routes.post(SILENCES + "/{silence}/expire", dependencies=[OPERATE])
    def expire(silence: str, request: Request) -> Response:
        silencing.expire(detente.units, detente.clock, detente.queue, silence, asker_of(request).actor)
        return done(SILENCES, "expired")

    return routes


def _acknowledge(detente: Detente, alert: str, form: Fields, asker: Principal) -> None:
    """Raises NotFound, Conflict or RefusedInput."""
    author, comment = _named(form, asker), _comment(form)
    try:
        silencing.acknowledge(detente.units, detente.clock, alert, author, comment, actor=asker.signature(author))
    except ValueError as error:
        raise Conflict(str(error)) from None


def _silence(detente: Detente, form: Fields, asker: Principal) -> None:
    """Raises RefusedInput."""
    author, comment, now = _named(form, asker), _comment(form), detente.clock.now()
    end = end_of(form.get("lasts", ""), form.get("until", ""), now)
    try:
        silencing.add(
            detente.units,
            detente.clock,
            _matchers(form),
            end - now,
            author,
            comment,
            now,
            actor=asker.signature(author),
        )
    except ValueError as error:
        raise RefusedInput(Refusal.MISSING_FIELD, str(error)) from None


def _matchers(form: Fields) -> list[Matcher]:
    """The labels that were ticked. Raises RefusedInput for none."""
    ticked = [(name[len(LABEL) :], value) for name, value in form.items() if name.startswith(LABEL) and value]
    if not 1 <= len(ticked) <= MOST_LABELS:
        raise RefusedInput(Refusal.MISSING_FIELD, "labels: tick those that the silence asks for")
    return [Matcher(name, Op.EQUAL, value) for name, value in ticked]


def _say(detente: Detente, alert: str, form: Fields, asker: Principal) -> None:
    """Raises NotFound or RefusedInput."""
    try:
        verdict = Verdict(form.get("verdict", ""))
    except ValueError:
        raise RefusedInput(Refusal.MISSING_FIELD, "verdict: say whether the alert was right or wrong") from None
    word = Word(verdict, asker.signature(_author(form)), _comment(form))
    say(detente.units, detente.clock, alert, word)


def _named(form: Fields, asker: Principal) -> str:
    author = asker.author(_author(form))
    if not author:
        raise RefusedInput(Refusal.MISSING_FIELD, "author: say who you are")
    return author


def _author(form: Fields) -> str:
    return _short(form, "author", LONGEST_AUTHOR)


def _comment(form: Fields) -> str:
    return _short(form, "comment", LONGEST_COMMENT)


def _short(form: Fields, name: str, most: int) -> str:
    """A field that the database can hold. Raises RefusedInput."""
    value = form.get(name, "").replace("\0", "\N{REPLACEMENT CHARACTER}").strip()
    if len(value) > most:
        raise RefusedInput(Refusal.TOO_LARGE, f"{name}: {most} signs at most")
    return value
