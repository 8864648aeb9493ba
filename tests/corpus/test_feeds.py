"""Every bad feed of the list of bad inputs, by its number there, and what becomes of it."""

import codecs
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer

from service.adapters.feeds.files import from_mapping
from service.adapters.feeds.reader import Feedful, JailedReader
from service.domain.news.article import Article, Flag
from service.domain.news.text import MAX_TEXT, MAX_TITLE
from service.errors import Refusal, RefusedInput
from tests.corpus import bodies
from tests.corpus.bodies import atom, item, json_feed, rss

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ADDRESS = "https://wire.example/news/"
SHORT = 1.0
"""Seconds for what is meant to be killed."""


@pytest.fixture(scope="module")
def reader() -> Iterator[JailedReader]:
    made = JailedReader()
    yield made
    made.close()


def read(reader: JailedReader, content: bytes | str, headers: Mapping[str, str] | None = None) -> Feedful:
    raw = content if isinstance(content, bytes) else content.encode()
    return reader.feed(raw, headers or {}, ADDRESS, "Wire", NOW)


def refused(reader: JailedReader, content: bytes | str) -> tuple[Refusal, str]:
    with pytest.raises(RefusedInput) as caught:
        read(reader, content)
    return caught.value.refusal, str(caught.value)


def one(found: Feedful) -> Article:
    (article,) = found.items
    return article


def killed_soon(reader: JailedReader, content: bytes) -> str:
    """What is said of a feed that is killed; another is read as ever meanwhile and after."""
    read(reader, rss(item(1)))
    reader.within = SHORT
    try:
        began = time.monotonic()
        refusal, message = refused(reader, content)
        assert time.monotonic() - began < 2 * SHORT
    finally:
        reader.within = 10.0
    assert refusal == Refusal.HOSTILE
    assert len(read(reader, rss(item(1))).items) == 1
    return message


@pytest.mark.parametrize("content", [b"", b" \r\n\t"])
def test_01_empty_body(reader: JailedReader, content: bytes) -> None:
    assert refused(reader, content) == (Refusal.EMPTY, "the feed is empty")


PAGE = "<!doctype html><html><head><title>Wire</title>{links}</head><body><p>Words.</p></body></html>"


@pytest.mark.parametrize(
    ("links", "offered"),
    [
        ('<link rel="alternate" type="application/rss+xml" href="/feed.xml">', "https://wire.example/feed.xml"),
        ('<LINK HREF="atom" TYPE="application/atom+xml" REL="alternate home">', "https://wire.example/news/atom"),
        ('<link rel="alternate" type="application/feed+json" href="//x.example/f">', "https://x.example/f"),
        (
            '<link rel="alternate" hreflang="de" href="/de"><link rel=alternate type=application/rss+xml href=javascript:x>'
            "<link rel=alternate type=application/rss+xml href=1><link rel=alternate type=application/atom+xml href=2>",
            "https://wire.example/news/1",
        ),
    ],
)
def test_02_page_instead_of_a_feed(reader: JailedReader, links: str, offered: str) -> None:
    message = f"this is a page, not a feed; it names a feed: {offered}"
    assert refused(reader, PAGE.format(links=links)) == (Refusal.NOT_A_FEED, message)


def test_02_page_that_names_no_feed(reader: JailedReader) -> None:
    for page in (PAGE.format(links=""), '<?xml version="1.0"?>\n<!-- a --><HTML lang="en"><body>x</body></HTML>'):
        assert refused(reader, page) == (Refusal.NOT_A_FEED, "this is a page, not a feed")


def test_02_feed_of_a_page_with_a_very_long_address(reader: JailedReader) -> None:
    link = f'<link rel="alternate" type="application/rss+xml" href="/{"x" * 1000}">'
    _, message = refused(reader, PAGE.format(links=link))
    assert len(message) < 400


def test_03_json_feed(reader: JailedReader) -> None:
    said = json_feed(
        {
            "id": 7,
            "url": "https://wire.example/7",
            "title": "Kestrel <b>moves</b> &amp; waits",
            "content_html": "<p>One &amp; two.</p><script>x</script><p>Three.</p>",
            "content_text": "Less.",
            "date_published": "2026-03-01T10:00:00+05:00",
        },
        {"external_url": "https://other.example/8", "content_text": "Plain <b>text</b> & more of it", "title": None},
        {"title": ["a"], "content_text": 5, "url": {}, "date_published": 3},
        "no item",
        language="en-GB",
    )
    found = read(reader, said)
    first, second = found.items
    assert (first.title, first.text) == ("Kestrel moves & waits", "One & two.\n\nThree.")
    assert (first.url, first.language) == ("https://wire.example/7", "en-GB")
    assert first.published_at == datetime(2026, 3, 1, 5, tzinfo=UTC)
    assert (second.url, second.title) == ("https://other.example/8", "")
    assert [r.refusal for r in found.refused] == [Refusal.MISSING_FIELD]


@pytest.mark.parametrize("said", [b'{"a": 1}', b'{"version": 1, "items": []}', b'\xef\xbb\xbf{"items": [{}]}'])
def test_03_json_that_is_no_feed(reader: JailedReader, said: bytes) -> None:
    assert refused(reader, said) == (Refusal.NOT_A_FEED, "this is JSON, and no JSON Feed")


@pytest.mark.parametrize("said", [b'{"version": ', b"{" * 1_000_000, b'{"a": [' + b"[" * 1_000_000])
def test_03_json_that_is_none(reader: JailedReader, said: bytes) -> None:
    refusal, _ = refused(reader, said)
    assert refusal == Refusal.BAD_JSON


RSS_1 = (
    '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
    ' xmlns="http://purl.org/rss/1.0/"><channel><title>Wire</title></channel>'
    "<item><title>Kestrel moves troops</title><link>https://wire.example/1</link></item></rdf:RDF>"
)
RSS_09 = (
    '<?xml version="1.0"?><!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN"'
    ' "http://my.netscape.com/publish/formats/rss-0.91.dtd"><rss version="0.91"><channel><title>Wire</title>'
    f"{item(1, title='Kestrel moves troops')}</channel></rss>"
)
ATOM = atom(
    '<entry><title>Kestrel moves troops</title><link href="https://wire.example/1"/><summary>Short.</summary></entry>'
)


@pytest.mark.parametrize("content", [RSS_09, RSS_1, rss(item(1, title="Kestrel moves troops")), ATOM])
def test_04_every_kind_of_feed(reader: JailedReader, content: str) -> None:
    article = one(read(reader, content))
    assert (article.title, article.url) == ("Kestrel moves troops", "https://wire.example/1")


def test_05_truncated_xml(reader: JailedReader) -> None:
    whole = rss(item(1), item(2), item(3))
    found = read(reader, whole[: whole.index("number 3") + 4])
    assert [a.title[-1] for a in found.items] == ["1", "2"]
    assert [(r.refusal, r.message) for r in found.refused] == [
        (Refusal.UNREADABLE, "the feed breaks off before its end")
    ]
    assert read(reader, whole).refused == ()


def test_06_billion_laughs(reader: JailedReader) -> None:
    read(reader, rss(item(1)))
    began = time.monotonic()
    refusal, message = refused(reader, bodies.BILLION_LAUGHS)
    assert time.monotonic() - began < 1
    assert (refusal, message) == (Refusal.NOT_A_FEED, "a feed that defines entities of its own is not read")


def test_07_quadratic_entity(reader: JailedReader) -> None:
    assert refused(reader, bodies.QUADRATIC)[0] == Refusal.NOT_A_FEED


def test_08_external_entity(reader: JailedReader) -> None:
    refusal, message = refused(reader, bodies.XXE)
    assert refusal == Refusal.NOT_A_FEED
    assert "root" not in message


def test_09_external_document_type(reader: JailedReader, httpserver: HTTPServer) -> None:
    dtd = httpserver.url_for("/rss.dtd")
    said = f'<?xml version="1.0"?><!DOCTYPE rss SYSTEM "{dtd}">{rss(item(1), head="")}'
    assert len(read(reader, said).items) == 1
    assert httpserver.log == []


def test_10_utf_7(reader: JailedReader) -> None:
    head = '<?xml version="1.0" encoding="utf-7"?>'
    sly = rss(item(1, title="Kestrel +ADw-script+AD4- moves"), head=head)
    found = read(reader, sly)
    assert all("<script" not in a.title for a in found.items)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("head", ['<?xml version="1.0" encoding="utf-16"?>', '<?xml version="1.0"?>'])
def test_11_utf_16_with_and_without_mark(reader: JailedReader, encoding: str, head: str) -> None:
    article = one(read(reader, rss(item(1, title="Zürich und Teheran"), head=head).encode(encoding)))
    assert article.title == "Zürich und Teheran"


def test_12_declared_utf_8_is_cp1252(reader: JailedReader) -> None:
    text = "“Ceasefire” in Québec – São Paulo’s café, she said."
    assert one(read(reader, rss(item(1, body=text)).encode("cp1252"))).text == text


def test_12_one_wrong_byte_spoils_one_letter(reader: JailedReader) -> None:
    raw = rss(item(1, body="Zürich XX said so.")).encode().replace(b"XX", b"caf\xe9")
    assert one(read(reader, raw)).text == "Zürich caf\ufffd said so."


def test_12_letters_of_another_alphabet_are_not_made_up(reader: JailedReader) -> None:
    raw = rss(item(1, title="Граница закрыта", body="Переговоры сорваны. " * 20)).encode("cp1251")
    assert not any("Ã" in a.text or "Ð" in a.text or "à" in a.text for a in read(reader, raw).items)


@pytest.mark.parametrize("encoding", ["zlib_codec", "idna", "nonsense", "rot13", "unicode_escape", "bz2", "../../x"])
def test_13_encoding_that_is_none(reader: JailedReader, encoding: str) -> None:
    article = one(read(reader, rss(item(1), head=f'<?xml version="1.0" encoding="{encoding}"?>')))
    assert article.title == "Kestrel moves brigade number 1"


def test_14_nul_bytes(reader: JailedReader) -> None:
    raw = rss(item(1)).encode().replace(b"number", b"num\x00ber").replace(b"said", b"sa\x08id")
    assert one(read(reader, raw)).title == "Kestrel moves brigade number 1"
    assert refused(reader, b"\0" * 1000)[0] == Refusal.NOT_A_FEED


@pytest.mark.parametrize(
    "lone", ["&#xD800;", "&#55357;", "&#x0000DFFF;", "&#1114112;", "&#x110000;", f"&#{'9' * 5000};"]
)
def test_15_lone_surrogates_in_xml(reader: JailedReader, lone: str) -> None:
    assert one(read(reader, rss(item(1, title=f"Kestrel {lone} moves")))).title == "Kestrel \ufffd moves"


def test_15_lone_surrogates_in_json(reader: JailedReader) -> None:
    said = json_feed({"title": "Kestrel @ moves troops", "content_text": "x"}).replace(b"@", rb"\ud800")
    assert one(read(reader, said)).title == "Kestrel \ufffd moves troops"


def test_16_attributes_without_end(reader: JailedReader) -> None:
    assert killed_soon(reader, bodies.ATTRIBUTES) == "reading it took longer than 1 s"


def test_16_attributes_without_end_in_the_text_of_an_item(reader: JailedReader) -> None:
    assert killed_soon(reader, bodies.ATTRIBUTES_IN_HTML) == "reading it took longer than 1 s"


def test_17_200_000_items(reader: JailedReader) -> None:
    assert bodies.MANY_ITEMS.count(b"<item>") > 200_000
    found = read(reader, bodies.MANY_ITEMS)
    assert len(found.items) == 500
    assert found.refused == ()


@pytest.mark.parametrize("head", [bodies.HEAD, '<?xml version="1.0" encoding="gb2312"?>', '<?xml version="1.0"?>'])
def test_17_the_first_500_whatever_the_form(reader: JailedReader, head: str) -> None:
    found = read(reader, rss(*(item(n, body="x &amp; <![CDATA[</item>]]> y") for n in range(700)), head=head))
    assert [a.title.rpartition(" ")[2] for a in found.items] == [str(n) for n in range(500)]
    entries = "".join(f"<entry><title>Kestrel moves {n}</title></entry>" for n in range(700))
    assert len(read(reader, atom(entries)).items) == 500


def test_18_huge_title(reader: JailedReader) -> None:
    article = one(read(reader, bodies.HUGE_TITLE))
    assert len(article.title) <= MAX_TITLE
    assert Flag.CUT in article.flags


def test_19_nested_divs(reader: JailedReader) -> None:
    assert one(read(reader, bodies.NESTED_DIVS)).title == "Kestrel moves brigade number 1"


def test_20_nested_elements(reader: JailedReader) -> None:
    assert one(read(reader, bodies.NESTED_ELEMENTS)).title == "Kestrel moves"


def test_21_cdata_bomb(reader: JailedReader) -> None:
    assert one(read(reader, bodies.CDATA_BOMB)).title == "Kestrel moves brigade number 1"


@pytest.mark.parametrize(
    ("date", "flag"),
    [
        ("1" * 100_000, Flag.UNDATED),
        ("yesterday", Flag.UNDATED),
        ("Thu, 99 Foo 2026", Flag.UNDATED),
        ("31 Dec 9999 23:59:59 GMT", Flag.UNDATED),
        ("9999-12-31T23:59:59-12:00", Flag.UNDATED),
        ("-0001-01-01T00:00:00Z", Flag.UNDATED),
        ("0000-00-00", Flag.UNDATED),
        ("Sun, 01 Mar 2036 10:00:00 GMT", Flag.FUTURE),
    ],
)
def test_22_absurd_dates(reader: JailedReader, date: str, flag: Flag) -> None:
    found = read(reader, rss(item(1, extra=f"<pubDate>{date}</pubDate>"), item(2)))
    first, undated = found.items
    assert (first.published_at, undated.published_at) == (NOW, NOW)
    assert (first.flags, undated.flags) == ((flag,), (Flag.UNDATED,))


@pytest.mark.parametrize("guid", ["", "<guid>the same</guid>", "<guid>{n}-{now}</guid>"])
def test_23_guids_say_nothing(reader: JailedReader, guid: str) -> None:
    first, again = (
        {a.id for a in read(reader, rss(*(item(n, extra=guid.format(n=n, now=now)) for n in range(5)))).items}
        for now in ("then", "now")
    )
    assert first == again
    assert len(first) == 5


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html;base64,PHNjcmlwdD4=",
        "file:///etc/passwd",
        "/relative",
        "news.html",
        "//evil.example/x",
        "https://bank.example@evil.example/",
        "https://user:word@wire.example/",
        "https://[::1/x",
        "https://wire.example/" + "x" * 3000,
    ],
)
def test_24_links_that_lead_elsewhere(reader: JailedReader, link: str) -> None:
    assert one(read(reader, rss(item(1, link=link)))).url == ""
    assert one(read(reader, json_feed({"title": "Kestrel moves", "url": link}))).url == ""


def test_24_a_link_with_blanks_is_mended(reader: JailedReader) -> None:
    assert one(read(reader, rss(item(1, link=" https://wire.example/a b ")))).url == "https://wire.example/a%20b"


def test_25_one_article_a_thousand_times(reader: JailedReader) -> None:
    assert len({a.id for a in read(reader, bodies.SAME_ARTICLE).items}) == 1


@pytest.mark.parametrize("kind", ["text", "html", "none"])
@pytest.mark.parametrize(
    "markup",
    ["Kestrel <script>alert(1)</script>moves", "Kestrel <svg onload=alert(1)></svg>moves", "<b>Kestrel</b> moves"],
)
def test_26_markup_in_a_title(reader: JailedReader, kind: str, markup: str) -> None:
    escaped = markup.replace("<", "&lt;").replace(">", "&gt;")
    typed = "" if kind == "none" else f' type="{kind}"'
    for said in (
        rss(f"<item><title>{escaped}</title></item>"),
        rss(f"<item><title><![CDATA[{markup}]]></title></item>"),
        atom(f"<entry><title{typed}>{escaped}</title></entry>").decode(),
        json_feed({"title": markup}).decode(),
    ):
        assert one(read(reader, said)).title == "Kestrel moves"


def test_27_entities_are_decoded_once(reader: JailedReader) -> None:
    found = read(
        reader, rss(item(1, title="Fish &amp;amp; chips", body="&lt;p&gt;Said &amp;amp;lt;b&amp;amp;gt; so&lt;/p&gt;"))
    )
    assert (one(found).title, one(found).text) == ("Fish & chips", "Said &lt;b&gt; so")


def test_the_longest_texts_are_bounded_before_they_reach_the_worker(reader: JailedReader) -> None:
    said = reader.read("feed", rss(item(1, title="x" * 5000, body="word " * 200_000)).encode(), headers={}, address="")
    assert len(said["items"][0]["title"]) == 1000
    assert len(said["items"][0]["text"]) == 400_000
    assert len(from_mapping(said["items"][0], NOW).text) <= MAX_TEXT


def test_a_feed_of_books_is_cut(reader: JailedReader) -> None:
    found = read(reader, rss(*(item(n, body="word " * 4000) for n in range(300))))
    assert 150 < len(found.items) < 250
    assert {r.refusal for r in found.refused} == {Refusal.TOO_LARGE}


def test_marks_of_other_encodings_are_no_crash(reader: JailedReader) -> None:
    for mark in (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, b"\x4c\x6f\xa7\x94", codecs.BOM_UTF8 * 2):
        try:
            read(reader, mark + rss(item(1)).encode())
        except RefusedInput as error:
            assert error.refusal == Refusal.NOT_A_FEED
