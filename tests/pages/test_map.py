"""Map, timeline and live list in a real browser: with the libraries, without them, and without any script."""

import json
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.pages import drawn
from tests.pages.conftest import NARROW, ROOT, Open, Serve

pytestmark = pytest.mark.slow
Record = Callable[[str, object], None]
Keep = Callable[[Page, str], Path]
Check = Callable[[Page], list[str]]
WIRE = 300_000
"""Bytes that a first visit may take."""


@pytest.fixture(scope="session")
def names() -> dict[str, str]:
    countries = json.loads((ROOT / "service" / "data" / "gazetteer.json").read_text(encoding="utf-8"))["countries"]
    return {f"country:{code}": one["name"] for code, one in countries.items()} | {"dyad:IRN-PAK": "Iran–Pakistan"}


@pytest.fixture
def whole(serve: Serve, names: dict[str, str]) -> str:
    drawn.needs_libraries()
    return serve(drawn.app(drawn.SHIPPED, names))


@pytest.fixture
def bare(serve: Serve, names: dict[str, str], tmp_path: Path) -> str:
    return serve(drawn.app(drawn.without_libraries(tmp_path / "static"), names))


def post(address: str) -> int:
    with urllib.request.urlopen(urllib.request.Request(address, method="POST"), timeout=10) as answer:
        return int(answer.read())


def country(page: Page, code: str) -> Locator:
    return page.locator(f'.map .country[data-subject="country:{code}"]')


def opened(page: Page, address: str) -> Page:
    page.goto(address)
    expect(page.locator(".map[data-drawn=script]")).to_be_visible()
    return page


# --- with everything


def test_countries_say_how_they_stand(whole: str, page: Page) -> None:
    opened(page, whole)
    iran = country(page, "IRN")
    expect(iran).to_have_attribute("aria-label", "Iran: level 57, elevated, rising")
    expect(iran).to_have_attribute("fill", "url(#band-elevated)")
    expect(country(page, "CHE")).to_have_attribute("aria-label", "Switzerland: no reading")
    expect(page.locator(".map .arc[data-subject='dyad:IRN-PAK']")).to_be_visible()
    assert page.locator(".map .disputed").get_attribute("d")


def test_small_countries_are_dots(whole: str, page: Page) -> None:
    opened(page, whole)
    assert country(page, "SGP").evaluate("node => node.tagName") == "circle"


def test_the_days_before(whole: str, page: Page) -> None:
    opened(page, whole)
    slider = page.get_by_label("Day", exact=True)
    expect(page.locator(".slider output")).to_have_text("2026-03-01")
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".slider output")).to_have_text("2026-02-28")
    expect(slider).to_have_attribute("aria-valuetext", "2026-02-28")
    expect(country(page, "IRN")).to_have_attribute("aria-label", "Iran: level 40, elevated, falling")


def test_the_days_play_and_stop_at_the_last(whole: str, page: Page) -> None:
    opened(page, whole)
    slider = page.get_by_label("Day", exact=True)
    slider.fill("87")
    page.get_by_role("button", name="Play the days").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.locator(".slider output")).to_have_text("2026-03-01")
    expect(page.get_by_role("button", name="Play the days")).to_be_visible()


def test_nothing_plays_for_those_who_want_no_motion(whole: str, new_page: Open) -> None:
    page = opened(new_page(reduced_motion="reduce"), whole)
    expect(page.get_by_label("Day", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Play the days")).to_be_hidden()


def test_the_map_is_one_stop_and_arrows_move_in_it(whole: str, page: Page) -> None:
    opened(page, whole)
    assert page.locator(".map [tabindex='0']").count() == 1
    country(page, "IRN").focus()
    expect(page.locator(".map .tip")).to_have_text("Iran: level 57, elevated, rising")
    page.keyboard.press("ArrowRight")
    moved = page.evaluate("document.activeElement.dataset.subject")
    assert moved not in {None, "country:IRN"}
    assert page.locator(".map [tabindex='0']").get_attribute("data-subject") == moved
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('.map svg')") is None


def test_keys_zoom_and_open(whole: str, page: Page) -> None:
    opened(page, whole)
    svg = page.locator(".map > svg")
    before = svg.get_attribute("viewBox")
    country(page, "IRN").focus()
    page.keyboard.press("+")
    assert svg.get_attribute("viewBox") != before
    page.keyboard.press("Escape")
    assert svg.get_attribute("viewBox") == before
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="country:IRN")).to_be_visible()


def test_buttons_zoom_and_pointers_drag(whole: str, page: Page) -> None:
    opened(page, whole)
    svg = page.locator(".map > svg")
    before = svg.get_attribute("viewBox")
    page.get_by_role("button", name="Zoom in").click()
    zoomed = svg.get_attribute("viewBox")
    assert zoomed != before
    page.mouse.move(600, 400)
    page.mouse.down()
    page.mouse.move(500, 380, steps=4)
    page.mouse.up()
    assert svg.get_attribute("viewBox") != zoomed
    assert page.url == f"{whole}/"
    page.get_by_role("button", name="Show all").click()
    assert svg.get_attribute("viewBox") == before


def test_the_course_is_drawn_and_redrawn_in_other_colours(whole: str, page: Page) -> None:
    opened(page, whole)
    expect(page.locator(".timeline[data-drawn=script] canvas")).to_have_count(2)
    told = page.locator(".timeline .chart").get_attribute("aria-label")
    assert told is not None
    assert told.startswith("Level of Iran. From 2025-12-02 to 2026-03-01.")
    page.locator("[data-theme-button]").click()
    expect(page.locator(".timeline canvas")).to_have_count(2)
    assert page.locator(".timeline .chart").get_attribute("aria-label") == told


def test_a_first_visit_fits_on_the_wire(whole: str, page: Page, record_property: Record) -> None:
    """All 250 subjects and 90 days, with libraries, as the browser counts what comes in; the page itself unpacked."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    sizes: list[float] = []
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    opened(page, whole)
    expect(page.locator(".timeline[data-drawn=script]")).to_be_visible()
    assert len(sizes) >= 12
    record_property("bytes_on_the_wire", sum(sizes))
    assert sum(sizes) <= WIRE


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
def test_all_can_use_it(
    whole: str, new_page: Open, screenshot: Keep, violations: Check, theme: str, narrow: bool
) -> None:
    page = opened(new_page(color_scheme=theme, **({"viewport": NARROW} if narrow else {})), whole)
    expect(page.locator(".timeline[data-drawn=script]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations(page) == []
    assert screenshot(page, "page").stat().st_size > 10_000


# --- changes as they come


def test_changes_are_told_and_shown_when_asked_for(whole: str, page: Page) -> None:
    opened(page, whole)
    expect(page.locator("[data-live-state]")).to_have_text("live")
    post(f"{whole}/tell")
    expect(page.locator("[data-live-said]")).to_have_text("LEVEL, dyad:IRN-PAK, pending → firing")
    post(f"{whole}/tell")
    expect(page.get_by_text("as it was")).to_be_visible()
    page.get_by_role("button", name="Show 2 new").click()
    expect(page.locator("#list")).to_have_text("as it is")
    expect(page.locator("#list")).to_be_focused()


def test_a_lost_connection_is_taken_up_again(bare: str, page: Page) -> None:
    page.goto(bare)
    expect(page.locator("[data-live-state]")).to_have_text("live")
    post(f"{bare}/end")
    expect(page.locator("[data-connection=lost]")).to_be_visible()
    expect(page.locator("[data-live-state]")).to_have_text("live")
    post(f"{bare}/tell")
    expect(page.get_by_role("button", name="Show 1 new")).to_be_visible()


# --- with less


@pytest.mark.parametrize("scripts", [True, False])
def test_without_libraries_the_server_draws(bare: str, new_page: Open, scripts: bool, screenshot: Keep) -> None:
    page = new_page(java_script_enabled=scripts)
    page.goto(bare)
    assert country(page, "IRN").evaluate("node => node.tagName") == "circle"
    assert country(page, "IRN").locator("title").text_content() == "Iran: level 57, elevated, rising"
    expect(page.locator(".timeline svg .level")).to_have_count(2)
    screenshot(page, "page")
    page.locator('.map a[href="/subjects/country:IRN"]').focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="country:IRN")).to_be_visible()


def test_all_can_use_what_the_server_draws(bare: str, page: Page, violations: Check) -> None:
    page.goto(bare)
    assert violations(page) == []


def test_without_scripts_the_shapes_of_the_server_stay(whole: str, new_page: Open) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(whole)
    assert country(page, "IRN").evaluate("node => node.tagName") == "path"
    assert page.locator(".map .country[data-subject^='country:']").count() > 200
    expect(page.locator("[data-live]")).to_be_hidden()


def test_data_that_does_not_come_leaves_the_servers_map(whole: str, page: Page) -> None:
    page.route("**/countries-110m.json*", lambda route: route.fulfill(status=503))
    page.goto(whole)
    expect(page.locator(".timeline[data-drawn=script]")).to_be_visible()
    expect(country(page, "IRN").locator("title")).to_have_text("Iran: level 57, elevated, rising")
