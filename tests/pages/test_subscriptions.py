"""A subscription of one's own in a real browser: by mouse, by keyboard, without scripts, narrow and wide."""

import shutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import Page, expect

from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.api.app import build
from service.bootstrap import Detente
from service.domain.access import Role
from service.operations.subscribers import Confirmation
from service.web.subscription import router
from tests.pages.conftest import NARROW, Open, Serve
from tests.unit.operations.test_accounts import FakePasswords
from tests.unit.web.test_doors import GOOD
from tests.unit.web.test_subscriptions import MAILBOX, service

pytestmark = pytest.mark.slow


@pytest.fixture
def detente(migrated: Path, tmp_path: Path, shipped_gazetteer: CompiledGazetteer) -> Iterator[Detente]:
    shutil.copy(migrated, tmp_path / "detente.db")
    sent: list[Confirmation] = []
    found = service(tmp_path, sent, shipped_gazetteer, public=None)
    found.doorkeeper = replace(found.doorkeeper, passwords=FakePasswords)
    for name, role in (("ann", Role.SUBSCRIBER), ("boss", Role.ADMIN)):
        found.doorkeeper.accept(found.doorkeeper.invite(role, "cli:test"), name, GOOD)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="'imghdr' is deprecated")
        yield found
    found.close()


@pytest.fixture
def address(detente: Detente, serve: Serve) -> str:
    return serve(build(detente))


def enter(page: Page, address: str, name: str = "ann") -> None:
    page.goto(f"{address}/sign-in?next=/subscriptions")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(GOOD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/subscriptions**")


def test_by_mouse_somebody_subscribes_and_adds_a_channel(
    address: str, page: Page, violations: Callable[[Page], list[str]], screenshot: Callable[[Page, str], Path]
) -> None:
    enter(page, address)
    assert violations(page) == []
    page.get_by_label("Subjects").fill("Iran\nNowhere at all")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("alert")).to_contain_text("Nowhere at all")
    expect(page.get_by_label("Subjects")).to_have_value("Iran\nNowhere at all")
    assert violations(page) == []
    page.get_by_label("Subjects").fill("Iran\nIran Pakistan")
    page.get_by_label("Language of messages").select_option("de")
    page.get_by_role("button", name="Subscribe").click()
    expect(page.get_by_role("status").first).to_contain_text("The subscription is made.")
    page.get_by_label("Address", exact=True).fill(MAILBOX)
    page.get_by_role("button", name="Add and ask").click()
    expect(page.locator("td[data-label=State]")).to_contain_text("waits for consent")
    assert MAILBOX not in page.content()
    page.get_by_label("An alert about").fill("Iran")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#test-said")).to_contain_text("the subscriber is pending")
    assert violations(page) == []
    screenshot(page, "wide")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download all of it").click()
    assert MAILBOX in Path(download.value.path()).read_text(encoding="utf-8")


def test_by_keyboard_somebody_subscribes(address: str, page: Page) -> None:
    enter(page, address)
    page.get_by_label("Subjects").focus()
    page.keyboard.type("Iran")
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Subscribe":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").first).to_contain_text("The subscription is made.")
    expect(page.get_by_label("Subjects")).to_have_value("country:IRN")


def test_narrow_and_without_scripts_it_is_made_changed_and_forgotten(
    address: str, new_page: Open, screenshot: Callable[[Page, str], Path]
) -> None:
    page = new_page(viewport=NARROW, java_script_enabled=False, color_scheme="dark")
    enter(page, address)
    page.get_by_label("Subjects").fill("*")
    page.get_by_role("button", name="Subscribe").click()
    page.get_by_role("button", name="Pause").click()
    expect(page.locator("main")).to_contain_text("paused: nothing is sent")
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    screenshot(page, "narrow")
    page.get_by_role("link", name="Forget it…").click()
    page.get_by_role("button", name="Forget it all").click()
    expect(page.get_by_role("status").first).to_contain_text("Forgotten")


def test_who_looks_after_people_finds_one_of_many(
    address: str, detente: Detente, new_page: Open, violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:  # fmt: skip
    for number in range(3):
        detente.subscribers.add({"name": f"Reader {number}", "subjects": ["country:IRN"]}, "cli:test")
    page = new_page(viewport=NARROW)
    enter(page, address, "boss")
    page.get_by_label("Name has").fill("reader 2")
    page.keyboard.press("Enter")
    expect(page.locator("tbody tr")).to_have_count(1)
    assert violations(page) == []
    screenshot(page, "list")
    page.get_by_role("link", name="Reader 2").click()
    expect(page.locator("h1")).to_have_text("Reader 2")
    assert violations(page) == []


def test_the_page_behind_a_link_has_the_common_look_and_needs_nothing_more(
    detente: Detente, serve: Serve, new_page: Open, violations: Callable[[Page], list[str]],
    screenshot: Callable[[Page, str], Path],
) -> None:  # fmt: skip
    sent: list[Confirmation] = []
    registry = replace(
        detente.subscribers, public_url="https://x.example", send=lambda _, confirmation: sent.append(confirmation)
    )
    one = registry.add({"name": "Anna", "language": "de"}, "cli:test")
    registry.add_channel(one.id, "mail", MAILBOX, "cli:test")
    link = registry.ask(one.id, "mail", "cli:test").link.removeprefix("https://x.example")
    app = FastAPI()
    app.include_router(router(registry))
    asked: list[str] = []
    page = new_page(viewport=NARROW, color_scheme="dark")
    page.on("request", lambda request: asked.append(request.url))
    page.goto(serve(app) + link)
    expect(page.locator("h1")).to_have_text("Möchten Sie Meldungen?")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 23, 26)"
    assert violations(page) == []
    screenshot(page, "link")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Erledigt")
    assert {url for url in asked if not url.endswith("/favicon.ico")} == {page.url}
