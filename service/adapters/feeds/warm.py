"""What parsers load when they first need it is loaded before: in the reading process nothing can be opened."""

import codecs
import contextlib
import encodings
import gzip
import importlib
import importlib.util
import pkgutil
import zipfile
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from service.errors import RefusedInput

_TEXT = "Kestrel sent two brigades to the border on Monday, its ministry of defence said in a statement. "
_PARAGRAPHS = "".join(f"<p>{_TEXT * 3}{number}</p>" for number in range(8))
_PAGE = (
    '<!doctype html><html lang="en"><head><title>Brigades at the border</title><meta charset="{charset}">{date}</head>'
    "<body><article><h1>Brigades at the border</h1>{when}{body}</article></body></html>"
)
_RSS = (
    '<?xml version="1.0" encoding="{charset}"?><rss version="2.0"><channel><title>Kestrel Wire</title>{items}'
    "</channel></rss>"
)
_ITEM = "<item><title>Brigades &amp;amp; more</title><description>&lt;p&gt;One&lt;/p&gt;</description>{date}</item>"
_DATES = (
    "Sun, 01 Mar 2026 10:00:00 GMT",
    "2026-03-01T10:00:00+05:00",
    "2026-W09-7",
    "01.03.2026 10:00",
    "March 1, 2026",
    "1 de marzo de 2026",
    "yesterday",
)
_CHARSETS = ("utf-8", "windows-1251", "gb2312", "shift_jis", "iso-8859-1", "nonsense")


def _feeds() -> list[bytes]:
    dated = "".join(_ITEM.format(date=f"<pubDate>{date}</pubDate>") for date in _DATES)
    sound = [_RSS.format(charset=charset, items=dated).encode() for charset in _CHARSETS]
    atom = b'<feed xmlns="http://www.w3.org/2005/Atom"><title>W</title><entry><title type="html">&lt;b&gt;A'
    jsons = b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"content_html": "<p>A</p>"}]}'
    return [*sound, sound[0][:-40], atom, jsons, sound[0].replace(b"</item>", _ITEM.encode() * 600, 1), *_pages()]


def _pages() -> list[bytes]:
    dates = [f'<meta property="article:published_time" content="{date}">' for date in _DATES]
    made = [_PAGE.format(charset="utf-8", date=date, when="", body=_PARAGRAPHS).encode() for date in dates]
    made += [_PAGE.format(charset="utf-8", date="", when=f"<p>{date}</p>", body=_TEXT).encode() for date in _DATES]
    made += [_PAGE.format(charset=charset, date="", when="", body=_PARAGRAPHS).encode() for charset in _CHARSETS]
    made.append(_PAGE.format(charset="", date="", when="", body="Граница закрыта. " * 40).encode("windows-1251"))
    return [*made, b"<html><body></body></html>", b"<p>A", b"\xff\xfe<\0p\0>\0"]


def _sitemaps() -> list[bytes]:
    entry = "<url><loc>https://kestrel.example/1</loc><lastmod>2026-03-01T10:00:00Z</lastmod></url>"
    made = [f'<?xml version="1.0" encoding="{charset}"?><urlset>{entry}</urlset>'.encode() for charset in _CHARSETS]
    return [*made, made[0][:-9], gzip.compress(made[0]), b"<sitemapindex/>", b"<!DOCTYPE a []><urlset/>", b"prose", b""]


def _updates() -> list[bytes]:
    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("20260301120000.export.CSV", "\t".join(["1"] * 59 + ["20260301120000", "https://a.example/1"]))
    return [whole.getvalue(), whole.getvalue()[:-40], b"prose"]


_LANGUAGES_OF_DATES = "dateparser.data.date_translation_data"
"""What trafilatura's reader of dates loads when no date stands in a page's head."""


_LETTER = """From: =?utf-8?q?Kestrel?= <a@kestrel.example>
Subject: =?windows-1251?b?7fLw?= brigades
Date: {date}
Authentication-Results: mx.example; dmarc=pass
Archived-At: <https://a.example/1>
Content-Language: en
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset={charset}

{text}
--b
Content-Type: text/html; charset={charset}
Content-Transfer-Encoding: {coding}

<a href="https://a.example">View online</a>{text}
--b--
"""


def _letters() -> list[bytes]:
    codings = ("7bit", "base64", "quoted-printable") * 3
    made = [
        _LETTER.format(date=date, charset=charset, coding=coding, text=_PARAGRAPHS).encode()
        for date, charset, coding in zip(_DATES, _CHARSETS, codings, strict=False)
    ]
    return [*made, made[0][:-300], b"From: <, b\nDate: x\n\n" + _TEXT.encode(), b"prose", b""]


SAMPLES: Mapping[str, Callable[[], list[bytes]]] = {
    "feed": _feeds,
    "page": _pages,
    "sitemap": _sitemaps,
    "gdelt": _updates,
    "mail": _letters,
}
"""What each kind of parser is tried on."""


def warm_up(parsers: Mapping[str, Callable[[bytes, Mapping[str, Any]], Any]]) -> None:
    """Load every encoding and every language of dates there is, and use each parser."""
    for module in pkgutil.iter_modules(encodings.__path__):
        with contextlib.suppress(LookupError):
            codecs.lookup(module.name)
    _load_all_of(_LANGUAGES_OF_DATES)
    for kind, parse in parsers.items():
        for content in SAMPLES[kind]():
            with contextlib.suppress(RefusedInput):
                parse(content, {})


def _load_all_of(package: str) -> None:
    found = importlib.util.find_spec(package)
    for module in pkgutil.iter_modules(found.submodule_search_locations if found else ()):
        importlib.import_module(f"{package}.{module.name}")
