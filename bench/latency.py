"""`python -m bench.latency`: seconds from an article being stored to its message standing at the channel.

Starts broker and workers in a folder of its own, with a web hook and a mail server on this machine that stamp what
they take, and brings an article every other second, each about two countries nobody wrote of before, so that each
makes a message. Once with the group timing of the defaults, once without any wait. Rules fire at once (`for: 0s`), and
nothing counts as a flood.
"""

import json
import statistics
import tempfile
import time
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import psutil
from ruamel.yaml import YAML

from service.adapters.feeds.files import from_mapping
from service.bootstrap import Detente
from service.daemon import Daemon
from service.demo.simulation import write_configuration
from service.operations.sweep import is_late
from service.pipeline.ingest import ingest
from tests.chaos.recorder import Recorder, recording

COUNTRIES = ("Peru", "Chad", "Laos", "Kenya", "Nepal", "Malta", "Ghana", "Cuba")
TIMINGS: Mapping[str, Mapping[str, str]] = {"by_default": {}, "without_group_wait": {"group_wait": "0s"}}
WORKERS_UP = 60.0
EVERY = 2.0
ANSWER = 90.0
"""Seconds within which the last message must have come."""


def main() -> None:
    """Measure and print."""
    print(json.dumps({name: _timed(timing) for name, timing in TIMINGS.items()}, indent=2))


def _timed(timing: Mapping[str, str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, recording(Path(folder) / "sink") as recorder:
        home = Path(folder)
        _configure(home / "config", recorder, timing)
        detente = Detente(home / "config", {"data_dir": home / "data"})
        daemon = Daemon(detente, api=False, output=home / "log")
        daemon.start()
        try:
            _wait(lambda: not is_late(detente.units, "swept", detente.settings.tick * 5), WORKERS_UP)
            waits = _measure(detente, recorder)
            memory = _memory(daemon)
        finally:
            daemon.stop()
            detente.close()
    return {
        "articles": len(waits),
        "median_seconds": round(statistics.median(waits), 2),
        "p95_seconds": round(statistics.quantiles(waits, n=20)[18], 2),
        "rss_mb": memory,
    }


def _configure(folder: Path, recorder: Recorder, timing: Mapping[str, str]) -> None:
    write_configuration(folder, recorder)
    rules = folder / "rules.yaml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("for: 15m", "for: 0s"), encoding="utf-8")
    yaml, path = YAML(typ="safe"), folder / "routes.yaml"
    routes = yaml.load(path.read_text(encoding="utf-8"))
    routes["route"] = {"receiver": routes["route"]["receiver"], **timing}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(routes, file)


def _measure(detente: Detente, recorder: Recorder) -> list[float]:
    """For each article the first message that names its two countries as one subject."""
    stored = {}
    for one, other in combinations(COUNTRIES, 2):
        stored[one, other] = time.time()
        _bring(detente, one, other)
        time.sleep(EVERY)
    came: dict[tuple[str, str], float] = {}

    def all_came() -> bool:
        for asked in recorder.taken():
            for one, other in stored.keys() - came.keys():
                if f"{one}–{other}" in asked.text or f"{other}–{one}" in asked.text:
                    came[one, other] = asked.at
        return len(came) == len(stored)

    _wait(all_came, ANSWER)
    return [came[pair] - began for pair, began in stored.items()]


def _bring(detente: Detente, one: str, other: str) -> None:
    text = f"{one}'s air force bombed army posts inside {other} on Monday, killing thirty soldiers, officials said."
    item = {"title": f"{one} bombs {other} army posts", "text": text, "publisher": "Kestrel News Agency"}
    ingest([from_mapping(item, detente.clock.now())], "bench", detente.units, detente.queue)


def _wait(done: Any, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            message = "nothing came of it in time"
            raise TimeoutError(message)
        time.sleep(0.05)


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
