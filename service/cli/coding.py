"""`detente classify` and `detente explain`."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from service.adapters.feeds.files import LARGEST, from_mapping, parse_json, read_bytes, read_file
from service.adapters.net.exchange import exchange
from service.bootstrap import Detente
from service.bootstrap.reach import reach_of
from service.cli.output import out, out_json, progress, table
from service.domain.news.article import Article
from service.errors import ConfigError, FetchFailed, Refusal, RefusedInput
from service.operations import present
from service.operations.preview import Desk, Preview, preview
from service.ports import Refused

BATCH = 64
"""Texts coded between two lines of progress."""


def classify(detente: Detente, file: str) -> int:
    """JSON lines in, JSON lines out. 0 good, 1 when a line was bad."""
    desk = detente.desk
    with _opened(file) as lines, _counter() as advance:
        began, used, texts, bad = time.monotonic(), time.process_time(), 0, 0
        for batch in _batches(lines):
            answers = _classify_batch(detente, desk, batch)
            for answer in answers:
                bad += "error" in answer
                out(_line(answer))
            texts += len(answers)
            advance(len(answers))
        took = {
            "seconds": round(time.monotonic() - began, 3),
            "cpu_seconds": round(time.process_time() - used, 3),
            "texts": texts,
        }
    print(json.dumps(took), file=sys.stderr)
    return 1 if bad else 0


def _counter() -> AbstractContextManager[Callable[[int], None]]:
    """Nothing where the answers themselves run over the terminal."""
    return nullcontext(lambda _: None) if sys.stdout.isatty() else progress("classify", "texts")


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        with Path(file).open("rb") as lines:
            yield lines
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}") from None


def _batches(lines: BinaryIO) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    for line in lines:
        if line.strip():
            batch.append(line)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _classify_batch(detente: Detente, desk: Desk, lines: list[bytes]) -> list[dict[str, Any]]:
    """One answer for each line, in order: its own keys passed through, with the coding or an error."""
    now = detente.clock.now()
    read = [_read_line(line, now) for line in lines]
    articles = [article for _, article in read if isinstance(article, Article)]
    coded = iter(desk.read(articles))
    answers = []
    for given, article in read:
        answer = present.classification(next(coded)) if isinstance(article, Article) else {"error": article}
        kept = {key: value for key, value in given.items() if key == "id" or "error" not in answer}
        answers.append({**kept, **answer})
    return answers


def _line(answer: dict[str, Any]) -> str:
    """JSON in which lone surrogates, which UTF-8 cannot hold, are escaped."""
    return json.dumps(answer, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")


def _read_line(line: bytes, now: datetime) -> tuple[dict[str, Any], Article | str]:
    """The line's own keys, and its article under an id of ours: nothing is stored, so theirs may be anything."""
    try:
        given = parse_json(line)
    except RefusedInput as refused:
        return {}, f"{refused.refusal}: {refused}"
    known = given if isinstance(given, dict) else {}
    try:
        return known, from_mapping({**known, "id": None} if known else given, now)
    except RefusedInput as refused:
        return known, f"{refused.refusal}: {refused}"


def explain(detente: Detente, source: str, *, as_json: bool, as_html: bool) -> None:
    """One article, its events, and what it would move."""
    article = detente.agencies.signed(_one_article(detente, source))
    stored = detente.units if detente.is_prepared() else None
    shown = preview(
        article,
        detente.desk,
        detente.owner_of,
        detente.gazetteer.geography,
        detente.rules,
        detente.scale,
        stored,
        detente.clock.now(),
    )
    versions = {**detente.versions, "model": shown.coded.answer.model_version}
    if as_json:
        out_json(present.preview(shown, versions))
    elif as_html:
        from service.web.pages import explain_page  # noqa: PLC0415  the templates are only for pages

        out(explain_page(shown, versions))
    else:
        _show(shown)


def _one_article(detente: Detente, source: str) -> Article:
    """The first article of a source; says so when there are more. Raises RefusedInput, FetchFailed or ConfigError."""
    items = _items(detente, source)
    found = next(items, None)
    if found is None:
        raise RefusedInput(Refusal.EMPTY, f"{source}: holds no article")
    if isinstance(found, Refused):
        raise RefusedInput(found.refusal, f"{found.where}: {found.message}")
    if next(items, None) is not None:
        print(f"detente: {source}: there is more than one article; only the first is shown", file=sys.stderr)
    return found


def _items(detente: Detente, source: str) -> Iterator[Article | Refused]:
    now = detente.clock.now()
    if source.startswith(("http://", "https://")):
        return read_bytes(_page(detente, source), ".html", source, now)
    if source == "-":
        return _standard_input(now)
    path = Path(source)
    if not path.exists() or path.is_dir():
        raise ConfigError(f"{source}: no such file")
    return read_file(path, now)


def _page(detente: Detente, url: str) -> bytes:
    """A web page. Raises FetchFailed, also for a page that tells of an error."""
    try:
        return exchange(url, reach=reach_of(detente.settings.intake), takes={200}).body
    except FetchFailed as failed:
        raise FetchFailed(f"{url}: {failed}") from None


def _standard_input(now: datetime) -> Iterator[Article | Refused]:
    """JSON, JSON lines or a text, within the size of a file."""
    content = sys.stdin.buffer.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise RefusedInput(Refusal.TOO_LARGE, f"standard input: larger than {LARGEST} bytes")
    return read_bytes(content, _kind(content), "standard input", now)


def _kind(content: bytes) -> str:
    """The suffix of the kind of file this looks like."""
    first = content.strip().partition(b"\n")[0].rstrip()
    if first.startswith(b"{") and first.endswith(b"}"):
        return ".jsonl"
    return ".json" if first[:1] in {b"{", b"["} else ".txt"


def _show(p: Preview) -> None:
    out(p.article.title or "(no title)")
    if p.coded.ignored:
        _show_unread(p)
        return
    out(f"lead: {p.lead_signal}   label: {p.label}\n")
    rows = [
        [
            str(e.role),
            str(e.signal),
            f"{e.type}.{e.mode}",
            _parties(e.actors, e.recipients),
            " ".join((*e.where, *e.regions)),
            str(e.modality),
            present.source(e),
            f"{e.intensity:+.1f}",
            " ".join(e.text.split()),
            _words(p.article.document, e.words),
            present.casualties(e),
        ]
        for e in p.coded.events
    ]
    columns = [
        "role",
        "signal",
        "type",
        "who → to whom",
        "where",
        "modality",
        "said by",
        "I",
        "text",
        "deciding words",
        "harmed",
    ]
    table("Events", columns, rows)
    if p.coded.undecided:
        left = [[str(u.signal), f"{u.confidence:.2f}", " ".join(u.text.split())] for u in p.coded.undecided]
        table("Undecided, counts nothing", ["leans to", "probability", "text"], left)
    moves = [[m.subject, f"{m.level_before:.1f}", f"{m.level_after:.1f}", m.direction] for m in p.movements]
    table("Scores it would move", ["subject", "before", "after", "direction"], moves)
    for prospect in p.prospects:
        out(f"alert {prospect.rule} on {prospect.subject}: {prospect.state} ({prospect.severity}): {prospect.reason}")


def _show_unread(p: Preview) -> None:
    out(f"ignored: {p.coded.ignored}")
    rows = [[name.text, name.code] for name in p.coded.names]
    table("Names in it", ["name", "code"], rows)


def _words(document: str, words: Sequence[tuple[int, int, float]]) -> str:
    """The words that decided, the heaviest first, with what each added to the signal or took from it."""
    ordered = sorted(words, key=lambda word: -abs(word[2]))
    return ", ".join(f"{document[start:end]} {weight:+.2f}" for start, end, weight in ordered)


def _parties(actors: tuple[str, ...], recipients: tuple[str, ...]) -> str:
    return f"{'+'.join(actors)} → {'+'.join(recipients)}" if recipients else "+".join(actors)
