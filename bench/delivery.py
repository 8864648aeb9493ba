"""`python -m bench.delivery [fan-out] [rate] [dead]`: how fast messages are written and sent.

`fan-out`: 10,000 notifications of one change in one commit, beside plain inserts of as many rows. `rate`: sends a
second of the real workers to channels that answer after 50 ms, beside eight threads that only post. `dead`: how long
messages take from their change being stored to their channel, 95th percentile, with and without a channel that never
answers. Without a word all of them. Prints one JSON object; the plain figures stand beside because machines are noisy
and differ. PostgreSQL is measured where its server is on this machine.
"""

import json
import platform
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import Engine, delete, func, insert, select

from bench.run import Deaf, commit
from service.adapters.storage.database import make_engine
from service.adapters.storage.schema import notification
from service.bootstrap import Detente, shipped
from service.flow import KIND_OF, Kind, Task
from tests.chaos.drill import CHANNELS, drilled, write_routes
from tests.chaos.recorder import LOOPBACK, Manner, Recorder
from tests.chaos.seed import markers_in, seed
from tests.postgres import missing, running_cluster

ROWS = 10_000
SENDS = 600
POSTERS = 8
ALERTS, EVERY = 60, 0.25
"""Of the steady stream beside the dead channel: how many, and seconds between them."""
SETTLE = 15.0
"""Seconds in which a service comes to rest after its start."""


def main(parts: Sequence[str]) -> None:
    """Measure and print."""
    chosen = [part for name, part in PARTS.items() if name in parts or not parts]
    figures: dict[str, Any] = {
        "machine": f"{platform.machine()}, {psutil.cpu_count()} CPUs, Python {platform.python_version()}",
        "commit": commit(),
    }
    for part in chosen:
        figures |= part()
    print(json.dumps(figures, indent=2))


# --- fan-out


def fan_out() -> dict[str, Any]:
    """Both databases."""
    with tempfile.TemporaryDirectory() as folder:
        found = {"fan_out_sqlite": _fan_out(Path(folder), None)}
    if not missing():
        with running_cluster() as cluster, tempfile.TemporaryDirectory() as folder:
            cluster.create("bench").dispose()
            found["fan_out_postgresql"] = _fan_out(Path(folder), cluster.url("bench"))
    return found


def _fan_out(home: Path, database_url: str | None) -> dict[str, float]:
    shutil.copytree(shipped("config"), home / "config")
    write_routes(home / "config", {f"channel-{n}": f"json://{LOOPBACK}:9/{n}" for n in range(ROWS)})
    overrides: dict[str, Any] = {"data_dir": home / "data", "notify": {"allow_private": True}} | (
        {"database_url": database_url} if database_url else {}
    )
    detente = Detente(home / "config", overrides)
    detente.queue = Deaf()
    detente.prepare_database()
    engine = make_engine(detente.database_url)
    _ = detente.route, detente.rules
    seed(detente, 1)
    began = time.perf_counter()
    while _perform_due(detente):
        pass
    seconds = time.perf_counter() - began
    assert _rows(engine) == ROWS
    plain = _plain_inserts(engine)
    engine.dispose()
    detente.close()
    return {"rows": ROWS, "seconds": round(seconds, 2), "times_plain_inserts": round(seconds / plain, 1)}


def _perform_due(detente: Detente) -> bool:
    """Do what lies between a change and its notifications; whether there was anything to do."""
    done = 0
    for task in Task:
        if KIND_OF[task] not in {Kind.FEED, Kind.ARTICLE, Kind.NOTIFICATION}:
            with detente.units() as unit:
                due = [row_id for row_id, _ in unit.works.due(task, 100, detente.settings.tick * 0)]
            done += detente.perform(task, due) if due else 0
    return bool(done)


def _rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(notification)).scalar_one()


def _plain_inserts(engine: Engine) -> float:
    """Seconds for the same rows put back as they are, in one commit."""
    with engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(select(notification)).mappings()]
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(delete(notification))
    began = time.perf_counter()
    with engine.connect() as connection, connection.begin():
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.execute(insert(notification), rows)
    return time.perf_counter() - began


# --- sends a second


def rate() -> dict[str, Any]:
    """From the first tenth of the messages to the last."""
    found: dict[str, Any] = {}
    with _databases() as databases:
        for name, environment in databases:
            with tempfile.TemporaryDirectory() as folder, drilled(Path(folder) / "home", environment) as drill:
                time.sleep(SETTLE)
                plain = _plain_posts(drill.recorder)
                before = len(drill.recorder.taken())
                drill.bring(SENDS // len(drill.channels))
                _wait(drill.is_done)
                at = [asked.at for asked in drill.recorder.taken()[before:]]
            first, last = SENDS // 10, SENDS * 9 // 10
            found[f"sends_per_second_{name}"] = round((last - first) / (at[last] - at[first]), 1)
            found[f"of_{POSTERS}_plain_threads_{name}"] = round(found[f"sends_per_second_{name}"] / plain, 2)
    return found


def _plain_posts(recorder: Recorder) -> float:
    """Posts a second of threads that do nothing else."""

    def post(_: int) -> None:
        url = f"http://{LOOPBACK}:{recorder.web_port}/plain"
        with urllib.request.urlopen(urllib.request.Request(url, b"{}", method="POST")) as answer:
            answer.read()

    began = time.perf_counter()
    with ThreadPoolExecutor(POSTERS) as pool:
        list(pool.map(post, range(SENDS // 2)))
    return SENDS // 2 / (time.perf_counter() - began)


# --- a dead channel


def dead() -> dict[str, Any]:
    """The same stream without and with it. Messages that have not come when patience ends count as coming then."""
    (alone, _), (beside, missed) = (_stream(dead_too=dead_too) for dead_too in (False, True))
    return {
        "p95_seconds": round(alone, 2),
        "p95_seconds_beside_a_dead_channel": round(beside, 2),
        "change": f"{(beside / alone - 1):+.0%}",
        "not_come_in_time": missed,
    }


def _stream(*, dead_too: bool) -> tuple[float, int]:
    """(95th percentile in seconds, messages that did not come)."""
    channels = (*CHANNELS, "hook-dead") if dead_too else CHANNELS
    with tempfile.TemporaryDirectory() as folder, drilled(Path(folder) / "home", channels=channels) as drill:
        drill.recorder.behave("hook-dead", Manner("hang"))
        time.sleep(SETTLE)
        brought = {}
        for _ in range(ALERTS):
            began = time.time()
            drill.bring(1)
            brought[drill.markers[-1]] = began
            time.sleep(max(0.0, EVERY - (time.time() - began)))
        with suppress(TimeoutError):
            _wait(lambda: len(drill.recorder.taken()) >= ALERTS * len(CHANNELS), 60)
        taken, now = drill.recorder.taken(), time.time()
        drill.recorder.behave("hook-dead", Manner("refuse", code=410))  # so that no send holds up the end
        came = {(asked.channel, marker): asked.at for asked in taken for marker in markers_in(asked.text)}
        waits = [came.get((one, marker), now) - began for one in CHANNELS for marker, began in brought.items()]
    return statistics.quantiles(waits, n=20)[18], len(waits) - len(came)


# --- what all need


@contextmanager
def _databases() -> Iterator[list[tuple[str, dict[str, str]]]]:
    if missing():
        yield [("sqlite", {})]
        return
    with running_cluster() as cluster:
        cluster.create("bench").dispose()
        yield [("sqlite", {}), ("postgresql", {"DETENTE_DATABASE_URL": cluster.url("bench")})]


def _wait(done: Callable[[], bool], seconds: float = 300.0) -> None:
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            message = "messages did not come in time"
            raise TimeoutError(message)
        time.sleep(0.05)


PARTS: dict[str, Callable[[], dict[str, Any]]] = {"fan-out": fan_out, "rate": rate, "dead": dead}

if __name__ == "__main__":
    main(sys.argv[1:])
