"""Every parser works where nothing can be opened, and says there what it says elsewhere."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.adapters.feeds.markup import plain
from service.adapters.feeds.parsers import PARSERS, Reader
from service.adapters.feeds.reader import JailedReader
from service.adapters.feeds.warm import SAMPLES
from service.errors import Refusal, RefusedInput
from tests.corpus.bodies import HEAD, atom, item, json_feed, rss

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CHARSETS = (
    "utf-8",
    "windows-1251",
    "koi8-r",
    "iso-8859-5",
    "gb18030",
    "big5",
    "euc-jp",
    "shift_jis",
    "euc-kr",
    "cp1256",
)


@pytest.fixture(scope="module")
def reader() -> Iterator[JailedReader]:
    made = JailedReader()
    yield made
    made.close()


def outcome(read: Any, content: bytes) -> Any:
    try:
        return read(content)
    except RefusedInput as refused:
        return refused.refusal, str(refused)


def test_every_parser_has_samples_to_be_warmed_up_with() -> None:
    assert SAMPLES.keys() == PARSERS.keys()
    assert all(len(make()) > 1 for make in SAMPLES.values())


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_a_jail_changes_nothing(reader: JailedReader, kind: str) -> None:
    given: dict[str, Any] = {"address": "", "headers": {}}
    for content in SAMPLES[kind]():
        inside = outcome(lambda raw: reader.read(kind, raw, **given), content)
        assert inside == outcome(lambda raw: PARSERS[kind](raw, given), content)


@pytest.mark.parametrize("charset", CHARSETS)
def test_pages_and_feeds_in_every_encoding(reader: JailedReader, charset: str) -> None:
    words = {"utf-8": "تهران", "cp1256": "تهران", "gb18030": "停火延长", "big5": "停火延長", "euc-kr": "휴전 연장"}.get(
        charset, "停戦" if "j" in charset else "Граница закрыта"
    )
    page = f'<html><head><meta charset="{charset}"><title>{words} 1</title></head><body><article>{words} a b c d e f.</article>'
    assert words in reader.read("page", page.encode(charset), address="")["title"]
    feed = rss(item(1, title=words), head=f'<?xml version="1.0" encoding="{charset}"?>').encode(charset)
    assert reader.read("feed", feed, address="", headers={})["items"][0]["title"] == words


def test_a_kind_there_is_no_parser_for_is_a_mistake_of_ours(reader: JailedReader) -> None:
    with pytest.raises(RefusedInput) as caught:
        reader.read("gopher", b"x")
    assert (caught.value.refusal, str(caught.value)) == (Refusal.HOSTILE, "reading it failed (KeyError)")


def test_too_much_memory_is_told_as_what_it_is() -> None:
    said = Reader().failed(MemoryError())
    assert said == {"refused": ["hostile", "reading it takes more than 1024 MiB of memory"]}


def feed(content: bytes | str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    raw = content if isinstance(content, bytes) else content.encode()
    return PARSERS["feed"](raw, {"address": "https://wire.example/", "headers": headers or {}})


def test_a_feed_tells_of_itself() -> None:
    said = feed(rss(item(1), channel="<language>en-GB</language><ttl>30</ttl>"))
    assert (said["title"], said["language"], said["ttl_minutes"]) == ("Wire", "en-GB", 30)
    assert said["refused"] == []
    assert said["items"] == [
        {
            "title": "Kestrel moves brigade number 1",
            "text": "The ministry of Kestrel said so 1 times.",
            "url": "https://wire.example/1",
            "published_at": None,
            "language": "en-GB",
        }
    ]


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("<ttl>60</ttl>", 60),
        ("<ttl>soon</ttl>", None),
        ("<ttl>-5</ttl>", 0),
        ("<ttl>" + "9" * 5000 + "</ttl>", 9_999_999_999),
        ("<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>", 15),
        ("<sy:updatePeriod> daily </sy:updatePeriod>", 1440),
        ("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>", None),
        ("<sy:updatePeriod>often</sy:updatePeriod>", None),
        ("", None),
    ],
)
def test_the_pause_a_feed_asks_for(said: str, minutes: int | None) -> None:
    spaced = rss(item(1), channel=said).replace(
        "<rss ", '<rss xmlns:sy="http://purl.org/rss/1.0/modules/syndication/" '
    )
    assert feed(spaced)["ttl_minutes"] == minutes


def test_the_whole_text_is_preferred_to_its_summary() -> None:
    whole = "&lt;p&gt;" + "One word after the other. " * 40 + "&lt;/p&gt;"
    spaced = rss(item(1, extra=f"<content:encoded>{whole}</content:encoded>"), item(2)).replace(
        "<rss ", '<rss xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    )
    said = feed(spaced)
    assert said["items"][0]["text"].startswith("One word after")
    assert said["items"][1]["text"].startswith("The ministry")


def test_content_without_words_is_no_text() -> None:
    pictured = atom(
        '<entry><title>A b</title><summary>Two brigades moved.</summary><content type="html">&lt;img src="a.png" '
        'alt="a long description of the picture"/&gt;</content></entry>'
    )
    assert feed(pictured)["items"][0]["text"] == "Two brigades moved."


def test_xhtml_in_atom() -> None:
    said = atom(
        '<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>b</b> &amp; c</div></title>'
        '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>One.</p><p>Two &lt; 3.</p></div></content></entry>'
    )
    (entry,) = feed(said)["items"]
    assert (entry["title"], entry["text"]) == ("A b & c", "One.\n\nTwo < 3.")


def test_a_feed_whose_encoding_stands_in_the_header_only() -> None:
    raw = rss(item(1, title="Zürich und Teheran"), head="").encode("iso-8859-1")
    said = feed(raw, {"content-type": "text/xml; charset=iso-8859-1"})
    assert said["items"][0]["title"] == "Zürich und Teheran"


def test_the_language_of_an_item_is_its_own_or_the_feeds() -> None:
    said = (
        f'{HEAD}<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="es"><title>W</title>'
        '<entry xml:lang="pt"><title>Ponte fechada ontem</title></entry><entry><title>Puente cerrado</title></entry></feed>'
    )
    assert [entry["language"] for entry in feed(said)["items"]] == ["pt", "es"]
    said_in_json = json_feed({"title": "a", "language": "fr"}, {"title": "b"}, language="de")
    assert [entry["language"] for entry in feed(said_in_json)["items"]] == ["fr", "de"]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One.</p><p>Two<br>lines &amp; more.</p>", "One.\n\nTwo\nlines & more."),
        ("One\nline in   the source.<div>Two</div>", "One line in the source.\n\nTwo"),
        ("A<script>x()</script><style>p{}</style> b<noscript>c</noscript>", "A b"),
        ('A <span style="display: none">x</span><i hidden>y</i><b style="font-size:0.0px">z</b>b', "A b"),
        ('A <b style="font-size:0.9em">b</b> <i style="opacity:0.5">c</i>', "A b c"),
        ('A <span aria-hidden="true">x</span>b<!-- c --> d', "A b d"),
        ("<ul><li>One</li><li>Two</li></ul>", "One\n\nTwo"),
        ("<pre>a\n  b</pre>c\nd", "a\nb\n\nc d"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("no tags\n\nbut &lt;b&gt; &amp;amp;", "no tags\n\nbut <b> &amp;"),
        ("<p>&amp;lt;script&amp;gt;</p>", "&lt;script&gt;"),
        ("a <b", "a"),
        ("", ""),
        ("<p></p>", ""),
        ("<p>a\0b</p>", "ab"),
        ("<?php x ?><p>a</p>", "a"),
        ("<frameset><p>a</p>", ""),
    ],
)
def test_markup_becomes_text(markup: str, text: str) -> None:
    assert plain(markup, 1000, is_markup=True) == text


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("AT&amp;T and 3 < 5 and x > 2", "AT&amp;T and 3 < 5 and x > 2"),
        ("Kestrel <b>moves</b>", "Kestrel moves"),
        ("<script>alert(1)</script>", ""),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_plain_text_stays_what_it_is_unless_it_has_tags(said: str, text: str) -> None:
    assert plain(said, 1000, is_markup=False) == text


@pytest.mark.parametrize("value", [None, 5, ["a"], {"a": 1}, True])
def test_what_is_no_text_has_none(value: object) -> None:
    assert plain(value, 1000, is_markup=True) == ""


PIECES = (
    '<?xml version="1.0" encoding="', "utf-8", "utf-16", '"?>', "<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>",
    '<feed xmlns="http://www.w3.org/2005/Atom">', "<entry>", "<content type='xhtml'>", "<link href='", "'/>", "<![CDATA[", "]]>",
    "<pubDate>", "1 Jan", "2026", "&#xD800;", "&#55357;", "&amp;", "&nbsp;", "<!DOCTYPE html>", "<!--", "-->", "\0", "\ud800",
    "Kestrel moves", "</rss>", "</feed>", "<rdf:RDF>", "<ttl>", "xml:base='http://[", "<guid>", "http://[::1", '{"version":',
    '"https://jsonfeed.org/version/1"', ',"items":[', "{}", "]}", "<svg/onload=x>", "'", '"', ">", "<", "=",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=40), st.sampled_from(["utf-8", "utf-16", "utf-16-le", "latin-1"]))
@settings(max_examples=300, deadline=None)
def test_a_feed_of_any_pieces_is_read_or_refused(pieces: list[str], encoding: str) -> None:
    raw = "".join(pieces).encode(encoding, "replace" if encoding != "utf-8" else "surrogatepass")
    said = outcome(feed, raw)
    if isinstance(said, dict):
        written = json.dumps(said, ensure_ascii=False)
        assert len(written.encode()) < 2**20, "surrogates and all"
