"""The frame of all pages in a real browser."""

from types import SimpleNamespace

import pytest
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from playwright.sync_api import Page, expect

from service.web import static_files
from service.web.rendering import HEADERS, environment
from tests.pages import drawn
from tests.pages.conftest import NARROW, Open, Serve

pytestmark = pytest.mark.slow
PAGE = """{% extends "base.html" %}{% block title %}Alerts{% endblock %}{% block main %}<h1>Alerts</h1>
<table class="list"><thead><tr><th scope="col">what</th></tr></thead>
<tbody><tr><td data-label="what">one</td></tr></tbody></table>
<button data-hx-post="/echo" data-hx-target="#answer">Ask</button><p id="answer"></p>
{% if outside %}<img src="https://example.org/x.png" alt="">{% endif %}{% endblock %}"""


def app(*, outside: bool = False) -> FastAPI:
    made = FastAPI()
    made.include_router(static_files.router())

    @made.get("/alerts")
    def alerts() -> HTMLResponse:
        asker = SimpleNamespace(name="<Ann>", role="analyst")
        text = (
            environment()
            .from_string(PAGE)
            .render(asker=asker, csrf="t0ken", here="/alerts", notice="Saved", notice_kind="good", outside=outside)
        )
        return HTMLResponse(text, headers={} if outside else HEADERS)

    @made.post("/echo")
    def echo(request: Request) -> HTMLResponse:
        return HTMLResponse(request.headers.get("x-csrf-token", "none"))

    return made


def test_who_is_signed_in_where_one_is_and_what_happened(serve: Serve, page: Page) -> None:
    page.goto(serve(app()) + "/alerts")
    expect(page.locator(".person")).to_contain_text("<Ann> (analyst)")
    expect(page.locator("nav [aria-current=page]")).to_have_text("Alerts")
    expect(page.get_by_role("status")).to_have_text("Saved")
    assert page.locator("form[action='/sign-out'] input[name=csrf]").get_attribute("value") == "t0ken"


def test_the_first_key_skips_to_the_content(serve: Serve, page: Page) -> None:
    page.goto(serve(app()) + "/alerts")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_colours_are_chosen_and_kept(serve: Serve, page: Page) -> None:
    address = serve(app()) + "/alerts"
    page.emulate_media(color_scheme="light")
    page.goto(address)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    button = page.locator("[data-theme-button]")
    button.click()
    button.click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto(address)
    expect(button).to_contain_text("dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


@pytest.mark.parametrize("scripts", [True, False])
def test_a_narrow_window_needs_no_scrolling_sideways(serve: Serve, new_page: Open, scripts: bool) -> None:
    page = new_page(viewport=NARROW, java_script_enabled=scripts)
    page.goto(serve(app()) + "/alerts")
    assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
    expect(page.locator("[data-theme-button]")).to_be_visible(visible=scripts)
    assert page.evaluate("getComputedStyle(document.querySelector('td')).display") == "block"


def test_requests_of_htmx_carry_the_token_of_the_page(serve: Serve, page: Page) -> None:
    drawn.needs_libraries()
    page.goto(serve(app()) + "/alerts")
    page.get_by_role("button", name="Ask").click()
    expect(page.locator("#answer")).to_have_text("t0ken")


def test_the_guard_sees_what_leaves_the_machine(serve: Serve, page: Page, strangers: list[str]) -> None:
    page.goto(serve(app(outside=True)) + "/alerts")
    page.wait_for_load_state()
    assert strangers == ["https://example.org/x.png"]
    strangers.clear()
