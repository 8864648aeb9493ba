"""A page with a map, a timeline and a list, as the service would serve them, over made-up numbers."""

import asyncio
import json
import random
import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, StreamingResponse

from service.domain.risk.score import band
from service.operations.world import trend_of
from service.web import static_files
from service.web.assets import STATIC, Assets
from service.web.map import Direction, MapArc, MapReading, world_svg
from service.web.map_data import world_data
from service.web.packing import json_answer
from service.web.places import places
from service.web.rendering import HEADERS, environment, json_block
from service.web.timeline import Mark, Moment, Span, timeline_data, timeline_svg
from service.web.world import DIRECTIONS

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 90
ALL_NEEDED = ("vendor/manifest.json", "vendor/countries-110m.json", "vendor/uPlot.iife.min.js", "vendor/htmx.min.js")
SHIPPED = Assets()
TEMPLATE = """
{% extends "base.html" %}
{% from "drawings.html" import map, map_scripts, legend, timeline, timeline_scripts, live, live_scripts with context %}
{% block title %}World{% endblock %}
{% block scripts %}{{ map_scripts() }}{{ timeline_scripts() }}{{ live_scripts() }}{% endblock %}
{% block main %}
<h1>World</h1>
{{ live() }}
{{ map(world, url="/world.json") }}{{ legend() }}
{{ timeline(course, "course-data") }}{{ course_block }}
<section id="list" data-live-list data-live-url="/list"><p>as it was</p></section>
{% endblock %}
"""


def needs_libraries() -> None:
    """Skip where they are missing: `make test` has tried to fetch them, and a machine without npm or network is no fault."""
    if not SHIPPED.has(*ALL_NEEDED):
        pytest.skip("the pages' libraries are missing: run `make assets`")


def without_libraries(folder: Path) -> Assets:
    """Our own files alone."""
    shutil.copytree(STATIC, folder, ignore=shutil.ignore_patterns("vendor", ".vendor-*"))
    return Assets(folder)


def days() -> Sequence[date]:
    return [(NOW - timedelta(days=DAYS - 1 - n)).date() for n in range(DAYS)]


def levels() -> dict[str, list[float | None]]:
    """A random walk for each of 250 subjects: 240 countries and 10 dyads. Iran rises to 57, 40 the day before."""
    chance = random.Random(7)
    subjects = [f"country:{code}" for code in sorted(places(), key=lambda code: (code != "IRN", code))[:240]]
    subjects += [arc.subject for arc in ARCS]
    found: dict[str, list[float | None]] = {}
    for subject in subjects:
        at = chance.uniform(0, 90)
        walk: list[float | None] = []
        for _ in range(DAYS):
            at = min(100.0, max(0.0, at + chance.gauss(0, 3)))
            walk.append(at)
        found[subject] = walk
    found["country:IRN"][-3:] = [50.0, 40.0, 57.0]
    found["country:CHE"] = [None] * DAYS
    return found


PAIRS = ("IRN-PAK", "RUS-UKR", "CHN-USA", "IND-PAK", "ISR-IRN", "ETH-ERI", "VEN-GUY", "PRK-KOR", "ARM-AZE", "SDN-TCD")
ARCS = [MapArc(*pair.split("-"), level=57, band=band(57), direction=Direction.UP) for pair in PAIRS]


def readings(of: dict[str, list[float | None]]) -> list[MapReading]:
    found = []
    for subject, series in of.items():
        before, now = series[-2], series[-1]
        if before is not None and now is not None:
            found.append(MapReading(subject, now, band(now), DIRECTIONS[trend_of(now - before)]))
    return found


def moments() -> list[Moment]:
    chance = random.Random(3)
    found = []
    for n in range(DAYS):
        level = 20 + n / 2 + chance.gauss(0, 4)
        known = None if 40 <= n < 45 else level
        found.append(Moment(NOW - timedelta(days=DAYS - 1 - n), known, level - 8, level + 6, n / 900, (90 - n) / 1800))
    return found


def app(assets: Assets, names: dict[str, str]) -> FastAPI:
    """`/` is the page, `/list` what its list is reloaded from, `POST /tell` sends a change to all who listen."""
    made = FastAPI()
    made.include_router(static_files.router(assets))
    add_stream(made)

    @made.get("/")
    def world() -> HTMLResponse:
        known = levels()
        course = ("Iran", moments(), [Mark(NOW - timedelta(days=9), "missiles <b>fired</b>", Direction.UP)])
        spans = [Span(NOW - timedelta(days=20), None, "LEVEL, high")]
        text = (
            environment(assets)
            .from_string(TEMPLATE)
            .render(
                here="/",
                world=world_svg(readings(known), ARCS, names, link=address, assets=assets),
                course=timeline_svg(*course, spans),
                course_block=json_block("course-data", timeline_data(*course, spans)),
            )
        )
        return HTMLResponse(text, headers=HEADERS)

    @made.get("/world.json")
    def world_json(request: Request) -> Response:
        return json_answer(request, world_data(days(), levels(), ARCS, names, link=address, assets=assets))

    @made.get("/list")
    def the_list() -> HTMLResponse:
        return HTMLResponse('<section id="list"><p>as it is</p></section>', headers=HEADERS)

    @made.get("/subjects/{subject}")
    def one(subject: str) -> HTMLResponse:
        return HTMLResponse(f"<!doctype html><title>{subject}</title><h1>{subject}</h1>", headers=HEADERS)

    return made


def add_stream(made: FastAPI) -> None:
    """A stream of changes, each sent when it is posted."""
    waiting: list[asyncio.Queue[str]] = []

    @made.get("/api/v1/stream")
    async def stream() -> StreamingResponse:
        mine: asyncio.Queue[str] = asyncio.Queue()
        waiting.append(mine)

        async def sent() -> AsyncIterator[str]:
            yield "retry: 100\n\n"
            while (told := await mine.get()) != "end":
                yield told

        return StreamingResponse(sent(), media_type="text/event-stream")

    @made.post("/tell")
    async def tell() -> int:
        change = {"rule": "LEVEL", "subject": "dyad:IRN-PAK", "from": "pending", "to": "firing"}
        for one_waiting in waiting:
            one_waiting.put_nowait(f"event: transition\nid: a{len(waiting)}\ndata: {json.dumps(change)}\n\n")
        return len(waiting)

    @made.post("/end")
    async def end() -> int:
        while waiting:
            waiting.pop().put_nowait("end")
        return 0


def address(subject: str) -> str:
    return f"/subjects/{subject}"
