"""`python -m bench.pages [EVENTS] [FOLDER]`: what the pages and the interface read, in a year of the world's news.

Builds an SQLite database of a million events (or so many) on about 250 subjects, which takes a minute or two and 1.7 GB
in the temporary folder, or in FOLDER, where a later run finds it. Prints one JSON object; times are processor time
in milliseconds, and in millions of rounds of a plain loop of the same run, because machines are noisy and differ.

`first` is the world in a process that has read nothing yet, `changed` after an article was booked, `remembered` for all
who ask in between. The other figures are of every subject once.
"""

import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from fastapi.testclient import TestClient

from bench.pages_seed import NOW, book_one_more, build, subjects_of
from bench.run import commit, loops_per_second
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.api.app import build as build_app
from service.bootstrap import Detente, shipped
from service.domain.events.geography import Geography
from service.domain.risk.score import Scale
from service.domain.risk.subject import Subject
from service.operations.chronicle import series
from service.operations.course import page_and_course
from service.operations.mirror import Mirror
from service.operations.scores import readings
from service.operations.subject_page import subject_page
from service.operations.world import LiveWorld, world
from service.pipeline.books import Gauge

EVENTS, REPEAT = 1_000_000, 7
GAUGE = Gauge(Scale(2.0, 100.0))
"""So that the busiest subject is not at 100 all year."""
DAYS = timedelta(days=90)
UNPLACED = "none"
"""The region of articles that are booked in between; no page knows it."""


def main(arguments: Sequence[str]) -> None:
    """Build what is not there, measure and print."""
    events = int(arguments[0]) if arguments else EVENTS
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(arguments[1]) if arguments[1:] else Path(temporary)
        geography = Detente().gazetteer.geography
        engine, is_new = make_engine(sqlite_url(folder)), not (folder / "detente.db").exists()
        building = _milliseconds(lambda: build(engine, events, geography)) / 1000 if is_new else None
        with engine.connect() as connection:
            subjects = subjects_of(connection)
        rounds = loops_per_second() / 1e9
        figures = _figures(SqlUnits(engine), subjects, geography) | {"subject_over_http": _requests(folder, subjects)}
        engine.dispose()
        size = (folder / "detente.db").stat().st_size
    print(
        json.dumps(
            {
                "machine": f"{platform.machine()}, {psutil.cpu_count()} CPUs, Python {platform.python_version()}",
                "commit": commit(),
                "baseline_loops_per_second": round(rounds * 1e9),
                "events": events,
                "subjects": len(subjects),
                "database_mb": size // 2**20,
                "seconds_to_build": building and round(building),
                "milliseconds": _rounded(figures, 1.0),
                "million_loops": _rounded(figures, rounds),
                "rss_mb": psutil.Process().memory_info().rss // 2**20,
            },
            indent=2,
        )
    )


def _figures(units: SqlUnits, subjects: Sequence[Subject], geography: Geography) -> dict[str, Any]:
    return {
        "world": _world(units, geography),
        "all_readings_of_a_past_moment": _median(lambda: readings(units, NOW - DAYS, GAUGE, {}, 0.0), 3),
        "subject_page": _spread(subjects, lambda s: subject_page(units, s, NOW, GAUGE, {}, geography)),
        "subject_page_and_course": _spread(
            subjects, lambda s: page_and_course(units, s, NOW, NOW - DAYS, NOW, GAUGE, {}, geography)
        ),
        "series_of_90_days": _spread(subjects, lambda s: series(units, s, NOW - DAYS, NOW, GAUGE)),
    }


def _requests(folder: Path, subjects: Sequence[Subject]) -> dict[str, float]:
    """A subject's page from request to answer, drawn, with the client's own work."""
    (folder / "clock").write_text(NOW.isoformat())
    settings = {"data_dir": folder, "clock_file": folder / "clock", "api": {"per_minute": 100_000}}
    with TestClient(build_app(Detente(shipped("config"), settings)), base_url="http://localhost") as client:
        known = [s for s in subjects if s.name != UNPLACED]
        return _spread(known, lambda s: client.get(f"/subjects/{s}").raise_for_status())


def _world(units: SqlUnits, geography: Geography) -> dict[str, float]:
    live, moment, changed = LiveWorld(units), NOW, []
    world(units, NOW, GAUGE, {})
    first = _median(lambda: world(units, NOW, GAUGE, {}, Mirror()), 3)
    live(moment, GAUGE, {})
    for number in range(REPEAT):
        book_one_more(units, f"{time.time_ns()}", number, geography)
        moment += timedelta(seconds=10)
        changed.append(_milliseconds(lambda at=moment: live(at, GAUGE, {})))  # type: ignore[misc]
    remembered = _median(lambda: live(moment, GAUGE, {}), REPEAT)
    return {"first": first, "changed": statistics.median(changed), "remembered": remembered}


def _spread(subjects: Sequence[Subject], read: Callable[[Subject], object]) -> dict[str, float]:
    read(subjects[0])
    took = sorted(_milliseconds(lambda s=subject: read(s)) for subject in subjects)  # type: ignore[misc]
    return {"p50": took[len(took) // 2], "p95": took[int(len(took) * 0.95)], "most": took[-1]}


def _median(work: Callable[[], object], repeat: int) -> float:
    return statistics.median(_milliseconds(work) for _ in range(repeat))


def _milliseconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return 1000 * (time.process_time() - began)


def _rounded(figures: Any, factor: float) -> Any:
    if isinstance(figures, dict):
        return {name: _rounded(inner, factor) for name, inner in figures.items()}
    return round(figures * factor, 3)


if __name__ == "__main__":
    main(sys.argv[1:])
