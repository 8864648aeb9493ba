"""`python -m bench.api`: what the HTTP interface of a running service bears, on this machine's loopback.

Starts everything that `detente up` starts, in a folder of its own. First two programs put in batches of 50 articles for
half a minute, one batch after the other: articles a second that were on disk before they were answered for; then six
batches a second come for as long. At last, while the workers are busy with what came, reads are sent 50 times a second
for a minute. A time counts from when the request was due, whether the one before was answered or not. Prints one JSON
object, times in milliseconds.
"""

import json
import random
import re
import socket
import statistics
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from itertools import cycle, islice
from pathlib import Path
from threading import local
from typing import Any

import psutil

from bench.run import commit, loops_per_second
from service.bootstrap import Detente
from service.daemon import Daemon
from service.demo.simulation import demo_articles, write_configuration
from service.operations.sweep import is_late
from tests.chaos.recorder import recording

BATCH, PUSHERS, PUSHED_FOR, PUSHES_PER_SECOND = 50, 2, 30.0, 6
READS_PER_SECOND, READ_FOR, THREADS = 50, 60.0, 24
PAPERS = 40
SENTENCES, LONG, SHORTEST = 10, 16, 40
"""Sentences of a made-up article and words in each; signs of a bundled sentence that one begins with."""
UP = 90.0
ARTICLES = "/api/v1/articles"
READS = (
    "/api/v1/scores",
    "/api/v1/alerts?limit=50",
    "/api/v1/events?limit=50",
    "/api/v1/articles?limit=50",
    "/api/v1/scores/dyad:IRN-PAK/series?points=100",
    "/api/v1/silences",
    "/api/v1/sources",
)
JSON = {"Content-Type": "application/json"}
Asked = tuple[str, str, str]
"""Method, address, body."""


@dataclass
class Found:
    """Milliseconds by what was asked, how often each status came, and how often a connection had gone."""

    times: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    statuses: Counter[int] = field(default_factory=Counter)
    reconnected: int = 0


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder, recording(Path(folder) / "sink") as recorder:
        home, port = Path(folder), _free_port()
        write_configuration(home / "config", recorder)
        detente = Detente(home / "config", {"data_dir": home / "data", "api": {"port": port}})
        daemon = Daemon(detente, api=True, output=home / "log")
        daemon.start()
        try:
            _await(detente, port)
            figures = {
                **_accept(port),
                **_read(port),
                "waiting_at_the_end": _waiting(detente),
                "rss_mb": _memory(daemon),
            }
        finally:
            daemon.stop()
            detente.close()
    print(json.dumps({"commit": commit(), "loops_per_second": round(loops_per_second()), **figures}, indent=2))


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _await(detente: Detente, port: int) -> None:
    deadline = time.monotonic() + UP
    while is_late(detente.units, "swept", detente.settings.tick * 5) or not _answers(port):
        if time.monotonic() > deadline:
            message = "the service does not come up"
            raise TimeoutError(message)
        time.sleep(0.2)


def _answers(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _articles(chance: random.Random) -> Iterator[dict[str, Any]]:
    """One sentence that tells of something, and words that tell of nothing: no two of these are alike."""
    told = [item["text"] for item in demo_articles()]
    sentences = sorted({one for text in told for one in re.split(r"(?<=[.!?])\s+", text) if len(one) > SHORTEST})
    words = sorted({word.lower() for text in told for word in re.findall(r"[a-z]{4,}", text)})
    while True:
        others = [" ".join(chance.choices(words, k=LONG)).capitalize() for _ in range(SENTENCES)]
        text = ". ".join([chance.choice(sentences).rstrip("."), *others]) + "."
        yield {"title": text[:80], "text": text, "publisher": f"Paper {chance.randrange(PAPERS)}"}


def _accept(port: int) -> dict[str, Any]:
    """As much as goes, then at a rate that is asked for."""
    most, began = Found(), time.monotonic()
    with ThreadPoolExecutor(PUSHERS) as pool:
        numbers = list(pool.map(lambda n: _push(port, n, began + PUSHED_FOR, most), range(PUSHERS)))
    seconds, articles = time.monotonic() - began, _articles(random.Random(PUSHERS))
    bodies = [json.dumps([next(articles) for _ in range(BATCH)]) for _ in range(int(PUSHES_PER_SECOND * PUSHED_FOR))]
    steady = _steadily(port, PUSHES_PER_SECOND, [("POST", ARTICLES, body) for body in bodies])
    return {
        "accepted_per_second": round(sum(numbers) / seconds),
        "accepted": sum(numbers),
        "batch_ms": _summary(most.times[ARTICLES]),
        f"batch_ms_at_{BATCH * PUSHES_PER_SECOND}_articles_per_second": _summary(steady.times[ARTICLES]),
        "push_statuses": dict(most.statuses + steady.statuses),
    }


def _push(port: int, number: int, until: float, found: Found) -> int:
    connection, articles, accepted = HTTPConnection("127.0.0.1", port, timeout=60), _articles(random.Random(number)), 0
    while time.monotonic() < until:
        body = json.dumps([next(articles) for _ in range(BATCH)])
        told = json.loads(_ask(connection, ("POST", ARTICLES, body), time.perf_counter(), found))
        accepted += sum(one["status"] == "accepted" for one in told["articles"])
    connection.close()
    return accepted


def _ask(connection: HTTPConnection, asked: Asked, due: float, found: Found) -> bytes:
    method, path, body = asked
    connection.request(method, path, body, JSON if body else {})
    answer = connection.getresponse()
    told = answer.read()
    found.times[path].append(1000 * (time.perf_counter() - due))
    found.statuses[answer.status] += 1
    return told


def _steadily(port: int, per_second: float, requests: Sequence[Asked]) -> Found:
    """One after the other at this rate, whether the last one was answered or not."""
    found, kept, began = Found(), local(), time.perf_counter()

    def ask(asked: Asked, due: float) -> None:
        if not hasattr(kept, "connection"):
            kept.connection = HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            _ask(kept.connection, asked, due, found)
        except (HTTPException, OSError):  # the server lets go of a connection that was idle for five seconds
            kept.connection.close()
            _ask(kept.connection, asked, due, found)
            found.reconnected += 1

    with ThreadPoolExecutor(THREADS) as pool:
        for number, asked in enumerate(requests):
            due = began + number / per_second
            time.sleep(max(0.0, due - time.perf_counter()))
            pool.submit(ask, asked, due)
    return found


def _read(port: int) -> dict[str, Any]:
    addresses = islice(cycle(READS), int(READS_PER_SECOND * READ_FOR))
    began = time.perf_counter()
    found = _steadily(port, READS_PER_SECOND, [("GET", path, "") for path in addresses])
    every = [one for times in found.times.values() for one in times]
    return {
        "reads_per_second": round(len(every) / (time.perf_counter() - began), 1),
        "read_ms": _summary(every),
        "read_ms_by_address": {path: _summary(found.times[path]) for path in READS},
        "read_statuses": dict(found.statuses),
        "reconnected": found.reconnected,
    }


def _summary(times: Sequence[float]) -> Mapping[str, float]:
    return {
        "p50": round(statistics.median(times), 1),
        "p95": round(statistics.quantiles(times, n=20)[18], 1),
        "longest": round(max(times), 1),
    }


def _waiting(detente: Detente) -> int:
    """Articles that nobody has read yet: the workers were busy all the while."""
    with detente.units(read_only=True) as unit:
        counts: Mapping[str, int] = unit.works.counts()["article"]
        return counts.get("received", 0)


def _memory(daemon: Daemon) -> int:
    """RSS of the interface in MB."""
    api = next(child.process for child in daemon.children if child.name == "api" and child.process)
    return int(psutil.Process(api.pid).memory_info().rss / 2**20)


if __name__ == "__main__":
    main()
