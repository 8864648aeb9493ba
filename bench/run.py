"""`make bench`: how fast articles are coded and scored, how big the processes and the installation are.

Prints one JSON object. `coded_per_second` is also given as a share of a plain loop of the same machine, because the
machines are noisy and differ.
"""

import json
import platform
import subprocess
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import psutil

from service.bootstrap import Detente
from service.demo.simulation import as_articles, demo_articles
from service.domain.news.article import Article
from service.flow import Task
from service.pipeline.ingest import ingest

REPEAT = 5
UNTIL = datetime.fromisoformat("2026-04-20T00:00:00+00:00")


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        detente = Detente(None, {"data_dir": Path(folder)})
        detente.prepare_database()
        articles = as_articles(demo_articles(), UNTIL)
        figures = {
            "machine": f"{platform.machine()}, {psutil.cpu_count()} CPUs, Python {platform.python_version()}",
            "commit": commit(),
            "baseline_loops_per_second": round(loops_per_second()),
            **_coding(detente, articles),
            **_storing(detente, articles),
            "rss_mb_with_model": round(psutil.Process().memory_info().rss / 2**20),
            "installed_mb": _installed_mb(),
        }
    print(json.dumps(figures, indent=2))


def commit() -> str:
    """The commit that is measured."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def loops_per_second() -> float:
    """Plain additions in millions: what other figures are compared with."""
    began, total = time.perf_counter(), 0
    for number in range(3_000_000):
        total += number & 7
    return 3_000_000 / (time.perf_counter() - began)


def _coding(detente: Detente, articles: list[Article]) -> dict[str, Any]:
    loading = _seconds(lambda: detente.desk)
    sentences = sum(len(coded.answer.sentences) for coded in detente.desk.read(articles))
    seconds = min(_seconds(lambda: detente.desk.read(articles)) for _ in range(REPEAT))
    return {
        "model_load_seconds": round(loading, 2),
        "articles": len(articles),
        "sentences": sentences,
        "articles_coded_per_second": round(len(articles) / seconds, 1),
        "sentences_coded_per_second": round(sentences / seconds, 1),
        "sentences_per_million_loops": round(sentences / seconds / (loops_per_second() / 1e6), 2),
    }


def _storing(detente: Detente, articles: list[Article]) -> dict[str, float]:
    """The whole line in this process, without broker: ingest, analyse, assess."""
    queue = Deaf()
    stored = _seconds(lambda: ingest(articles, "bench", detente.units, queue))
    ids = [article.id for article in articles]
    analysed = _seconds(lambda: detente.perform(Task.ANALYSE, ids))
    assessed = _seconds(lambda: detente.perform(Task.ASSESS, ids))
    return {
        "stored_per_second": round(len(ids) / stored, 1),
        "analysed_per_second": round(len(ids) / analysed, 1),
        "scored_per_second": round(len(ids) / assessed, 1),
    }


class Deaf:
    """A queue nobody listens to."""

    def nudge(self, task: Task, ids: Any) -> bool:
        """Take it."""
        return bool(task and ids is not None)

    def depth(self, task: Task) -> int:
        """Nothing waits."""
        return 0 * len(task)

    def trouble(self) -> None:
        """All is well."""


def _seconds(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _installed_mb() -> int | None:
    """Size of the core installation, when this runs in one: the development tools are not counted apart."""
    root = Path(__file__).parents[1] / ".venv"
    return sum(f.stat().st_size for f in root.rglob("*") if f.is_file()) // 2**20 if root.is_dir() else None


if __name__ == "__main__":
    main()
