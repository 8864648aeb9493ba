"""`python -m bench.duplicates [DATA]`: how well copies are told from other reports, and what looking for them costs.

DATA is the folder with `portal_2002_2023.jsonl.gz` and `articles.jsonl` (docs/data.md); nothing of it is stored.
Reports are made of the portal's lines on one subject in one month, every third line each, as paragraphs: three reports
on the same happenings with different words. Thresholds were chosen on the first half of the reports; figures are given
for both. Prints JSON.
"""

import gzip
import json
import platform
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import Engine, insert

from bench.copies import COPIES, Report, bulletin, follow_up, spliced
from bench.run import loops_per_second
from service.adapters.nlp.fingerprints import RensaFingerprints
from service.adapters.storage import migrate
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.adapters.storage.schema import article
from service.domain.news.article import Article, content_hash
from service.domain.news.credit import Agencies
from service.domain.news.duplicate import imprint, is_copy
from service.domain.news.owner import Owners
from service.flow import ArticleState
from service.pipeline.deduplicate import Voices, judge

SEED, SUBJECTS, LINES, STORED = 20261126, 300, (18, 24), 100_000
NOW = datetime(2024, 6, 1, tzinfo=UTC)
FINGERPRINTS, VOICES = RensaFingerprints(), Voices(Owners(()), Agencies(()))


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts, how the second came about, whether it repeats the first, and the half they belong to."""

    one: str
    other: str
    how: str
    half: int
    is_copy: bool = True


def main() -> None:
    """Measure and print."""
    data = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared/data")
    random = Random(SEED)
    triples = triples_of(data, SUBJECTS, random)
    whole = [
        Report(a["title"], tuple(p for p in a["text"].split("\n") if p.strip()))
        for a in _lines(data / "articles.jsonl")
    ]
    pairs = [*pairs_of(triples, random), *_of_articles(whole, random)]
    found = [is_found(pair) for pair in pairs]
    print(
        json.dumps(
            {
                "machine": f"{platform.machine()}, Python {platform.python_version()}",
                "baseline_loops_per_second": round(loops_per_second()),
                "seed": SEED,
                "reports": 3 * len(triples) + len(whole),
                **{name: figures(pairs, found, half) for half, name in enumerate(("chosen on", "reported on"))},
                "speed": _speed(triples, random),
            },
            indent=1,
        )
    )


def _lines(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        return [json.loads(line) for line in lines]


def triples_of(data: Path, subjects: int, random: Random) -> list[tuple[Report, Report, Report]]:
    """Three reports each on one subject in one month, none of which shares a line with another."""
    by_subject: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for line in _lines(data / "portal_2002_2023.jsonl.gz"):
        for topic in line.get("topics", ())[:1]:
            by_subject[topic, line["published_at"][:7]][line["text"]] = None
    all_ = [list(lines)[: LINES[1]] for _, lines in sorted(by_subject.items()) if len(lines) >= LINES[0]]
    chosen = random.sample(all_, min(subjects, len(all_)))
    return [(_report(s[0::3]), _report(s[1::3]), _report(s[2::3])) for s in chosen]


def _report(lines: Sequence[str]) -> Report:
    return Report(" ".join(lines[0].split()[:9]), tuple(lines))


def pairs_of(triples: Sequence[tuple[Report, Report, Report]], random: Random) -> Iterator[Pair]:
    """Copies of the first of each three, and what looks like one."""
    for number, (one, same_event, third) in enumerate(triples):
        half = number % 2
        for how, change in COPIES.items():
            yield Pair(one.document, change(one, random).document, how, half)
        other = random.choice(triples)[0]
        yield Pair(one.document, spliced(other, one).document, "two reports spliced", half)
        yield Pair(one.document, same_event.document, "another report on the same happenings", half, is_copy=False)
        for share, name in ((1 / 3, "a third"), (1 / 2, "half")):
            later = follow_up(one, third.paragraphs, share, random)
            yield Pair(one.document, later.document, f"a later report that repeats {name}", half, is_copy=False)
        yield Pair(bulletin(random).document, bulletin(random).document, "bulletins of two days", half, is_copy=False)


def _of_articles(whole: Sequence[Report], random: Random) -> Iterator[Pair]:
    """The full articles: every copy of each, and each against every other."""
    for number, one in enumerate(whole):
        for how, change in COPIES.items():
            yield Pair(one.document, change(one, random).document, f"article: {how}", number % 2)
        for other in whole[:number]:
            yield Pair(one.document, other.document, "article: another article", number % 2, is_copy=False)


def is_found(pair: Pair) -> bool:
    """As in the pipeline: they meet in a band, and are near."""
    one, other = imprint(pair.one), imprint(pair.other)
    meet = set(FINGERPRINTS.bands(one.shingles)) & set(FINGERPRINTS.bands(other.shingles))
    return bool(meet) and is_copy(one, other)


def figures(pairs: Sequence[Pair], found: Sequence[bool], half: int) -> dict[str, Any]:
    """Recall and precision on one half, and how many pairs of each kind were taken for copies."""
    mine = [(pair, was_found) for pair, was_found in zip(pairs, found, strict=True) if pair.half == half]
    hits = sum(pair.is_copy and was_found for pair, was_found in mine)
    kinds: defaultdict[str, list[bool]] = defaultdict(list)
    for pair, was_found in mine:
        kinds[pair.how].append(was_found)
    return {
        "recall": _share(hits, sum(pair.is_copy for pair, _ in mine)),
        "precision": _share(hits, sum(was_found for _, was_found in mine)),
        "taken for copies": {how: f"{sum(all_)}/{len(all_)}" for how, all_ in kinds.items()},
    }


def _share(hits: int, of: int) -> tuple[float, float, float]:
    """The share, and the ends of its 95 % interval by Wilson."""
    z, p = 1.96, hits / of
    middle, width, whole = p + z * z / (2 * of), z * sqrt(p * (1 - p) / of + z * z / (4 * of * of)), 1 + z * z / of
    return round(p, 4), round((middle - width) / whole, 4), round((middle + width) / whole, 4)


def _speed(triples: Sequence[tuple[Report, Report, Report]], random: Random) -> dict[str, object]:
    """What an article costs beside so many stored ones: ms of processor time, median and 95th percentile.

    Of those stored the first of each three is real; the others have bands of chance, as texts that are met by none.
    """
    desk = COPIES["all that a desk does in a hurry"]
    copies = [_article(f"c{n}", desk(first, random).document) for n, (first, _, _) in enumerate(triples)]
    others = [_article(f"o{n}", third.document) for n, (_, _, third) in enumerate(triples)]
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(sqlite_url(Path(folder)))
        migrate.upgrade(engine)
        _fill(engine, [first for first, _, _ in triples], random)
        with SqlUnits(engine)(serial=True) as unit:
            for one in (*copies, *others):
                unit.articles.add(one, "bench", content_hash("", one.text))
            judged = {
                "ms for a copy": _timed(lambda one: judge(one, unit, FINGERPRINTS, VOICES), copies),
                "ms for another": _timed(lambda one: judge(one, unit, FINGERPRINTS, VOICES), others),
            }
        engine.dispose()
    bands = _timed(lambda one: FINGERPRINTS.bands(imprint(one.text).shingles), others)
    return {
        "stored": STORED,
        "words": statistics.median(len(a.text.split()) for a in others),
        "ms for bands": bands,
        **judged,
    }


def _article(name: str, text: str) -> Article:
    return Article(name, "", text, "", "", NOW, NOW)


def _fill(engine: Engine, real: Sequence[Report], random: Random) -> None:
    """The tables as they are after a year of news."""
    rows = [_row(f"r{n}", report.document) for n, report in enumerate(real)]
    rows += [_row(f"f{n}", f"filler {n}") for n in range(STORED - len(rows))]
    with engine.begin() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        for start in range(0, len(rows), 1000):
            connection.execute(insert(article), rows[start : start + 1000])
        for row in rows:
            is_real = row["id"].startswith("r")
            bands = FINGERPRINTS.bands(imprint(row["text"]).shingles) if is_real else _chance(random)
            values = [(band, row["id"]) for band in sorted(set(bands))]
            connection.exec_driver_sql("INSERT INTO article_band (band, article_id) VALUES (?, ?)", values)


def _chance(random: Random) -> list[int]:
    return [random.randrange(-(2**63), 2**63) for _ in range(64)]


def _row(name: str, text: str) -> dict[str, Any]:
    at = NOW - timedelta(days=1 + hash_of(name) % 365 if name[0] == "f" else 5)
    digest = content_hash("", text)
    known = {
        "content_hash": digest,
        "came_hash": digest,
        "address": "",
        "origin": "bench",
        "state": ArticleState.SCORED,
    }
    times = {"published_at": at, "fetched_at": at, "created_at": at, "updated_at": at}
    empty = {"title": "", "publisher": "", "url": "", "language": "en", "credit": "", "flags": ()}
    return {"id": name, "text": text, **known, **times, **empty}


def hash_of(name: str) -> int:
    """A number of a name that is the same in every run."""
    return int(name[1:]) * 2_654_435_761 >> 7


def _timed(do: Callable[[Article], object], articles: Sequence[Article]) -> tuple[float, float]:
    took = []
    for one in articles:
        began = time.process_time()
        do(one)
        took.append(1000 * (time.process_time() - began))
    return round(statistics.median(took), 2), round(statistics.quantiles(took, n=20)[-1], 2)


if __name__ == "__main__":
    main()
