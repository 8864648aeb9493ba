"""Bad feeds, by the number and name of their tests: what the wild sends, and what an enemy would."""

import json
from collections.abc import Mapping

HEAD = '<?xml version="1.0" encoding="utf-8"?>'
MANY = 10 * 2**20
"""Bytes of a body: as much as is ever read of one."""


def item(n: object = 1, title: str = "", body: str = "", link: str = "", extra: str = "") -> str:
    """One item of RSS."""
    return (
        f"<item><title>{title or f'Kestrel moves brigade number {n}'}</title>"
        f"<description>{body or f'The ministry of Kestrel said so {n} times.'}</description>"
        f"<link>{link or f'https://wire.example/{n}'}</link>{extra}</item>"
    )


def rss(*items: str, head: str = HEAD, channel: str = "") -> str:
    """A feed of RSS 2.0."""
    return f'{head}<rss version="2.0"><channel><title>Wire</title>{channel}{"".join(items)}</channel></rss>'


def atom(entries: str) -> bytes:
    """A feed of Atom."""
    return f'{HEAD}<feed xmlns="http://www.w3.org/2005/Atom"><title>Wire</title>{entries}</feed>'.encode()


def json_feed(*items: Mapping[str, object], **more: object) -> bytes:
    """A JSON Feed 1.1."""
    said = {"version": "https://jsonfeed.org/version/1.1", "title": "Wire", "items": items}
    return json.dumps(said | more).encode()


def with_entities(entities: str, title: str) -> bytes:
    """A feed whose document type says what is to be put for its entities."""
    return f'<?xml version="1.0"?><!DOCTYPE rss [{entities}]>{rss(item(1, title=title), head="")}'.encode()


def filled(begin: str, piece: str, end: str, most: int = MANY) -> bytes:
    """As many pieces between two ends as `most` bytes have room for."""
    return (begin + piece * ((most - len(begin) - len(end)) // len(piece)) + end).encode()


_LAUGHS = '<!ENTITY a "ha">' + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(12))
_OPEN, _CLOSE = rss("@").split("@")
_ATTRIBUTES = [f"a{n}='{n}'" for n in range(200_000)]

BILLION_LAUGHS = with_entities(_LAUGHS, "x &m; y")
QUADRATIC = with_entities(f'<!ENTITY a "{"x" * 50_000}">', "&a;" * 50_000)
XXE = with_entities('<!ENTITY x SYSTEM "file:///etc/passwd">', "Kestrel &x; news")
ATTRIBUTES = f"{_OPEN}<item {' '.join(_ATTRIBUTES)}><title>Kestrel moves troops</title></item>{_CLOSE}".encode()
ATTRIBUTES_IN_HTML = rss(item(1, body=f"&lt;p {' '.join(_ATTRIBUTES[:100_000])}&gt;Words.&lt;/p&gt;")).encode()
MANY_ITEMS = filled(_OPEN, "<item><title>Kestrel moves troops</title></item>", _CLOSE)
HUGE_TITLE = filled(f"{_OPEN}<item><title>Kestrel ", "moves ", f"</title></item>{_CLOSE}")
NESTED_DIVS = rss(item(1, body="&lt;div&gt;" * 100_000 + "Deep words.")).encode()
NESTED_ELEMENTS = f"{_OPEN}<item><title>Kestrel moves</title>{'<a>' * 50_000}{'</a>' * 50_000}</item>{_CLOSE}".encode()
CDATA_BOMB = filled(_OPEN + item(1), "<![", _CLOSE)
LONG_DATE = rss(item(1, extra=f"<pubDate>{'1' * 100_000}</pubDate>")).encode()
SAME_ARTICLE = rss(item(1) * 1000).encode()

HOSTILE: Mapping[str, bytes] = {
    "06 billion laughs": BILLION_LAUGHS,
    "07 quadratic entity": QUADRATIC,
    "08 external entity": XXE,
    "14 NULs": b"\0" * MANY,
    "16 200,000 attributes": ATTRIBUTES,
    "16 100,000 attributes in HTML": ATTRIBUTES_IN_HTML,
    "17 200,000 items": MANY_ITEMS,
    "18 10 MiB of title": HUGE_TITLE,
    "19 100,000 nested div": NESTED_DIVS,
    "20 50,000 nested elements": NESTED_ELEMENTS,
    "21 CDATA bomb": CDATA_BOMB,
    "22 date of 100,000 digits": LONG_DATE,
    "25 one article 1,000 times": SAME_ARTICLE,
    "500 items of 20 kB": rss(*(item(n, body="word " * 4000) for n in range(500))).encode(),
    "JSON 1,000,000 deep": b'{"items":' + b"[" * 1_000_000,
    "JSON of 5,000,000 empty lists": b'{"version":"https://jsonfeed.org/version/1","items":['
    + b"[]," * 3_400_000
    + b"0]}",
}
"""Those that mean harm, for `bench/hostile.py`."""

HOSTILE_PAGES: Mapping[str, bytes] = {
    "page: tag of 100,000 attributes": f"<html><body><p {' '.join(_ATTRIBUTES[:100_000])}>Words.</p>".encode(),
    "page: 100,000 nested div": b"<html><body>" + b"<div>" * 100_000 + b"Words of a page.",
    "page: 10 MiB of paragraphs": filled("<html><body>", "<p>Two brigades moved on.</p>", "</body></html>"),
    "page: 10 MiB of open tags": filled("<html><body>", "<b><i>", "</body></html>"),
    "page: entities of its own": b"<!DOCTYPE html [" + _LAUGHS.encode() + b"]><html><body><p>A page &m; b.</p>",
}
