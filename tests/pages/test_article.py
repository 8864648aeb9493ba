"""The page of an article in a real browser, with an id that holds every odd sign."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.api.app import build
from service.domain.news.article import Article
from service.flow import Task
from service.web.links import article_page
from tests.fakes import NOON, World
from tests.pages.conftest import NARROW, Open, Serve
from tests.unit.api.conftest import put_together

pytestmark = pytest.mark.slow
ODD = "https://wire.example/a/../b?c=d&e=<f>#g%2F.."
TEXT = "Both had warned.\nIran attacked Pakistan on Sunday, and Pakistan attacked Iran.\nIt rained."


@pytest.fixture
def address(engine: Engine, tmp_path: Path, shipped_gazetteer: CompiledGazetteer, serve: Serve) -> str:
    """A page of the service on the folder of the engine."""
    world = World(engine, shipped_gazetteer)
    first = Article(ODD, "A strike", TEXT, "Reuters", "https://reuters.example/1", NOON, NOON)
    for one in (first, Article("again", "A strike", TEXT, "Evening Post", "", NOON, NOON)):
        world.ingest(one)
        world.drain(Task.ANALYSE)
        world.drain(Task.ASSESS)
    detente = put_together(tmp_path)
    detente.gazetteer = shipped_gazetteer
    return serve(build(detente))


def test_by_mouse_and_keyboard_one_goes_from_the_copy_to_the_event(
    address: str, page: Page, violations: Callable[[Page], list[str]], screenshot: Callable[[Page, str], Path]
) -> None:
    page.goto(address + "/articles/again")
    page.get_by_role("link", name=ODD).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A strike")
    expect(page.locator("code").first).to_have_text(ODD)
    assert violations(page) == []
    screenshot(page, "wide")
    page.locator("#event-1 a").focus()
    page.keyboard.press("Enter")
    assert page.url == f"{address}{article_page(ODD)}#sentence-1"
    expect(page.locator("#sentence-1")).to_be_in_viewport()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_narrow_window_needs_no_scrolling_sideways(
    address: str,
    new_page: Open,
    scripts: bool,
    screenshot: Callable[[Page, str], Path],
) -> None:
    page = new_page(viewport=NARROW, java_script_enabled=scripts, color_scheme="dark")
    page.goto(address + article_page(ODD))
    expect(page.locator("mark").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    screenshot(page, f"article narrow {'with' if scripts else 'without'} scripts")
