"""`python -m bench.ledger`: postings a second, reading a score, and what one more article costs as the books grow.

Everything is in processor time, the median of several readings but for the postings; prints one JSON object. The plain
loop stands beside it because machines are noisy and differ. The grown books are blocks of 90 days, one before the
other, each as full as the last, in an SQLite file; they take a minute and a few hundred MB in the temporary folder.
"""

import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import combinations, count, cycle
from pathlib import Path

import psutil
from sqlalchemy import Engine, text

from bench.run import loops_per_second
from service.adapters.storage import migrate
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.adapters.storage.memory import MemoryUnits
from service.bootstrap import Detente
from service.domain.events.event import Event
from service.domain.events.geography import Geography
from service.domain.events.ontology import TYPES
from service.domain.events.signal import ArticleRole, Modality, Signal
from service.domain.news.article import Article, content_hash
from service.domain.risk.incident import Incident, Report
from service.domain.risk.ledger import Channel, Entry, Posting, hour_of, postings
from service.domain.risk.score import HORIZON, Scale, score
from service.pipeline.books import Gauge
from service.pipeline.evaluate import changed, look
from service.pipeline.score import enter
from service.ports import Books, OpenBooks

NOW = datetime(2024, 6, 1, tzinfo=UTC)
SIZES = (10_000, 100_000, 1_000_000)
BUCKETS, REPEAT, DAYS = 2_000, 31, HORIZON // timedelta(days=1)
KINDS = tuple({row.root: name for name, row in TYPES.items()}.values())


def main() -> None:
    """Measure and print."""
    detente = Detente()
    geography = detente.gazetteer.geography
    incidents = _incidents(geography, sorted(detente.gazetteer.country_codes)[:60], SIZES[0])
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(sqlite_url(Path(folder)))
        migrate.upgrade(engine)
        booked = {
            "memory": _postings_per_second(MemoryUnits(lambda: NOW), incidents, geography),
            "sqlite": _postings_per_second(SqlUnits(engine), incidents, geography),
        }
        costs = _growth(engine, geography, detente)
        engine.dispose()
    first = next(iter(costs.values()))
    print(
        json.dumps(
            {
                "machine": f"{platform.machine()}, {psutil.cpu_count()} CPUs, Python {platform.python_version()}",
                "baseline_loops_per_second": round(loops_per_second()),
                "postings_per_second": booked,
                "milliseconds_to_read_a_score": {"buckets": BUCKETS, **_reading()},
                "milliseconds_of_one_more_article": costs,
                "of_the_smallest": {size: round(cost / first, 2) for size, cost in costs.items()},
            },
            indent=2,
        )
    )


def _incidents(geography: Geography, countries: Sequence[str], least: int) -> list[Incident]:
    """So many incidents that they book at least so often, all apart, spread over 90 days."""
    told = zip(cycle(combinations(countries, 2)), cycle(KINDS), strict=False)
    pairs = [next(told) for _ in range(least)]
    made: list[Incident] = []
    total = 0
    for n, (pair, kind) in enumerate(pairs):
        made.append(Incident((_report(f"a{n}", pair, kind, NOW),)))
        total += len(postings(made[-1], geography))
        if total >= least:
            break
    step = HORIZON / (len(made) + 1)
    return [Incident((_report(f"a{n}", pairs[n][0], pairs[n][1], NOW - n * step),)) for n in range(len(made))]


def _report(name: str, pair: tuple[str, str], kind: str, at: datetime) -> Report:
    row = TYPES[kind]
    event = Event(
        start=0,
        end=0,
        text="",
        sentence=0,
        signal=Signal.ESCALATION if row.intensity < 0 else Signal.DE_ESCALATION,
        type=row.root,
        mode=row.mode,
        actors=(pair[0],),
        recipients=(pair[1],),
        places=(),
        regions=(),
        place_name="",
        modality=Modality.ACTUAL,
        role=ArticleRole.LEAD,
        level=3,
        intensity=row.intensity,
        confidence=0.9,
        at=at,
    )
    return Report(f"{name}#0", name, f"owner {len(name) % 7}", "B", event)


def _postings_per_second(units: OpenBooks, incidents: Sequence[Incident], geography: Geography) -> int:
    """All booked in one transaction; working out what to book is not counted, it is the same everywhere."""
    booked: list[Posting] = [posting for incident in incidents for posting in postings(incident, geography)]
    with units(serial=True) as unit:
        for incident in incidents:
            _store(incident.reports[0], unit)
        unit.ledger.save_reports([incident.reports[0] for incident in incidents])
        began = time.process_time()
        unit.ledger.rebook((), incidents, booked)
        took = time.process_time() - began
    return round(len(booked) / took)


def _store(report: Report, unit: Books) -> None:
    article = Article(report.article_id, "", report.id, report.owner, "", report.event.at, report.event.at)
    unit.articles.add(article, "bench", content_hash("", report.id))
    unit.articles.save_events(article.id, [report.event])


def _reading() -> dict[str, float]:
    entries = [Entry(hour_of(NOW) - n, Channel.ESCALATION, 1000 + n, "", 10) for n in range(BUCKETS)]
    read = _milliseconds(lambda: score(entries, NOW, Scale()))
    return {"score": round(read, 3)}


def _milliseconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(REPEAT):
        began = time.process_time()
        work()
        times.append(1000 * (time.process_time() - began))
    return statistics.median(times)


def _growth(engine: Engine, geography: Geography, detente: Detente) -> dict[str, float]:
    """Postings held → what one more article costs: it is stored, booked, and the rules look at what it changed."""
    costs: dict[str, float] = {}
    blocks, names, units = 1, count(), SqlUnits(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        held = connection.execute(text("SELECT count(*) FROM posting")).scalar_one()
        for table in _CHANGES:
            connection.execute(text(f"CREATE TABLE first_{table} AS SELECT * FROM {table}"))
    for size in SIZES:
        while blocks * held < size:
            _copy_block(engine, blocks)
            blocks += 1
        costs[str(size)] = round(_milliseconds(lambda: _one_more(next(names), units, geography, detente)), 2)
    return costs


def _one_more(number: int, units: SqlUnits, geography: Geography, detente: Detente) -> None:
    report = _report(
        f"new{number}", ("AFG", "AGO"), KINDS[number % len(KINDS)], NOW + timedelta(hours=1, minutes=number)
    )
    with units(serial=True) as unit:
        _store(report, unit)
        enter([report], unit, geography, NOW)
        look(changed(unit, Gauge()), NOW + timedelta(days=1), unit, detente.rules, Gauge())


def _copy_block(engine: Engine, number: int) -> None:
    """The first block once more, so many times 90 days earlier."""
    values = {"n": f"-{number}", "hours": 24 * DAYS * number, "days": f"-{DAYS * number} days"}
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        for table, changes in _CHANGES.items():
            names = [row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})")]
            chosen = ", ".join(changes.get(name, f'"{name}"') for name in names)
            query = f"INSERT INTO {table} SELECT {chosen} FROM first_{table}"
            connection.execute(text(query), {k: v for k, v in values.items() if f":{k}" in query})


_SHIFTED = "strftime('%Y-%m-%d %H:%M:%f000', {0}, :days)"
_CHANGES = {
    "article": {"id": "id || :n", "content_hash": "content_hash || :n"},
    "event": {"id": "id || :n", "article_id": "article_id || :n"},
    "report": {
        "event_id": "event_id || :n",
        "incident_id": "incident_id || :n",
        "at": _SHIFTED.format("at"),
        "window_at": _SHIFTED.format("window_at"),
    },
    "posting": {"incident_id": "incident_id || :n", "hour": "hour - :hours"},
    "bucket": {"hour": "hour - :hours"},
}


if __name__ == "__main__":
    main()
