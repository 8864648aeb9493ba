"""Articles in files and web archives: bytes in, values out; every refusal names its place and reason."""

import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from service.adapters.feeds.links import web_link
from service.domain.news.article import Article, Flag
from service.domain.news.dates import dated, day_in, day_of_dateline
from service.domain.news.duplicate import derived_id
from service.domain.news.lookalike import unmixed
from service.domain.news.text import MAX_TEXT, MAX_TITLE, clean, has_substance
from service.errors import Refusal, RefusedInput
from service.ports import Refused

if TYPE_CHECKING:
    from service.adapters.feeds.reader import JailedReader

ARCHIVES = frozenset({".warc", ".warc.gz"})
TYPES = frozenset({".txt", ".html", ".htm", ".json", ".jsonl", ".xml", ".rss", ".atom"}) | ARCHIVES
LARGEST = 5 * 1024 * 1024
"""Bytes of a single-article file or of one line of a .jsonl file."""
LONGEST_ID = 200
"""Characters of an article's id."""
NO_ITEMS = "the feed has no items"
NO_ARTICLE = "there is no article in it"
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(hours=1)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}")
_HEAD = 4096
"""Bytes by which a binary file is known."""
_BINARY = 0.02
"""Share of control bytes from which a file is no text."""


def kind_of(path: PurePath) -> str:
    """The end of a file's name that tells what it holds: its suffix, or the last two of a packed archive."""
    name = path.name.lower()
    return next((kind for kind in ARCHIVES if name.endswith(kind)), path.suffix.lower())


def read_file(path: Path, now: datetime) -> Iterator[Article | Refused]:
    """The articles of a file, lazily, with refusals in between; never raises for what the file holds."""
    kind = kind_of(path)
    try:
        if kind == ".jsonl":
            with path.open("rb") as lines:
                yield from read_lines(lines, str(path), now)
        elif kind in ARCHIVES:
            with path.open("rb") as archive:
                yield from _read_archive(archive, str(path), now)
        elif path.stat().st_size > LARGEST:
            yield Refused(str(path), Refusal.TOO_LARGE, f"larger than {LARGEST} bytes")
        else:
            yield from read_bytes(path.read_bytes(), kind, str(path), now)
    except OSError as error:
        yield Refused(str(path), Refusal.UNREADABLE, error.strerror or "cannot be read")


def read_bytes(content: bytes, kind: str, where: str, now: datetime) -> Iterator[Article | Refused]:
    """The articles in bytes of a kind of file, named by its suffix; never raises for what they hold."""
    try:
        yield from _READERS.get(kind, _read_unknown)(_Raw(content, where, now))
    except RefusedInput as refused:
        yield Refused(where, refused.refusal, str(refused))


def read_lines(lines: Iterator[bytes] | Any, where: str, now: datetime) -> Iterator[Article | Refused]:
    """Articles of JSON lines. A bad line is refused with its number, the others go on. No line at all is refused."""
    seen: set[str] = set()
    is_empty = True
    for number, line in enumerate(lines, 1):
        place = f"{where}:{number}"
        if not line.strip():
            continue
        is_empty = False
        try:
            article = from_mapping(parse_json(line), now)
        except RefusedInput as refused:
            yield Refused(place, refused.refusal, str(refused))
            continue
        if article.id in seen:
            yield Refused(place, Refusal.DUPLICATE_ID, f"the id {article.id!r} stands on an earlier line")
        else:
            seen.add(article.id)
            yield article
    if is_empty:
        yield Refused(where, Refusal.EMPTY, NO_ARTICLE)


def read_dated(path: Path, now: datetime) -> tuple[list[Article], list[Refused]]:
    """Articles of a .jsonl or .jsonl.gz file that say when they were published, and the lines that were refused.

    No date is made up: a line without one, or with one that lies ahead, is refused. Of several lines with one id the
    earliest article counts, whatever the order of the lines.
    """
    kept: dict[str, tuple[Article, str]] = {}
    refused: list[Refused] = []
    for place, found in _dated_lines(path, now):
        if isinstance(found, Refused):
            refused.append(found)
            continue
        later = (found, place)
        if found.id in kept:
            kept[found.id], later = sorted((kept[found.id], later), key=lambda one: _age(one[0]))
            refused.append(Refused(later[1], Refusal.DUPLICATE_ID, f"the id {found.id!r} stands on another line"))
        else:
            kept[found.id] = later
    if not kept and not refused:
        refused.append(Refused(str(path), Refusal.EMPTY, NO_ARTICLE))
    return [article for article, _ in kept.values()], refused


def _dated_lines(path: Path, now: datetime) -> Iterator[tuple[str, Article | Refused]]:
    """Place and what stands there, line by line."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                place = f"{path}:{number}"
                if line.strip():
                    try:
                        yield place, _dated(line, now)
                    except RefusedInput as refused:
                        yield place, Refused(place, refused.refusal, str(refused))
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or f"cannot be read ({type(error).__name__})"
        yield str(path), Refused(str(path), Refusal.UNREADABLE, why)


def _dated(line: bytes, now: datetime) -> Article:
    data = parse_json(line)
    article = _as_it_says(data, _LATEST)
    if not data.get("published_at"):
        raise RefusedInput(Refusal.BAD_DATE, "published_at is missing")
    if article.published_at > now + _TOLERANCE:
        raise RefusedInput(Refusal.BAD_DATE, f"published_at lies in the future: {article.published_at:%Y-%m-%d %H:%M}Z")
    return replace(article, fetched_at=article.published_at)


def _age(article: Article) -> tuple[datetime, tuple[str, ...]]:
    """What articles of one id are ordered by: their time, then anything but where they stand."""
    return article.published_at, (article.document, article.publisher, article.url, article.language)


def parse_json(content: bytes) -> Any:
    """A JSON document. Raises RefusedInput for anything else, also for NaN, duplicate keys and absurd depth."""
    if len(content) > LARGEST:
        raise RefusedInput(Refusal.TOO_LARGE, f"larger than {LARGEST} bytes")
    try:
        return json.loads(decode(content), object_pairs_hook=_no_twins, parse_constant=_no_constants)
    except RecursionError:
        raise RefusedInput(Refusal.BAD_JSON, "nested too deeply") from None
    except json.JSONDecodeError as error:
        raise RefusedInput(Refusal.BAD_JSON, f"not valid JSON: {error.msg} at column {error.colno}") from None
    except ValueError as error:
        raise RefusedInput(Refusal.BAD_JSON, f"not valid JSON: {str(error)[:120]}") from None


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise RefusedInput(Refusal.BAD_JSON, "a key stands twice in one object")
    return dict(pairs)


def _no_constants(name: str) -> Any:
    raise RefusedInput(Refusal.BAD_JSON, f"{name} is no JSON number")


def from_mapping(data: Any, now: datetime) -> Article:
    """An article from an object with `text`, and perhaps id, title, published_at, publisher, url, language.

    It counts as published when it says, or on the day in its address or dateline where that is plainly earlier. Raises
    RefusedInput.
    """
    article = _as_it_says(data, now)
    for day in (day_in(article.url), day_of_dateline(article.text)):
        article = dated(article, day, now)
    return article


def _as_it_says(data: Any, now: datetime) -> Article:
    if not isinstance(data, Mapping):
        raise RefusedInput(Refusal.BAD_JSON, "an article must be an object with a text")
    text, odd_text = _words(data, "text", MAX_TEXT)
    title, odd_title = _words(data, "title", MAX_TITLE)
    title = title.replace("\n", " ")
    if not text and not title:
        raise RefusedInput(Refusal.MISSING_FIELD, "there is no text")
    if not has_substance(f"{title} {text}"):
        raise RefusedInput(Refusal.NO_TEXT, "the text has no words")
    published, odd_date = _published(data.get("published_at"), now)
    url = web_link(_string(data, "url"))
    publisher = unmixed(clean(_string(data, "publisher"), 200)).replace("\n", " ")
    return Article(
        id=_id(data, title, text, url),
        title=title,
        text=text,
        publisher=publisher,
        url=url,
        published_at=published,
        fetched_at=now,
        language=_language(data),
        flags=tuple(flag for flag in Flag if flag in {*odd_text, *odd_title, odd_date}),
    )


def _words(data: Mapping[str, Any], key: str, limit: int) -> tuple[str, list[Flag]]:
    """Cleaned words, and what is odd about them."""
    raw = _string(data, key)
    kept = clean(raw, limit)
    read = unmixed(kept)
    is_cut = len(raw) > limit and clean(raw, 2 * limit) != kept
    return read, [flag for flag, is_so in ((Flag.LOOKALIKES, read != kept), (Flag.CUT, is_cut)) if is_so]


def _published(value: Any, now: datetime) -> tuple[datetime, Flag | None]:
    """When it says it was published, or now, and what is odd about that."""
    moment = parse_time(value, _LATEST)
    if value is None or value == "":
        return now, Flag.UNDATED
    return (now, Flag.FUTURE) if moment > now + _TOLERANCE else (moment, None)


def _string(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RefusedInput(Refusal.MISSING_FIELD, f"{key} must be a string")
    return value.encode("utf-8", "replace").decode("utf-8")


def _language(data: Mapping[str, Any]) -> str:
    """What is declared, if it has the form of a tag; it is a hint, so a bad one is no reason to refuse an article."""
    declared = data.get("language")
    return declared if isinstance(declared, str) and _LANGUAGE_TAG.fullmatch(declared) else ""


def _id(data: Mapping[str, Any], title: str, text: str, url: str) -> str:
    given = data.get("id")
    if given is None:
        return derived_id(title, text, url)
    if not isinstance(given, str | int) or isinstance(given, bool):
        raise RefusedInput(Refusal.BAD_ID, "id must be a string or a whole number")
    written = str(given)
    if not 1 <= len(written) <= LONGEST_ID or not written.isprintable() or " " in written:
        raise RefusedInput(Refusal.BAD_ID, f"id must be 1 to {LONGEST_ID} visible characters without a space")
    return written


def parse_time(value: Any, now: datetime) -> datetime:
    """A time in ISO 8601 or mail form; without a zone it is UTC; absent it is now, and so is one in the future.

    Raises RefusedInput for what is no time, or lies before 1980.
    """
    if value is None or value == "":
        return now
    if not isinstance(value, str) or len(value) > 60:  # noqa: PLR2004
        raise RefusedInput(Refusal.BAD_DATE, "published_at must be a time such as 2026-03-01T12:00:00Z")
    moment = _any_time(value.strip())
    if moment is None or moment < _EARLIEST:
        raise RefusedInput(Refusal.BAD_DATE, "published_at must be a time after 1980 such as 2026-03-01T12:00:00Z")
    return min(moment, now) if moment > now + _TOLERANCE else moment


def _any_time(value: str) -> datetime | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError, TypeError):
            continue
    return None


def decode(content: bytes) -> str:
    """UTF-8, or UTF-16 with its mark. Raises RefusedInput for anything else."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        encoding = "utf-16"
    elif looks_binary(content):
        raise RefusedInput(Refusal.BINARY, "this is not text")
    else:
        encoding = "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise RefusedInput(Refusal.BAD_ENCODING, f"not {encoding} text at byte {error.start}") from None


def looks_binary(content: bytes) -> bool:
    """NUL bytes or many control bytes in the first kilobytes."""
    head = content[:_HEAD]
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head)  # noqa: PLR2004  ASCII controls but blanks and line ends
    return b"\0" in head or controls > _BINARY * len(head)


class _Raw(NamedTuple):
    """Bytes, where they come from, and when."""

    content: bytes
    where: str
    now: datetime


def _read_text(raw: _Raw) -> Iterator[Article | Refused]:
    if not raw.content.strip():
        raise RefusedInput(Refusal.EMPTY, "the file is empty")
    title, _, text = clean(decode(raw.content)).partition("\n")
    if not text.strip():
        title, text = "", title
    yield from_mapping({"title": title, "text": text}, raw.now)


def _read_html(raw: _Raw) -> Iterator[Article | Refused]:
    yield _reader().article(raw.content, raw.now)


def _read_json(raw: _Raw) -> Iterator[Article | Refused]:
    if not raw.content.strip():
        raise RefusedInput(Refusal.EMPTY, "the file is empty")
    data = parse_json(raw.content)
    if not isinstance(data, list):
        yield from_mapping(data, raw.now)
        return
    yield from read_lines((json.dumps(item).encode() for item in data), raw.where, raw.now)


def _read_jsonl(raw: _Raw) -> Iterator[Article | Refused]:
    yield from read_lines(raw.content.split(b"\n"), raw.where, raw.now)


def _read_feed(raw: _Raw) -> Iterator[Article | Refused]:
    found = _reader().feed(raw.content, {}, raw.where, "", raw.now)
    if not found.items and not found.refused:
        raise RefusedInput(Refusal.EMPTY, NO_ITEMS)
    yield from found.items
    yield from found.refused


def _read_archive(archive: BinaryIO, where: str, now: datetime) -> Iterator[Article | Refused]:
    from service.adapters.feeds.warc import read_archive  # noqa: PLC0415  it makes its articles here

    found = (passed.found for passed in read_archive(archive, where, _reader(), now) if passed.found)
    first = next(found, None)
    yield first or Refused(where, Refusal.EMPTY, NO_ARTICLE)
    yield from found


def _reader() -> "JailedReader":
    from service.adapters.feeds.reader import shared_reader  # noqa: PLC0415  it makes its articles here

    return shared_reader()


def _read_unknown(raw: _Raw) -> Iterator[Article | Refused]:
    if looks_binary(raw.content):
        raise RefusedInput(Refusal.BINARY, "this is not text")
    raise RefusedInput(Refusal.UNSUPPORTED, "known kinds of file are " + ", ".join(sorted(TYPES)))


_READERS = {
    ".txt": _read_text,
    ".html": _read_html,
    ".htm": _read_html,
    ".json": _read_json,
    ".jsonl": _read_jsonl,
    ".xml": _read_feed,
    ".rss": _read_feed,
    ".atom": _read_feed,
}
