"""The page of a subject in a real browser: by mouse, by keyboard, without scripts, and as the world changes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.api.app import build
from service.bootstrap import Detente
from tests.fakes import NOON
from tests.pages import drawn
from tests.pages.conftest import NARROW, Open, Serve, served
from tests.unit.web.newsroom import HOUR, newsroom, tell, told, week

pytestmark = pytest.mark.slow
Keep = Callable[[Page, str], Path]
Check = Callable[[Page], list[str]]
DYAD = "/subjects/dyad:IRN-PAK"


@pytest.fixture(scope="module")
def busy(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a service that has read a week of news."""
    drawn.needs_libraries()
    folder = tmp_path_factory.mktemp("busy")
    with newsroom(migrated, folder, *week()) as detente, served(build(detente)) as address:
        yield address


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    with newsroom(migrated, tmp_path) as found:
        yield found


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator(".timeline[data-drawn=script]")).to_be_visible()
    return page


def test_by_mouse_from_the_search_to_why(busy: str, page: Page) -> None:
    page.goto(busy)
    page.get_by_label("Find a subject").fill("pakistan iran")
    page.get_by_role("button", name="Find").click()
    page.wait_for_url(f"**{DYAD}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Iran–Pakistan")
    page.get_by_text("The same as a table").click()
    page.get_by_role("link", name="1. assault").click()
    expect(page.locator("#incident-1")).to_be_in_viewport()
    page.get_by_role("link", name="365 days").click()
    page.wait_for_url(f"**{DYAD}?days=365#course")
    expect(page.get_by_role("link", name="365 days")).to_have_attribute("aria-current", "true")


def test_by_keys_to_a_moment_of_the_past(busy: str, page: Page) -> None:
    opened(page, busy + DYAD)
    page.get_by_text("Another time").focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("As it stood at (UTC)")
    field.focus()
    field.fill("2026-02-28T10:00")
    page.keyboard.press("Enter")
    expect(page.get_by_text("As it stood at 2026-02-28 10:00 UTC")).to_be_visible()
    page.get_by_role("link", name="See it now").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{DYAD}")


def test_only_changes_of_the_subject_make_it_stale(detente: Detente, serve: Serve, page: Page) -> None:
    drawn.needs_libraries()
    tell(detente, *week()[:1])
    opened(page, serve(build(detente)) + DYAD)
    expect(page.locator("[data-live-state]")).to_have_text("live")
    detente.clock.set(NOON + HOUR)  # type: ignore[attr-defined]
    tell(detente, told("x1", "Turkey attacked Syria.", NOON), told("x2", "Turkey attacked Syria today.", NOON, "BBC"))
    page.wait_for_timeout(2500)
    expect(page.locator("#subject.stale")).to_have_count(0)
    tell(detente, *week()[1:])
    expect(page.locator("#subject.stale")).to_be_visible()
    page.locator("[data-live-show]").click()
    expect(page.locator("#subject")).to_be_focused()
    expect(page.locator("#incident-1")).to_be_visible()
    expect(page.locator(".timeline[data-drawn=script] canvas")).to_have_count(2)


def test_without_scripts_all_can_be_read(busy: str, new_page: Open, screenshot: Keep) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(busy + DYAD)
    expect(page.locator(".timeline svg .level")).to_have_count(1)
    expect(page.locator(".waterfall svg rect.total")).to_have_count(1)
    page.get_by_text("The same as a table").click()
    expect(page.locator("tfoot")).to_be_visible()
    screenshot(page, "page")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
def test_all_can_use_it(
    busy: str, new_page: Open, screenshot: Keep, violations: Check, theme: str, narrow: bool
) -> None:
    page = opened(new_page(color_scheme=theme, **({"viewport": NARROW} if narrow else {})), busy + DYAD)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    assert screenshot(page, "page").stat().st_size > 10_000


@pytest.mark.parametrize(
    "path",
    ["/subjects/country:FJI", "/subjects/country:IRX", "/subjects?q=pakis", "/subjects", f"{DYAD}?at=2026-02-28"],
)
def test_all_can_use_what_lies_beside_it(
    busy: str, new_page: Open, screenshot: Keep, violations: Check, path: str
) -> None:
    page = new_page(viewport=NARROW)
    page.goto(busy + path)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    screenshot(page, "page")
