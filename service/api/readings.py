"""Scores, events and alerts."""

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import JSONResponse

from service.api import shapes
from service.api.asked import Page, between, listed, moment_of, place, subject_of
from service.api.routes import gives, router, shown
from service.bootstrap import Detente
from service.domain.alerting.rule import State
from service.domain.events.signal import Signal
from service.domain.risk.subject import Subject
from service.operations import present, present_listing, present_why
from service.operations import scores as score_operations
from service.operations.chronicle import MOMENTS, Series
from service.operations.chronicle import series as series_of
from service.operations.paging import rank_of, ranked
from service.operations.scores import Reading
from service.operations.why import why as trace_of
from service.ports import Cursor, History, Span
from service.web.access import READ

POINTS = 200
"""Of a series, where nothing is said."""
QUARTER = timedelta(days=90)


def routes_of(detente: Detente) -> APIRouter:
    """`/scores`, `/events` and `/alerts`."""
    routes = router()
    _add_scores(routes, detente)
    _add_events(routes, detente)
    _add_alerts(routes, detente)
    return routes


def _add_scores(routes: APIRouter, detente: Detente) -> None:
    @routes.get("/scores", dependencies=[READ], tags=["scores"], **gives(list[shapes.Score]))
    def scores(
        request: Request,
        page: Annotated[Page, Depends()],
        at: datetime | None = None,
        least: Annotated[float, Query(ge=0, le=100)] = 1.0,
    ) -> JSONResponse:
        """Subjects by level, the highest first. Later pages are of the moment of the first.

        What is now is remembered for a while: `at` says of when it is, seconds ago where anything has changed.
        """
        asked = page.before.at if page.before else moment_of(at, "at")
        found = _remembered(detente, asked, least) if page.before or at is None else None
        if found is None:
            moment = asked or detente.clock.now()
            found = score_operations.readings(detente.units, moment, detente.gauge, detente.versions, least)
        if page.before:
            last = place(rank_of, page.before)
            found = [one for one in found if (-one.score.level, one.subject) > last]
        return listed(detente, request, page, found[: page.one_more], present.reading, _rank)

    @routes.get("/scores/{subject}/explanation", dependencies=[READ], tags=["scores"], **gives(shapes.Explained))
    def explanation(subject: str, at: datetime | None = None) -> JSONResponse:
        """The incidents that add up to a subject's score."""
        parsed, moment = Subject.parse(subject_of(subject)), moment_of(at, "at") or detente.clock.now()
        found = score_operations.explained(detente.units, parsed, moment, detente.gauge, detente.versions)
        return shown(present.explained(found))

    @routes.get("/scores/{subject}/series", dependencies=[READ], tags=["scores"], **gives(shapes.Series))
    def series(
        subject: str,
        span: Annotated[Span, Depends(between)],
        points: Annotated[int, Query(ge=2, le=MOMENTS)] = POINTS,
    ) -> JSONResponse:
        """How a subject's level went: so many moments, evenly spread over 90 days up to now where nothing is said."""
        until = span.until or detente.clock.now()
        found = _series(detente, Subject.parse(subject_of(subject)), span.since or until - QUARTER, until, points)
        return shown(present_listing.series(found, {**detente.versions, "scale": detente.gauge.version}))


def _remembered(detente: Detente, at: datetime | None, least: float) -> list[Reading] | None:
    """What is now, the highest first, where that is what is asked for; subjects that are at nothing are not in it."""
    live = detente.world() if least > 0 else None
    if live is None or at not in {None, live.at}:
        return None
    return [place.reading for place in live.places if place.reading.score.level >= least]


def _series(detente: Detente, subject: Subject, since: datetime, until: datetime, points: int) -> Series:
    try:
        return series_of(detente.units, subject, since, until, detente.gauge, points=points)
    except ValueError as error:
        raise HTTPException(422, str(error)) from None


def _rank(reading: Reading) -> Cursor:
    return ranked(reading.at, reading.score.level, reading.subject)


def _add_events(routes: APIRouter, detente: Detente) -> None:
    @routes.get("/events", dependencies=[READ], tags=["events"], **gives(list[shapes.ToldEvent]))
    def events(
        request: Request,
        page: Annotated[Page, Depends()],
        span: Annotated[Span, Depends(between)],
        subject: Annotated[str, Query(max_length=100)] = "",
        signal: Signal | None = None,
    ) -> JSONResponse:
        """Events by the time they tell of, the newest first; with `subject` those that are booked on it."""
        chosen = subject_of(subject)
        subjects = detente.watchlists.get(chosen, (chosen,)) if chosen else None
        with detente.units(read_only=True) as unit:
            found = unit.listings.events(page.one_more, page.before, span, subjects, str(signal or ""))
        return listed(detente, request, page, found, present_listing.told, lambda one: one.cursor)


def _add_alerts(routes: APIRouter, detente: Detente) -> None:
    @routes.get("/alerts", dependencies=[READ], tags=["alerts"], **gives(list[shapes.Alert]))
    def alerts(
        request: Request,
        page: Annotated[Page, Depends()],
        state: Annotated[list[State] | None, Query()] = None,
        subject: Annotated[str, Query(max_length=100)] = "",
        rule: Annotated[str, Query(max_length=80)] = "",
    ) -> JSONResponse:
        """Alerts by the time of their state, the newest first, with their history."""
        chosen = subject_of(subject)
        with detente.units(read_only=True) as unit:
            found = unit.listings.alerts(page.one_more, page.before, state or (), chosen, rule)
        return listed(detente, request, page, found, lambda entry: present.alert(*entry), _since)

    @routes.get("/alerts/{alert}/why", dependencies=[READ], tags=["alerts"], **gives(shapes.Trace))
    def why(alert: str) -> JSONResponse:
        """What led to an alert, given by its id or the beginning of it."""
        now = detente.clock.now()
        found = trace_of(detente.units, alert, now, detente.rules, detente.gauge, detente.versions)
        return shown(present_why.trace(found))


def _since(entry: History) -> Cursor:
    return Cursor(entry[0].since, entry[0].id)
