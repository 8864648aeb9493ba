"""The pages under Operations in a real browser: by mouse, by keyboard, without scripts, narrow and wide."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Role, Scope
from service.flow import Kind
from tests.contract.test_tallies import send
from tests.fakes import article, set_row
from tests.pages import drawn
from tests.pages.conftest import NARROW, Open, Serve
from tests.unit.api.conftest import put_together
from tests.unit.operations.test_accounts import FakePasswords
from tests.unit.web.test_doors import GOOD

pytestmark = pytest.mark.slow
PARTS = ("", "/deliveries", "/dead", "/audit", "/accounts", "/keys")


@pytest.fixture
def detente(migrated: Path, tmp_path: Path) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    found = put_together(tmp_path)
    found.doorkeeper = replace(found.doorkeeper, passwords=FakePasswords)
    for name, role in (("boss", Role.ADMIN), ("ann", Role.SUBSCRIBER)):
        found.doorkeeper.accept(found.doorkeeper.invite(role, "cli:test"), name, GOOD)
    found.doorkeeper.issue("crawler", [Scope.PUSH], "cli:test")
    with found.units() as unit:
        for name in ("a1", "a2"):
            unit.articles.add(article(name, text=name, title="A title"), "test", name)
    engine = found.units.engine  # type: ignore[attr-defined]
    for name in ("a1", "a2"):
        set_row(engine, Kind.ARTICLE, name, state="dead", last_error="no text in it")
    send(engine, 1, "desk", "sent")
    yield found
    found.close()


@pytest.fixture
def address(detente: Detente, serve: Serve) -> str:
    return serve(build(detente))


def enter(page: Page, address: str) -> None:
    page.goto(f"{address}/sign-in?next=/operations")
    page.get_by_label("Name").fill("boss")
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/operations")


def test_all_parts_can_be_used_by_all(
    address: str, page: Page, violations: Callable[[Page], list[str]], screenshot: Callable[[Page, str], Path]
) -> None:
    enter(page, address)
    for part in PARTS:
        page.goto(f"{address}/operations{part}")
        assert violations(page) == [], part
        screenshot(page, f"wide {part}")


@pytest.mark.parametrize("scripts", [True, False])
def test_narrow_nothing_goes_over_the_edge(
    address: str, new_page: Open, violations: Callable[[Page], list[str]], screenshot: Callable[[Page, str], Path],
    scripts: bool,
) -> None:  # fmt: skip
    page = new_page(viewport=NARROW, java_script_enabled=scripts, color_scheme="dark")
    enter(page, address)
    for part in PARTS:
        page.goto(f"{address}/operations{part}")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"], part
        if scripts:
            assert violations(page) == [], part
            screenshot(page, f"narrow {part}")


def test_figures_are_loaded_anew(address: str, detente: Detente, page: Page) -> None:
    drawn.needs_libraries()
    page.clock.install()
    enter(page, address)
    expect(page.locator("#figures")).to_contain_text("dead: 2")
    page.get_by_role("link", name="All messages").focus()
    set_row(detente.units.engine, Kind.ARTICLE, "a1", state="scored")  # type: ignore[attr-defined]
    with page.expect_response("**/operations/figures"):
        page.clock.fast_forward(10_500)
    expect(page.locator("#figures")).to_contain_text("dead: 1")
    expect(page.locator("#figures")).to_have_count(1)
    assert page.locator("#figures[aria-live], #figures [aria-live]").count() == 0
    with page.expect_response("**/operations/figures"):
        page.clock.fast_forward(10_500)


def test_by_keyboard_a_row_comes_back(address: str, page: Page) -> None:
    enter(page, address)
    page.goto(f"{address}/operations/dead")
    page.get_by_role("button", name="Bring back article a1").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Brought back")
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("button", name="Bring all back").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".empty")).to_contain_text("Nothing was given up.")


def test_by_mouse_somebody_is_invited_and_a_key_made_and_revoked(address: str, page: Page) -> None:
    enter(page, address)
    page.get_by_role("link", name="Accounts").click()
    page.get_by_role("button", name="Make a link").click()
    expect(page.locator(".message.good code")).to_contain_text("/welcome/")
    page.get_by_label("Role of ann", exact=True).select_option("operator")
    page.get_by_role("button", name="Change the role of ann").click()
    expect(page.get_by_label("Role of ann", exact=True)).to_have_value("operator")
    page.get_by_role("link", name="Keys").click()
    page.get_by_label("Name of the program").fill("reader")
    page.locator("input[name='scope.read']").check()
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator(".message.good code").last).to_contain_text("dtn_")
    page.get_by_role("button", name="Revoke reader").click()
    expect(page.locator("tbody tr", has_text="reader")).to_contain_text("revoked")
