"""`python -m bench.scrape`: what a scrape of `/metrics` costs with many rows, each with a look at the database.

100,000 articles of 2,000 characters, as many messages, half of them to 2,000 subscribers, 200,000 hourly sums on 800
subjects, 3,000 alerts and 40 feeds, in an SQLite file of some 400 MB in the temporary folder; no broker. Prints one
JSON object; times are in milliseconds, of the processor and of the clock on the wall. Nobody else writes meanwhile.
"""

import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice, product
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, insert

from bench.run import loops_per_second
from service.adapters.clock import SystemClock
from service.adapters.storage import migrate, schema
from service.adapters.storage.database import make_engine, sqlite_url
from service.api import metrics, stream
from service.bootstrap import Detente, shipped
from service.domain.risk.ledger import Channel, hour_of

ARTICLES, MESSAGES, SUMS, SUBJECTS, ALERTS, FEEDS, PEOPLE = 100_000, 100_000, 200_000, 800, 3_000, 40, 2_000
SCRAPES, STREAMS = 100, 100
Row = Mapping[str, Any]


def main() -> None:
    """Fill, scrape and print."""
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(sqlite_url(Path(folder)))
        migrate.upgrade(engine)
        _fill(engine, SystemClock().now())
        engine.dispose()
        detente = Detente(shipped("config"), {"data_dir": folder, "broker_url": "filesystem://" + folder})
        processor, wall, size = _scrapes(detente)
        detente.close()
    print(
        json.dumps(
            {
                "loops_per_second": round(loops_per_second()),
                "scrapes": SCRAPES,
                "processor": _summary(processor),
                "wall": _summary(wall),
                "bytes": size,
            }
        )
    )


def _summary(times: Sequence[float]) -> Mapping[str, float]:
    p95 = statistics.quantiles(times, n=20)[-1]
    return {"median": round(statistics.median(times), 1), "p95": round(p95, 1), "longest": round(max(times), 1)}


def _scrapes(detente: Detente) -> tuple[list[float], list[float], int]:
    """Milliseconds of processor and wall of each but the first, which loads the names; and the size of an answer."""
    app, processor, wall, size = FastAPI(), [], [], 0
    app.include_router(metrics.router(detente, stream.Hub(detente, STREAMS), kept=0.0))
    client = TestClient(app)
    for _ in range(SCRAPES + 1):
        began, at_work = time.perf_counter(), time.process_time()
        size = len(client.get("/metrics").content)
        processor.append(1000 * (time.process_time() - at_work))
        wall.append(1000 * (time.perf_counter() - began))
    return processor[1:], wall[1:], size


def _fill(engine: Engine, now: datetime) -> None:
    chance = random.Random(7)
    subjects = [f"country:S{n:03}" for n in range(SUBJECTS)]
    with engine.begin() as connection:
        for table, rows in (
            (schema.feed, _feeds(now)),
            (schema.article, _articles(chance, now)),
            (schema.bucket, _sums(chance, subjects, now)),
            (schema.owner_day, _days(now)),
            (schema.alert, _alerts(chance, subjects, now)),
            (schema.subscriber, _people(now)),
            (schema.subscriber_channel, _addresses(now)),
            (schema.message, _messages(now)),
            (schema.notification, _notifications(chance, now)),
        ):
            waiting = iter(rows)
            while some := list(islice(waiting, 5000)):
                connection.execute(insert(table), some)


def _work(state: str, at: datetime) -> dict[str, Any]:
    return {"state": state, "due_at": at, "attempt": 0, "created_at": at, "updated_at": at}


def _feeds(now: datetime) -> Iterator[Row]:
    for n in range(FEEDS):
        named = {"id": f"feed-{n}", "url": f"https://feed.example/{n}", "publisher": f"Paper {n}", "last_ok_at": now}
        yield {**named, **_work("pending", now)}


def _articles(chance: random.Random, now: datetime) -> Iterator[Row]:
    for n in range(ARTICLES):
        at = now - timedelta(minutes=n)
        state = chance.choices(("scored", "ignored", "received", "attributed"), (60, 38, 1, 1))[0]
        said = {
            "title": f"Title {n}",
            "text": f"{n} " + "word " * 400,
            "publisher": "Paper",
            "url": "",
            "language": "en",
        }
        times = {"published_at": at, "fetched_at": at}
        yield {"id": f"a{n}", "origin": "bench", "content_hash": f"{n:064}", **said, **times, **_work(state, at)}


def _sums(chance: random.Random, subjects: Sequence[str], now: datetime) -> Iterator[Row]:
    seen: set[tuple[str, int, str]] = set()
    while len(seen) < SUMS:
        subject = subjects[min(int(chance.expovariate(1 / 80)), SUBJECTS - 1)]
        key = (subject, hour_of(now) - chance.randrange(400 * 24), str(chance.choice(tuple(Channel))))
        if key not in seen:
            seen.add(key)
            named = dict(zip(("subject", "hour", "channel"), key, strict=True))
            yield {**named, "owner": "", "micro": chance.randrange(1, 2_000_000), "variance": 1000, "stir": 0}


def _days(now: datetime) -> Iterator[Row]:
    today = hour_of(now) // 24
    for owner, back in product(range(FEEDS), range(400)):
        yield {"owner": f"Paper {owner}", "day": today - back, "reports": 20}


def _alerts(chance: random.Random, subjects: Sequence[str], now: datetime) -> Iterator[Row]:
    for n in range(ALERTS):
        state = chance.choices(("inactive", "pending", "firing", "resolved"), (50, 10, 20, 20))[0]
        named = {"id": f"{n:016x}", "rule": f"rule-{n // SUBJECTS}", "subject": subjects[n % SUBJECTS], "state": state}
        said: Row = {
            "severity": chance.choice(("info", "warning", "high", "critical")),
            "reason": "level 60",
            "labels": {},
        }
        yield {**named, **said, "since": now, "memory": {}, "evidence": [], "owner_groups": 1, "updated_at": now}


def _people(now: datetime) -> Iterator[Row]:
    for n in range(PEOPLE):
        yield {"id": f"{n:016x}", "name": f"person {n}", "state": "active", "wishes": {}, "created_at": now}


def _addresses(now: datetime) -> Iterator[Row]:
    for n in range(PEOPLE):
        sealed = {"schema": "mailtos", "serial": "1", "sealed": "", "fingerprint": f"{n}", "state": "active"}
        yield {"subscriber_id": f"{n:016x}", "name": "mail", **sealed, "created_at": now}


def _messages(now: datetime) -> Iterator[Row]:
    for n in range(MESSAGES):
        said = {"reason": "fired", "severity": "high", "title": f"Title {n}", "content": {"text": "word " * 100}}
        yield {"id": f"m{n}", "receiver": _receiver(n), **said, "created_at": now}


def _notifications(chance: random.Random, now: datetime) -> Iterator[Row]:
    for n in range(MESSAGES):
        state = chance.choices(("sent", "cancelled", "pending", "dead"), (960, 35, 4, 1))[0]
        named = {"id": f"n{n}", "idem": f"{n}", "message_id": f"m{n}", "receiver": _receiver(n), "channel": "mail"}
        yield {**named, **_work(state, now - timedelta(minutes=n))}


def _receiver(n: int) -> str:
    return f"@{n // 2 % PEOPLE:016x}" if n % 2 else f"desk-{n % 20}"


if __name__ == "__main__":
    main()
