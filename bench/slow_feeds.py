"""How late other feeds are asked while 200 feeds drip a byte at a time.

`python -m bench.slow_feeds [--slow 200] [--good 20] [--seconds 90]` prints one line of JSON: the lag of the good feeds
without and with the slow ones, in intervals. All times are a twentieth of those of the service: an exchange may take 1
second (20), a feed is asked every 15 (5 minutes), by 16 threads as in the worker, woken by the real sweep.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from service.adapters.clock import SystemClock
from service.adapters.feeds.http import FeedFetcher
from service.adapters.net.exchange import Reach
from service.adapters.nlp.gazetteer import CompiledGazetteer
from service.adapters.storage import migrate
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.daemon import FETCHERS
from service.domain.news.pace import SPREAD, Bounds
from service.flow import Task
from service.operations.sweep import sweep
from service.pipeline.fetch import Manners, fetch
from service.pipeline.line import Patience, carry
from service.ports import BrokerTrouble, Feed, Units

WITHIN, INTERVAL, TICK = 1.0, timedelta(seconds=15), timedelta(seconds=0.5)
MANNERS = Manners(Bounds(INTERVAL, INTERVAL, INTERVAL), timedelta(0), lambda: CompiledGazetteer.load().geography)
RSS = b"<rss version='2.0'><channel><title>Good</title></channel></rss>"


class Handler(BaseHTTPRequestHandler):
    """Good feeds answer at once and note when they were asked; slow ones drip."""

    protocol_version = "HTTP/1.1"
    asked: ClassVar[defaultdict[str, list[float]]] = defaultdict(list)

    def do_GET(self) -> None:
        """One feed."""
        self.send_response(200)
        if self.path.startswith("/good"):
            self.asked[self.path].append(time.monotonic())
            self.send_header("Content-Length", str(len(RSS)))
            self.end_headers()
            self.wfile.write(RSS)
            return
        self.send_header("Content-Length", "1000000")
        self.end_headers()
        try:
            while True:
                self.wfile.write(b" ")
                time.sleep(0.1)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Nudges:
    """Implements `ports.Queue` within one process: first come, first served."""

    def __init__(self) -> None:
        self.waiting: deque[str] = deque()
        self.came = threading.Condition()

    def nudge(self, task: Task, ids: Sequence[str]) -> bool:
        """Wake a thread."""
        if task is Task.FETCH:
            with self.came:
                self.waiting.extend(ids)
                self.came.notify(len(ids))
        return True

    def depth(self, task: Task) -> int:
        """What waits."""
        return len(self.waiting) if task is Task.FETCH else 0

    def trouble(self) -> BrokerTrouble | None:
        """None."""
        return None

    def next(self) -> str | None:
        """The one that has waited longest, None after a while."""
        with self.came:
            if not self.waiting:
                self.came.wait(0.2)
            return self.waiting.popleft() if self.waiting else None


@contextmanager
def server() -> Iterator[str]:
    """Where the feeds are."""
    Handler.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        web.daemon_threads = True
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_address[1]}"
        web.shutdown()


def run(slow: int, good: int, seconds: float) -> dict[str, float]:
    """Lags of the good feeds, in intervals."""
    with tempfile.TemporaryDirectory() as folder, server() as base:
        engine = make_engine(sqlite_url(Path(folder)))
        migrate.upgrade(engine)
        units = SqlUnits(engine)
        feeds = [Feed(f"bad{n}", f"{base}/bad{n}", "") for n in range(slow)]
        feeds += [Feed(f"good{n}", f"{base}/good{n}", "") for n in range(good)]
        with units() as unit:
            unit.feeds.sync(feeds)
        began, interval = time.monotonic(), INTERVAL.total_seconds()
        _work(units, seconds)
        engine.dispose()
    lags = sorted(lag / interval for times in Handler.asked.values() for lag in _lags(times, began, interval))
    asked = sum(len(times) for times in Handler.asked.values())
    return {"asked": asked, "median": round(statistics.median(lags), 2), "worst": round(lags[-1], 2)}


def _lags(times: Sequence[float], began: float, interval: float) -> list[float]:
    """Seconds after each time at which a feed could first have been asked; at the beginning all could."""
    earliest = [began, *(at + interval * (1 - SPREAD) for at in times)]
    return [max(0.0, at - due) for at, due in zip(times, earliest, strict=False)]


def _work(units: Units, seconds: float) -> None:
    queue, ends = Nudges(), time.monotonic() + seconds
    fetcher = FeedFetcher(Reach(allow_private=True), within=WITHIN)
    attempts = dict.fromkeys(Task)

    def until_the_end(step: Callable[[], object]) -> Callable[[], None]:
        def loop() -> None:
            while time.monotonic() < ends:
                step()

        return loop

    def poll() -> None:
        if name := queue.next():
            step = [lambda claims: fetch(claims, units, fetcher, SystemClock(), queue, MANNERS)]
            carry(Task.FETCH, [name], units, step, Patience(max_attempts=None))

    def look() -> None:
        sweep(units, queue, attempts, TICK)
        time.sleep(TICK.total_seconds())

    threads = [threading.Thread(target=until_the_end(step)) for step in [look, *[poll] * FETCHERS]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main() -> None:
    """Print the lags without and with the slow feeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--slow", type=int, default=200)
    parser.add_argument("--good", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=90)
    chosen = parser.parse_args()
    found = {str(slow): run(slow, chosen.good, chosen.seconds) for slow in (0, chosen.slow)}
    print(json.dumps({"interval_s": INTERVAL.total_seconds(), "lags_in_intervals_by_slow_feeds": found}))


if __name__ == "__main__":
    main()
