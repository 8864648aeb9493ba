"""`detente ingest`."""

import hashlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from service.adapters.feeds.files import NO_ITEMS, TYPES, kind_of, read_file, read_lines
from service.adapters.feeds.http import FeedFetcher
from service.bootstrap import Detente
from service.bootstrap.reach import reach_of
from service.cli.output import out, out_json, progress
from service.domain.news.article import Article
from service.domain.news.owner import label_of
from service.errors import ConfigError, FetchFailed, Refusal, RefusedInput
from service.ports import Feed, Refused

Store = Callable[[Sequence[Article], str], Sequence[str]]
"""(articles, where from) → "new", "duplicate", "corrected" or "conflict" for each."""
CHUNK = 100
"""Articles stored in one transaction."""
NAMED = 3
"""Publishers in quarantine named; the rest are counted."""
SHOWN = 20
"""Refusals listed one by one; the rest are counted."""


@dataclass
class Tally:
    """What became of what was read."""

    store: Store
    counts: Counter[str] = field(default_factory=Counter)
    refused: list[Refused] = field(default_factory=list)
    strangers: Counter[str] = field(default_factory=Counter)
    """Articles taken of publishers in quarantine, by publisher."""
    skipped: int = 0
    """Files of folders that are of no kind we know."""


def ingest(detente: Detente, sources: list[str], *, corrects: bool, as_json: bool) -> int:
    """Take everything in; 0 good, 1 when anything was refused.

    Raises ConfigError before anything is stored when there is no such file or folder.
    """
    for source in sources:
        if not _is_stream(source) and not Path(source).exists():
            raise ConfigError(f"{source}: no such file or folder")
    detente.prepare_database()
    tally = Tally(store=detente.correct if corrects else detente.take_in)
    for source in sources:
        _ingest_one(detente, source, tally)
    if as_json:
        out_json(
            {
                **{name: tally.counts[name] for name in ("new", "duplicate", "corrected", "conflict")},
                "skipped": tally.skipped,
                "quarantined": dict(tally.strangers.most_common()),
                "refused": [{"where": r.where, "reason": str(r.refusal), "detail": r.message} for r in tally.refused],
            }
        )
    else:
        _report(tally)
    return 1 if tally.refused or tally.counts["conflict"] else 0


def retract(detente: Detente, article_id: str, reason: str) -> None:
    """Take one article back. Raises NotFound."""
    detente.prepare_database()
    detente.retract(article_id, reason)
    out(f"{article_id} is retracted; what it did to the scores is undone")


def _is_stream(source: str) -> bool:
    """Whether this is standard input or an address."""
    return source == "-" or source.startswith(("http://", "https://"))


def _ingest_one(detente: Detente, source: str, tally: Tally) -> None:
    items = _read(detente, source, tally)
    with progress(source, "articles") as advance:
        while chunk := list(islice(items, CHUNK)):
            articles = [item for item in chunk if isinstance(item, Article)]
            tally.refused += [item for item in chunk if isinstance(item, Refused)]
            outcomes = tally.store(articles, f"ingest:{source}"[:300])
            tally.counts.update(outcomes)
            taken = [a for a, outcome in zip(articles, outcomes, strict=True) if outcome in {"new", "corrected"}]
            tally.strangers.update(_strangers(taken, detente))
            advance(len(chunk))


def _strangers(articles: Sequence[Article], detente: Detente) -> Iterator[str]:
    """The publishers in quarantine, once an article."""
    return (label_of(a.publisher, a.url) for a in articles if detente.owner_of(a.publisher, a.url).is_quarantined)


def _read(detente: Detente, source: str, tally: Tally) -> Iterator[Article | Refused]:
    now = detente.clock.now()
    if source == "-":
        return read_lines(sys.stdin.buffer, "standard input", now)
    if _is_stream(source):
        return _read_feed(detente, source)
    path = Path(source)
    return _read_folder(path, now, tally) if path.is_dir() else read_file(path, now)


def _read_folder(folder: Path, now: datetime, tally: Tally) -> Iterator[Article | Refused]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    known = [p for p in files if kind_of(p) in TYPES]
    tally.skipped += len(files) - len(known)
    if not known:
        yield Refused(str(folder), Refusal.EMPTY, "the folder has no file of a known kind")
    for file in known:
        yield from read_file(file, now)


def _read_feed(detente: Detente, url: str) -> Iterator[Article | Refused]:
    fetcher = FeedFetcher(reach_of(detente.settings.intake))
    feed = Feed(hashlib.sha256(url.encode()).hexdigest()[:16], url, "")
    try:
        reply = fetcher.fetch(feed, detente.clock.now())
    except RefusedInput as refused:
        yield Refused(url, refused.refusal, str(refused))
        return
    except FetchFailed as failed:
        yield Refused(url, Refusal.UNREADABLE, str(failed))
        return
    yield from reply.items
    yield from reply.refused
    if not reply.items and not reply.refused:
        yield Refused(url, Refusal.EMPTY, NO_ITEMS)


def _report(tally: Tally) -> None:
    counts = tally.counts
    corrected = f", corrected {counts['corrected']}" if counts["corrected"] else ""
    refused = len(tally.refused) + counts["conflict"]
    out(f"new {counts['new']}, duplicate {counts['duplicate']}{corrected}, refused {refused}")
    if counts["conflict"]:
        out(
            f"  {counts['conflict']} with an id that another text has already: --correct puts the new text in its place"
        )
    if tally.strangers:
        named = ", ".join(name for name, _ in tally.strangers.most_common(NAMED))
        more = f" and {len(tally.strangers) - NAMED} more" if len(tally.strangers) > NAMED else ""
        out(f"  {tally.strangers.total()} of publishers in quarantine ({named}{more}): they count little and confirm")
        out("  nothing until you decide on them: detente sources accept")
    if tally.skipped:
        out(f"  {tally.skipped} of an unknown kind of file skipped")
    for one in tally.refused[:SHOWN]:
        out(f"  {one.where}: {one.refusal}: {one.message}")
    if len(tally.refused) > SHOWN:
        by_reason = Counter(str(r.refusal) for r in tally.refused[SHOWN:])
        out("  and " + ", ".join(f"{n} × {reason}" for reason, n in sorted(by_reason.items())))
