"""Alerts in a real browser: taken on by keyboard, kept quiet by mouse, the list that says it is out of date."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.api.app import build
from service.bootstrap import Detente
from service.domain.alerting.rule import Severity, State
from tests.fakes import NOON, FakeClock
from tests.pages.conftest import NARROW, Open, Serve
from tests.unit.api.conftest import put_together
from tests.unit.api.stories import DYAD, LOUDEST, QUOTES, STORY, alert, tell

pytestmark = pytest.mark.slow
HOUR = timedelta(hours=1)
PAGE = f"/alerts/{DYAD.id}"


@pytest.fixture
def detente(migrated: Path, tmp_path: Path, shipped_gazetteer: CompiledGazetteer) -> Iterator[Detente]:
    (tmp_path / "detente.db").write_bytes(migrated.read_bytes())
    found = put_together(tmp_path)
    found.gazetteer, found.clock = shipped_gazetteer, FakeClock(NOON + 5 * HOUR)
    told = replace(DYAD, evidence=QUOTES, owner_groups=2)
    over = replace(
        alert("country:IRN", rule="rise"), state=State.RESOLVED, severity=Severity.WARNING, since=NOON - HOUR
    )
    tell(found.units, told, over, changes=STORY)
    yield found
    found.close()


@pytest.fixture
def address(detente: Detente, serve: Serve) -> str:
    return serve(build(detente))


def test_by_mouse_an_alert_is_found_and_kept_quiet_and_let_speak_again(
    address: str, page: Page, violations: Callable[[Page], list[str]], screenshot: Callable[[Page, str], Path]
) -> None:
    page.goto(address + "/alerts")
    page.get_by_label("State").select_option("firing")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("#list tbody tr")).to_have_count(1)
    assert violations(page) == []
    screenshot(page, "list")
    page.get_by_role("link", name="Iran–Pakistan: level").click()
    page.get_by_label("8 hours").check()
    page.locator("#silencer").fill("Ann")
    page.get_by_role("button", name="Silence").click()
    expect(page.locator("#notice")).to_contain_text("Silenced.")
    page.get_by_role("link", name="silences", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Silences")
    assert violations(page) == []
    screenshot(page, "silences")
    page.get_by_role("button", name="End now").click()
    expect(page.get_by_text("No silence is in force")).to_be_visible()


def test_by_keyboard_an_alert_is_taken_on_and_judged(
    address: str, page: Page, violations: Callable[[Page], list[str]], screenshot: Callable[[Page, str], Path]
) -> None:
    page.goto(address + PAGE)
    page.locator(".history summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Who was told").first).to_be_visible()
    assert violations(page) == []
    screenshot(page, "one alert")
    page.locator("#taker").focus()
    page.keyboard.type("Ann")
    page.keyboard.press("Tab")
    page.keyboard.type("seen")
    page.keyboard.press("Enter")
    expect(page.locator("#notice")).to_contain_text("Taken on.")
    page.get_by_label("wrong: it should not").focus()
    page.keyboard.press("Space")
    page.locator("#spoken").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("0 say right, 1 say wrong")).to_be_visible()


def test_a_list_says_that_it_is_out_of_date_and_moves_only_when_asked(
    address: str, detente: Detente, page: Page, violations: Callable[[Page], list[str]]
) -> None:
    page.goto(address + "/alerts")
    expect(page.locator("[data-live]")).to_have_attribute("data-connection", "open")
    new = alert("country:PAK", rule="new")
    tell(detente.units, new, changes=[replace(LOUDEST, alert_id=new.id)])
    button = page.get_by_role("button", name="Show 1 new")
    expect(button).to_be_visible(timeout=10_000)
    expect(page.get_by_role("link", name="Pakistan: new")).to_have_count(0)
    assert violations(page) == []
    button.click()
    expect(page.get_by_role("link", name="Pakistan: new")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("path", ["/alerts", PAGE, "/silences", "/why-not?receiver=desk&subject=dyad:IRN-PAK"])
def test_a_narrow_window_needs_no_scrolling_sideways(
    address: str,
    new_page: Open,
    scripts: bool,
    path: str,
    violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:
    page = new_page(viewport=NARROW, java_script_enabled=scripts, color_scheme="dark")
    page.goto(address + path)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    if scripts:
        assert violations(page) == []
        screenshot(page, f"narrow {path.partition('?')[0]}")
