"""The article in a web page. Bytes in, plain values out; nothing is executed and nothing is fetched."""

import codecs
import re
from copy import deepcopy
from typing import Any

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from service.adapters.feeds.page_cleaning import drop_furniture, drop_hidden, scope_of
from service.adapters.feeds.page_facts import Facts, facts_of
from service.errors import Refusal, RefusedInput

MOST_PAGE = 2_000_000
"""Bytes of a page that are read; of a larger one, what stands before the last tag within them."""
_HEAD = 4096
_BINARY = 0.02
"""Share of control characters from which a page is no text."""
_CHARSET = re.compile(rb"""<meta\b[^>]{0,200}?\bcharset\s*=\s*["']?\s*([A-Za-z0-9_:.-]{2,40})""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_WIDER = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "utf-16": "utf-8",
    "utf-16-le": "utf-8",
    "utf-16-be": "utf-8",
}
"""Names under which browsers read a wider set; a declaration that can be read as bytes is not UTF-16."""
_IMPRINT = 100
"""Characters that a line about the printing has at most."""
_SENTENCE_END = re.compile("[.!?…。！？؟][\"'”’»)\\]]*$")
_STAMP = re.compile(r"https?://|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b|\b(19|20)\d\d\b|\b\d{1,2}[:h]\d{2}\b")
_RIGHTS = re.compile(r"©|\bcopyright\b|all rights reserved", re.IGNORECASE)
_TRIED_LAST = "cp1252"


def read_page(content: bytes, address: str, charset: str = "") -> dict[str, Any]:
    """title, text, url, publisher, published_at (ISO 8601 or None), language, and modified_at where it is given.

    Text is paragraphs parted by line ends, without what a reader would not see. `charset` is what its server says it is
    written in, for a page that does not say so itself. Raises RefusedInput.
    """
    if not content.strip():
        raise RefusedInput(Refusal.EMPTY, "the file is empty")
    tree = _tree(_decoded(content, charset))
    drop_hidden(tree)
    facts = facts_of(tree, address)
    text = _trimmed(_extracted(tree, facts), facts.title)
    if not text:
        raise RefusedInput(Refusal.NO_TEXT, "the page holds no readable text")
    found = {
        "title": facts.title or _headline(tree),
        "text": text,
        "url": facts.url,
        "publisher": facts.publisher or _site(tree),
        "published_at": facts.published_at or _day(tree),
        "language": facts.language,
    }
    return found | ({"modified_at": facts.modified_at} if facts.modified_at else {})


def _tree(text: str) -> HtmlElement:
    """The parsed page. Raises RefusedInput for what holds no element."""
    try:
        parser = HTMLParser(remove_comments=True, remove_pis=True, encoding="utf-8")
        return document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise RefusedInput(Refusal.NO_TEXT, "the page holds no readable text") from None


def _extracted(tree: HtmlElement, facts: Facts) -> str:
    """What trafilatura takes for the article: of the cleaned page or, if that leaves nothing, of the page as it is."""
    cleaned = deepcopy(tree)
    drop_furniture(cleaned)
    return _text(scope_of(cleaned, facts.title)) or _text(tree)


def _text(tree: HtmlElement) -> str:
    import trafilatura  # noqa: PLC0415  0.6 s that only reading of pages should pay

    page = trafilatura.bare_extraction(deepcopy(tree), include_comments=False, include_tables=False)
    return "" if page is None else (page.text or "").strip()


def _day(tree: HtmlElement) -> str | None:
    """The day that stands somewhere in the page, for one that declares none.

    A bare year, such as that of a copyright line, comes back as its first of January.
    """
    from htmldate import find_date  # noqa: PLC0415  as above

    found = find_date(deepcopy(tree), original_date=True)
    return None if found is None or found.endswith("-01-01") else str(found)


def _headline(tree: HtmlElement) -> str:
    from trafilatura.metadata import extract_title  # noqa: PLC0415  as above

    return extract_title(tree) or ""


def _site(tree: HtmlElement) -> str:
    """What stands after the headline in the page's title."""
    from trafilatura.metadata import extract_sitename  # noqa: PLC0415  as above

    return extract_sitename(tree) or ""


def _trimmed(text: str, title: str) -> str:
    """The text without lines at its edges that tell where, when and by whom it was printed, or the title again."""
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    whole = [n for n, line in enumerate(lines) if _is_prose(line)] or [0]
    head = [line for line in lines[: whole[0]] if not _is_imprint(line) and line.casefold() != title.casefold()]
    tail = [line for line in lines[whole[-1] + 1 :] if not _is_imprint(line)]
    return "\n".join([*head, *lines[whole[0] : whole[-1] + 1], *tail])


def _is_prose(line: str) -> bool:
    """Whether a line is a sentence and no imprint."""
    return bool(_SENTENCE_END.search(line)) and not _is_imprint(line)


def _is_imprint(line: str) -> bool:
    """Whether a short line is about the printing: a date, an address, a mark of copyright."""
    if len(line) > _IMPRINT:
        return False
    return bool(_RIGHTS.search(line)) or (bool(_STAMP.search(line)) and not _SENTENCE_END.search(line))


def _decoded(content: bytes, charset: str) -> str:
    """The page's characters, of the first `MOST_PAGE` bytes. Raises RefusedInput for what is no text."""
    text = _characters(content[:MOST_PAGE], charset)
    if len(content) > MOST_PAGE:
        text = text.rpartition("<")[0] or text
    head = text[:_HEAD]
    if "\0" in head or sum(ord(c) < 9 or 13 < ord(c) < 32 for c in head) > _BINARY * len(head):  # noqa: PLR2004  ASCII controls but blanks and line ends
        raise RefusedInput(Refusal.BINARY, "this is not text")
    return _DECLARATION.sub("", text)


def _characters(content: bytes, charset: str) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace")
    for start, encoding in ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be")):
        if content.startswith(start):
            return content.decode(encoding, "replace")
    return _by_declaration(content, charset)


def _by_declaration(content: bytes, charset: str) -> str:
    """UTF-8 where it is that, whatever is declared; then what is declared; then what it looks like."""
    declared = _declared(content) or _known(charset)
    strict = None if declared == "iso2022_jp" else _as_utf8(content)
    return strict if strict is not None else content.decode(declared or _guessed_encoding(content), "replace")


def _as_utf8(content: bytes) -> str | None:
    """The content in UTF-8, None if it is not; a character that the cut went through is left out."""
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    except UnicodeDecodeError:
        return None


def _declared(content: bytes) -> str:
    """What the page itself declares."""
    found = _CHARSET.search(content, 0, _HEAD)
    return _known(found[1].decode("ascii")) if found else ""


def _known(charset: str) -> str:
    """The name under which Python knows a charset, "" for none and for UTF-8."""
    try:
        name = codecs.lookup(charset).name if charset else ""
        b"<".decode(name or "utf-8", "replace")  # hex and the like have a name, but are no text
    except (LookupError, UnicodeError, ValueError):
        return ""
    wider = _WIDER.get(name, name)
    return "" if wider == "utf-8" else wider


def _guessed_encoding(content: bytes) -> str:
    from trafilatura.utils import detect_encoding  # noqa: PLC0415  as above

    return next((name for name in detect_encoding(content) if _WIDER.get(name, name) != "utf-8"), _TRIED_LAST)
