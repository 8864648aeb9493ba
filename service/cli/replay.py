"""`detente replay`."""

import gc
import hashlib
import json
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from service.adapters.feeds.files import read_dated
from service.bootstrap import Detente
from service.cli.output import out, parse_at, progress
from service.domain.alerting.rule import Rule
from service.domain.news.article import Article
from service.errors import ConfigError
from service.operations import present
from service.operations.coding import code_all
from service.operations.replay import last_look


def replay(detente: Detente, file: Path, rules: Path | None, until: str | None) -> int:
    """Print what would have been decided, a line for each transition, and their digest; 1 when a line was bad."""
    if not file.is_file():
        raise ConfigError(f"{file}: no such file")
    now, chosen = detente.clock.now(), detente.rules_in(rules)
    limit = parse_at(until, now, "--until")
    began = time.monotonic()
    read, refused = read_dated(file, now)
    for line in refused:
        print(f"{line.where}: {line.refusal}: {line.message}", file=sys.stderr)
    articles = [a for a in read if until is None or a.published_at <= limit]
    digest = _run(detente, articles, chosen, limit if until or not articles else last_look(articles, chosen))
    seconds = round(time.monotonic() - began, 3)
    out(json.dumps({"digest": digest, "articles": len(articles), "seconds": seconds}))
    return 1 if refused else 0


def _run(detente: Detente, articles: Sequence[Article], rules: Sequence[Rule], until: datetime) -> str:
    """Print the transitions; returns the SHA-256 of the lines printed."""
    engine, digest = detente.replay(rules), hashlib.sha256()
    with uncollected():
        new = engine.store_new(articles)
    with progress("coding", "articles") as advance:
        codings = code_all(new, detente.coder, detente.codings, detente.coding_version, advance)
    with uncollected(), progress("replay", "articles") as advance:
        for transition, alert in engine.run(new, [c.events for c in codings], until, advance):
            line = json.dumps(present.moved(transition, alert), ensure_ascii=False)
            digest.update(f"{line}\n".encode())
            out(line)
    return digest.hexdigest()


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector of cycles: what a replay makes stays until its end, and looking it through takes long."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
