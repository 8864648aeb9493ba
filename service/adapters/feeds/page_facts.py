"""What a page says of itself: headline, link, publisher, times, language."""

import json
import re
from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

_LONGEST_TITLE = 500
_DATA_READ = 500_000
"""Characters of one block of JSON-LD that are read."""
_SEPARATOR = re.compile(r"\s+(?:[|–—·»]|::|-)\s+")
_WORD = re.compile(r"\w+")
_SHARED = 0.5
"""Share of a heading's words that the page's title must know for it to be the headline."""
_SITE_WORDS = 5
"""Words that a site's name at the end of a title may have."""
_ARTICLE = re.compile(r"article|posting|report|webpage|videoobject", re.IGNORECASE)
_PUBLISHED = re.compile(
    r"(^|[.:_-])(date|date[._-]?(published|issued|created)|pub(lication|lish)?[._-]?date|published([._-](time|at))?"
    r"|first-published-at|publication_date|created|issued)$",
    re.IGNORECASE,
)
_EARLIEST = 1980


class Facts(NamedTuple):
    """Texts are "" and times None where the page does not say."""

    title: str
    url: str
    publisher: str
    published_at: str | None
    modified_at: str | None
    language: str


def facts_of(tree: HtmlElement, address: str) -> Facts:
    """Facts of a parsed page from which hidden elements have been taken; `address` is where it was found, or ""."""
    metas = _metas(tree)
    data = list(_linked_data(tree))
    return Facts(
        _title(tree, metas, data)[:_LONGEST_TITLE],
        _link(tree, address),
        _publisher(metas, data),
        _first_time(_published(tree, metas, data)),
        _first_time(_modified(tree, metas, data)),
        (tree.get("lang") or "").strip()[:35],
    )


def _metas(tree: HtmlElement) -> dict[str, str]:
    """Name in small letters -> content; of several the first."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or ""
        content = " ".join((meta.get("content") or "").split())
        if name and content:
            found.setdefault(name.lower(), content)
    return found


def _linked_data(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD that tell of an article. What is no JSON is passed over."""
    for script in tree.iter("script"):
        if script.get("type", "").strip().lower() == "application/ld+json" and len(script.text or "") <= _DATA_READ:
            try:
                yield from _articles(json.loads(script.text or "null", strict=False))
            except (ValueError, RecursionError):
                continue


def _articles(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, list):
        for item in data:
            yield from _articles(item)
    elif isinstance(data, dict):
        if _ARTICLE.search(str(data.get("@type"))):
            yield data
        yield from _articles(data.get("@graph"))


def _said(data: list[dict[str, Any]], key: str) -> Iterator[str]:
    """The values of a key that are texts."""
    for item in data:
        value = item.get(key)
        if isinstance(value, str) and value.strip():
            yield " ".join(value.split())


def _title(tree: HtmlElement, metas: dict[str, str], data: list[dict[str, Any]]) -> str:
    """The heading that the page's own title speaks of; without one, what is declared, then what stands there."""
    declared = next(filter(None, (metas.get("og:title"), *_said(data, "headline"), metas.get("twitter:title"))), "")
    shown = _without_site(" ".join((tree.findtext(".//title") or "").split()))
    headings = [text for text in map(_heading, tree.iter("h1")) if text]
    known = declared or shown
    best = max(headings, key=lambda text: len(_words(text) & _words(known)), default="")
    if best and len(_words(best) & _words(known)) >= _SHARED * len(_words(best)):
        return best
    if declared:
        return _without_site(declared, metas.get("og:site_name", ""))
    if len(headings) == 1:
        return headings[0]
    minor = (text for text in map(_heading, tree.iter("h2", "h3")) if text and text in shown)
    return max(minor, key=len, default=shown or next(iter(headings), ""))


def _heading(element: HtmlElement) -> str:
    """The text of a heading, or that of the picture in its place."""
    text = " ".join(element.text_content().split())
    return text or next((" ".join(image.get("alt", "").split()) for image in element.iter("img")), "")


def _words(text: str) -> set[str]:
    return set(_WORD.findall(text.casefold()))


def _without_site(title: str, site: str = "") -> str:
    """A title without the name of the site before or behind it."""
    parts = list(_SEPARATOR.finditer(title))
    if not parts:
        return title
    before, behind = title[: parts[-1].start()].strip(), title[parts[-1].end() :].strip()
    if site:
        return before if behind.casefold() == site.casefold() else title
    first, rest = title[: parts[0].start()].strip(), title[parts[0].end() :].strip()
    if len(behind.split()) <= min(_SITE_WORDS, len(before.split())):
        return before
    return rest if len(first.split()) <= min(_SITE_WORDS, len(rest.split())) else title


def _link(tree: HtmlElement, address: str) -> str:
    """The canonical link if it is of the address's own host, or there is no address; otherwise the address."""
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            try:
                named = str(urljoin(address, (link.get("href") or "").strip()))
                if named.startswith(("http://", "https://")) and (not address or _host(named) == _host(address)):
                    return named
            except ValueError:
                break
    return address


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "").removeprefix("www.")


def _publisher(metas: dict[str, str], data: list[dict[str, Any]]) -> str:
    publishers = [item["publisher"] for item in data if isinstance(item.get("publisher"), dict)]
    return metas.get("og:site_name") or next(_said(publishers, "name"), "") or metas.get("publisher", "")


def _published(tree: HtmlElement, metas: dict[str, str], data: list[dict[str, Any]]) -> Iterator[str]:
    """What may be the time of publication, the surest first."""
    yield metas.get("article:published_time", "")
    yield from _said(data, "datePublished")
    yield from _marked(tree, "datePublished")
    yield from (content for name, content in metas.items() if _PUBLISHED.search(name))
    yield from _said(data, "uploadDate")
    yield from (time.get("datetime") or "" for time in tree.iter("time"))


def _modified(tree: HtmlElement, metas: dict[str, str], data: list[dict[str, Any]]) -> Iterator[str]:
    yield metas.get("article:modified_time", "")
    yield from _said(data, "dateModified")
    yield from _marked(tree, "dateModified")


def _marked(tree: HtmlElement, name: str) -> Iterator[str]:
    """What elements marked with an `itemprop` give."""
    for element in tree.iter("meta", "time", "span"):
        if element.get("itemprop") == name:
            yield element.get("content") or element.get("datetime") or element.text or ""


def _first_time(candidates: Iterator[str]) -> str | None:
    return next(filter(None, map(_iso, candidates)), None)


def _iso(written: str) -> str | None:
    """A time or a day in ISO 8601, None for what is none or lies before 1980."""
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = parse(written.strip().replace("/", "-")[:60])
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
        if moment.year < _EARLIEST:
            return None
        return moment.isoformat() if ":" in written or "T" in written else moment.date().isoformat()
    return None
