"""One subject on a page: where it stands and stood, what its level is made of, who says so, and what lies around it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Query, Request, Response
from fastapi.responses import RedirectResponse

from service.bootstrap import Detente
from service.domain.events.signal import Signal
from service.domain.risk.subject import Subject
from service.errors import NotFound
from service.operations import chronicle
from service.operations.course import Course, page_and_course
from service.operations.finding import alike
from service.operations.naming import check_subject
from service.operations.scores import LEAST_FRESH
from service.operations.subject_page import SubjectPage
from service.web import links, marking
from service.web.access import READ
from service.web.map import Direction
from service.web.names import Names
from service.web.rendering import HEADERS, json_block
from service.web.shell import Shell
from service.web.timeline import Mark, Moment, Span, timeline_data, timeline_svg
from service.web.waterfall import Bar, Part, waterfall_svg
from service.web.world import DIRECTIONS, MOST_PROPOSED, Ask

SPANS = (30, 90, 365)
"""Days that the course may go back with one click; the second if nothing is said."""
BARS = 12
"""Incidents with a bar of their own."""
FIRST_YEAR, LAST_YEAR = 1970, 9000
Text = Annotated[str, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class Asked:
    """The moment shown, whether it was asked for, and the span of the course; `days` is 0 for one of another length."""

    at: datetime
    is_past: bool
    since: datetime
    until: datetime
    days: int


def router(shell: Shell, detente: Detente, ask: Ask, names: Names) -> APIRouter:
    """The page of a subject."""
    routes = shell.router()

    @routes.get("/subjects/{subject}", dependencies=[READ])
    def page(
        subject: str, request: Request, at: Text = "", days: Text = "", since: Text = "", until: Text = ""
    ) -> Response:
        try:
            parsed = _known(subject, detente)
        except NotFound as unknown:
            return _missing(shell, request, names, ask, subject, str(unknown))
        if str(parsed) != subject:
            query = f"?{request.url.query}" if request.url.query else ""
            return RedirectResponse(links.subject_page(str(parsed)) + query, 303, HEADERS)
        asked = asked_for(detente.clock.now(), at, days, since, until)
        found, course = page_and_course(
            detente.units,
            parsed,
            asked.at,
            asked.since,
            asked.until,
            detente.gauge,
            detente.versions,
            detente.gazetteer.geography,
            detente.mirror,
        )
        name = names.of(str(parsed))
        return shell.page(
            request,
            "subject.html",
            here="/",
            name=name,
            found=found,
            asked=asked,
            is_deaf=found.reading.freshness < LEAST_FRESH,
            total=round(found.reading.score.level, 1),
            waterfall=waterfall_svg(name, bars(found), round(found.reading.score.level, 1)),
            spans=[(span, _address(parsed, asked, span)) for span in SPANS],
            feeds=_feeds(parsed),
            directions=DIRECTIONS,
            name_of=names.of,
            links=links,
            sentence=marking.sentence,
            proposed=names.proposed(place.reading.subject for place in ask().places[:MOST_PROPOSED]),
            **_drawn(course, name),
        )

    return routes


def _known(written: str, detente: Detente) -> Subject:
    """Raises NotFound for what is no subject, or one nobody knows."""
    try:
        parsed = Subject.parse(written)
    except ValueError as error:
        raise NotFound(str(error)) from None
    check_subject(parsed, detente.gazetteer.geography, detente.watchlists)
    return parsed


def _missing(shell: Shell, request: Request, names: Names, ask: Ask, subject: str, why: str) -> Response:
    """What may have been meant instead."""
    told = [place.reading.subject for place in ask().places]
    return shell.page(
        request,
        "subject_missing.html",
        status=404,
        why=why,
        query=subject.partition(":")[2] or subject,
        near=alike(subject, names.known(told)),
        name_of=names.of,
        proposed=names.proposed(told[:MOST_PROPOSED]),
    )


def asked_for(now: datetime, at: str, days: str, since: str, until: str) -> Asked:
    """What an address asks for. Raises HTTPException for what cannot be read."""
    shown = moment_of(at, "at")
    if days and days not in map(str, SPANS):
        raise HTTPException(422, f"days is one of {', '.join(map(str, SPANS))}")
    last = moment_of(until, "until", is_end=True) or shown or now
    span = int(days) if days else SPANS[1]
    first = moment_of(since, "since")
    is_usual = not (first or until)
    first = first or last - timedelta(days=span)
    if not timedelta(0) < last - first <= chronicle.LONGEST:
        raise HTTPException(422, f"since must lie before until, and at most {chronicle.LONGEST.days} days before it")
    return Asked(shown or now, shown is not None, first, last, span if is_usual else 0)


def moment_of(written: str, name: str, *, is_end: bool = False) -> datetime | None:
    """A time; without a zone it is UTC, and of a day alone it is the beginning, or the end. Raises HTTPException."""
    if not written:
        return None
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        raise HTTPException(422, f"{name} is no time: write it as in 2026-03-01T12:00") from None
    if not FIRST_YEAR < found.year < LAST_YEAR:
        raise HTTPException(422, f"{name} must lie between {FIRST_YEAR} and {LAST_YEAR}")
    is_day = len(written) <= len("2026-03-01")
    whole = found + timedelta(days=1) if is_day and is_end else found
    return whole.replace(tzinfo=UTC) if whole.tzinfo is None else whole.astimezone(UTC)


def bars(found: SubjectPage) -> list[Bar]:
    """The largest incidents, and what all others add together."""
    shown, others = found.incidents[:BARS], found.incidents[BARS:]
    made = [
        Bar(f"{n}. {one.type.lower()}", one.contribution.points, Part.UP if one.contribution.share > 0 else Part.DOWN)
        for n, one in enumerate(shown, 1)
    ]
    count = len(others) + found.rest.count
    points = round(sum(one.contribution.points for one in others) + found.rest.points, 1)
    return [*made, Bar(f"{count} more", points, Part.REST)] if count else made


def _drawn(told: Course, name: str) -> dict[str, Any]:
    """The course of the level, drawn and as data."""
    moments = [_moment(m, is_known=told.began_at is not None and m.at >= told.began_at) for m in told.moments]
    marks, spans = [_mark(one) for one in told.marks], [Span(f.since, f.until, f.rule) for f in told.firings]
    return {
        "course": timeline_svg(name, moments, marks, spans),
        "course_block": json_block("course-data", timeline_data(name, moments, marks, spans)),
    }


def _moment(m: chronicle.Moment, *, is_known: bool) -> Moment:
    """Before the books began nothing was known."""
    return Moment(m.at, m.level if is_known else None, m.low, m.high, m.e, m.d)


def _mark(one: chronicle.Mark) -> Mark:
    direction = Direction.UP if one.signal is Signal.ESCALATION else Direction.DOWN
    return Mark(one.at, f"{one.signal}, weighs {one.mass:.2f}", direction)


def _address(subject: Subject, asked: Asked, days: int) -> str:
    query = {"days": days} | ({"at": f"{asked.at:%Y-%m-%dT%H:%M:%S}"} if asked.is_past else {})
    return f"{links.subject_page(str(subject))}?{urlencode(query)}"


def _feeds(subject: Subject) -> list[tuple[str, str]]:
    query = urlencode({"subject": str(subject)})
    return [
        ("Atom", f"/api/v1/feeds/alerts.atom?{query}"),
        ("CAP 1.2", f"/api/v1/feeds/alerts.cap?{query}"),
        ("alerts as CSV", f"/api/v1/export/alerts.csv?{query}"),
        ("events as CSV", f"/api/v1/export/events.csv?{query}"),
        ("scores as CSV", f"/api/v1/export/scores.csv?{query}"),
    ]
