"""Lists of feeds as OPML, the form in which feed readers exchange them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from service.adapters.publishing.xml import clean
from service.errors import Refusal, RefusedInput
from service.ports import Refused

LARGEST = 2 * 2**20
"""Bytes of a file that is read."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A feed of a list; `line` is where it stands in the file."""

    title: str
    url: str
    line: int


def read_opml(content: bytes, where: str) -> Iterator[Outline | Refused]:
    """The feeds of a list, from all its folders, and what is no feed. Raises RefusedInput if it is no list of feeds."""
    if len(content) > LARGEST:
        raise RefusedInput(Refusal.TOO_LARGE, f"it is larger than {LARGEST} bytes")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    try:
        root = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise RefusedInput(Refusal.UNREADABLE, f"line {error.lineno}: this is no XML: {error.msg}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise RefusedInput(Refusal.UNSUPPORTED, "a list with a document type of its own is not read")
    if root.tag != "opml" or (body := root.find("body")) is None:
        raise RefusedInput(Refusal.NOT_A_FEED, "this is no OPML with a body")
    return (_outline(one, where) for one in body.iter("outline") if _is_feed(one))


def _is_feed(outline: etree._Element) -> bool:
    """What has neither an address nor anything within is meant to be one."""
    return bool(_value(outline, "xmlurl")) or outline.find("outline") is None


def _outline(outline: etree._Element, where: str) -> Outline | Refused:
    title = _value(outline, "title") or _value(outline, "text")
    url, line = _value(outline, "xmlurl"), outline.sourceline or 1
    if not url:
        return Refused(f"{where}:{line}", Refusal.MISSING_FIELD, f"{title[:80] or 'an entry'} has no xmlUrl")
    return Outline(title, url, line)


def _value(outline: etree._Element, name: str) -> str:
    """An attribute; programs do not agree on capitals."""
    return next((str(v).strip() for k, v in outline.attrib.items() if str(k).lower() == name), "")


def write_opml(title: str, feeds: Iterable[tuple[str, str]], at: datetime) -> bytes:
    """Feeds, each a name and an address, as OPML 2.0."""
    root = etree.Element("opml", version="2.0")
    head, body = etree.SubElement(root, "head"), etree.SubElement(root, "body")
    etree.SubElement(head, "title").text = clean(title)
    etree.SubElement(head, "dateCreated").text = format_datetime(at, usegmt=True)
    for name, url in feeds:
        etree.SubElement(body, "outline", type="rss", text=clean(name), title=clean(name), xmlUrl=clean(url))
    written: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
    return written
