"""`detente ingest`."""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from service.adapters.feeds.files import TYPES, read_file, read_lines
from service.adapters.feeds.http import HttpFetcher
from service.bootstrap import Detente
from service.cli.output import out, out_json
from service.domain.news.article import Article
from service.errors import ConfigError, FetchFailed, RefusedInput
from service.pipeline.ingest import ingest as store
from service.ports import Feed, Refused

CHUNK = 100
"""Articles stored in one transaction."""
SHOWN = 20
"""Refusals listed one by one; the rest are counted."""


@dataclass
class Tally:
    """What became of what was read."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)


def ingest(detente: Detente, sources: list[str], *, as_json: bool) -> int:
    """Take everything in; 0 good, 1 when anything was refused."""
    detente.prepare_database()
    tally = Tally()
    for source in sources:
        _ingest_one(detente, source, tally)
    if as_json:
        out_json(
            {
                **{name: tally.counts[name] for name in ("new", "duplicate", "conflict")},
                "refused": [{"where": r.where, "reason": str(r.refusal), "detail": r.message} for r in tally.refused],
            }
        )
    else:
        _report(tally)
    return 1 if tally.refused or tally.counts["conflict"] else 0


def _ingest_one(detente: Detente, source: str, tally: Tally) -> None:
    items = _read(detente, source)
    with _progress(source) as advance:
        while chunk := list(islice(items, CHUNK)):
            articles = [item for item in chunk if isinstance(item, Article)]
            tally.refused += [item for item in chunk if isinstance(item, Refused)]
            tally.counts += store(articles, f"ingest:{source}"[:300], detente.units, detente.queue).counts
            advance(len(chunk))


def _read(detente: Detente, source: str) -> Iterator[Article | Refused]:
    now = detente.clock.now()
    if source == "-":
        return read_lines(sys.stdin.buffer, "standard input", now)
    if source.startswith(("http://", "https://")):
        return _read_feed(detente, source)
    path = Path(source)
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in TYPES)
        return (item for file in files for item in read_file(file, now))
    if not path.exists():
        raise ConfigError(f"{source}: no such file or folder")
    return read_file(path, now)


def _read_feed(detente: Detente, url: str) -> Iterator[Article | Refused]:
    fetcher = HttpFetcher(allow_private=detente.settings.intake.allow_private)
    feed = Feed(hashlib.sha256(url.encode()).hexdigest()[:16], url, "")
    try:
        reply = fetcher.fetch(feed, detente.clock.now())
    except RefusedInput as refused:
        yield Refused(url, refused.refusal, str(refused))
        return
    except FetchFailed as failed:
        raise FetchFailed(f"{url}: {failed}") from None
    yield from reply.items
    yield from reply.refused


def _report(tally: Tally) -> None:
    counts = tally.counts
    out(f"new {counts['new']}, duplicate {counts['duplicate']}, refused {len(tally.refused) + counts['conflict']}")
    if counts["conflict"]:
        out(f"  {counts['conflict']} with an id that another text has already")
    for refused in tally.refused[:SHOWN]:
        out(f"  {refused.where}: {refused.refusal}: {refused.message}")
    if len(tally.refused) > SHOWN:
        by_reason = Counter(str(r.refusal) for r in tally.refused[SHOWN:])
        out("  and " + ", ".join(f"{n} × {reason}" for reason, n in sorted(by_reason.items())))


@contextmanager
def _progress(what: str) -> Iterator[Callable[[int], None]]:
    """A counter on the terminal; nothing when standard error is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed} articles"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=None)
        yield lambda n: bar.advance(task, n)
