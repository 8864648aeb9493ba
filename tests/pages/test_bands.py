"""Bands on the map as they come out on the screen, colours and patterns together."""

from io import BytesIO
from itertools import pairwise

import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from matplotlib.image import imread

from service.domain.risk.score import Band
from service.web import static_files
from service.web.map import WIDTH, definitions
from service.web.rendering import HEADERS, environment
from tests.pages.conftest import Open, Serve

pytestmark = pytest.mark.slow
ACROSS = WIDTH // len(Band)
PAGE = """{% extends "base.html" %}{% block main %}
<div class="map"><svg viewBox="0 0 3600 600">{{ definitions }}{% for band in bands %}
<rect x="{{ loop.index0 * across }}" width="{{ across }}" height="600" fill="url(#band-{{ band }})"/>
{% endfor %}</svg></div>{% endblock %}"""


def app() -> FastAPI:
    made = FastAPI()
    made.include_router(static_files.router())

    @made.get("/")
    def bands() -> HTMLResponse:
        page = environment().from_string(PAGE)
        return HTMLResponse(page.render(definitions=definitions(), bands=list(Band), across=ACROSS), headers=HEADERS)

    return made


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_higher_the_farther_from_the_page(serve: Serve, new_page: Open, width: int, theme: str) -> None:
    """On a small map the lines of a pattern must not cover the colour below: no band looks like a lower one."""
    page = new_page(viewport={"width": width, "height": 500}, color_scheme=theme)
    page.goto(serve(app()))
    picture = imread(BytesIO(page.locator(".map").screenshot()))[8:-8, :, :3].mean(axis=(0, 2))
    share = len(picture) / len(Band)
    light = [float(picture[int((n + 0.15) * share) : int((n + 0.85) * share)].mean()) for n in range(len(Band))]
    assert light == sorted(light, reverse=theme == "light")
    assert min(abs(a - b) for a, b in pairwise(light)) > 0.05
