"""RSS and Atom by feedparser: bytes in, values out."""

import html
import re
from calendar import timegm
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import feedparser

from service.adapters.feeds.files import from_mapping
from service.domain.news.article import Article
from service.errors import Refusal, RefusedInput
from service.ports import Refused

MOST_ITEMS = 500
_TAG = re.compile(r"<[^>]*>")
_DECLARED_UTF8 = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']utf-?8["']""", re.IGNORECASE)
_DECLARATION = re.compile(r"""^(\s*<\?xml[^>]*?)\s+encoding=["'][^"']*["']""")
_OWN_ENTITIES = re.compile(rb"<!DOCTYPE[^<>\[]*\[", re.IGNORECASE)


def parse_feed(
    content: bytes, headers: Mapping[str, str], where: str, publisher: str, now: datetime
) -> Iterator[Article | Refused]:
    """The first 500 items of a feed as articles, with refusals in between. Raises RefusedInput if it is no feed."""
    if not content.strip():
        raise RefusedInput(Refusal.EMPTY, "the feed is empty")
    repaired, said = _repaired(content, headers)
    if _OWN_ENTITIES.search(repaired):
        raise RefusedInput(Refusal.NOT_A_FEED, "a feed that defines entities of its own is not read")
    parsed = feedparser.parse(repaired, response_headers=said, sanitize_html=True)
    if not parsed.get("version"):
        raise RefusedInput(Refusal.NOT_A_FEED, "this is neither RSS nor Atom")
    name = publisher or _plain(parsed.feed.get("title", ""))
    for number, entry in enumerate(parsed.entries[:MOST_ITEMS], 1):
        try:
            yield from_mapping(_fields(entry, name) | {"language": _language(entry, parsed.feed)}, now)
        except RefusedInput as refused:
            yield Refused(f"{where} item {number}", refused.refusal, str(refused))


def _repaired(content: bytes, headers: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """The feed in sound UTF-8 and headers that say so, where its encoding is plain.

    One bad byte would make feedparser read a whole UTF-8 feed as another encoding.
    """
    encoding = _plain_encoding(content, headers)
    if encoding is None:
        return content, dict(headers)
    text = _DECLARATION.sub(r"\1", content.decode(encoding, "replace").removeprefix("\ufeff"), count=1)
    return text.encode(), {**headers, "content-type": "application/xml; charset=utf-8"}


def _plain_encoding(content: bytes, headers: Mapping[str, str]) -> str | None:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    if content[:4] in {b"<\0?\0", b"\0<\0?"}:
        return "utf-16-le" if content[:1] == b"<" else "utf-16-be"
    silent = b"<?xml" not in content[:100] and "charset" not in headers.get("content-type", "").lower()
    return "utf-8" if silent or _DECLARED_UTF8.match(content) else None


def _fields(entry: Any, publisher: str) -> dict[str, Any]:
    bodies = [part.get("value", "") for part in entry.get("content", ())]
    text = max([*bodies, entry.get("summary", "")], key=len)
    return {
        "title": _plain(entry.get("title", "")),
        "text": _plain(text),
        "url": entry.get("link", ""),
        "publisher": publisher,
        "published_at": _time(entry),
    }


def _language(entry: Any, feed: Any) -> Any:
    """What the item declares, otherwise what the feed does."""
    details = (entry.get("title_detail"), entry.get("summary_detail"), *entry.get("content", ()))
    own = (detail.get("language") for detail in details if detail)
    return next(filter(None, own), None) or feed.get("language")


def _time(entry: Any) -> str:
    """A feed's date that cannot be read, or is absurd, is none: the item is still news to us."""
    parts = dict.get(entry, "published_parsed") or dict.get(entry, "updated_parsed")
    try:
        moment = datetime.fromtimestamp(timegm(parts), UTC) if parts else None
    except (ValueError, TypeError, OverflowError):
        moment = None
    return moment.isoformat() if moment and moment.year >= 1980 else ""  # noqa: PLR2004  the web is younger


def _plain(markup: str) -> str:
    """Text without tags; block ends become line ends."""
    with_breaks = re.sub(r"(?i)</(p|div|li|h[1-6])>|<br\s*/?>", "\n\n", markup)
    return html.unescape(_TAG.sub("", with_breaks))
