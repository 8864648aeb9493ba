"""RSS, Atom and JSON Feed: bytes in, plain values out. Runs in the reading process."""

import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from itertools import islice
from typing import Any
from urllib.parse import urljoin
from xml.parsers import expat

import feedparser
from lxml import etree

from service.adapters.feeds.dates import iso
from service.adapters.feeds.jsonfeed import looks_like_json, read_json_feed
from service.adapters.feeds.links import web_link
from service.adapters.feeds.markup import LONGEST_TEXT, LONGEST_TITLE, plain
from service.errors import Refusal, RefusedInput

MOST_ITEMS = 500
MOST_TEXT = 4_000_000
"""Characters of all items together."""
_LONGEST_SHOWN = 300
_HEAD = 4096
_STRAY = 0.1
"""Share of bytes above ASCII below which a text that is no UTF-8 is in a Western alphabet."""
_FEED_LINKS = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json"})
_DECLARED_UTF8 = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']utf-?8["']""", re.IGNORECASE)
_DECLARATION = re.compile(r"""^(\s*<\?xml[^>]*?)\s+encoding=["'][^"']*["']""")
_OWN_ENTITIES = re.compile(rb"<!DOCTYPE[^<>\[]*\[", re.IGNORECASE)
_PAGE = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL)
_ITEM = re.compile(rb"<(?:[\w.-]+:)?(?:item|entry)[\s/>]")
_ITEM_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>")
_FEED_END = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_REFERENCE = re.compile(rb"&#(?:x0*([0-9a-f]{4,})|0*([0-9]{5,}));", re.IGNORECASE)
_SURROGATES, _LAST_LETTER = range(0xD800, 0xE000), 0x10FFFF
_DIGITS = 7
"""Of the last letter there is."""
_CONTROLS = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])
_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 10_080, "monthly": 43_200, "yearly": 525_600}
_DEPTH = 2
"""How deep an item may lie: in a channel of an rss, or in an RDF or feed."""


def read_feed(content: bytes, given: Mapping[str, Any]) -> dict[str, Any]:
    """`title`, `language`, `ttl_minutes`, `items` and `refused`.

    At most 500 items are read, each with title, text, url, published_at (None where nothing sensible is said) and
    language. What is refused has place, reason and sentence. `given` has the feed's `address` and the `headers` it
    came with. Raises RefusedInput for what is no feed.
    """
    if not content.strip():
        raise RefusedInput(Refusal.EMPTY, "the feed is empty")
    if looks_like_json(content):
        return _fitting(read_json_feed(content, MOST_ITEMS), [])
    return _read_xml(content, given)


def _read_xml(content: bytes, given: Mapping[str, Any]) -> dict[str, Any]:
    repaired, said = _repaired(content, given.get("headers", {}))
    if _OWN_ENTITIES.search(repaired):
        raise RefusedInput(Refusal.NOT_A_FEED, "a feed that defines entities of its own is not read")
    if _PAGE.match(repaired[:_HEAD]):
        raise RefusedInput(Refusal.NOT_A_FEED, _page_instead(repaired, given.get("address", "")))
    whole, refused = _whole(_REFERENCE.sub(_letter, repaired))
    # As a stream: a string, and bytes too, would be tried as a path or an address first.
    parsed = feedparser.parse(
        BytesIO(_first_items(whole)), response_headers=said, sanitize_html=False, resolve_relative_uris=False
    )
    if not parsed.get("version"):
        raise RefusedInput(Refusal.NOT_A_FEED, "this is neither RSS nor Atom nor JSON Feed")
    feed = {
        "title": _plain(parsed.feed, "title", LONGEST_TITLE),
        "language": _string(parsed.feed.get("language")),
        "ttl_minutes": _ttl(parsed.feed),
        "items": [_fields(entry, parsed.feed) for entry in parsed.entries[:MOST_ITEMS]],
    }
    return _fitting(feed, refused)


def _fitting(feed: dict[str, Any], refused: list[list[str]]) -> dict[str, Any]:
    """With the items that fit."""
    items: list[Mapping[str, Any]] = []
    left = MOST_TEXT
    for number, item in enumerate(feed["items"], 1):
        left -= len(item["text"])
        if left >= 0:
            items.append(item)
        else:
            refused.append([f"item {number}", Refusal.TOO_LARGE, f"the items before have {MOST_TEXT} characters"])
    return {"ttl_minutes": None} | feed | {"items": items, "refused": refused}


def _repaired(content: bytes, headers: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """The feed in sound UTF-8 and headers that say so, where its encoding is plain.

    One bad byte would make feedparser read a whole UTF-8 feed as another encoding.
    """
    encoding = _plain_encoding(content, headers)
    if encoding is None:
        return content, dict(headers)
    text = _DECLARATION.sub(r"\1", _decoded(content, encoding).removeprefix("\ufeff"), count=1)
    return text.translate(_CONTROLS).encode(), {**headers, "content-type": "application/xml; charset=utf-8"}


def _plain_encoding(content: bytes, headers: Mapping[str, str]) -> str | None:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    if content[:4] in {b"<\0?\0", b"\0<\0?"}:
        return "utf-16-le" if content[:1] == b"<" else "utf-16-be"
    silent = b"<?xml" not in content[:100] and "charset" not in headers.get("content-type", "").lower()
    return "utf-8" if silent or _DECLARED_UTF8.match(content) else None


def _decoded(content: bytes, encoding: str) -> str:
    """What is said to be UTF-8 and has not one letter in it beyond ASCII is Windows-1252."""
    text = content.decode(encoding, "replace")
    if encoding == "utf-8" and "\ufffd" in text and content.decode(encoding, "ignore").isascii():
        strays = sum(byte > 0x7F for byte in content)  # noqa: PLR2004  ASCII's last
        return content.decode("cp1252", "replace") if strays < _STRAY * len(content) else text
    return text


def _letter(found: re.Match[bytes]) -> bytes:
    """The reference, if it is to a letter: feedparser bears no other ones."""
    hexadecimal, decimal = found.groups()
    digits = hexadecimal or decimal
    number = int(digits[: _DIGITS + 1], 16 if hexadecimal else 10)
    return b"&#65533;" if number in _SURROGATES or number > _LAST_LETTER or len(digits) > _DIGITS else found[0]


def _page_instead(content: bytes, address: str) -> str:
    """What to say of a page, with the first feed that it names."""
    root = etree.fromstring(content, etree.HTMLParser(encoding="utf-8", no_network=True))
    links = root.iter("link") if root is not None else ()
    for link in links:
        found = _joined(address, link.get("href", "")) if _is_feed_link(link) else ""
        if found:
            return f"this is a page, not a feed; it names a feed: {found}"
    return "this is a page, not a feed"


def _is_feed_link(link: Any) -> bool:
    return "alternate" in link.get("rel", "").lower() and link.get("type", "").lower().strip() in _FEED_LINKS


def _joined(address: str, href: str) -> str:
    try:
        return web_link(urljoin(address, href.strip()))[:_LONGEST_SHOWN]
    except ValueError:
        return ""


def _whole(content: bytes) -> tuple[bytes, list[list[str]]]:
    """The feed without an item that breaks off, and a note if it does."""
    if _FEED_END.search(content, max(0, len(content) - _HEAD)):
        return content, []
    *_, last = (-1, *(found.start() for found in _ITEM.finditer(content)))
    if last < 0:
        return content, []
    closed = _ITEM_END.search(content, last) is not None
    return content if closed else content[:last], [["", Refusal.UNREADABLE, "the feed breaks off before its end"]]


def _first_items(content: bytes) -> bytes:
    """The feed closed behind its 500th item: its parser would read on to the end."""
    beyond = next(islice(_ITEM.finditer(content), MOST_ITEMS, None), None)
    if beyond is None:
        return content
    counted = _Counter(MOST_ITEMS)
    try:
        counted.parser.Parse(content, True)  # noqa: FBT003  its own form
    except _Enough:
        closing = "".join(f"</{name}>" for name in reversed(counted.path))
        return content[: counted.parser.CurrentByteIndex] + closing.encode()
    except (expat.ExpatError, LookupError, ValueError):
        return content[: beyond.start()]
    return content


class _Enough(Exception):
    """The items have been counted."""


class _Counter:
    """Finds where the item begins that is one too many, and what is open there."""

    def __init__(self, most: int) -> None:
        self.left, self.path = most, list[str]()
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler, self.parser.EndElementHandler = self._start, self._end

    def _start(self, name: str, _attributes: Any) -> None:
        if len(self.path) <= _DEPTH and name.rpartition(":")[2] in {"item", "entry"}:
            if not self.left:
                raise _Enough
            self.left -= 1
        self.path.append(name)

    def _end(self, _name: str) -> None:
        self.path.pop()


def _fields(entry: Any, feed: Any) -> dict[str, Any]:
    bodies = [_value(part, LONGEST_TEXT) for part in entry.get("content", ())]
    return {
        "title": _plain(entry, "title", LONGEST_TITLE),
        "text": max([*bodies, _plain(entry, "summary", LONGEST_TEXT)], key=len),
        "url": web_link(_string(entry.get("link"))),
        "published_at": _time(entry),
        "language": _language(entry, feed),
    }


def _plain(element: Any, name: str, limit: int) -> str:
    detail = element.get(f"{name}_detail")
    return _value(detail, limit) if detail else plain(element.get(name), limit, is_markup=True)


def _value(detail: Mapping[str, Any], limit: int) -> str:
    return plain(detail.get("value"), limit, is_markup=detail.get("type") != "text/plain")


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _language(entry: Any, feed: Any) -> str:
    """What the item declares, otherwise what the feed does."""
    return _string(next(_declared(entry), None) or feed.get("language"))


def _declared(entry: Any) -> Iterator[Any]:
    for detail in (entry.get("title_detail"), entry.get("summary_detail"), *entry.get("content", ())):
        if detail and detail.get("language"):
            yield detail["language"]


def _time(entry: Any) -> str | None:
    parts = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    if _string(dict.get(entry, "published") or dict.get(entry, "updated")).strip().startswith("-"):
        return None  # feedparser does not see the sign of a year
    try:
        return iso(datetime.fromtimestamp(timegm(parts), UTC)) if parts else None
    except (ValueError, TypeError, OverflowError, OSError):
        return None


def _ttl(feed: Any) -> int | None:
    """For how many minutes a feed is good, by its own word."""
    try:
        if said := _string(feed.get("ttl")):
            return max(0, int(said[:10]))
        period = _PERIODS.get(_string(feed.get("sy_updateperiod")).strip().lower())
        often = int(_string(feed.get("sy_updatefrequency"))[:10] or 1)
    except ValueError:
        return None
    return period // often if period and often > 0 else None
