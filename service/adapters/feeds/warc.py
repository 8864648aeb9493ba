"""Web archives: the pages in .warc and .warc.gz files, one after the other, however large the file is."""

import codecs
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, BinaryIO, Protocol

from warcio.bufferedreaders import ChunkedDataReader
from warcio.statusandheaders import StatusAndHeadersParser, StatusAndHeadersParserException

from service.adapters.feeds.announced import web_address
from service.adapters.feeds.files import from_mapping, parse_time
from service.adapters.feeds.warc_records import BEGINNING, Broken, Place, Record, Records, next_after
from service.adapters.net.body import GZIP, PLAIN, Body
from service.domain.news.article import Article, Flag
from service.domain.news.completion import Page
from service.errors import FetchFailed, Refusal, RefusedInput
from service.ports import Refused

LARGEST_PAGE = 2 * 2**20
"""Bytes of a page, as it is kept and as it is read."""
_GZIP = b"\x1f\x8b\x08"
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([a-z0-9_.:-]{2,40})")
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HTML = ("text/html", "application/xhtml+xml")
_HTTP = ["HTTP/1.0", "HTTP/1.1", "HTTP/2.0", "HTTP/2", "HTTP/3"]
_PROTOCOLS = StatusAndHeadersParser(_HTTP)


class PageReader(Protocol):
    """Reads pages in a process of its own."""

    def page(self, content: bytes, address: str, now: datetime) -> Page:
        """The article on a page. Raises RefusedInput or ReaderUnavailable."""
        ...


@dataclass(frozen=True, slots=True)
class Passed:
    """How far a file has been read: the next record begins at `place`. `found` is None for what is no page."""

    place: Place
    found: Article | Refused | None = None


def read_archive(
    file: BinaryIO, where: str, reader: PageReader, now: datetime, start: Place = BEGINNING
) -> Iterator[Passed]:
    """The pages of an archive from the record at `start`, and what was refused, one for each record.

    A broken record is refused with its offset, and reading goes on with the next that can be found. `file` must be one
    on disk.
    """
    place: Place | None = start
    while place is not None:
        records = Records(file, place)
        place = None
        try:
            for record in records:
                yield Passed(records.next, _found(record, f"{where}@{record.place}", reader, now))
        except Broken as broken:
            place = next_after(file, records.place.offset)
            refused = Refused(f"{where}@{records.place}", Refusal.UNREADABLE, str(broken))
            yield Passed(place or Place(file.seek(0, io.SEEK_END)), refused)


def _found(record: Record, where: str, reader: PageReader, now: datetime) -> Article | Refused | None:
    """The article in a record, why it is refused, or None where it is no page."""
    try:
        content = _page(record)
        return None if content is None else _article(record, content, reader, now)
    except RefusedInput as refused:
        return Refused(where, refused.refusal, str(refused))


def _article(record: Record, content: bytes, reader: PageReader, now: datetime) -> Article:
    """One whose page says no date counts as published when it was fetched. Raises RefusedInput."""
    url = web_address(record.headers.get_header("WARC-Target-URI") or "")
    page = reader.page(content, url, now)
    fetched_at = parse_time(record.headers.get_header("WARC-Date"), now)
    told = {"title": page.title, "text": page.text, "url": url, "language": page.language}
    article = from_mapping(told | {"published_at": (page.published_at or fetched_at).isoformat()}, now)
    return article if page.published_at else replace(article, flags=(Flag.UNDATED, *article.flags))


def _page(record: Record) -> bytes | None:
    """The page in a record, None where it holds none or the server gave another answer. Raises RefusedInput."""
    if record.kind == "resource":
        head, body = record.headers, record.block
    elif record.kind == "response":
        stream = io.BytesIO(record.block)
        try:
            head = _PROTOCOLS.parse(stream)
        except (StatusAndHeadersParserException, EOFError):
            return None
        if head.get_statuscode() != "200":
            return None
        body = stream.read()
    else:
        return None
    kind = (head.get_header("Content-Type") or "").lower()
    if not kind.startswith(_HTML):
        return None
    if len(record.block) < record.length:
        raise RefusedInput(Refusal.TOO_LARGE, f"the page is larger than {LARGEST_PAGE} bytes")
    return _in_utf8(body if record.kind == "resource" else _decoded(body, head), kind)


def _decoded(body: bytes, head: Any) -> bytes:
    """The body as the page was written. Many tools keep bodies decoded beside headers that say otherwise."""
    if (head.get_header("Transfer-Encoding") or "").lower() == "chunked":
        body = ChunkedDataReader(io.BytesIO(body)).read(len(body))
    coding = (head.get_header("Content-Encoding") or "").strip().lower()
    if coding in PLAIN or (coding in GZIP and not body.startswith(_GZIP)):
        return body
    if coding not in GZIP and coding != "deflate":
        raise RefusedInput(Refusal.UNSUPPORTED, "the page is packed in a way that is not read")
    return _unpacked(body, coding)


def _unpacked(body: bytes, coding: str) -> bytes:
    unpacking = Body(coding, len(body), LARGEST_PAGE)
    try:
        unpacking.take(body)
        return unpacking.whole()
    except FetchFailed as failed:
        raise RefusedInput(Refusal.UNREADABLE, str(failed)) from None


def _in_utf8(content: bytes, kind: str) -> bytes:
    """What the server says of the characters counts more than what the page does."""
    if not (named := _CHARSET.search(kind)) or content.startswith(_MARKS):
        return content
    try:
        return content.decode(named[1]).encode("utf-8-sig")
    except (LookupError, UnicodeError):
        return content
