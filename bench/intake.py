"""Articles a second from page to deduplicated text: pages read in the jail, texts stored and compared in SQLite beside.

`python -m bench.intake [--articles 600] [--threads 2] [--kb 0]` prints one line of JSON. The pages are those of
`tests/data/pages`, each with words of its own in every paragraph, so that none repeats another, and with
`--kb` as many scripts and links as make it so large; the baseline is
trafilatura alone on the same pages in the same run, on one core.
"""

import argparse
import json
import multiprocessing
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from multiprocessing.connection import Connection
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


def read_all(found: Sequence[bytes], threads: int, reader: JailedReader) -> Iterator[Article]:
    """The articles in them, as they are read."""

    def read(numbered: tuple[int, bytes]) -> Article:
        number, content = numbered
        page = reader.page(content, "", NOW)
        return Article(f"a{number}", page.title, page.text, "Reuters", "", NOW, NOW)

    with ThreadPoolExecutor(threads) as pool:
        yield from pool.map(read, enumerate(found))


def settle(folder: Path, pipe: Connection) -> None:
    """What the analysing worker does: store and compare the batches that come, and say how many were new."""
    detente, units, fingerprints, fresh = Detente(), SqlUnits(make_engine(sqlite_url(folder))), RensaFingerprints(), 0
    voices, geography = Voices(detente.owner_of, detente.agencies), detente.gazetteer.geography
    pipe.send("ready")
    while batch := pipe.recv():
        ingest(batch, "bench", units, NoQueue())
        with units() as unit:
            claims = unit.works.claim(Task.ANALYSE, [one.id for one in batch], LEASE)
        fresh += len(deduplicate(claims, units, fingerprints, voices, geography, SystemClock()))
    pipe.send(fresh)


def whole_way(found: Sequence[bytes], threads: int, folder: Path) -> tuple[float, int]:
    """(seconds, how many were new) with reading and settling side by side, as in the service; both are warm."""
    migrate.upgrade(make_engine(sqlite_url(folder)))
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    settling = context.Process(target=settle, args=(folder, theirs))
    settling.start()
    assert ours.recv() == "ready"
    reader = JailedReader(at_once=threads, patience=600)
    reader.page(found[0], "", NOW)

    def run() -> Any:
        articles = read_all(found, threads, reader)
        while batch := list(islice(articles, BATCH)):
            ours.send(batch)
        ours.send([])
        return ours.recv()

    seconds, fresh = timed(run)
    settling.join()
    reader.close()
    return seconds, fresh


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=600)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--kb", type=int, default=0)
    chosen = parser.parse_args()
    found = pages(chosen.articles, chosen.kb)
    alone, _ = timed(lambda: [trafilatura.bare_extraction(page) for page in found])
    with tempfile.TemporaryDirectory() as folder:
        seconds, fresh = whole_way(found, chosen.threads, Path(folder))
    rate = len(found) / seconds
    print(
        json.dumps(
            {
                "articles": len(found),
                "new": fresh,
                "mean_page_kb": round(sum(map(len, found)) / len(found) / 1024, 1),
                "articles_per_s": round(rate, 1),
                "of_trafilatura_alone_on_one_core": round(rate / (len(found) / alone), 2),
            }
        )
    )


if __name__ == "__main__":
    main()
