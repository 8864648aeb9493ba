"""`python -m bench.latency`: seconds from an article being stored to its message having been sent.

Starts broker and workers in a folder of its own, with a web hook and a mail server on this machine, and brings one
article after another, each about two countries nobody wrote of before, so that each makes a message.
"""

import json
import statistics
import tempfile
import time
from itertools import combinations
from pathlib import Path
from typing import Any

import psutil

from service.adapters.feeds.files import from_mapping
from service.bootstrap import Detente
from service.daemon import Daemon
from service.demo.simulation import write_configuration
from service.demo.sinks import Sinks
from service.operations.sweep import is_late
from service.pipeline.ingest import ingest

COUNTRIES = ("Peru", "Chad", "Laos", "Kenya", "Nepal", "Malta", "Ghana", "Cuba")
WORKERS_UP = 60.0
ANSWER = 30.0


def main() -> None:
    """Measure and print."""
    sinks = Sinks()
    sinks.start()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        write_configuration(home / "config", sinks)
        rules = home / "config" / "rules.yaml"
        rules.write_text(rules.read_text(encoding="utf-8").replace("for: 15m", "for: 0s"), encoding="utf-8")
        detente = Detente(home / "config", {"data_dir": home / "data"})
        daemon = Daemon(detente, api=False, output=home / "log")
        daemon.start()
        try:
            waits = _measure(detente, sinks)
            memory = _memory(daemon)
        finally:
            daemon.stop()
            detente.close()
            sinks.stop()
    cuts = statistics.quantiles(waits, n=20)
    print(
        json.dumps(
            {
                "articles": len(waits),
                "median_seconds": round(statistics.median(waits), 2),
                "p95_seconds": round(cuts[18], 2),
                "rss_mb": memory,
            },
            indent=2,
        )
    )


def _measure(detente: Detente, sinks: Sinks) -> list[float]:
    _wait(lambda: not is_late(detente.units, "swept", detente.settings.tick * 5), WORKERS_UP)
    return [_one(detente, sinks, *pair) for pair in combinations(COUNTRIES, 2)]


def _one(detente: Detente, sinks: Sinks, one: str, other: str) -> float:
    text = f"{one}'s air force bombed army posts inside {other} on Monday, killing thirty soldiers, officials said."
    item = {"title": f"{one} bombs {other} army posts", "text": text, "publisher": "Kestrel News Agency"}
    article = from_mapping(item, detente.clock.now())
    before = len(sinks.messages)
    began = time.perf_counter()
    ingest([article], "bench", detente.units, detente.queue)
    _wait(lambda: len(sinks.messages) > before, ANSWER)
    waited = time.perf_counter() - began
    time.sleep(1.5)  # until the second channel and the countries' alerts are through
    return waited


def _wait(done: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            message = "nothing came of it in time"
            raise TimeoutError(message)
        time.sleep(0.01)


def _memory(daemon: Daemon) -> dict[str, list[int]]:
    """Process → RSS in MB of its main process and its children."""
    found = {}
    for child in daemon.children:
        if child.process is not None:
            family = [psutil.Process(child.process.pid), *psutil.Process(child.process.pid).children()]
            found[child.name] = [round(p.memory_info().rss / 2**20) for p in family]
    return found


if __name__ == "__main__":
    main()
