"""Feeds that mean harm, polled by a real service beside a good one: they cost little, and the good one is heard."""

import gzip
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.harness import Service, running, wait_for
from tests.e2e.test_feed import rss

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]
MOST_GROWTH = 64 * 2**20
"""Bytes a worker may grow by."""
BOMB = gzip.compress(b" " * 2**28, 1)
ATTRIBUTES = b"<rss version='2.0'><channel " + b" ".join(b'a%d="1"' % n for n in range(200_000)) + b"/></rss>"


class Hostile(BaseHTTPRequestHandler):
    """A way to do harm for each path; `/good` is a feed as it should be."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, float]]
    good = b""

    def do_GET(self) -> None:
        self.asked.append((self.path, time.monotonic()))
        self.close_connection = True
        with suppress(OSError):
            getattr(self, self.path.strip("/"))()

    def answer(self, body: bytes, length: int | None = None, **headers: str) -> None:
        self.send_response(200)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def good_feed(self) -> None:
        self.answer(self.good, Content_Type="text/xml")

    def drip(self) -> None:
        self.answer(b"", 10**6)
        while True:
            self.wfile.write(b" ")
            time.sleep(0.5)

    def endless(self) -> None:
        self.answer(b"", 10**12)
        while True:
            self.wfile.write(b"<item>" * 10_000)

    def bomb(self) -> None:
        self.answer(BOMB, Content_Encoding="gzip")

    def twice_packed(self) -> None:
        self.answer(gzip.compress(BOMB), Content_Encoding="gzip, gzip")

    def attributes(self) -> None:
        self.answer(ATTRIBUTES, Content_Type="text/xml")

    def short(self) -> None:
        self.answer(self.good, len(self.good) + 100)

    def loop(self) -> None:
        self.send_response(301)
        self.send_header("Location", "/loop")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def file(self) -> None:
        self.send_response(302)
        self.send_header("Location", "file:///etc/passwd")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


HARMS = ("drip", "endless", "bomb", "twice_packed", "attributes", "short", "loop", "file")


@contextmanager
def hostile() -> Iterator[str]:
    Hostile.asked, Hostile.good = [], rss().encode()
    with ThreadingHTTPServer(("127.0.0.1", 0), Hostile) as web:
        web.daemon_threads = True
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_address[1]}"
        web.shutdown()


def with_feeds(base: str) -> Callable[[Service], None]:
    def prepare(service: Service) -> None:
        folder = service.home / "config"
        feeds = [f"  - {{name: {harm}, url: '{base}/{harm}', pages: false}}\n" for harm in HARMS]
        feeds += [f"  - {{name: good, url: '{base}/good_feed', publisher: Kestrel News Agency, pages: false}}\n"]
        sources = folder / "sources.yaml"
        sources.write_text(sources.read_text().replace("feeds: []", "feeds:\n" + "".join(feeds)))
        with (folder / "detente.yaml").open("a") as settings:
            settings.write("\nintake: {interval: 3s, least: 3s, most: 3s, host_gap: 0s, allow_private: true}\n")

    return prepare


def notes(service: Service) -> dict[str, str]:
    with service.detente.units(read_only=True) as unit:
        return {str(feed["id"]): str(feed["last_error"] or "") for feed in unit.feeds.health()}


def times() -> list[float]:
    """When the good feed was asked."""
    return [at for path, at in Hostile.asked if path == "/good_feed"]


def test_hostile_feeds_cost_little_and_a_good_one_beside_them_is_heard(tmp_path: Path) -> None:
    with hostile() as base, running(tmp_path / "home", prepare=with_feeds(base)) as service:
        worker: psutil.Process = service.child("fetch@")
        at_first, most = worker.memory_info().rss, 0

        def told() -> bool:
            nonlocal most
            most = max(most, worker.memory_info().rss)
            found = notes(service)
            return all(found[harm] for harm in HARMS)

        wait_for(told, 90, f"not all have failed: {notes(service)}")
        found = notes(service)
        assert not found["good"]
        assert "hostile" in found["attributes"]
        assert worker.is_running()
        assert most - at_first < MOST_GROWTH + LOADED
        wait_for(lambda: bool(service.sinks.messages), 60, f"no message came: {service.counts()}")
        wait_for(lambda: len(times()) > 5, 60, "the good feed was not asked again")
        lags = [b - a - 3 for a, b in pairwise(times())]
        assert max(lags) < 2 * SWEPT, "never another source's time"


SWEPT = 5.0
"""Seconds: a tick, and an interval."""
LOADED = 40 * 2**20
"""Bytes of code that is loaded with the first poll."""
