"""The page of thresholds in a real browser: dragged, driven by keyboard, without scripts, narrow and wide."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.api.app import build
from service.bootstrap import Detente
from service.config import reading
from tests.pages.conftest import NARROW, Open, Serve
from tests.pages.drawn import needs_libraries
from tests.unit.web.test_tune import compute
from tests.unit.web.tuning import EPISODES, configured, end, prove, put_together

pytestmark = pytest.mark.slow


@pytest.fixture
def detente(migrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Detente]:
    monkeypatch.setattr(reading, "SETTLE", 0.001)
    (configured(tmp_path) / "episodes.csv").write_text(EPISODES, encoding="utf-8")
    found = put_together(tmp_path, migrated)
    compute(found)
    yield found
    end(found)


@pytest.fixture
def address(detente: Detente, serve: Serve) -> str:
    return serve(build(detente)) + "/tune/level"


def shown(page: Page) -> dict[str, str]:
    """The figures, and the words of the table."""
    facts = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('[data-fact]')].map(f => [f.dataset.fact, f.textContent]))"
    )
    rows = page.locator("[data-rows]").inner_text().split("\n")
    return {
        **facts,
        "rows": "|".join(" ".join(row.split()) for row in rows),
        "known": page.locator("[data-known]").inner_text(),
    }


def test_dragging_shows_at_once_what_the_server_would(
    address: str,
    page: Page,
    new_page: Open,
    violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:
    page.goto(address)
    drag = page.get_by_label("Drag")
    expect(drag).to_be_visible()
    for threshold in ("30", "42.5", "45", "60"):
        page.get_by_role("spinbutton").fill(threshold)
        page.get_by_role("spinbutton").press("Enter")
        expect(page.locator("h2").first).to_have_text(f"At {threshold} instead of 40")
        plain = new_page(java_script_enabled=True)
        plain.route("**/*.js*", lambda route: route.abort())
        plain.goto(f"{address}?threshold={threshold}")
        assert shown(page) == shown(plain)
        plain.close()
    box = drag.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 3, box["y"] + box["height"] / 2)
    expect(page.locator("h2").first).to_have_text("At 20 instead of 40")
    expect(page.locator("g.bar.chosen")).to_have_attribute("data-threshold", "20")
    assert page.url == f"{address}?threshold=20"
    assert violations(page) == []
    screenshot(page, "wide")


def test_by_keyboard_from_the_slider_to_the_rule_and_back(detente: Detente, address: str, page: Page) -> None:
    before = detente.rules_file.read_bytes()
    page.goto(address)
    drag = page.get_by_label("Drag")
    expect(drag).to_be_visible()
    page.locator("main").focus()
    tab_to(page, "#drag")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("spinbutton")).to_have_value("45")
    expect(drag).to_have_attribute("aria-valuetext", "45, 0.55 pages a week")
    expect(page.locator("[data-said]")).to_have_text("45: 0.55 pages a week, 0 would be new, 5 lost")
    tab_to(page, "[data-try] button")
    expect(page.locator(":focus")).to_have_text("Dry run of 45")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=computing")
    expect(page.get_by_role("heading", name="The last dry run: 45")).to_be_visible(timeout=40_000)
    expect(page.get_by_text("no rule tests")).to_be_visible()
    page.locator("main").focus()
    tab_to(page, "form[action$='/save'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=tuned")
    expect(page.get_by_role("heading", level=1)).to_have_text("level: 45 now")
    assert b"{enter: 45, leave: 31.5, severity: warning}" in detente.rules_file.read_bytes()
    page.locator("main").focus()
    tab_to(page, "form[action$='/undo'] button")
    page.keyboard.press("Enter")
    page.wait_for_url("**done=restored")
    assert detente.rules_file.read_bytes() == before


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until this has the focus."""
    for _ in range(90):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"no Tab leads to {selector}")


def test_the_number_goes_along_the_ladder(address: str, page: Page) -> None:
    page.goto(address)
    expect(page.get_by_label("Drag")).to_be_visible()
    number = page.get_by_role("spinbutton")
    number.press("ArrowUp")
    expect(number).to_have_value("42.5")
    number.press("PageDown")
    expect(number).to_have_value("20")
    number.fill("41.25")
    number.press("Tab")
    expect(number).to_have_value("42.5")
    number.fill("")
    number.press("Tab")
    expect(number).to_have_value("42.5")
    number.fill("40")
    number.press("Enter")
    expect(page.get_by_text("40 is in force: choose another")).to_be_visible()
    expect(page.locator("[data-try]")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_narrow_and_without_scripts_it_can_be_read_and_done(
    detente: Detente, address: str, new_page: Open, screenshot: Callable[[Page, str], Path], scheme: str
) -> None:
    prove(detente, 45.0)
    page = new_page(viewport=NARROW, java_script_enabled=False, color_scheme=scheme)
    page.goto(address)
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    expect(page.locator("[data-drag]")).to_be_hidden()
    page.get_by_role("spinbutton").fill("45")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-fact=lost]")).to_have_text("5")
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    screenshot(page, "narrow")
    page.get_by_role("button", name="Save 45 as the rule").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("level: 45 now")


def test_while_it_computes_the_page_says_how_far_it_is(
    detente: Detente,
    address: str,
    page: Page,
    violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:
    needs_libraries()
    for paper in (detente.data_dir / "tuning").glob("sheet-*"):
        paper.unlink()
    page.goto(address)
    page.get_by_role("button", name="Compute what thresholds").click()
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
    assert violations(page) == []
    screenshot(page, "computing")
    expect(page.get_by_label("Drag")).to_be_visible(timeout=40_000)
