"""The page of sources in a real browser: by mouse, by keyboard, without scripts, narrow and wide."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.api.app import build
from service.bootstrap import Detente
from tests.fakes import FakeClock
from tests.pages.conftest import NARROW, Open, Serve
from tests.unit.api.conftest import put_together
from tests.unit.web.test_sources import OURS, told

pytestmark = pytest.mark.slow


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    (tmp_path / "detente.db").write_bytes(migrated.read_bytes())
    found = put_together(tmp_path)
    found.clock = FakeClock()
    found.__dict__["sources"] = OURS
    told(found)
    yield found
    found.close()


@pytest.fixture
def address(detente: Detente, serve: Serve) -> str:
    return serve(build(detente)) + "/sources"


def test_by_mouse_it_is_ordered_and_filtered(
    address: str, page: Page, violations: Callable[[Page], list[str]], screenshot: Callable[[Page, str], Path]
) -> None:
    page.goto(address)
    expect(page.get_by_role("note")).to_contain_text("1 of 2 feeds is dark or gone")
    assert violations(page) == []
    screenshot(page, "wide")
    page.get_by_role("link", name="Grade").click()
    expect(page.locator("#publishers ~ table").first.locator("tbody th").first).to_contain_text("Wire")
    page.get_by_label("Name, owner or address has").fill("mute")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("tbody th", has_text="Wire")).to_have_count(0)
    page.get_by_role("link", name="Show all").first.click()
    expect(page.locator("tbody th", has_text="Wire")).not_to_have_count(0)


def test_feeds_are_chosen_by_state(address: str, page: Page, violations: Callable[[Page], list[str]]) -> None:
    page.goto(address)
    page.get_by_label("Feeds that are").select_option("dark")
    page.get_by_role("button", name="Filter").click()
    feeds = page.locator("#feeds ~ table").first.locator("tbody th")
    expect(feeds).to_have_count(1)
    expect(feeds).to_contain_text("mute")
    page.get_by_text("What the states mean").click()
    expect(page.get_by_text("no good answer for six hours")).to_be_visible()
    assert violations(page) == []


def test_by_keyboard_it_is_filtered(address: str, page: Page) -> None:
    page.goto(address)
    page.locator("main").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("wire")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Name, owner or address has")).to_have_value("wire")
    expect(page.locator("tbody th", has_text="Mute")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_and_without_scripts_all_can_be_read(
    address: str, new_page: Open, screenshot: Callable[[Page, str], Path], scheme: str
) -> None:
    page = new_page(viewport=NARROW, java_script_enabled=False, color_scheme=scheme)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    expect(page.locator("td[data-label=State] .bad").first).to_be_visible()
    expect(page.locator("#quarantine ~ table code")).to_be_visible()
    screenshot(page, "narrow")


def test_narrow_nothing_is_wrong_with_it(address: str, new_page: Open, violations: Callable[[Page], list[str]]) -> None:
    page = new_page(viewport=NARROW, color_scheme="dark")
    page.goto(address)
    assert violations(page) == []
