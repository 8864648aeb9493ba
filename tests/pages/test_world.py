"""The page of the world in a real browser: by mouse, by keyboard, without scripts, and as the world changes."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.api.app import build
from service.bootstrap import Detente
from tests.fakes import NOON
from tests.pages import drawn
from tests.pages.conftest import NARROW, Open, Serve, served
from tests.unit.web.newsroom import HOUR, crowd, newsroom, tell, week

pytestmark = pytest.mark.slow
Record = Callable[[str, object], None]
Keep = Callable[[Page, str], Path]
Check = Callable[[Page], list[str]]
WIRE, DRAWN = 300_000, 1_000
"""Bytes and milliseconds that a first visit may take."""


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
    expect(page.locator(".map[data-drawn=script]")).to_be_visible()
    return page


def test_by_mouse_from_the_map_to_a_subject(busy: str, page: Page) -> None:
    opened(page, busy)
    iran = page.locator('.map .country[data-subject="country:IRN"]')
    box = iran.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".map .tip")).to_contain_text("Iran: level")
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_url("**/subjects/country:IRN")


def test_by_keys_through_the_lists(busy: str, page: Page) -> None:
    opened(page, busy)
    page.get_by_role("link", name="Dyads").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/?kind=dyad#moved")
    expect(page.get_by_role("link", name="Dyads")).to_have_attribute("aria-current", "true")
    expect(page.locator("table").last.locator("tbody tr").first).to_contain_text("Iran–Pakistan")
    page.locator("table").first.get_by_role("link", name="Iran–Pakistan").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/subjects/dyad:IRN-PAK")


def test_the_days_before_can_be_seen(busy: str, page: Page) -> None:
    opened(page, busy)
    iran = page.locator('.map .country[data-subject="country:IRN"]')
    slider = page.get_by_label("Day", exact=True)
    expect(page.locator(".slider output")).to_have_text("2026-03-01")
    expect(iran).to_have_attribute("aria-label", re.compile(r"^Iran: level \d+, \w+, rising$"))
    slider.focus()
    page.keyboard.press("Home")
    expect(page.locator(".slider output")).to_have_text("2025-12-01")
    expect(iran).to_have_attribute("aria-label", "Iran: level 0, calm, steady")
    slider.fill("88")
    page.get_by_role("button", name="Play the days").click()
    expect(page.locator(".slider output")).to_have_text("2026-03-01")


def test_a_change_marks_what_is_shown_as_out_of_date(detente: Detente, serve: Serve, page: Page) -> None:
    drawn.needs_libraries()
    tell(detente, *week()[:1])
    opened(page, serve(build(detente)))
    expect(page.locator("[data-live-state]")).to_have_text("live")
    detente.clock.set(NOON + HOUR)  # type: ignore[attr-defined]
    tell(detente, *week()[1:])
    expect(page.locator("#world.stale")).to_be_visible()
    expect(page.locator("[data-live-said]")).not_to_be_empty()
    assert page.get_by_role("link", name="Iran", exact=True).count() == 0
    page.locator("[data-live-show]").click()
    expect(page.locator("#world")).to_be_focused()
    expect(page.get_by_role("link", name="Iran", exact=True).first).to_be_visible()
    expect(page.locator(".map[data-drawn=script]")).to_be_visible()
    expect(page.get_by_label("Day", exact=True)).to_have_count(1)


def test_without_scripts_all_can_be_read(busy: str, new_page: Open, screenshot: Keep) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(busy)
    expect(page.locator(".map .country[data-subject='country:IRN'] title")).to_have_text(
        re.compile(r"^Iran: level \d+, \w+, rising$")
    )
    expect(page.get_by_role("table")).to_have_count(2)
    expect(page.locator("[data-live]")).to_be_hidden()
    screenshot(page, "page")
    page.get_by_role("link", name="Countries").click()
    page.wait_for_url("**/?kind=country#moved")
    page.get_by_label("Find a subject").fill("Iran")
    page.keyboard.press("Enter")
    page.wait_for_url("**/subjects/country:IRN")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
def test_all_can_use_it(
    busy: str, new_page: Open, screenshot: Keep, violations: Check, theme: str, narrow: bool
) -> None:
    page = opened(new_page(color_scheme=theme, **({"viewport": NARROW} if narrow else {})), busy)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    assert screenshot(page, "page").stat().st_size > 10_000


def test_all_can_begin(detente: Detente, serve: Serve, page: Page, screenshot: Keep, violations: Check) -> None:
    page.goto(serve(build(detente)))
    expect(page.get_by_text("Nothing has been read yet.")).to_be_visible()
    assert violations(page) == []
    screenshot(page, "page")


def test_a_first_visit_is_small_and_quick(
    detente: Detente, serve: Serve, new_page: Open, record_property: Record
) -> None:
    """243 subjects and 90 days; the service has been asked once before, as it is all day."""
    drawn.needs_libraries()
    crowd(detente)
    address = serve(build(detente))
    opened(new_page(), address)
    page = new_page()
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    opened(page, address)
    took = page.evaluate("performance.now()")
    expect(page.locator("table caption").last).to_contain_text("of 243.")
    assert page.evaluate("document.querySelector('.map').map.data.days.length") == 91
    record_property("bytes_on_the_wire", sum(sizes))
    record_property("milliseconds_to_drawn", took)
    assert len(sizes) >= 10
    assert sum(sizes) <= WIRE
    assert took <= DRAWN
