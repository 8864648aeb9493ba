"""Articles a second from page to deduplicated text: pages read in the jail, texts stored and compared in SQLite.

`python -m bench.intake [--articles 600] [--threads 2] [--kb 0]` prints one line of JSON. The pages are those of
`tests/data/pages`, each with words of its own in every paragraph, so that none repeats another, and with
`--kb` as many scripts and links as make it so large; the baseline is
trafilatura alone on the same pages in the same run, on one core.
"""

import argparse
import json
import re
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import trafilatura

from service.adapters.clock import SystemClock
from service.adapters.feeds.reader import JailedReader
from service.adapters.nlp.fingerprints import RensaFingerprints
from service.adapters.storage import migrate
from service.adapters.storage.database import SqlUnits, make_engine, sqlite_url
from service.bootstrap import Detente
from service.domain.events.geography import Geography
from service.domain.news.article import Article
from service.flow import Task
from service.pipeline.deduplicate import Voices, deduplicate
from service.pipeline.ingest import ingest
from service.ports import BrokerTrouble

PAGES = Path(__file__).parents[1] / "tests" / "data" / "pages"
LEASE = timedelta(minutes=10)
BATCH = 16
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_ENDS = re.compile(rb"(?<=[a-z])\. (?=[A-Z])")


class NoQueue:
    """Implements `ports.Queue`: nobody is told."""

    def nudge(self, task: Task, ids: Sequence[str]) -> bool:
        """Taken."""
        return bool(task and ids)

    def depth(self, task: Task) -> int:
        """Nothing waits."""
        del task
        return 0

    def trouble(self) -> BrokerTrouble | None:
        """None."""
        return None


def pages(number: int, kb: int) -> list[bytes]:
    """Pages of at least so many kB of which each says something of its own after most sentences."""
    dice = Random(7)
    sources = [path.read_bytes() for path in sorted(PAGES.glob("*.html"))]
    plain = [page for page in sources if page.isascii() or b"utf-8" in page[:600].lower()]

    def own(page: bytes, n: int) -> bytes:
        def more(_: Any) -> bytes:
            words = " ".join(f"word{dice.randrange(10**6)}" for _ in range(8))
            return f". Report {n} adds {words}. ".encode()

        return _ENDS.sub(more, page)

    return [_furnished(own(page, n), kb * 1024) for n, page in enumerate(islice(cycle(plain), number))]


def _furnished(page: bytes, size: int) -> bytes:
    """The page with what real ones are full of, scripts and lists of links, up to a size."""
    missing = size - len(page)
    if missing <= 0 or b"</body>" not in page:
        return page
    script = b"<script>" + b"var a = {b: [1, 2, 3]};\n" * (missing // 2 // 24) + b"</script>"
    links = b"".join(b'<li><a href="/%d">Section %d</a></li>' % (n, n) for n in range(missing // 2 // 41))
    return page.replace(b"</body>", b"<nav><ul>" + links + b"</ul></nav>" + script + b"</body>")


def timed(step: Callable[[], Any]) -> tuple[float, Any]:
    """(seconds, what came of it)."""
    began = time.perf_counter()
    done = step()
    return time.perf_counter() - began, done


def read_all(found: Sequence[bytes], threads: int, reader: JailedReader) -> list[Article]:
    """The articles in them."""

    def read(numbered: tuple[int, bytes]) -> Article:
        number, content = numbered
        page = reader.page(content, "", NOW)
        return Article(f"a{number}", page.title, page.text, "Reuters", "", NOW, NOW)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(read, enumerate(found)))


def settle(articles: Sequence[Article], units: SqlUnits, voices: Voices, geography: Geography) -> int:
    """Store and compare them; returns how many were new."""
    fresh, fingerprints = 0, RensaFingerprints()
    for start in range(0, len(articles), BATCH):
        batch = articles[start : start + BATCH]
        ingest(batch, "bench", units, NoQueue())
        with units() as unit:
            claims = unit.works.claim(Task.ANALYSE, [one.id for one in batch], LEASE)
        new = deduplicate(claims, units, fingerprints, voices, geography, SystemClock())
        fresh += len(new)
    return fresh


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kb", type=int, default=0)
    chosen = parser.parse_args()
    found, detente = pages(chosen.articles, chosen.kb), Detente()
    voices, geography = Voices(detente.owner_of, detente.agencies), detente.gazetteer.geography
    alone, _ = timed(lambda: [trafilatura.bare_extraction(page) for page in found])
    with tempfile.TemporaryDirectory() as folder:
        engine = make_engine(sqlite_url(Path(folder)))
        migrate.upgrade(engine)
        reader = JailedReader(at_once=chosen.threads, patience=600)
        reader.page(found[0], "", NOW)  # the jail is warm in a service that runs
        reading, articles = timed(lambda: read_all(found, chosen.threads, reader))
        reader.close()
        settling, fresh = timed(lambda: settle(articles, SqlUnits(engine), voices, geography))
        engine.dispose()
    whole = len(found) / (reading + settling)
    print(
        json.dumps(
            {
                "articles": len(found),
                "new": fresh,
                "mean_page_kb": round(sum(map(len, found)) / len(found) / 1024, 1),
                "articles_per_s": round(whole, 1),
                "read_per_s": round(len(found) / reading, 1),
                "settled_per_s": round(len(found) / settling, 1),
                "of_trafilatura_alone_on_one_core": round(whole / (len(found) / alone), 2),
            }
        )
    )


if __name__ == "__main__":
    main()
