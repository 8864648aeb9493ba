"""HTML of others becomes plain text. Runs in the reading process."""

import html
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

LONGEST_TITLE, LONGEST_TEXT = 1000, 400_000
"""Characters of a title and of a text that leave the reading process."""
_MARKUP = 4
"""How many characters of markup are looked at for each of text."""
_BLOCK_NAMES = (
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul"
)
_DROPPED_NAMES = (
    "applet area audio base button canvas datalist embed frame frameset head iframe input link map math meta noframes "
    "noscript object option param picture progress script select source style svg template textarea title track video"
)
_BLOCKS, _DROPPED = frozenset(_BLOCK_NAMES.split()), frozenset(_DROPPED_NAMES.split())
_CELLS = frozenset({"td", "th"})
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0+(?:\.0*)?(?![\d.])", re.IGNORECASE
)
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9:-]*(?:[\s/][^<>]*)?>|<!--|<!\[CDATA\[")
_BLANKS = re.compile(r"\s+")
_AROUND_BREAK = re.compile(r"[^\S\n]*\n[^\S\n]*")
_BREAKS = re.compile(r"\n{3,}")
_SURROGATE = re.compile("[\ud800-\udfff]")


def plain(value: object, limit: int, *, is_markup: bool) -> str:
    """At most `limit` characters of text; nothing of what is no string.

    Entities are decoded once, and only of markup. What is said to be plain text and yet has tags is taken for markup.
    """
    if not isinstance(value, str):
        return ""
    source = _SURROGATE.sub("\ufffd", value[: limit * _MARKUP])
    if _TAG.search(source) or (is_markup and "<" in source):
        source = _text(source)
    elif is_markup:
        source = html.unescape(source)
    return _SURROGATE.sub("\ufffd", source)[:limit]


def _text(markup: str) -> str:
    """What a reader would see, paragraphs apart by a blank line."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    source = f"<html><body>{markup}".replace("\0", "")
    root = etree.fromstring(source.encode("utf-8", "replace"), parser)
    text = "".join(_pieces(root)) if root is not None else ""
    return _BREAKS.sub("\n\n", _AROUND_BREAK.sub("\n", text)).strip()


def _pieces(root: Any) -> Iterator[str]:
    walker = etree.iterwalk(root, events=("start", "end"))
    preformatted = 0
    for event, element in walker:
        name = element.tag
        if name in _BLOCKS:
            yield "\n\n"
        if event == "start":
            if _is_hidden(element):
                walker.skip_subtree()
                continue
            preformatted += name == "pre"
            yield _written(element.text, preformatted)
            continue
        preformatted -= name == "pre" and not _is_hidden(element)
        if name == "br":
            yield "\n"
        elif name in _CELLS:
            yield " "
        yield _written(element.tail, preformatted)


def _written(text: str | None, preformatted: int) -> str:
    """Line ends in the source of a page are blanks."""
    if not text or preformatted:
        return text or ""
    return _BLANKS.sub(" ", text)


def _is_hidden(element: Any) -> bool:
    if element.tag in _DROPPED or "hidden" in element.attrib or element.get("aria-hidden") == "true":
        return True
    return bool(_HIDING.search(element.get("style", "")))
