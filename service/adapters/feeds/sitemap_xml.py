"""What stands in a sitemap: bytes in, plain values out. Runs in the reading process."""

import html
import zlib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from typing import Any

from lxml import etree

from service.errors import Refusal, RefusedInput

MOST_ITEMS = 500
"""Articles that are taken of one sitemap, the newest first."""
MOST_ENTRIES = 50_000
"""Entries that are looked at: sitemaps may have no more."""
MOST_BYTES = 32 * 2**20
"""Bytes of a sitemap that came compressed."""
_GZIP = b"\x1f\x8b"
_LONGEST = 4000
"""Characters of a field that are looked at."""
_NEVER = datetime.min.replace(tzinfo=UTC)


def read_sitemap(content: bytes, _given: Mapping[str, Any]) -> dict[str, Any]:
    """`items` of a list of pages, or `children` of a list of sitemaps, newest first.

    An item has loc, title, published_at, publisher, language; a child loc and published_at; all are strings, "" where
    nothing is said. `is_whole` tells whether the XML was sound to its end. Raises RefusedInput for what is no sitemap.
    """
    root, is_whole = _tree(_unpacked(content))
    read = {"urlset": _item, "sitemapindex": _child}.get(_name(root))
    if read is None:
        raise RefusedInput(Refusal.NOT_A_FEED, "this is no sitemap: it begins with neither urlset nor sitemapindex")
    entries = (element for element in root.iterchildren(tag=etree.Element) if _name(element) in {"url", "sitemap"})
    found = sorted(map(read, islice(entries, MOST_ENTRIES)), key=_age, reverse=True)
    return {"children" if read is _child else "items": found[:MOST_ITEMS], "is_whole": is_whole}


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    unpacking = zlib.decompressobj(wbits=31)
    try:
        plain = unpacking.decompress(content, MOST_BYTES + 1)
    except zlib.error:
        raise RefusedInput(Refusal.UNREADABLE, "the compressed sitemap is broken") from None
    if len(plain) > MOST_BYTES:
        raise RefusedInput(Refusal.TOO_LARGE, f"the sitemap is larger than {MOST_BYTES} bytes")
    return plain


def _tree(content: bytes) -> tuple[Any, bool]:
    if not content.strip():
        raise RefusedInput(Refusal.EMPTY, "the sitemap is empty")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False, recover=True, remove_comments=True
    )
    try:
        tree = etree.parse(BytesIO(content), parser)
    except etree.XMLSyntaxError:
        raise RefusedInput(Refusal.NOT_A_FEED, "this is no XML") from None
    root = tree.getroot()
    if root is None:
        raise RefusedInput(Refusal.NOT_A_FEED, "this is no XML")
    if tree.docinfo.internalDTD is not None:
        raise RefusedInput(Refusal.NOT_A_FEED, "a sitemap that defines a document type of its own is not read")
    return root, not parser.error_log


def _item(element: Any) -> dict[str, str]:
    fields = dict(_fields(element))
    return {
        "loc": fields.get("loc", ""),
        "title": html.unescape(fields.get("title", "")),
        "published_at": fields.get("publication_date") or fields.get("lastmod", ""),
        "publisher": html.unescape(fields.get("name", "")),
        "language": fields.get("language", ""),
    }


def _child(element: Any) -> dict[str, str]:
    fields = dict(_fields(element))
    return {"loc": fields.get("loc", ""), "published_at": fields.get("lastmod", "")}


def _fields(element: Any) -> Iterator[tuple[str, str]]:
    """Names and texts: of the entry itself, of its `news`, and of the `publication` in there. No other ones' titles."""
    for child in element.iterchildren(tag=etree.Element):
        name = _name(child)
        if name in {"news", "publication"}:
            yield from _fields(child)
        else:
            yield name, (child.text or "").strip()[:_LONGEST]


def _name(element: Any) -> str:
    """Without its namespace; many use a prefix and forget to say which one it stands for."""
    return str(element.tag).rpartition("}")[2].rpartition(":")[2]


def _age(entry: Mapping[str, str]) -> datetime:
    """What is undated is taken for oldest."""
    try:
        moment = datetime.fromisoformat(entry["published_at"])
    except ValueError:
        return _NEVER
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
