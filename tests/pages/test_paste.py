"""A pasted text in a real browser: by mouse, by keyboard, without scripts, narrow and wide."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.api.app import build
from service.bootstrap import Detente
from service.errors import ModelError
from tests.pages import drawn
from tests.pages.conftest import NARROW, WIDE, Open, Serve
from tests.unit.api.conftest import put_together
from tests.unit.web.readers import FakeAside

pytestmark = pytest.mark.slow
WAR = "Iran attacked Pakistan on Sunday."


@pytest.fixture
def detente(migrated: Path, tmp_path: Path, shipped_gazetteer: CompiledGazetteer) -> Iterator[Detente]:
    (tmp_path / "detente.db").write_bytes(migrated.read_bytes())
    found = put_together(tmp_path)
    found.gazetteer, found.aside = shipped_gazetteer, FakeAside(shipped_gazetteer)
    yield found
    found.close()


@pytest.fixture
def address(detente: Detente, serve: Serve) -> str:
    return serve(build(detente)) + "/paste"


def test_by_mouse_the_example_is_read_in_two_clicks(
    address: str, page: Page, violations: Callable[[Page], list[str]], screenshot: Callable[[Page, str], Path]
) -> None:
    drawn.needs_libraries()
    page.goto(address)
    assert violations(page) == []
    page.get_by_role("link", name="Try the example").click()
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#result .label")).to_be_visible()
    expect(page.locator("#said")).to_contain_text("Read: ")
    assert page.url.endswith("/paste?example=1")
    assert violations(page) == []
    screenshot(page, "wide")


def test_by_keyboard_a_text_is_written_and_read(address: str, page: Page) -> None:
    page.goto(address)
    page.locator("#text").focus()
    page.keyboard.type(WAR)
    page.locator("#publisher").focus()
    page.keyboard.press("Tab")
    expect(page.locator("#read")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#result .label")).to_have_text("ESCALATION")
    page.locator("#result .tag").last.focus()
    page.keyboard.press("Enter")
    assert "#" in page.url


@pytest.mark.parametrize("scripts", [True, False])
def test_a_narrow_window_needs_no_scrolling_sideways(
    address: str, new_page: Open, scripts: bool, screenshot: Callable[[Page, str], Path]
) -> None:
    page = new_page(viewport=NARROW, java_script_enabled=scripts, color_scheme="dark")
    page.goto(address)
    page.locator("#text").fill(WAR)
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#result .label")).to_have_text("ESCALATION")
    expect(page.locator("#text")).to_have_value(WAR)
    width = page.evaluate("document.documentElement.scrollWidth") if scripts else 0
    assert width <= NARROW["width"]
    assert page.locator("main").bounding_box()["width"] <= NARROW["width"]  # type: ignore[index]
    screenshot(page, f"narrow {'with' if scripts else 'without'} scripts")


def test_what_went_wrong_is_said_beside_the_text(address: str, detente: Detente, new_page: Open) -> None:
    detente.aside = FakeAside(detente.gazetteer, ModelError("it was not read within 20 seconds"))
    page = new_page(viewport=WIDE)
    page.goto(address)
    page.locator("#text").fill(WAR)
    page.get_by_role("button", name="Read it").click()
    expect(page.locator("#result .message.error")).to_contain_text("not read within 20 seconds")
    expect(page.locator("#text")).to_have_value(WAR)
