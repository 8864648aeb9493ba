"""The world on a page: a map of all levels, what moved in a day, and the highest."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from math import ceil
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from service.bootstrap import Detente
from service.domain.risk.subject import Subject, SubjectKind
from service.operations.beginning import beginning
from service.operations.scores import LEAST_FRESH
from service.operations.world import Arc, Place, Trend, World
from service.web.access import READ
from service.web.links import subject_page
from service.web.map import Direction, MapArc, MapReading, world_svg
from service.web.map_data import world_data
from service.web.names import Names
from service.web.packing import json_answer
from service.web.shell import Shell

PAGE, MOVES = 30, 12
"""Rows of a page of the table, and of what moved unless all is asked for."""
ARC_FROM, MOST_ARCS = 20.0, 60
"""Level from which a dyad is drawn, as in `map.js`, and how many at most: with all of them nothing could be seen."""
MOST_PROPOSED = 100
"""Subjects, the highest, whose names the search proposes beside those of all countries."""
KINDS: Mapping[str, Collection[SubjectKind]] = {
    "country": {SubjectKind.COUNTRY},
    "dyad": {SubjectKind.DYAD},
    "region": {SubjectKind.REGION, SubjectKind.M49},
    "watch": {SubjectKind.WATCH},
}
"""What may be asked for → the kinds of subject it means."""
CALLED: Mapping[str, str] = {
    "": "All",
    "country": "Countries",
    "dyad": "Dyads",
    "region": "Regions",
    "watch": "Watchlists",
}
DIRECTIONS: Mapping[Trend, Direction] = {
    Trend.RISING: Direction.UP,
    Trend.FALLING: Direction.DOWN,
    Trend.STEADY: Direction.STEADY,
}
Ask = Callable[[], World]


def router(shell: Shell, detente: Detente, ask: Ask, names: Names) -> APIRouter:
    """The page, and what its map's script reads."""
    routes = shell.router()

    @routes.get("/", dependencies=[READ])
    def world_page(
        request: Request,
        kind: Annotated[str, Query(max_length=20)] = "",
        page: Annotated[int, Query(ge=1, le=10_000)] = 1,
        moves: Annotated[str, Query(max_length=20)] = "",
    ) -> Response:
        world = ask()
        if not world.places:
            return shell.page(request, "beginning.html", here="/", begun=beginning(detente.units), world=world)
        chosen = kind if kind in KINDS else ""
        shown = moves if moves == "all" else ""
        values = _lists(world, chosen, page, len(world.moves) if shown else MOVES)
        told = [place.reading.subject for place in world.places[:MOST_PROPOSED]]
        return shell.page(
            request,
            "world.html",
            here="/",
            world=world,
            map_svg=world_svg(readings_of(world), arcs_now(world), _map_names(world, names), link=subject_page),
            freshness=world.places[0].reading.freshness,
            is_deaf=world.places[0].reading.freshness < LEAST_FRESH,
            name_of=names.of,
            proposed=names.proposed(told),
            kinds=CALLED,
            directions=DIRECTIONS,
            address=address,
            moves=shown,
            **values,
        )

    @routes.get("/world.json", dependencies=[READ])
    def world_json(request: Request) -> Response:
        world = ask()
        levels = {p.reading.subject: [*p.past, p.reading.score.level] for p in world.places}
        days = [*world.days, world.days[-1] + timedelta(days=1)]
        arcs = arcs_ever(world, levels)
        return json_answer(
            request,
            world_data(days, levels, arcs, _map_names(world, names), now=readings_of(world), link=subject_page),
        )

    return routes


def readings_of(world: World) -> list[MapReading]:
    """What the map shows of each subject."""
    scored = ((p.reading.subject, p.reading.score, DIRECTIONS[p.trend]) for p in world.places)
    return [MapReading(subject, score.level, score.band, direction) for subject, score, direction in scored]


def arcs_now(world: World) -> list[MapArc]:
    """The highest dyads. They have no order, so their arrows point both ways."""
    return [_drawn(arc) for arc in world.arcs[:MOST_ARCS] if arc.level >= ARC_FROM]


def arcs_ever(world: World, levels: Mapping[str, Sequence[float]]) -> list[MapArc]:
    """These, and those that stood highest on the days before."""
    peaks = {f"{SubjectKind.DYAD}:{arc.one}-{arc.other}": arc for arc in world.arcs}
    highest = sorted(peaks, key=lambda subject: -max(levels[subject]))[:MOST_ARCS]
    past = [peaks[subject] for subject in highest if max(levels[subject]) >= ARC_FROM]
    shown = {arc.subject: arc for arc in arcs_now(world)}
    return [*shown.values(), *(arc for arc in map(_drawn, past) if arc.subject not in shown)]


def _drawn(arc: Arc) -> MapArc:
    return MapArc(arc.one, arc.other, arc.level, arc.band, DIRECTIONS[arc.trend], is_mutual=True)


def _map_names(world: World, names: Names) -> Mapping[str, str]:
    return names.known(place.reading.subject for place in world.places)


def address(kind: str = "", page: int = 1, moves: str = "") -> str:
    """The page with other lists."""
    asked = {"kind": kind, "page": page if page > 1 else "", "moves": moves}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/?{query}" if query else "/"


def _lists(world: World, kind: str, page: int, most: int) -> Mapping[str, Any]:
    """The rows of both lists, of one kind of subject if that is asked for."""
    places, moved = _of_kind(world.places, kind), _of_kind(world.moves, kind)
    pages = max(1, ceil(len(places) / PAGE))
    page = min(page, pages)
    return {
        "kind": kind,
        "page": page,
        "pages": pages,
        "first": (page - 1) * PAGE,
        "rows": places[(page - 1) * PAGE : page * PAGE],
        "count": len(places),
        "moved": moved[:most],
        "moved_count": len(moved),
    }


def _of_kind(places: Sequence[Place], kind: str) -> Sequence[Place]:
    wanted = KINDS.get(kind)
    return [p for p in places if Subject.parse(p.reading.subject).kind in wanted] if wanted else places
