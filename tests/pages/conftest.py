"""A real browser for tests of pages. `page` fails a test when anything but the tested server is asked for."""

import os
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, Route, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
ROOT = Path(__file__).parents[2]
SCREENSHOTS = Path(os.environ.get("DETENTE_SCREENSHOTS", ROOT / "var" / "screenshots"))
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
HOST = "127.0.0.1"
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1440, "height": 900}
Serve = Callable[[FastAPI], str]
Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a module. It ends with them: while it runs, nothing else may run an event loop."""
    if not CHROMIUM.exists():
        pytest.skip(f"no browser: {CHROMIUM} is missing")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """An application on a port of its own; gives its address, without a slash at the end."""
    listening = socket.socket()
    listening.bind((HOST, 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert time.monotonic() < until, "the server did not start"
        assert thread.is_alive(), "the server ended"
        time.sleep(0.01)
    yield f"http://{HOST}:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(20)
    listening.close()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves applications until the test ends: `serve(app)` gives the address."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(served(app))


@pytest.fixture
def strangers() -> list[str]:
    """Addresses outside the machine that a page has asked for."""
    return []


@pytest.fixture
def new_page(browser: Browser, strangers: list[str]) -> Iterator[Open]:
    """Opens a page in a context of its own, with Playwright's options: `new_page(java_script_enabled=False)`.

    Fails the test when a page asked for anything outside, threw an error or broke its content security policy.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def guard(route: Route) -> None:
        if urlsplit(route.request.url).hostname == HOST:
            route.continue_()
        else:
            strangers.append(route.request.url)
            route.abort()

    def opened(**options: object) -> Page:
        context = browser.new_context(**{"viewport": WIDE, **options})  # type: ignore[arg-type]
        context.route("**/*", guard)
        context.on("weberror", lambda error: complaints.append(str(error.error)))
        context.on("console", lambda said: complaints.append(said.text) if _is_complaint(said.text) else None)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert strangers == [], "a page asked for something outside"
    assert complaints == [], "a page complained"


def _is_complaint(text: str) -> bool:
    return "Content Security Policy" in text or "Content-Security-Policy" in text


@pytest.fixture
def page(new_page: Open) -> Page:
    """A page at 1440 × 900, with scripts."""
    return new_page()


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """What axe finds wrong with a page by WCAG 2.2 A and AA and good practice, a line each; skips where axe-core is missing."""
    if not AXE.exists():
        pytest.skip("axe-core is missing: run `make assets`")
    source = AXE.read_text(encoding="utf-8")

    def found(page: Page) -> list[str]:
        page.evaluate(source)
        tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
        result = page.evaluate("tags => axe.run(document, {runOnly: tags})", tags)
        return [
            f"{one['id']}: {one['help']}: {node['html'][:200]}" for one in result["violations"] for node in one["nodes"]
        ]

    return found


@pytest.fixture
def screenshot(request: pytest.FixtureRequest) -> Callable[[Page, str], Path]:
    """Keeps a picture of a page, for people to look at: `screenshot(page, "wide")`. No test compares it."""

    def kept(page: Page, what: str) -> Path:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^a-z0-9]+", "-", f"{request.node.name} {what}".lower()).strip("-")
        path = SCREENSHOTS / f"{name}.png"
        page.screenshot(path=path, full_page=True)
        return path

    return kept
