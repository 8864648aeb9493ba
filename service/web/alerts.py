"""Alerts: the list, and one with all that led to it and what can be done about it."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from service.bootstrap import Detente
from service.domain.alerting.feedback import Verdict
from service.domain.alerting.rule import Severity, State
from service.domain.risk.subject import Subject
from service.errors import NotFound, Refusal, RefusedInput
from service.operations.attending import MOST_SAID, Seen, View, seen, view
from service.operations.finding import exactly
from service.operations.naming import near
from service.operations.paging import place_of, token
from service.operations.why import MOST_CONTRIBUTIONS, MOST_STEPS
from service.ports import Choice, Cursor
from service.web.access import READ, asker_of
from service.web.links import alert_page, article_page, outside, subject_page
from service.web.moments import SPANS
from service.web.names import Names
from service.web.shell import Shell

HERE = "/alerts"
PAGE = 25
"""Alerts of a page."""
FEW_STEPS = 3
"""Changes that are told with why unless more are asked for: each costs a look at 90 days of a subject."""
FIXED = frozenset({"state", "confirmed"})
"""Labels that change by themselves: a silence that asks for them ends when nobody expects it."""
SHORT = {"1h": "1 hour", "8h": "8 hours", "1d": "1 day", "1w": "1 week"}


class Shown(StrEnum):
    """The states that can be asked for."""

    TOLD = ""
    FIRING = "firing"
    PENDING = "pending"
    RESOLVED = "resolved"
    INACTIVE = "inactive"
    ALL = "all"

    @property
    def states(self) -> Sequence[State]:
        """What it stands for."""
        match self:
            case Shown.TOLD:
                return [State.FIRING, State.PENDING, State.RESOLVED]
            case Shown.ALL:
                return []
            case _:
                return [State(self)]

    @property
    def words(self) -> str:
        """As it is called."""
        return {Shown.TOLD: "firing, pending or resolved", Shown.ALL: "any"}.get(self, str(self))


class Loud(StrEnum):
    """The severities that can be asked for."""

    ANY = ""
    INFO = "info"
    WARNING = "warning"
    HIGH = "high"
    CRITICAL = "critical"


def router(shell: Shell, detente: Detente, names: Names) -> APIRouter:
    """To look at alerts."""
    routes = shell.router()

    @routes.get(HERE, dependencies=[READ])
    def alerts(
        request: Request,
        state: Shown = Shown.TOLD,
        severity: Loud = Loud.ANY,
        rule: Annotated[str, Query(max_length=80)] = "",
        subject: Annotated[str, Query(max_length=100)] = "",
        after: Annotated[str, Query(max_length=500)] = "",
    ) -> Response:
        asked = {"state": state, "severity": severity, "rule": rule.strip(), "subject": subject.strip()}
        choice = Choice(state.states, [Severity(severity)] if severity else [], _meant(subject, names), rule.strip())
        found = seen(detente.units, detente.clock.now(), PAGE + 1, _place(after), choice, detente.countries_of)
        values = _list_values(found, asked, names)
        rules = sorted({rule.name for rule in detente.rules})
        return shell.page(request, "alerts.html", here=HERE, asked=asked, rules=rules, is_later=bool(after), **values)

    @routes.get(HERE + "/{alert}", dependencies=[READ])
    def alert(alert: str, request: Request, full: bool = False) -> Response:
        now = detente.clock.now()
        most = MOST_STEPS if full else FEW_STEPS
        of = (detente.rules, detente.gauge, detente.versions, detente.countries_of)
        shown = view(detente.units, alert, now, *of, most)
        return shell.page(
            request,
            "alert.html",
            here=HERE,
            asker_is_shared=asker_of(request).is_shared,
            receivers=sorted(detente.receivers),
            **_values(shown, names),
        )

    return routes


def _list_values(found: Sequence[Seen], asked: dict[str, Any], names: Names) -> dict[str, Any]:
    shown = found[:PAGE]
    more = token(shown[-1].head.cursor) if len(found) > PAGE else ""
    return {
        "found": shown,
        "states": list(Shown),
        "severities": list(Loud),
        "first": _address(asked),
        "following": _address({**asked, "after": more}) if more else "",
        "is_chosen": any(asked.values()),
        **_links(names),
    }


def _values(shown: View, names: Names) -> dict[str, Any]:
    return {
        "view": shown,
        "alert": shown.trace.course.alert,
        "right": shown.count(Verdict.RIGHT),
        "wrong": shown.count(Verdict.WRONG),
        "most_said": MOST_SAID,
        "most_contributions": MOST_CONTRIBUTIONS,
        "most_steps": MOST_STEPS,
        "labels": {name: value for name, value in shown.labels.items() if value and name not in FIXED},
        "spans": {name: SHORT[name] for name in SPANS},
        "article_page": article_page,
        "outside": outside,
        **_links(names),
    }


def _links(names: Names) -> dict[str, Callable[[str], str]]:
    return {"name_of": names.of, "subject_page": subject_page, "alert_page": alert_page}


def _address(asked: dict[str, Any]) -> str:
    query = urlencode({name: str(value) for name, value in asked.items() if value})
    return f"{HERE}?{query}" if query else HERE


def _place(written: str) -> Cursor | None:
    try:
        return place_of(written) if written else None
    except ValueError as error:
        raise RefusedInput(Refusal.BAD_ID, str(error)) from None


def _meant(written: str, names: Names) -> str:
    """The subject that is called or written so, empty for none. Raises NotFound."""
    return subject_meant(written, names) if written.strip() else ""


def subject_meant(written: str, names: Names) -> str:
    """The subject that is called or written so. Raises NotFound, naming what is near."""
    try:
        return str(Subject.parse(written.strip()))
    except ValueError:
        known = names.known(())
    found = exactly(written, known)
    if not found:
        raise NotFound(f"nobody knows the subject {written.strip()!r}{near(written, list(known.values()))}")
    return found[0]
